//! `reimport upload`: the plan, the reasons to stop, and continuing after a kill.

use std::time::Duration;

use reimport_jobs::fake::{FakeConnection, FakeTenant};
use reimport_jobs::upload::PartFolder;
use serde_json::{Value, json};

use super::tenant::{HASH, ending, host, tenant};
use crate::harness::{Ran, WorkFolder};

const PLAN: &str = "\
tenant    HOST
to        Username-Password-Authentication (con_0000000000000001): a database,
          used by an application, has 1 user
from      not known: there was no job record next to the export
send      6 users in 3 parts; all have a password hash
mode      insert: existing users are refused and not changed
lacking   no identities: strategies are taken from ids, linked logins unknown
";

/// Returns a tenant that has the second of six users, and the parts of the six users.
fn six() -> (FakeTenant, WorkFolder) {
    let (tenant, place) = (tenant(), WorkFolder::new());
    tenant.add_user(json!({"email": "u1@example.com", "user_id": "other"}));
    place.parts(6, 2);
    (tenant, place)
}

fn upload(place: &WorkFolder, tenant: &FakeTenant, more: &[&str]) -> Ran {
    let url = tenant.base_url();
    let arguments = ["upload", "parts", "--base-url", &url, "--poll", "0.02"];
    let to: &[&str] = if more.contains(&"--to") { &[] } else { &["--to", FakeTenant::CONNECTION] };
    place.run(&[&arguments[..], to, more].concat()).without(tenant)
}

#[test]
fn dry_run_shows_the_plan_and_sends_nothing() {
    let (tenant, place) = six();
    let run = upload(&place, &tenant, &["--dry-run"]);
    run.assert_output(0, "", &format!("{PLAN}dry run: nothing was sent (exit status 0)\n"));
    let run = upload(&place, &tenant, &["--dry-run", "--json", "-q"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&plan["users"], &plan["holds"], &plan["upsert"]), (&json!(6), &json!(1), &json!(false)));
    assert_eq!(run.err, "");
    assert!(tenant.accepted_imports().is_empty());
    let journals = std::fs::read_dir(place.path().join("parts")).unwrap().count();
    assert_eq!(journals, 5, "a dry run writes nothing: manifest, lines and three parts");
}

#[test]
fn requires_yes_without_a_terminal() {
    let (tenant, place) = six();
    let run = upload(&place, &tenant, &[]);
    run.assert_output(
        2,
        "",
        &format!(
            "{PLAN}error: nothing was sent: the question needs a terminal; use --yes to send without it\n"
        ),
    );
    assert!(tenant.accepted_imports().is_empty());
}

#[test]
fn plan_without_a_token_is_shown_before_the_error() {
    let place = WorkFolder::new();
    let users =
        [json!({"user_id": "u1", "email": "u1@example.com", "password_hash": HASH, "app_metadata": {}})];
    let lines = format!("{}\n{{\"user_id\":\"u2\",\"email\":\"none\"}}\n", users[0]);
    std::fs::write(place.path().join("users.ndjson"), lines).unwrap();
    place.run(&["convert", "users.ndjson", "-o", "parts"]);
    let arguments = ["upload", "parts", "--tenant", "new.eu.auth0.com", "--to", "Users"];
    let output = place.command(&arguments).env_remove("REIMPORT_TOKEN").output().unwrap();
    let expected = "\
tenant    new.eu.auth0.com
to        Users
from      not known: there was no job record next to the export
send      1 user in 1 part; all have a password hash
mode      insert: existing users are refused and not changed
lacking   no email_verified: all e-mail addresses will count as not verified
lacking   no identities: strategies are taken from ids, linked logins unknown
lacking   1 rejected record is not in the parts: fix and convert
          parts/rejected.ndjson, if this is not done yet
unchecked the connection's name, whether it is a database that accepts imports,
          and its users: there is no token
unchecked whether an application uses the connection: there is no token
unchecked how many users the connection has: there is no token
error: no token; use --token-file FILE, --token-command COMMAND, or --client-id ID with --client-secret-file FILE, or \
set REIMPORT_TOKEN
";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn plan_counts_hashes_that_match_no_password() {
    for (padded, expected) in [(1, "1 password hash matches"), (2, "2 password hashes match")] {
        let place = WorkFolder::new();
        // The last character of a hash has two bits that bcrypt leaves 0.
        let hash =
            |number| if number <= padded { format!("{}f", &HASH[..HASH.len() - 1]) } else { HASH.to_owned() };
        let user = |number| {
            let email = format!("u{number}@example.com");
            json!({"user_id": format!("u{number}"), "email": email, "password_hash": hash(number)})
        };
        let users: Vec<Value> = (1..4).map(user).collect();
        place.write("users.json", Value::from(users).to_string());
        place.run("convert users.json -o parts -q").assert_output(1, "", "");
        let arguments = ["upload", "parts", "--tenant", "new.eu.auth0.com", "--to", "Users"];
        let output = place.command(&arguments).env_remove("REIMPORT_TOKEN").output().unwrap();
        let plan = String::from_utf8(output.stderr).unwrap().replace("\n          ", " ");
        let line =
            format!("lacking   {expected} no password (bcrypt-padding): the users must set a new one\n");
        assert!(plan.contains(&line), "{plan}");
    }
}

#[cfg(unix)]
#[test]
fn answer_no_is_not_an_error() {
    use std::fs::File;
    use std::io::{Read as _, Write as _};

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let (tenant, place) = six();
    let url = tenant.base_url();
    let mut command = place.command(&["upload", "parts", "--base-url", &url, "--to", FakeTenant::CONNECTION]);
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    command.stdin(slave.try_clone().unwrap()).stderr(slave).env("NO_COLOR", "1");
    let mut child = command.spawn().unwrap();
    drop(command);
    let (mut terminal, mut printed) = (File::from(terminal), Vec::new());
    terminal.write_all(b"n\n").unwrap();
    // The end of the terminal is an error, because its other side is closed.
    let _ = terminal.read_to_end(&mut printed);
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.ends_with("[y/N] nothing was uploaded (exit status 2)\r\n"), "{printed}");
    assert!(!printed.contains("error"), "{printed}");
    assert_eq!((child.wait().unwrap().code(), tenant.accepted_imports().len()), (Some(2), 0));
}

#[cfg(unix)]
#[test]
fn interrupted_command_prints_how_to_continue() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(2, 2);
    tenant.set_job_steps(1_000_000);
    let url = tenant.base_url();
    let upload =
        ["upload", "parts", "--base-url", &url, "--to", FakeTenant::CONNECTION, "--yes", "--poll", "0.02"];
    let job = ["job", "job_0000000000000001", "--base-url", &url, "--wait", "--poll", "0.02"];
    for (arguments, words) in [
        (
            &upload[..],
            "the jobs that were started continue in the tenant; to continue the\n          upload:",
        ),
        (&job[..], "the job continues in the tenant; to wait for its end again:"),
    ] {
        let before = tenant.requests().len();
        let mut command = place.command(arguments);
        let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        let is_waiting = || {
            let requests = tenant.requests_since(before);
            requests.iter().filter(|request| request.path.contains("/jobs/job_")).count() > 2
        };
        while !is_waiting() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let kill =
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        let expected = format!("stopped   {words}\nnext      reimport {}\n", arguments.join(" "));
        assert!(printed.ends_with(&expected), "{printed}");
        assert_eq!(output.status.code(), Some(130));
    }
}

#[test]
fn refused_users_are_listed_by_line_and_not_sent_twice() {
    let (tenant, place) = six();
    let run = upload(&place, &tenant, &["--yes", "--max-failed", "50%"]);
    let end = "\
sent      3 of 3 parts, 6 of 6 users
users     5 inserted, 1 failed
errors    1 DUPLICATED_USER
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
next      reimport retry parts -o OTHER
done, with refused users (exit status 1)
";
    run.assert_output(1, "", &format!("{PLAN}{end}"));
    let list = std::fs::read_to_string(ending(&place.path().join("parts"), ".errors.ndjson")).unwrap();
    assert_eq!(
        list,
        "{\"source\":\"users.ndjson\",\"line\":2,\"part\":\"users-00001.json\",\"job\":\"job_0000000000000001\",\
         \"code\":\"DUPLICATED_USER\",\"message\":\"The user already exist and upsert parameter is false\"}\n"
    );
    let kept = ending(&place.path().join("parts"), ".errors");
    assert!(kept.join("users-00001.job_0000000000000001.json").is_file());
    assert!(
        tenant
            .requests()
            .iter()
            .filter_map(|call| call.fields.as_ref())
            .all(|fields| { fields["send_completion_email"] == "false" && fields["upsert"] == "false" })
    );

    let run = upload(&place, &tenant, &["--yes", "--max-failed", "50%"]);
    let before = "before    3 of 3 parts have a result from an earlier run and are not sent again\n";
    let again = PLAN.replace("has 1 user\n", "has 6 users\n").replace("lacking", &format!("{before}lacking"));
    run.assert_output(1, "", &format!("{again}{end}"));
    assert_eq!(tenant.accepted_imports().len(), 3);
    let run = place.run(&["convert", "users.ndjson", "-o", "parts", "--force"]);
    assert_eq!(run.status, 2, "a folder with a journal is never replaced: {}", run.err);
}

#[test]
fn exits_0_if_all_users_are_imported() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(6, 2);
    let run = upload(&place, &tenant, &["--yes", "--send-completion-email"]);
    let end = "\
sent      3 of 3 parts, 6 of 6 users
users     6 inserted
next      reimport download --tenant HOST -o new.json.gz
          reimport verify parts new.json.gz
done (exit status 0)
";
    assert!(run.err.ends_with(end), "{}", run.err);
    assert_eq!((run.status, tenant.users_with_password().len()), (0, 6));
    let fields = tenant.requests().into_iter().find_map(|call| call.fields).unwrap();
    assert_eq!(fields["send_completion_email"], "true");
    let run = upload(&place, &tenant, &["--yes", "-q"]);
    run.assert_output(0, "", "");
}

#[test]
fn too_many_failures_stop_the_upload_with_common_errors() {
    let (tenant, place) = six();
    let run = upload(&place, &tenant, &["--yes", "-q", "--json"]);
    let end: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.status, &end["exit_status"], &end["parts_done"]), (2, &json!(2), &json!(1)));
    let run = upload(&place, &tenant, &["--yes", "--max-failed", "0"]);
    let end = "\
sent      1 of 3 parts, 2 of 6 users
users     1 inserted, 1 failed
errors    1 DUPLICATED_USER
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
stopped   1 of 2 users failed, more than the limit; no more parts are sent
          (--max-failed)
next      find the cause; then run the same command with a higher --max-failed
          to continue
stopped: not all parts were sent (exit status 2)
";
    assert!(run.err.ends_with(end), "{}", run.err);
    assert_eq!((run.status, tenant.accepted_imports().len()), (2, 1));
    let run = upload(&place, &tenant, &["--yes", "-q", "--max-failed", "1"]);
    assert_eq!((run.status, tenant.accepted_imports().len()), (1, 3));
}

#[test]
fn upload_to_source_tenant_needs_an_option() {
    let (tenant, place) = six();
    let record = json!({"tenant": host(&tenant), "job": "job_1", "limit": 6});
    std::fs::write(place.path().join("users.ndjson.job.json"), record.to_string()).unwrap();
    let run = upload(&place, &tenant, &["--yes"]);
    let plan = PLAN.replace("not known: there was no job record next to the export", "HOST");
    let lacks = "\
lacking   the export was limited to 6 users: there may be more
stops     this is the tenant the export came from; use --same-tenant if this is
          intended
error: nothing was sent: this is the tenant the export came from; use --same-tenant if this is intended
";
    run.assert_output(2, "", &format!("{plan}{lacks}"));
    let run = upload(&place, &tenant, &["--dry-run", "--same-tenant"]);
    assert_eq!(run.status, 0);

    // If the record is next to the export, a conversion copies it to the manifest, and the folder can be moved.
    std::fs::remove_dir_all(place.path().join("parts")).unwrap();
    place.parts(6, 2);
    std::fs::remove_file(place.path().join("users.ndjson.job.json")).unwrap();
    let run = upload(&place, &tenant, &["--dry-run"]);
    assert!(run.err.contains("stops     this is the tenant"), "{}", run.err);
}

#[test]
fn upload_without_passwords_needs_an_option() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.convert(&[json!({"email": "ada@example.com"})], 5);
    let run = upload(&place, &tenant, &["--yes", "-q"]);
    run.assert_output(
        2,
        "",
        "error: nothing was sent: no user has a password hash, and hashes cannot be added later; convert with --passwords, or use --without-passwords\n",
    );
    assert_eq!(upload(&place, &tenant, &["--yes", "-q", "--without-passwords"]).status, 0);
}

#[test]
fn wrong_connection_is_refused() {
    let (tenant, place) = six();
    tenant.add_connection(FakeConnection {
        id: "con_000000000000goog".into(),
        name: "google".into(),
        strategy: "google-oauth2".into(),
        ..FakeConnection::default()
    });
    let run = upload(&place, &tenant, &["--yes", "-q", "--to", "google"]);
    run.assert_output(
        2,
        "",
        "error: nothing was sent: the connection is not a database; users cannot be imported into it\n",
    );
    let run = upload(&place, &tenant, &["--dry-run", "--to", "google"]);
    assert!(
        run.err.contains("google (con_000000000000goog): not a database but google-oauth2, used\n"),
        "{}",
        run.err
    );
    upload(&place, &tenant, &["--yes", "--to", "Userz"]).assert_output(
        2,
        "",
        "error: the tenant has no connection `Userz`\n",
    );
}

#[test]
fn checks_the_token_does_not_allow_are_reported() {
    let (tenant, place) = six();
    tenant.set_scopes(&["create:users"]);
    upload(&place, &tenant, &["--yes"]).assert_output(
        2,
        "",
        "error: the connection `Username-Password-Authentication` cannot be found by its name, because the token \
         lacks the scope read:connections; give its id (con_…) instead\n",
    );
    let run = upload(&place, &tenant, &["--to", FakeTenant::CONNECTION_ID, "--yes", "--max-failed", "100%"]);
    let unchecked = "\
unchecked the connection's name, whether it is a database that accepts imports,
          and its users: the token lacks the scope read:connections
";
    assert!(run.err.contains(unchecked), "{}", run.err);
    assert!(run.err.starts_with("tenant    HOST\nto        con_0000000000000001\nfrom"), "{}", run.err);
    assert_eq!((run.status, tenant.accepted_imports().len()), (1, 3), "the upload itself may go on");
    tenant.set_scopes(&["read:connections"]);
    let run = upload(&place, &tenant, &["--dry-run"]);
    let unchecked = "\
unchecked how many users the connection has: the token lacks the scope
          read:users
";
    assert!(run.err.contains(unchecked), "{}", run.err);
}

#[test]
fn upload_mode_matches_the_conversion() {
    let (tenant, place) = six();
    let run = upload(&place, &tenant, &["--yes", "--upsert"]);
    run.assert_output(
        2,
        "",
        "error: --upsert: these parts were converted for insert jobs, and an upsert would remove what they do not contain; convert with --for update first\n",
    );
    let run = place.run(&["convert", "users.ndjson", "-o", "changes", "--for", "update"]);
    let next = "next      reimport upload changes --tenant HOST --to CONNECTION\n";
    assert!(run.status == 0 && run.err.contains(next), "{}", run.err);
    let url = tenant.base_url();
    let arguments =
        ["upload", "changes", "--base-url", &url, "--to", FakeTenant::CONNECTION, "--poll", "0.02"];
    for more in [&["--yes"][..], &["--yes", "--upsert"]] {
        let run = place.run(&[&arguments[..], more].concat());
        assert!(
            run.err.contains(
                "\
send      6 users in 1 part; no user has a password hash
mode      upsert: existing users are changed, and their metadata is replaced,
          not merged; new users are inserted without a password
"
            ),
            "{}",
            run.err
        );
        assert!(run.err.contains("users     5 inserted, 1 updated\n"), "{}", run.err);
    }
    let sent: Vec<_> = tenant.requests().into_iter().filter_map(|call| call.fields).collect();
    assert_eq!(sent.iter().map(|fields| fields["upsert"].as_str()).collect::<Vec<_>>(), ["true"]);
    let users = tenant.users();
    let changed = users.iter().find(|user| user["email"] == "u1@example.com").unwrap();
    assert_eq!((&changed["user_id"], &changed["app_metadata"]), (&json!("auth0|other"), &json!({"n": 1})));
}

#[test]
fn limited_conversion_and_unknown_job_are_noticed() {
    let (tenant, place) = six();
    let run = place.run(&["convert", "users.ndjson", "-o", "some", "--limit", "2", "-q"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let url = tenant.base_url();
    let arguments = ["upload", "some", "--base-url", &url, "--to", FakeTenant::CONNECTION, "--dry-run"];
    let run = place.run(&arguments);
    let lacks =
        "lacking   the conversion stopped at --limit: the rest of the export is not\n          included\n";
    assert!(run.status == 0 && run.err.contains(lacks), "{}", run.err);
    let path = place.path().join("some/manifest.json");
    let manifest = std::fs::read_to_string(&path).unwrap();
    let other = manifest.replace("\"for\": \"insert\"", "\"for\": \"replace\"");
    assert_ne!(manifest, other);
    std::fs::write(path, other).unwrap();
    place.run(&arguments).assert_output(
        2,
        "",
        "error: manifest.json has an unknown value of `for`; use a newer version of reimport\n",
    );
}

#[test]
fn folder_that_differs_from_its_manifest_is_refused() {
    let (tenant, place) = six();
    std::fs::remove_file(place.path().join("parts/users-00002.json")).unwrap();
    let run = upload(&place, &tenant, &["--yes"]);
    run.assert_output(
        2,
        "",
        "error: parts/users-00002.json: the manifest lists it with 336 bytes, but it does not exist; convert again, into a new folder\n",
    );
    std::fs::remove_file(place.path().join("parts/manifest.json")).unwrap();
    upload(&place, &tenant, &["--yes"]).assert_output(
        2,
        "",
        "error: parts has no manifest.json; expected a folder that reimport convert has written\n",
    );
}

#[test]
fn part_of_failed_job_is_reported_and_resent_on_request() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(4, 2);
    // Not an array, but with the size and checksum in the manifest: the tenant cannot parse it.
    let (part, manifest) =
        (place.path().join("parts/users-00002.json"), place.path().join("parts/manifest.json"));
    let good = std::fs::read(&part).unwrap();
    let mut bad = good.clone();
    bad[0] = b'{';
    std::fs::write(&part, &bad).unwrap();
    let checksum =
        |bytes: &[u8]| reimport_jobs::upload::Parts::checksum(&PartFolder::new("", Vec::new()), bytes);
    let text = std::fs::read_to_string(&manifest).unwrap().replace(&checksum(&good), &checksum(&bad));
    std::fs::write(&manifest, text).unwrap();

    let run = upload(&place, &tenant, &["--yes", "--max-failed", "100%"]);
    let end = "\
sent      2 of 2 parts, 4 of 4 users
users     2 inserted, 2 failed
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
job       job_0000000000000002 of users-00002.json is failed: Failed to parse
          users file when importing users. Make sure it is valid JSON.
next      run the same command with --again to send parts again if their job
          failed as a whole
done, with refused users (exit status 1)
";
    assert!(run.err.ends_with(end), "{}", run.err);
    let list = std::fs::read_to_string(ending(&place.path().join("parts"), ".errors.ndjson")).unwrap();
    assert_eq!(
        list,
        "{\"part\":\"users-00002.json\",\"job\":\"job_0000000000000002\",\"message\":\"Failed to parse users file when \
         importing users. Make sure it is valid JSON.\",\"status\":\"failed\"}\n"
    );
    upload(&place, &tenant, &["--yes", "-q", "--max-failed", "100%", "--again"]);
    assert_eq!(tenant.accepted_imports().len(), 3);
}

#[test]
fn each_connection_folder_is_a_separate_upload() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let user = |n: u32, connection: &str| {
        json!({"user_id": format!("auth0|u{n}"), "email": format!("u{n}@example.com"), "email_verified": true,
            "identities": [{"provider": "auth0", "user_id": format!("u{n}"), "connection": connection}]})
    };
    let users = [user(1, "One"), user(2, "Two"), user(3, "One")];
    let lines = users.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    std::fs::write(place.path().join("users.ndjson"), lines).unwrap();
    place.run(&["convert", "users.ndjson", "-o", "parts", "--by-connection"]);
    upload(&place, &tenant, &["--yes"]).assert_output(
        2,
        "",
        "error: parts has a folder for each connection; upload one at a time, each to its own connection: \
         parts/One, parts/Two\n",
    );
    let url = tenant.base_url();
    let run = place.run(&[
        "upload",
        "parts/One",
        "--base-url",
        &url,
        "--to",
        FakeTenant::CONNECTION,
        "--yes",
        "--poll",
        "0.02",
        "--without-passwords",
    ]);
    assert!(
        run.err.contains("send      2 users of One in 1 part; no user has a password hash\n"),
        "{}",
        run.err
    );
    assert!(run.err.contains("lacking   no metadata at all"), "from the manifest of the whole: {}", run.err);
    assert!(!run.err.contains("as exported"), "{}", run.err);
    // Without the rules, ids keep the form of the export.
    place.run(&["convert", "users.ndjson", "-o", "raw", "--rules", "none"]);
    let raw = place.run(&["upload", "raw", "--base-url", &url, "--to", FakeTenant::CONNECTION, "--dry-run"]);
    let lacking = "\nlacking   the user ids have the form of an export, and the import adds another\n          auth0| to each; convert without --rules none\n";
    assert!(raw.err.contains(lacking) || raw.out.contains(lacking), "{}{}", raw.out, raw.err);
    assert_eq!((run.status, tenant.users().len()), (0, 2));
}

#[test]
fn killed_upload_resumes() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(40, 4);
    tenant.set_job_steps(4);
    let url = tenant.base_url();
    let arguments = [
        "upload",
        "parts",
        "--base-url",
        &url,
        "--to",
        FakeTenant::CONNECTION,
        "--poll",
        "0.03",
        "--yes",
        "-q",
    ];
    let mut child = place.command(&arguments).spawn().unwrap();
    while tenant.accepted_imports().len() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the kill");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let killed_at = tenant.accepted_imports().len();
    assert!(killed_at < 10, "{killed_at}");
    place.run(&arguments).assert_output(0, "", "");
    assert_eq!(tenant.users().len(), 40);
    assert!(tenant.accepted_imports().len() <= 11, "at most the part of the kill is sent a second time");
}

/// Returns the events on standard error; of successive events of one kind only the first.
fn events(err: &str) -> (Vec<Value>, Vec<String>) {
    let events: Vec<Value> = err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let mut kinds: Vec<String> =
        events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
    kinds.dedup();
    (events, kinds)
}

#[test]
fn progress_json_prints_one_event_per_line() {
    let (tenant, place) = six();
    let run =
        upload(&place, &tenant, &["--yes", "-q", "--json", "--progress", "json", "--max-failed", "50%"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let (events, kinds) = events(&run.err);
    assert_eq!(kinds, ["uploading"]);
    assert!(events.len() >= 2, "the first state and the last one: {}", run.err);
    let last = json!({"version": 1, "event": "uploading", "parts": 3, "parts_done": 3, "users": 6, "users_done": 6,
        "inserted": 5, "updated": 0, "already_there": 0, "failed": 1, "unknown": 0, "jobs": [], "seconds_left": 0});
    assert_eq!(events.last().unwrap(), &last);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["users_done"], last["users_done"]);
    assert!(!run.err.contains("example.com"), "no value of a user: {}", run.err);

    let url = tenant.base_url();
    let job = ["job", "job_0000000000000001", "--base-url", &url, "--wait", "--poll", "0.02"];
    let run = place.run(&[&job[..], &["--progress", "json", "--json"]].concat());
    let line = r#"{"version":1,"event":"job","job":"job_0000000000000001","status":"completed","percentage_done":null,"seconds_left":null}"#;
    assert_eq!(run.err, format!("{line}\n"));
}

#[test]
fn download_and_convert_print_progress_events() {
    let (tenant, place) = six();
    let url = tenant.base_url();
    let tenant = ["--base-url", &url, "--poll", "0.02", "-q", "--progress", "json"];
    let run = place.run(&[&["download", "-o", "a.json.gz"][..], &tenant].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    let (events, kinds) = events(&run.err);
    assert_eq!(kinds, ["job", "downloading"]);
    let bytes = std::fs::metadata(place.path().join("a.json.gz")).unwrap().len();
    let last = events.last().unwrap();
    assert_eq!((&last["bytes"], &last["total_bytes"]), (&json!(bytes), &json!(bytes)));
    assert_eq!(events.iter().rfind(|event| event["event"] == "job").unwrap()["status"], "completed");

    let run = place.run(&["check", "a.json.gz", "-q", "--progress", "json", "--json"]);
    let line =
        format!(r#"{{"version":1,"event":"reading","records":1,"bytes":{bytes},"total_bytes":{bytes}}}"#);
    assert_eq!(run.err.lines().last(), Some(&*line), "{}", run.err);
}
