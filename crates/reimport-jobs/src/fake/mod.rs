//! A tenant on loopback, for tests: a real HTTP server that does what is documented, and breaks on demand.
//!
//! It holds users, connections and jobs in memory. Jobs move on by one step with every request it gets, so that no
//! test waits; times (tokens, links, a job's day) go by the clock it is given. Imports are checked against the import
//! schema, refuse what exists, mask secrets in their errors, and run two at a time. It is no stand-in for security:
//! anyone on the machine can ask it.
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

mod answer;
mod exports;
mod faults;
mod imports;
mod pages;
mod request;
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
pub use state::{FakeConnection, Handled};

/// A tenant on loopback; it stops when it is dropped.
#[derive(Debug)]
pub struct FakeTenant {
    server: Server,
    state: Arc<Mutex<State>>,
    clock: ManualClock,
}

impl FakeTenant {
    /// The id of the database connection it starts with.
    pub const CONNECTION_ID: &str = "con_0000000000000001";
    /// The name of the database connection it starts with.
    pub const CONNECTION: &str = "Username-Password-Authentication";
    /// A token that has every scope and never expires.
    pub const TOKEN: &str = "fake-token";
    /// The client whose credentials get a token with every scope.
    pub const CLIENT_ID: &str = "fake-client";
    /// That client's secret.
    pub const CLIENT_SECRET: &str = "fake-secret";

    /// Starts a tenant on a free port, with a clock that stands still until somebody sleeps.
    ///
    /// # Errors
    /// Where no port of loopback can be had.
    pub fn start() -> io::Result<Self> {
        Self::start_with(ManualClock::default())
    }

    /// Starts a tenant that goes by that clock: two tenants and their clients can share one.
    ///
    /// # Errors
    /// Where no port of loopback can be had.
    pub fn start_with(clock: ManualClock) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new(Arc::new(clock.clone()))));
        let server = Server::start(Arc::clone(&state))?;
        Ok(Self { server, state, clock })
    }

    /// Starts a tenant on that port that goes by the clock of the machine: for clients that are not of this library.
    ///
    /// # Errors
    /// Where the port is taken.
    pub fn serve(port: u16) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new(Arc::new(crate::clock::SystemClock))));
        let server = Server::start_at(port, Arc::clone(&state))?;
        Ok(Self { server, state, clock: ManualClock::default() })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The clock it goes by.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// A client of it with [`TOKEN`](Self::TOKEN), its clock, and a short patience with pauses.
    ///
    /// # Panics
    /// Never: the address is one of loopback.
    pub fn client(&self) -> Client {
        self.client_as(SignIn::token(Secret::new(Self::TOKEN)))
    }

    /// A client of it that signs in like that.
    ///
    /// # Panics
    /// Never: the address is one of loopback.
    pub fn client_as(&self, sign_in: SignIn) -> Client {
        let timeouts = Timeouts { download_pause: Duration::from_millis(200), ..Timeouts::default() };
        let builder = Client::builder(self.base_url(), sign_in).clock(self.clock.clone()).timeouts(timeouts);
        builder.build().expect("the address of a server on loopback is a base URL")
    }

    /// The users it holds, as an export of every field shows them, in the order they came.
    pub fn users(&self) -> Vec<Value> {
        self.state().users.iter().map(|user| Value::Object(user.record.clone())).collect()
    }

    /// The ids of the users that have a password.
    pub fn users_with_password(&self) -> Vec<String> {
        let state = self.state();
        let with = state.users.iter().filter(|user| user.password.is_some());
        with.map(|user| user.record["user_id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What each user with a password has of it, by `user_id`: a `password_hash`, or a `custom_password_hash`.
    pub fn passwords(&self) -> BTreeMap<String, Value> {
        let state = self.state();
        let with = state.users.iter().filter_map(|user| Some((user, user.password.clone()?)));
        with.map(|(user, password)| {
            (user.record["user_id"].as_str().unwrap_or_default().to_owned(), password)
        })
        .collect()
    }

    /// Puts a user into it as an import to its first connection would, and says whether it took it.
    pub fn add_user(&self, user: Value) -> bool {
        self.state().add_user(user)
    }

    /// Puts a record of an export into it as it is: a social user, say.
    pub fn add_record(&self, record: Value) {
        self.state().add_record(record);
    }

    /// Deletes the user with that email address, and says whether there was one.
    pub fn remove_user(&self, email: &str) -> bool {
        self.state().remove_user(email)
    }

    /// One more connection.
    pub fn add_connection(&self, connection: FakeConnection) {
        self.state().connections.push(connection);
    }

    /// How many requests a job takes from its making to its end; 2 at the start.
    pub fn set_job_steps(&self, steps: u32) {
        self.state().job_steps = steps.max(1);
    }

    /// Leaves new and old tokens only these scopes.
    pub fn set_scopes(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// The longest username that its connections allow, as one may set it there; users with a longer one are refused.
    pub fn set_longest_username(&self, chars: usize) {
        self.state().longest_username = chars;
    }

    /// Lets the imports of these numbers, counted from 1 in the order in which they are accepted, end as if all were well,
    /// and store nobody.
    pub fn lose_imports(&self, numbers: &[usize]) {
        self.state().lost_imports.extend(numbers);
    }

    /// Calls every token stale that was given out for client credentials.
    pub fn expire_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Breaks the next call of that name (as in `GET jobs/{id}`, or `download`); faults of a name queue up.
    pub fn fault(&self, call: &str, fault: Fault) {
        self.state().faults.push(call, fault);
    }

    /// From now on breaks about that many of a hundred calls, the same ones for the same seed; 0 ends it.
    pub fn random_faults(&self, seed: u64, percent: u8) {
        self.state().faults.random(seed, percent);
    }

    /// Every request it got, in order.
    pub fn handled(&self) -> Vec<Handled> {
        self.state().handled.clone()
    }

    /// The requests it got since there were that many, in order.
    pub fn handled_since(&self, first: usize) -> Vec<Handled> {
        self.state().handled.iter().skip(first).cloned().collect()
    }

    /// The imports it accepted, whether or not the client learned of it: their external ids, in order.
    pub fn accepted_imports(&self) -> Vec<Option<String>> {
        self.state().accepted_imports.clone()
    }

    /// Moves all jobs to their end, as time would.
    pub fn finish_jobs(&self) {
        self.state().finish_jobs();
    }

    /// Lets that much time pass.
    pub fn pass(&self, time: Duration) {
        self.clock.sleep(time);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
