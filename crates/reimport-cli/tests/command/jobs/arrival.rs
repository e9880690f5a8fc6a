//! Parts that a tenant loses: `verify` finds the missing users, and its parts import them.

use reimport_jobs::fake::FakeTenant;
use serde_json::Value;

use super::tenant::tenant;
use crate::harness::{Ran, WorkFolder};

/// Number of users, of which one in a hundred is lost.
const USERS: usize = 3_000;
const IN_A_PART: usize = 30;

fn upload(place: &WorkFolder, tenant: &FakeTenant, parts: &str) -> Ran {
    let (url, to) = (tenant.base_url(), FakeTenant::CONNECTION);
    place.run(&["upload", parts, "--base-url", &url, "--to", to, "--poll", "0.01", "--yes"])
}

fn verify(place: &WorkFolder, tenant: &FakeTenant, export: &str, more: &[&str]) -> Ran {
    let url = tenant.base_url();
    let run = place.run(&["download", "--base-url", &url, "-o", export, "--poll", "0.01", "-q"]);
    assert_eq!(run.status, 0, "{}", run.err);
    place.run(&[&["verify", "parts", export], more].concat())
}

#[test]
fn verify_finds_users_of_lost_part_until_resent() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(USERS, IN_A_PART);
    tenant.lose_imports(&[57]);
    let run = upload(&place, &tenant, "parts");
    assert_eq!(run.status, 0, "the tenant says that all is well: {}", run.err);
    assert!(run.err.contains("users     3,000 inserted\n"), "{}", run.err);
    assert_eq!(tenant.users().len(), USERS - IN_A_PART);

    let run = verify(&place, &tenant, "new.json.gz", &["-o", "check", "--html", "arrival.html"]);
    let found = run.out.lines().nth(1).unwrap().to_owned();
    assert!(found.starts_with("found     2,970 records in new.json.gz ("), "{found}");
    assert_eq!(
        run.out,
        format!(
            "\
expected  3,000 users of parts
{found}
arrived   2,970 users as sent
missing   30 users, 30 with a password hash
unseen    not in any export: passwords, MFA factors, roles, organizations
next      reimport upload check/missing --tenant HOST --to CONNECTION
not all users arrived as sent (exit status 1)
"
        )
    );
    assert_eq!((run.status, run.err.as_str()), (1, "page written to arrival.html\n"));
    assert!(place.read("arrival.html").contains("2,970 of 3,000 users arrived as sent (99.0 %)."));
    // They are the users of the lost part, byte for byte.
    assert_eq!(place.read("check/missing/users-00001.json"), place.read("parts/users-00057.json"));

    let run = upload(&place, &tenant, "check/missing");
    assert!(run.err.contains("users     30 inserted\n"), "{}", run.err);
    let run = verify(&place, &tenant, "last.json.gz", &["--json"]);
    assert_eq!(run.status, 0, "{}", run.out);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let counts = ["expected", "arrived", "changed", "missing", "extra"].map(|name| report[name].as_u64());
    assert_eq!(counts, [USERS as u64, USERS as u64, 0, 0, 0].map(Some));
    assert_eq!(tenant.passwords().len(), USERS, "with their hashes");
}

#[test]
fn parts_of_missing_users_keep_the_source_tenant() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let origin = format!("{{\"tenant\":{:?}}}", tenant.base_url().trim_start_matches("http://"));
    std::fs::write(place.path().join("users.ndjson.job.json"), origin).unwrap();
    place.parts(2, 1);
    std::fs::write(
        place.path().join("new.ndjson"),
        "{\"user_id\":\"auth0|u0\",\"email\":\"u0@example.com\"}\n",
    )
    .unwrap();
    assert_eq!(place.run(&["verify", "parts", "new.ndjson", "-o", "check", "-q"]).status, 1);
    std::fs::remove_file(place.path().join("users.ndjson.job.json")).unwrap();
    let run = upload(&place, &tenant, "check/missing");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("nothing was sent: this is the tenant the export came from"), "{}", run.err);
}
