//! A fake tenant on loopback, for tests: a real HTTP server with the documented behaviour, and with faults on
//! request.
//!
//! It stores users, connections and jobs in memory. Every request advances all jobs by one step, so tests do not
//! wait. Expiry times of tokens, links and jobs are measured by the given clock. Imports are checked against the
//! import schema, refuse existing users, mask secrets in their errors, and at most two run at the same time. The
//! server provides no security: any process on the machine can use it.
//!
//! ```
//! use reimport_jobs::fake::FakeTenant;
//! use reimport_jobs::{UsersImport, Wait};
//! use std::ops::ControlFlow;
//!
//! let tenant = FakeTenant::start()?;
//! let client = tenant.client();
//! let users = br#"[{"email":"ada@example.com","user_id":"1"}]"#;
//! let job = client.users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "users.json", users))?;
//! let job = client.wait(&job.id, &Wait::default(), |_| ControlFlow::Continue(()))?;
//! assert_eq!(job.summary.unwrap().inserted, Some(1));
//! assert_eq!(tenant.users()[0]["user_id"], "auth0|1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod exports;
mod faults;
mod imports;
mod pages;
mod request;
mod response;
mod routes;
mod schema;
mod server;
mod state;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::auth::SignIn;
use crate::client::Client;
use crate::clock::{Clock, ManualClock};
use crate::http::Timeouts;
use crate::secret::Secret;

pub use faults::Fault;
use server::Server;
use state::State;
pub use state::{FakeConnection, RecordedRequest};

/// A tenant on loopback. The server stops when this is dropped.
#[derive(Debug)]
pub struct FakeTenant {
    server: Server,
    state: Arc<Mutex<State>>,
    clock: ManualClock,
}

impl FakeTenant {
    /// The ID of the database connection that it has at the start.
    pub const CONNECTION_ID: &str = "con_0000000000000001";
    /// The name of the database connection that it has at the start.
    pub const CONNECTION: &str = "Username-Password-Authentication";
    /// A token that has all scopes (see [`set_scopes`](Self::set_scopes)) and never expires.
    pub const TOKEN: &str = "fake-token";
    /// The ID of a client whose credentials return a token with all scopes.
    pub const CLIENT_ID: &str = "fake-client";
    /// The secret of that client.
    pub const CLIENT_SECRET: &str = "fake-secret";

    /// Starts a tenant on a free port, with a clock that advances only when something sleeps.
    ///
    /// # Errors
    /// Returns an error if no loopback port is available.
    pub fn start() -> io::Result<Self> {
        Self::start_with(ManualClock::default())
    }

    /// Starts a tenant with the given clock. Two tenants and their clients can share one.
    ///
    /// # Errors
    /// Returns an error if no loopback port is available.
    pub fn start_with(clock: ManualClock) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new(Arc::new(clock.clone()))));
        let server = Server::start(Arc::clone(&state))?;
        Ok(Self { server, state, clock })
    }

    /// Starts a tenant on this port with the system clock, for clients that do not use this library.
    ///
    /// # Errors
    /// Returns an error if the port is in use.
    pub fn serve(port: u16) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new(Arc::new(crate::clock::SystemClock))));
        let server = Server::start_at(port, Arc::clone(&state))?;
        Ok(Self { server, state, clock: ManualClock::default() })
    }

    /// Returns the base URL: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Returns the clock of the tenant.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Creates a client of the tenant with [`TOKEN`](Self::TOKEN), the clock of the tenant, and a short timeout for
    /// pauses in downloads.
    ///
    /// # Panics
    /// Never: the address is on loopback.
    pub fn client(&self) -> Client {
        self.client_as(SignIn::token(Secret::new(Self::TOKEN)))
    }

    /// Creates a client of the tenant that signs in with `sign_in`.
    ///
    /// # Panics
    /// Never: the address is on loopback.
    pub fn client_as(&self, sign_in: SignIn) -> Client {
        let timeouts = Timeouts { download_pause: Duration::from_millis(200), ..Timeouts::default() };
        let builder = Client::builder(self.base_url(), sign_in).clock(self.clock.clone()).timeouts(timeouts);
        builder.build().expect("the address of a server on loopback is a base URL")
    }

    /// Returns the users as in an export of all fields, in the order in which they were added.
    pub fn users(&self) -> Vec<Value> {
        self.state().users.iter().map(|user| Value::Object(user.record.clone())).collect()
    }

    /// Returns the IDs of the users that have a password.
    pub fn users_with_password(&self) -> Vec<String> {
        let state = self.state();
        let with = state.users.iter().filter(|user| user.password.is_some());
        with.map(|user| user.record["user_id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Returns the stored `password_hash` or `custom_password_hash` of each user that has one, by `user_id`.
    pub fn passwords(&self) -> BTreeMap<String, Value> {
        let state = self.state();
        let with = state.users.iter().filter_map(|user| Some((user, user.password.clone()?)));
        with.map(|(user, password)| {
            (user.record["user_id"].as_str().unwrap_or_default().to_owned(), password)
        })
        .collect()
    }

    /// Adds a user as an import into its first connection would. Returns true if it was accepted.
    pub fn add_user(&self, user: Value) -> bool {
        self.state().add_user(user)
    }

    /// Adds an export record unchanged, for example a social user.
    pub fn add_record(&self, record: Value) {
        self.state().add_record(record);
    }

    /// Deletes the user with this e-mail address. Returns true if there was one.
    pub fn remove_user(&self, email: &str) -> bool {
        self.state().remove_user(email)
    }

    /// Adds a connection.
    pub fn add_connection(&self, connection: FakeConnection) {
        self.state().connections.push(connection);
    }

    /// Sets the number of requests from the creation of a job to its end. The default is 2.
    pub fn set_job_steps(&self, steps: u32) {
        self.state().job_steps = steps.max(1);
    }

    /// Limits all tokens, existing and new, to these scopes.
    pub fn set_scopes(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Sets the maximum username length of its connections. A real tenant has such a setting. Users with a longer
    /// username are refused.
    pub fn set_max_username_length(&self, chars: usize) {
        self.state().max_username_length = chars;
    }

    /// Makes these imports store no user although they report success. Imports are numbered from 1, in the order in
    /// which they are accepted.
    pub fn lose_imports(&self, numbers: &[usize]) {
        self.state().lost_imports.extend(numbers);
    }

    /// Invalidates every token that was issued for client credentials.
    pub fn expire_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Applies a fault to the next call with this name (for example `GET jobs/{id}`, or `download`). Several faults
    /// for one name are queued.
    pub fn fault(&self, call: &str, fault: Fault) {
        self.state().faults.push(call, fault);
    }

    /// Makes about `percent` percent of all further calls fail. The same seed gives the same failures. 0 turns this
    /// off.
    pub fn random_faults(&self, seed: u64, percent: u8) {
        self.state().faults.random(seed, percent);
    }

    /// Returns every request received, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    /// Returns the requests received after the first `first` ones, in order.
    pub fn requests_since(&self, first: usize) -> Vec<RecordedRequest> {
        self.state().requests.iter().skip(first).cloned().collect()
    }

    /// Returns the external IDs of the imports it accepted, in order, including those for which the client received
    /// no response.
    pub fn accepted_imports(&self) -> Vec<Option<String>> {
        self.state().accepted_imports.clone()
    }

    /// Advances all jobs to their end.
    pub fn finish_jobs(&self) {
        self.state().finish_jobs();
    }

    /// Advances the clock.
    pub fn advance_clock(&self, time: Duration) {
        self.clock.sleep(time);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
