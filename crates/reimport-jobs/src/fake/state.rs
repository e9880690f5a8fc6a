//! The state of the tenant: users, connections, tokens, jobs, and the requests received.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::faults::Faults;
use super::imports::ImportWork;
use super::request::Request;
use crate::clock::{Clock, date_text, epoch_seconds};

/// A connection of the tenant.
#[derive(Debug, Clone, Default)]
pub struct FakeConnection {
    /// The ID, for example `con_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The strategy: `auth0` for a database.
    pub strategy: String,
    /// The clients that use the connection.
    pub enabled_clients: Vec<String>,
    /// True if the connection object also lists the clients, as before 2026.
    pub shows_clients: bool,
    /// The options. `null`: those of a new database.
    pub options: Value,
}

/// One request that the tenant received.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The call, for example `GET jobs/{id}`, or `download`.
    pub call: String,
    /// The path as received, without the query.
    pub path: String,
    /// The fields of the query.
    pub query: BTreeMap<String, String>,
    /// The status of the response. `None` if the connection was closed without one.
    pub status: Option<u16>,
    /// True if the request had an `Authorization` header.
    pub authorized: bool,
    /// The `auth0-custom-domain` header.
    pub custom_domain: Option<String>,
    /// The `Range` header.
    pub range: Option<String>,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The fields of the body, if it is multipart.
    pub fields: Option<BTreeMap<String, String>>,
    /// The length of the body in bytes.
    pub body_bytes: u64,
}

/// One user.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// The record as in an export of all fields.
    pub(super) record: Map<String, Value>,
    pub(super) password: Option<Value>,
    pub(super) connection_id: String,
}

/// One job.
#[derive(Debug)]
pub(super) struct FakeJob {
    pub(super) object: Map<String, Value>,
    pub(super) created: SystemTime,
    pub(super) steps_left: u32,
    pub(super) work: Work,
}

/// The task of a job, and its result.
#[derive(Debug)]
pub(super) enum Work {
    Import(ImportWork),
    Export { file: Vec<u8> },
    Nothing,
}

/// The state behind the lock of the server.
#[derive(Debug)]
pub(super) struct State {
    pub(super) base: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) users: Vec<User>,
    /// The index of the user that has a key: `email CONNECTION_ID VALUE`, `user_id VALUE` and so on.
    pub(super) keys: HashMap<String, usize>,
    pub(super) connections: Vec<FakeConnection>,
    pub(super) scopes: Vec<String>,
    pub(super) tokens: HashMap<String, SystemTime>,
    pub(super) jobs: Vec<FakeJob>,
    pub(super) job_steps: u32,
    pub(super) links: HashMap<String, (usize, SystemTime)>,
    pub(super) faults: Faults,
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) accepted_imports: Vec<Option<String>>,
    /// The imports that store no user, by their number among the accepted imports.
    pub(super) lost_imports: HashSet<usize>,
    pub(super) max_username_length: usize,
    counter: u64,
}

const DAY: Duration = Duration::from_hours(24);

impl State {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let connection = FakeConnection {
            id: super::FakeTenant::CONNECTION_ID.to_owned(),
            name: super::FakeTenant::CONNECTION.to_owned(),
            strategy: "auth0".to_owned(),
            enabled_clients: vec!["fake-application".to_owned()],
            ..FakeConnection::default()
        };
        let scopes = ["read:users", "create:users", "update:users", "read:connections"];
        Self {
            base: String::new(),
            clock,
            users: Vec::new(),
            keys: HashMap::new(),
            connections: vec![connection],
            scopes: scopes.map(str::to_owned).to_vec(),
            tokens: HashMap::new(),
            jobs: Vec::new(),
            job_steps: 2,
            links: HashMap::new(),
            faults: Faults::default(),
            requests: Vec::new(),
            accepted_imports: Vec::new(),
            lost_imports: HashSet::new(),
            max_username_length: usize::MAX,
            counter: 0,
        }
    }

    pub(super) fn now_seconds(&self) -> u64 {
        epoch_seconds(self.clock.now())
    }

    /// Returns the connection with this ID.
    pub(super) fn connection(&self, id: &str) -> Option<&FakeConnection> {
        self.connections.iter().find(|connection| connection.id == id)
    }

    /// Returns a number that was not returned before.
    pub(super) fn count(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn log(&mut self, call: String, request: &Request, status: Option<u16>) {
        self.requests.push(RecordedRequest {
            call,
            path: request.path.clone(),
            query: request.query.clone().into_iter().collect(),
            status,
            authorized: request.header("authorization").is_some(),
            custom_domain: request.header("auth0-custom-domain").map(str::to_owned),
            range: request.header("range").map(str::to_owned),
            json: serde_json::from_slice(&request.body).ok(),
            fields: request.multipart().map(|fields| {
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                fields.into_iter().map(|(name, value)| (name, text(value))).collect()
            }),
            body_bytes: request.body.len() as u64,
        });
    }

    /// Creates a pending job of this type. Returns its job object.
    pub(super) fn create_job(&mut self, job_type: &str, fields: Value, work: Work) -> Value {
        let number = self.count();
        let now = self.clock.now();
        let mut object = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        object.insert("id".into(), format!("job_{number:016}").into());
        object.insert("type".into(), job_type.into());
        object.insert("status".into(), "pending".into());
        object.insert("created_at".into(), date_text(now).into());
        let shown = Value::Object(object.clone());
        self.jobs.push(FakeJob { object, created: now, steps_left: self.job_steps, work });
        shown
    }

    /// Returns the index of a job, or `None` if it is older than a day or does not exist.
    pub(super) fn job_index(&self, id: &str) -> Option<usize> {
        let now = self.clock.now();
        self.jobs.iter().position(|job| {
            job.object.get("id").is_some_and(|found| found == id)
                && now.duration_since(job.created).is_ok_and(|age| age < DAY)
        })
    }

    pub(super) fn active_imports(&self) -> usize {
        let active = |job: &&FakeJob| job.steps_left > 0 && matches!(job.work, Work::Import(_));
        self.jobs.iter().filter(active).count()
    }

    /// Advances every job by one step.
    pub(super) fn tick(&mut self) {
        for index in 0..self.jobs.len() {
            if self.jobs[index].steps_left > 0 {
                self.step(index);
            }
        }
    }

    pub(super) fn finish_jobs(&mut self) {
        while self.jobs.iter().any(|job| job.steps_left > 0) {
            self.tick();
        }
    }

    fn step(&mut self, index: usize) {
        let steps_left = self.jobs[index].steps_left - 1;
        let result = match std::mem::replace(&mut self.jobs[index].work, Work::Nothing) {
            Work::Import(mut work) => {
                let result = work.step(self, steps_left);
                self.jobs[index].work = Work::Import(work);
                result
            }
            Work::Export { .. } if steps_left == 0 => {
                let result = self.export(&self.jobs[index].object);
                let (file, result) = match result {
                    Ok(file) => (file, json!({"status": "completed"})),
                    Err(_) => (Vec::new(), json!({"status": "failed", "status_details": "Export failed"})),
                };
                self.jobs[index].work = Work::Export { file };
                result
            }
            Work::Nothing if steps_left == 0 => json!({"status": "completed"}),
            work => {
                self.jobs[index].work = work;
                json!({"status": "processing"})
            }
        };
        let steps = self.job_steps;
        let job = &mut self.jobs[index];
        job.steps_left = steps_left;
        if let Value::Object(result) = result {
            if result.get("status").is_some_and(|status| status == "failed") {
                job.steps_left = 0;
            }
            job.object.extend(result);
        }
        // As recorded from a real tenant, a job that has ended has neither of these members.
        if job.steps_left == 0 {
            job.object.remove("percentage_done");
            job.object.remove("time_left_seconds");
        } else {
            let done = 100 - u64::from(steps_left) * 100 / u64::from(steps.max(steps_left).max(1));
            job.object.insert("percentage_done".into(), done.into());
            job.object.insert("time_left_seconds".into(), (u64::from(steps_left) * 5).into());
        }
    }
}
