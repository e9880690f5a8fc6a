//! The upload engine with the fake tenant. Wherever it is killed, also with faults, no user is lost and no user is
//! created twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reimport_jobs::fake::{FakeTenant, Fault};
use reimport_jobs::upload::*;
use reimport_jobs::*;
use serde_json::{Value, json};
use tempfile::TempDir;

const POST: &str = "POST jobs/users-imports";

/// Creates parts in a new folder. Each user is named `u{part}-{n}`.
fn parts(count: usize, users: usize) -> (TempDir, PartFolder) {
    let folder = tempfile::tempdir().unwrap();
    for part in 1..=count {
        let users: Vec<Value> = (0..users)
            .map(|n| json!({"email": format!("u{part}-{n}@example.com"), "user_id": format!("u{part}-{n}")}))
            .collect();
        write(folder.path(), part, &Value::Array(users));
    }
    let scanned = PartFolder::scan(folder.path()).unwrap();
    (folder, scanned)
}

fn write(folder: &Path, part: usize, users: &Value) {
    std::fs::write(folder.join(format!("users-{part:05}.json")), users.to_string()).unwrap();
}

fn upload<'a>(client: &'a Client, parts: &'a PartFolder, folder: &TempDir) -> Upload<'a> {
    Upload::new(client, parts, folder.path(), FakeTenant::CONNECTION_ID).connection_is_empty(true)
}

/// Returns the e-mail addresses of the users in the tenant. Panics if a user exists twice.
fn emails(tenant: &FakeTenant) -> BTreeSet<String> {
    let users = tenant.users();
    let emails: BTreeSet<String> =
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
    assert_eq!(emails.len(), users.len(), "a user exists twice");
    emails
}

fn expected(count: usize, users: usize) -> BTreeSet<String> {
    (1..=count).flat_map(|part| (0..users).map(move |n| format!("u{part}-{n}@example.com"))).collect()
}

fn journal(folder: &TempDir) -> PathBuf {
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    names.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "ndjson")).unwrap()
}

fn events(folder: &TempDir) -> Vec<Value> {
    let text = std::fs::read_to_string(journal(folder)).unwrap();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Ends the upload at the step with this number, counted from 0, as if it were killed.
struct KillAtStep(u64);

impl Observer for KillAtStep {
    fn step(&mut self, _: Step) -> ControlFlow<()> {
        if self.0 == 0 {
            return ControlFlow::Break(());
        }
        self.0 -= 1;
        ControlFlow::Continue(())
    }
}

/// A random number generator. Equal seeds give equal numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Records the number of completed users and running jobs, and the estimates.
struct ProgressLog(Vec<(u64, usize)>, Vec<Option<Duration>>);
impl Observer for ProgressLog {
    fn progress(&mut self, progress: &Progress) {
        assert_eq!((progress.parts, progress.users), (5, 20));
        self.0.push((progress.done.users, progress.jobs.len()));
        self.1.push(progress.time_left);
    }
}

#[test]
fn sends_each_part_once_with_at_most_two_jobs() {
    let tenant = FakeTenant::start().unwrap();
    tenant.set_job_steps(3);
    let (folder, parts) = parts(5, 4);
    let client = tenant.client();
    let mut progress = ProgressLog(Vec::new(), Vec::new());
    let outcome = upload(&client, &parts, &folder).run(&mut progress).unwrap();
    assert!(outcome.is_complete());
    assert_eq!((outcome.done.inserted, outcome.done.users, outcome.results.len()), (20, 20, 5));
    assert_eq!(emails(&tenant), expected(5, 4));
    assert!(
        progress.0.iter().all(|(done, jobs)| *jobs <= if *done == 0 { 1 } else { 2 }),
        "{:?}",
        progress.0
    );
    assert!(progress.0.iter().any(|(_, jobs)| *jobs == 2));
    assert!(progress.1.iter().any(Option::is_some));
    assert_eq!(tenant.requests().iter().filter(|request| request.call == POST).count(), 5);
    let ids = tenant.accepted_imports();
    let run = events(&folder)[0]["run"].as_str().unwrap().to_owned();
    assert_eq!(ids[0].as_deref(), Some(format!("reimport-{run}-users-00001").as_str()));

    let outcome = upload(&client, &parts, &folder).run(&mut ()).unwrap();
    assert!(outcome.is_complete(), "a second run has all results");
    assert_eq!(tenant.accepted_imports().len(), 5, "and sends nothing");
}

#[test]
fn so_far_sends_and_writes_nothing() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, parts) = parts(3, 2);
    tenant.add_user(json!({"email": "u1-0@example.com"}));
    let client = tenant.client();
    let upload = upload(&client, &parts, &folder).max_failed(MaxFailed::Users(0));
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    assert!(upload.so_far().unwrap().is_none());
    assert_eq!(files(), 3, "no journal is created");
    upload.run(&mut ()).unwrap();
    let (calls, before) = (tenant.requests().len(), files());
    let so_far = upload.so_far().unwrap().unwrap();
    assert_eq!((so_far.parts, so_far.done.parts, so_far.done.failed), (3, 1, 1));
    assert!(so_far.results[0].errors.as_ref().unwrap().starts_with(upload.errors_folder()));
    assert_eq!((tenant.requests().len(), files()), (calls, before));
    assert!(upload.upsert(true).so_far().is_err(), "a journal of another mode is refused here too");
}

/// Runs an upload that is killed repeatedly. After each run, checks that no part with a response is sent again.
struct Harness {
    tenant: FakeTenant,
    folder: TempDir,
    parts: PartFolder,
    /// The external IDs of the parts whose job is in the journal, and how often the tenant had accepted each of
    /// them at that time.
    answered: BTreeMap<String, usize>,
}

impl Harness {
    fn new(count: usize, users: usize) -> Self {
        let (folder, parts) = parts(count, users);
        Self { tenant: FakeTenant::start().unwrap(), folder, parts, answered: BTreeMap::new() }
    }

    fn run(&mut self, observer: &mut dyn Observer) -> Result<Outcome> {
        let client = self.tenant.client();
        let outcome = upload(&client, &self.parts, &self.folder).run(observer);
        let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
        for id in self.tenant.accepted_imports().into_iter().flatten() {
            *accepted.entry(id).or_default() += 1;
        }
        for (id, times) in &self.answered {
            assert_eq!(accepted[id], *times, "{id} was sent again after a response");
        }
        let events = events(&self.folder);
        let part = |checksum: &Value| {
            let sent =
                events.iter().find(|event| event["event"] == "sending" && &event["checksum"] == checksum);
            sent.unwrap()["part"].as_str().unwrap().trim_end_matches(".json").to_owned()
        };
        for event in events.iter().filter(|event| event["event"] == "accepted") {
            let id = format!("reimport-{}-{}", events[0]["run"].as_str().unwrap(), part(&event["checksum"]));
            self.answered.insert(id.clone(), accepted[&id]);
        }
        outcome
    }

    fn append_torn_line(&self) {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new().append(true).open(journal(&self.folder)).unwrap();
        file.write_all(b"{\"event\":\"accepted\",\"checksum\":\"").unwrap();
    }
}

#[test]
fn upload_killed_at_any_step_continues() {
    for fault in [None, Some(Fault::DropAfter), Some(Fault::StatusAfter(500)), Some(Fault::Truncate(5))] {
        let mut kill_at = 0;
        loop {
            let mut harness = Harness::new(3, 3);
            if let Some(fault) = fault {
                harness.tenant.fault(POST, fault);
            }
            let first = harness.run(&mut KillAtStep(kill_at));
            if first.is_err() {
                assert!(matches!(first, Err(Error::Interrupted)), "{first:?}");
            }
            let outcome = harness.run(&mut ()).unwrap();
            assert!(outcome.is_complete(), "{fault:?} {kill_at} {outcome:?}");
            assert_eq!(outcome.done.inserted + outcome.done.already_there, 9, "{fault:?} {kill_at}");
            assert_eq!(emails(&harness.tenant), expected(3, 3), "{fault:?} {kill_at}");
            let max = 3 + usize::from(first.is_err()) + usize::from(fault.is_some());
            assert!(harness.tenant.accepted_imports().len() <= max, "{fault:?} {kill_at}: too many imports");
            if first.is_ok() {
                break;
            }
            kill_at += 1;
        }
        assert!(kill_at > 15, "only {kill_at} steps");
    }
}

#[test]
fn upload_killed_fifty_times_imports_each_user_once() {
    for seed in 0..4 {
        let mut harness = Harness::new(40, 5);
        harness.tenant.random_faults(seed, 15);
        let mut random = Random(seed);
        let mut kills = 0;
        while kills < 50 {
            match harness.run(&mut KillAtStep(1 + random.below(7))) {
                Ok(_) => break,
                Err(Error::Interrupted) => kills += 1,
                // Too many faults in a row. A user would see the error and start the upload again.
                Err(_) => {}
            }
            if random.below(3) == 0 {
                harness.append_torn_line();
            }
        }
        assert_eq!(kills, 50, "seed {seed}: the upload ended too early");
        let mut tries = 0;
        let outcome = loop {
            match harness.run(&mut ()) {
                Ok(outcome) => break outcome,
                Err(error) => assert!(tries < 20, "{error}"),
            }
            tries += 1;
        };
        harness.tenant.finish_jobs();
        assert!(outcome.is_complete(), "seed {seed}: {:?}", outcome.done);
        assert_eq!(outcome.done.inserted + outcome.done.already_there, 200, "seed {seed}");
        assert_eq!(emails(&harness.tenant), expected(40, 5), "seed {seed}");
        assert!(harness.tenant.accepted_imports().len() > 40, "seed {seed}: no response was lost");
        assert!(outcome.done.already_there > 0, "seed {seed}");
    }
}

#[test]
fn counts_refused_users_and_saves_errors_unchanged() {
    let tenant = FakeTenant::start().unwrap();
    tenant.add_user(json!({"email": "u1-0@example.com"}));
    let (folder, _) = parts(1, 3);
    write(folder.path(), 2, &json!([{"email": "nobody"}, {"email": "u2-0@example.com"}]));
    let parts = PartFolder::scan(folder.path()).unwrap();
    let client = tenant.client();
    let outcome = upload(&client, &parts, &folder).max_failed(MaxFailed::Users(2)).run(&mut ()).unwrap();
    assert!(!outcome.is_complete() && outcome.stopped.is_none());
    let done = outcome.done;
    assert_eq!((done.inserted, done.failed, done.already_there, done.users), (3, 2, 0, 5));
    assert_eq!(
        outcome.error_kinds,
        [("DUPLICATED_USER".to_owned(), 1), ("INVALID_FORMAT at email".to_owned(), 1)]
    );
    let error_file = outcome.results[1].errors.as_ref().unwrap();
    let errors: Value = serde_json::from_str(&std::fs::read_to_string(error_file).unwrap()).unwrap();
    assert_eq!(errors[0]["user"], json!({"email": "nobody"}));
    assert_eq!(error_file.file_name().unwrap(), "users-00002.job_0000000000000003.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(error_file), mode(error_file.parent().unwrap()), mode(&journal(&folder))),
            (0o600, 0o700, 0o600)
        );
    }
}

#[test]
fn already_there_counts_only_in_parts_sent_without_response() {
    let tenant = FakeTenant::start().unwrap();
    tenant.set_job_steps(1);
    let (folder, parts) = parts(2, 3);
    tenant.fault(POST, Fault::DropAfter);
    tenant.add_user(json!({"email": "u2-0@example.com"}));
    let client = tenant.client();
    let outcome = upload(&client, &parts, &folder).max_failed(MaxFailed::Users(9)).run(&mut ()).unwrap();
    let of = |n: usize| {
        (
            outcome.results[n].result.inserted,
            outcome.results[n].result.already_there,
            outcome.results[n].result.failed,
        )
    };
    assert_eq!(of(0), (0, 3, 0));
    assert_eq!(of(1), (2, 0, 1));
    assert!(outcome.results[0].errors.is_some(), "the error list is saved anyway");
}

#[test]
fn outcome_is_incomplete_if_existing_users_may_be_older() {
    for is_empty in [false, true] {
        let tenant = FakeTenant::start().unwrap();
        let (folder, parts) = parts(1, 2);
        tenant.fault(POST, Fault::DropAfter);
        if !is_empty {
            tenant.add_user(json!({"email": "u1-0@example.com"}));
        }
        let client = tenant.client();
        let run =
            |is_empty| upload(&client, &parts, &folder).connection_is_empty(is_empty).run(&mut ()).unwrap();
        let outcome = run(is_empty);
        assert_eq!((outcome.done.inserted, outcome.done.already_there), (0, 2));
        assert_eq!((outcome.is_complete(), outcome.may_include_other_users()), (is_empty, !is_empty));
        // In a later run the connection contains what this run has sent. The value of the first run counts.
        assert_eq!(run(!is_empty).is_complete(), is_empty);
    }
}

#[test]
fn upload_stops_at_failure_limit_and_reports_error_kinds() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, _) = parts(4, 3);
    write(
        folder.path(),
        1,
        &json!([{"email": "nobody"}, {"email": "no"}, {"email": "u1-2@example.com", "id": 1}]),
    );
    let parts = PartFolder::scan(folder.path()).unwrap();
    let client = tenant.client();
    let outcome = upload(&client, &parts, &folder).run(&mut ()).unwrap();
    let stopped = outcome.stopped.clone().unwrap();
    assert_eq!(stopped.to_string(), "3 of 3 users failed, more than the limit; no more parts are sent");
    assert_eq!(outcome.error_kinds[0], ("INVALID_FORMAT at email".to_owned(), 2));
    assert_eq!(tenant.accepted_imports().len(), 1);
    let outcome = upload(&client, &parts, &folder).max_failed(MaxFailed::Percent(50.0)).run(&mut ()).unwrap();
    assert!(outcome.stopped.is_some(), "the failures of an earlier run count");
    let outcome =
        upload(&client, &parts, &folder).max_failed(MaxFailed::Percent(100.0)).run(&mut ()).unwrap();
    assert!(outcome.stopped.is_none());
    assert_eq!((outcome.done.inserted, outcome.done.failed), (9, 3));
}

#[test]
fn failed_job_counts_all_users_and_can_be_resent() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, parts) = parts(1, 3);
    let client = tenant.client();
    std::fs::write(folder.path().join("users-00001.json"), "[{]").unwrap();
    let broken =
        Part { file: "users-00001.json".into(), users: 3, bytes: 3, checksum: parts.checksum(b"[{]") };
    let broken = PartFolder::new(folder.path(), vec![broken]);
    let outcome = upload(&client, &broken, &folder).run(&mut ()).unwrap();
    assert_eq!(outcome.done.failed, 3);
    let result = &outcome.results[0].result;
    assert_eq!(result.status, "failed");
    assert!(result.details.as_ref().unwrap().starts_with("Failed to parse"));
    upload(&client, &broken, &folder).run(&mut ()).unwrap();
    assert_eq!(tenant.accepted_imports().len(), 1);
    upload(&client, &broken, &folder).send_failed_again(true).run(&mut ()).unwrap();
    assert_eq!(tenant.accepted_imports().len(), 2);
}

#[test]
fn changed_part_is_rejected_before_and_after_sending() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, parts) = parts(2, 2);
    let client = tenant.client();
    write(folder.path(), 1, &json!([]));
    let edited = "users-00001.json was changed since it was written or first sent; convert into a new folder and send that";
    let error = upload(&client, &parts, &folder).run(&mut ()).unwrap_err();
    assert_eq!(error.to_string(), edited);
    write(folder.path(), 1, &json!([{"email": "u1-0@example.com"}]));
    let parts = PartFolder::scan(folder.path()).unwrap();
    upload(&client, &parts, &folder).run(&mut ()).unwrap();
    write(folder.path(), 1, &json!([{"email": "other@example.com"}]));
    let parts = PartFolder::scan(folder.path()).unwrap();
    let error = upload(&client, &parts, &folder).run(&mut ()).unwrap_err();
    assert_eq!(error.to_string(), edited);
    assert_eq!(tenant.accepted_imports().len(), 2);
}

#[test]
fn missing_part_with_open_job_and_duplicate_parts_are_rejected() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, all) = parts(2, 2);
    let client = tenant.client();
    assert!(upload(&client, &all, &folder).run(&mut KillAtStep(2)).is_err());
    let second = PartFolder::new(folder.path(), all.parts()[1..].to_vec());
    assert_eq!(
        upload(&client, &second, &folder).run(&mut ()).unwrap_err().to_string(),
        "users-00001.json was sent before, but is no longer among the parts; put it back to continue"
    );
    std::fs::copy(folder.path().join("users-00001.json"), folder.path().join("users-00002.json")).unwrap();
    let duplicates = PartFolder::scan(folder.path()).unwrap();
    assert_eq!(
        upload(&client, &duplicates, &folder).run(&mut ()).unwrap_err().to_string(),
        "users-00001.json and users-00002.json are the same; remove one of them"
    );
}

#[test]
fn part_above_request_limit_stops_upload_before_sending() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, _) = parts(1, 1);
    write(folder.path(), 2, &json!([{"email": "a@example.com", "name": "x".repeat(511_700)}]));
    let parts = PartFolder::scan(folder.path()).unwrap();
    let error = upload(&tenant.client(), &parts, &folder).run(&mut ()).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(tenant.requests().is_empty());
}

#[test]
fn uploads_to_different_tenants_are_independent() {
    let rehearsal = FakeTenant::start().unwrap();
    let production = FakeTenant::start().unwrap();
    let (folder, parts) = parts(2, 2);
    upload(&rehearsal.client(), &parts, &folder).run(&mut ()).unwrap();
    let outcome = upload(&production.client(), &parts, &folder).run(&mut ()).unwrap();
    assert_eq!(outcome.done.inserted, 4);
    assert_eq!(emails(&production), expected(2, 2));
}

#[test]
fn waits_for_jobs_of_other_clients() {
    let tenant = FakeTenant::start().unwrap();
    tenant.set_job_steps(30);
    let client = tenant.client();
    for _ in 0..2 {
        client.users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "x.json", b"[]")).unwrap();
    }
    let (folder, parts) = parts(1, 2);
    let outcome = upload(&client, &parts, &folder).run(&mut ()).unwrap();
    assert!(outcome.is_complete());
    assert!(tenant.requests().iter().filter(|request| request.status == Some(429)).count() > 2);
}

#[test]
fn permanent_refusal_ends_upload_with_reason() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, parts) = parts(3, 2);
    let client = tenant.client();
    tenant.set_scopes(&["read:users"]);
    assert_eq!(
        upload(&client, &parts, &folder).run(&mut ()).unwrap_err().to_string(),
        "POST /api/v2/jobs/users-imports: the tenant answered 403 insufficient_scope: Insufficient scope, expected any of: \
         create:users; give the token the scope create:users"
    );
    tenant.set_scopes(&["create:users"]);
    assert!(upload(&client, &parts, &folder).run(&mut ()).unwrap().is_complete());
    assert_eq!(tenant.accepted_imports().len(), 3);
}

#[test]
fn upload_fails_without_responses_and_can_be_continued() {
    let tenant = FakeTenant::start().unwrap();
    let (folder, parts) = parts(2, 2);
    let client = tenant.client();
    for _ in 0..6 {
        tenant.fault(POST, Fault::DropBefore);
    }
    let error = upload(&client, &parts, &folder).run(&mut ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "users-00001.json: no answer after 6 tries; nothing is lost: start again to continue"
    );
    let outcome = upload(&client, &parts, &folder).run(&mut ()).unwrap();
    assert_eq!((outcome.done.inserted, outcome.done.already_there), (4, 0));
}

#[test]
fn insert_with_expired_job_is_resent_but_not_upsert() {
    for upsert in [false, true] {
        let tenant = FakeTenant::start().unwrap();
        let (folder, parts) = parts(1, 3);
        let client = tenant.client();
        // Stops after the steps journal, request, journal: the journal contains the job, but not its result.
        assert!(upload(&client, &parts, &folder).upsert(upsert).run(&mut KillAtStep(2)).is_err());
        tenant.finish_jobs();
        tenant.advance_clock(Duration::from_hours(24));
        let outcome = upload(&client, &parts, &folder).upsert(upsert).run(&mut ()).unwrap();
        let sent = tenant.accepted_imports().len();
        if upsert {
            assert_eq!((outcome.done.unknown, sent), (3, 1));
        } else {
            assert_eq!((outcome.done.already_there, sent), (3, 2));
        }
        assert_eq!(emails(&tenant), expected(1, 3));
    }
}

#[test]
fn upsert_updates_existing_users() {
    let tenant = FakeTenant::start().unwrap();
    tenant.add_user(json!({"email": "u1-0@example.com"}));
    let (folder, parts) = parts(1, 3);
    let outcome = upload(&tenant.client(), &parts, &folder).upsert(true).run(&mut ()).unwrap();
    assert!(outcome.is_complete());
    assert_eq!((outcome.done.inserted, outcome.done.updated), (2, 1));
}

fn missing_scope(scope: &str) -> Unchecked {
    Unchecked::Scopes(vec![scope.to_owned()])
}

/// Starts a tenant with a connection that is not a database, one that does not accept imports, and one more
/// database. No application uses any of them.
fn tenant_with_connections() -> FakeTenant {
    let tenant = FakeTenant::start().unwrap();
    tenant.add_user(json!({"email": "ada@example.com"}));
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../testdata/recorded/connections-as-recorded.json"))
            .unwrap();
    let custom = &recorded["custom database without import mode (400 on import)"]["options"];
    for (id, name, strategy, options) in [
        ("con_0000000000000002", "corp", "samlp", &Value::Null),
        ("con_0000000000000003", "legacy", "auth0", custom),
        ("con_0000000000000004", "lonely", "auth0", &Value::Null),
    ] {
        tenant.add_connection(reimport_jobs::fake::FakeConnection {
            id: id.into(),
            name: name.into(),
            strategy: strategy.into(),
            options: options.clone(),
            ..Default::default()
        });
    }
    tenant
}

#[test]
fn plan_contains_target_and_objections() {
    let tenant = tenant_with_connections();
    let client = tenant.client();
    let facts = Facts { parts: 2, users: 10, with_password: 9, ..Facts::default() };
    let plan = Plan::inspect(&client, FakeTenant::CONNECTION, facts.clone()).unwrap();
    assert_eq!((plan.connection_id.as_str(), plan.existing_users), (FakeTenant::CONNECTION_ID, Some(1)));
    assert!(plan.objections().is_empty() && plan.unchecked.is_empty() && plan.warnings().is_empty());

    let wrong_facts =
        Facts { exported_from: Some(client.host().to_uppercase()), with_password: 0, ..facts.clone() };
    let plan = Plan::inspect(&client, "con_0000000000000002", wrong_facts).unwrap();
    assert_eq!(plan.objections(), [Objection::SameTenant, Objection::NoPasswords, Objection::NotADatabase]);
    // The tenant refuses imports into this connection, so the upload should not begin.
    let plan = Plan::inspect(&client, "legacy", facts.clone()).unwrap();
    assert_eq!(plan.objections(), [Objection::NoImportMode]);
    let import = UsersImport::new(&plan.connection_id, "p.json", b"[]");
    assert_eq!(client.users_imports(&import).unwrap_err().refused().unwrap().status, 400);
    // The tenant accepts imports into a connection that no application uses.
    let plan = Plan::inspect(&client, "lonely", facts).unwrap();
    assert!(plan.objections().is_empty() && plan.warnings() == [Warning::NotUsed]);
    client.users_imports(&UsersImport::new(&plan.connection_id, "p.json", b"[]")).unwrap();
}

#[test]
fn deprecated_client_list_is_used_only_as_fallback() {
    let facts = || Facts { parts: 1, users: 1, with_password: 1, ..Facts::default() };
    for (clients, in_list, fails, is_used) in [
        (true, true, false, Some(true)),
        (false, true, false, Some(false)),
        (true, true, true, Some(true)),
        (true, false, true, None),
        (false, true, true, None),
    ] {
        let tenant = FakeTenant::start().unwrap();
        tenant.add_connection(reimport_jobs::fake::FakeConnection {
            id: "con_0000000000000002".into(),
            name: "older".into(),
            strategy: "auth0".into(),
            enabled_clients: if clients { vec!["app".into()] } else { Vec::new() },
            shows_clients: in_list,
            ..Default::default()
        });
        if fails {
            tenant.fault("GET connections/{id}/clients", Fault::Status(404));
        }
        let plan = Plan::inspect(&tenant.client(), "older", facts()).unwrap();
        assert_eq!(plan.is_used, is_used, "{clients} {in_list} {fails}");
        let unchecked =
            if is_used.is_none() { vec![(Check::Used, Unchecked::Status(404))] } else { Vec::new() };
        assert_eq!(plan.unchecked, unchecked);
    }
}

#[test]
fn failed_checks_are_reported_and_do_not_prevent_upload() {
    let tenant = tenant_with_connections();
    let client = tenant.client();
    let facts = || Facts { parts: 2, users: 10, with_password: 9, ..Facts::default() };
    for (status, times) in [(503, 1), (400, 1)] {
        tenant.fault("GET users", Fault::Status(status));
        let before = tenant.requests().len();
        let plan = Plan::inspect(&client, FakeTenant::CONNECTION, facts()).unwrap();
        assert_eq!(
            (plan.existing_users, plan.unchecked),
            (None, vec![(Check::Users, Unchecked::Status(status))])
        );
        let sent = tenant.requests_since(before).into_iter().filter(|call| call.call == "GET users").count();
        assert_eq!(sent, times, "it is not retried");
    }
    tenant.fault("GET connections/{id}", Fault::Status(503));
    let plan = Plan::inspect(&client, FakeTenant::CONNECTION_ID, facts()).unwrap();
    assert_eq!(plan.unchecked, [(Check::Connection, Unchecked::Status(503))]);
    assert!(plan.connection.is_none() && plan.objections().is_empty());

    tenant.set_scopes(&["read:connections"]);
    let plan = Plan::inspect(&client, FakeTenant::CONNECTION, facts()).unwrap();
    assert_eq!(
        (plan.existing_users, plan.unchecked),
        (None, vec![(Check::Users, missing_scope("read:users"))])
    );
    tenant.set_scopes(&["create:users"]);
    let plan = Plan::inspect(&client, FakeTenant::CONNECTION_ID, facts()).unwrap();
    assert_eq!(
        (plan.connection, plan.unchecked),
        (None, vec![(Check::Connection, missing_scope("read:connections"))])
    );
    assert_eq!(
        Plan::inspect(&client, FakeTenant::CONNECTION, facts()).unwrap_err().to_string(),
        "the connection `Username-Password-Authentication` cannot be found by its name, because the token lacks the \
         scope read:connections; give its id (con_…) instead"
    );
}

#[test]
fn additional_scopes_never_make_upload_fail() {
    const SCOPES: [&str; 4] = ["create:users", "read:connections", "read:users", "update:users"];
    // Returns true if an upload succeeds with these scopes, while the search and the list of clients fail.
    let works = |held: usize, to: &str| {
        let tenant = FakeTenant::start().unwrap();
        let scopes: Vec<&str> =
            SCOPES.iter().enumerate().filter(|(n, _)| held >> n & 1 == 1).map(|(_, scope)| *scope).collect();
        tenant.set_scopes(&scopes);
        for call in ["GET users", "GET connections/{id}/clients"] {
            tenant.fault(call, Fault::Status(503));
        }
        let (folder, parts) = parts(1, 1);
        let client = tenant.client();
        let facts = Facts { parts: 1, users: 1, with_password: 1, ..Facts::default() };
        Plan::inspect(&client, to, facts).is_ok_and(|plan| {
            plan.objections().is_empty()
                && Upload::new(&client, &parts, folder.path(), plan.connection_id).run(&mut ()).is_ok()
        })
    };
    for to in [FakeTenant::CONNECTION, FakeTenant::CONNECTION_ID] {
        let works: Vec<bool> = (0..16).map(|held| works(held, to)).collect();
        for fewer in 0..16 {
            for more in (0..16).filter(|more| more & fewer == fewer) {
                assert!(
                    works[more] || !works[fewer],
                    "{to}: succeeds with {fewer:04b}, fails with {more:04b}"
                );
            }
        }
        assert!(works.contains(&true) && works.contains(&false));
    }
}

#[test]
fn part_name_must_be_a_plain_file_name() {
    let (tenant, (folder, _)) = (FakeTenant::start().unwrap(), parts(1, 2));
    let client = tenant.client();
    for name in ["../users-00001.json", "/users-00001.json", "a/users-00001.json", "..", ""] {
        let parts = PartFolder::new(folder.path(), vec![Part::of(name, b"[]").unwrap()]);
        let error = upload(&client, &parts, &folder).run(&mut ()).unwrap_err();
        assert!(matches!(&error, Error::Upload(UploadError::PartName(found)) if found == name), "{error}");
    }
    assert!(tenant.requests().is_empty());
}
