//! The commands of the README's section "The whole way", run as one shell script against two fake tenants.

use reimport_jobs::fake::FakeTenant;
use serde_json::json;

use super::tenant::{HASH, tenant};
use crate::harness::{Ran, WorkFolder};

/// The first `sh` block of the section.
fn block() -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let section = page.split("\n## The whole way\n").nth(1).unwrap();
    section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// Replaces `from`, which must be in the text.
#[track_caller]
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the README has no {from}");
    text.replace(from, to)
}

#[test]
fn readme_walkthrough_imports_every_user_with_password() {
    let (old, new, place) = (tenant(), tenant(), WorkFolder::new());
    let mut hashes = String::new();
    for n in 0..50 {
        let (id, email) = (format!("{n:024x}"), format!("u{n}@example.com"));
        let user = json!({"user_id": id, "email": email, "email_verified": true, "password_hash": HASH});
        assert!(old.add_user(user));
        let hash = json!({"_id": {"$oid": id}, "passwordHash": HASH, "connection": FakeTenant::CONNECTION})
            .to_string();
        hashes += &(hash + "\n");
    }
    // The stand-in for gpg prints the file as it is.
    std::fs::write(place.path().join("hashes.ndjson.gz.gpg"), hashes).unwrap();
    for token in ["old-token", "new-token"] {
        std::fs::write(place.path().join(token), FakeTenant::TOKEN).unwrap();
    }

    let mut script = block();
    for (host, tenant) in [("old.eu.auth0.com", &old), ("new.eu.auth0.com", &new)] {
        script = replaced(&script, &format!("--tenant {host}"), &format!("--base-url {}", tenant.base_url()));
    }
    script = replaced(&script, "reimport upload parts", "reimport upload parts --yes");
    script = replaced(&script, "--token-file", "--poll 0.05 --token-file");
    assert!(script.contains("gpg -d"), "{script}");

    let mut command = place.program("sh");
    command.args(["-c", &format!("set -e\ngpg() {{ cat \"$2\"; }}\n{script}")]).env_remove("REIMPORT_TOKEN");
    let Ran { status, out, err } = Ran::of(command.output().unwrap());
    assert!(status == 0, "{script}\n{out}\n{err}");
    assert_eq!(new.users().len(), 50);
    assert_eq!(new.passwords(), old.passwords());
}
