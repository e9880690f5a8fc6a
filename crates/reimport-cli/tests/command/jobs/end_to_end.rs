//! All steps: export, download, convert with passwords, upload, errors, retry and verify, until both tenants have the
//! same users. The upload is killed at random moments, and about every tenth call fails.
//!
//! The small form runs with the other tests. `REIMPORT_LONG=1` runs 100 000 users, 200 parts and 50 kills:
//!
//! ```sh
//! REIMPORT_LONG=1 cargo test -p reimport-cli --test command -- --nocapture end_to_end
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reimport_jobs::fake::FakeTenant;
use serde_json::{Map, Value, json};

use super::tenant::{HASH, tenant};
use crate::harness::WorkFolder;

/// Size of the test.
struct Scenario {
    users: usize,
    part_users: usize,
    kills: u32,
    /// Percentage of calls that fail.
    faults: u8,
    seed: u64,
}

/// Maximum length of a username in the target at first.
const LONGEST: usize = 15;

#[test]
fn end_to_end_with_repeatedly_killed_upload() {
    let (users, part_users, kills) = if is_long() { (100_000, 500, 50) } else { (4_000, 100, 10) };
    run_scenario(&Scenario { users, part_users, kills, faults: 4, seed: 7 });
}

#[test]
fn end_to_end_without_kills_or_faults() {
    let (users, part_users) = if is_long() { (100_000, 500) } else { (500, 100) };
    run_scenario(&Scenario { users, part_users, kills: 0, faults: 0, seed: 1 });
}

fn is_long() -> bool {
    std::env::var_os("REIMPORT_LONG").is_some_and(|set| !set.is_empty())
}

/// A random number generator: equal seeds give equal numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn run_scenario(scenario: &Scenario) {
    let begun = Instant::now();
    let place = WorkFolder::new();
    let (source, target) = (source(scenario), tenant());
    // Three users of an earlier test import are in the target. They conflict with users of the same address.
    let leftovers = [1, 2, scenario.users / 3].map(email);
    for leftover in &leftovers {
        assert!(target.add_user(json!({"email": leftover, "user_id": format!("left-{leftover}")})));
    }
    target.set_max_username_length(LONGEST);
    let wanted = held(&source);
    std::fs::write(place.path().join("hashes.ndjson"), hash_export(&source)).unwrap();
    if scenario.faults > 0 {
        source.random_faults(scenario.seed, scenario.faults);
        target.random_faults(scenario.seed, scenario.faults);
    }

    download(&place, &source, "export.json.gz");
    let part_users = scenario.part_users.to_string();
    let run = place.run(&[
        "convert",
        "export.json.gz",
        "--passwords",
        "hashes.ndjson",
        "-o",
        "parts",
        "--max-part-users",
        &part_users,
    ]);
    // Some users have no hash, which is a warning.
    assert_eq!(run.status, 1, "{}", run.err);

    let kills = upload(&place, &target, "parts", scenario);
    // Only users with a long username and users with a conflict are refused.
    let existing: BTreeSet<String> = leftovers.iter().cloned().collect();
    let long: BTreeSet<String> =
        (0..scenario.users).filter(|n| username(*n).len() > LONGEST).map(email).collect();
    assert!(long.len() > scenario.users / 100 && long.is_disjoint(&existing));
    let there = held(&target);
    let missing = |there: &BTreeMap<String, Map<String, Value>>| -> BTreeSet<String> {
        let missing = wanted.iter().filter(|(id, _)| !there.contains_key(*id));
        missing.map(|(_, user)| user["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(missing(&there), existing.union(&long).cloned().collect(), "no other user is missing");
    assert_refused_list(&place, scenario, &long, &existing);

    // The connection now allows long usernames, and the users refused for them are retried. Existing users are not.
    target.set_max_username_length(usize::MAX);
    let run = place.run(&["retry", "parts", "-o", "again", "--json"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let retried: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(retried["written"], long.len());
    // The command does not know that the tenant has changed.
    let warnings = retried["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0]["name"] == "refused-again", "{warnings:?}");
    upload(&place, &target, "again", &Scenario { kills: scenario.kills.min(2), ..*scenario });
    assert_eq!(missing(&held(&target)), existing);

    // Only a new export shows the missing users. The parts have their hashes.
    download(&place, &target, "new.json.gz");
    let run = place.run(&["verify", "parts", "new.json.gz", "-o", "check", "--json"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let verified: Value = serde_json::from_str(&run.out).unwrap();
    let counts = ["expected", "arrived", "other_id", "missing", "extra"].map(|name| verified[name].as_u64());
    let users = scenario.users as u64;
    assert_eq!(counts, [users, users - 3, 3, 0, 0].map(Some), "their addresses are there, under other ids");
    let ids = rows(&place.path().join("check/changed.ndjson"));
    assert!(
        ids.iter().all(|user| user["changes"][0] == json!({"path": "user_id", "kind": "other-id"})),
        "{ids:?}"
    );

    // The conflicting users are deleted.
    for leftover in &leftovers {
        assert!(target.remove_user(leftover));
    }
    download(&place, &target, "cleared.json.gz");
    let run = place.run(&["verify", "parts", "cleared.json.gz", "-o", "check", "--force", "-q"]);
    assert_eq!(run.status, 1, "{}", run.err);
    upload(&place, &target, "check/missing", &Scenario { kills: 0, ..*scenario });
    download(&place, &target, "last.json.gz");
    let run = place.run(&["verify", "parts", "last.json.gz"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.ends_with("all users arrived as sent (exit status 0)\n"), "{}", run.out);

    same(&held(&target), &wanted, "user");
    same(&target.passwords(), &source.passwords(), "password");
    println!("{} users, {kills} kills: {:.1} s", scenario.users, begun.elapsed().as_secs_f64());
}

/// Both tenants have the same users.
fn same<T: PartialEq + std::fmt::Debug>(
    found: &BTreeMap<String, T>,
    wanted: &BTreeMap<String, T>,
    what: &str,
) {
    for id in found.keys().chain(wanted.keys()) {
        assert_eq!(found.get(id), wanted.get(id), "{what} of {id}");
    }
}

/// Downloads an export of a tenant, and repeats until it succeeds.
fn download(place: &WorkFolder, from: &FakeTenant, file: &str) {
    let url = from.base_url();
    let arguments = ["download", "--base-url", &url, "-o", file, "--poll", "0.05", "-q"];
    for _ in 0..100 {
        if place.run(&arguments).status == 0 {
            return;
        }
    }
    panic!("no download of {file} comes to its end");
}

/// Returns the hash export of a tenant.
fn hash_export(tenant: &FakeTenant) -> String {
    let mut lines = String::new();
    for (user_id, hash) in tenant.passwords() {
        let name = if hash.is_string() { "passwordHash" } else { "custom_password_hash" };
        let id = user_id.strip_prefix("auth0|").unwrap();
        let connection = FakeTenant::CONNECTION;
        writeln!(lines, "{}", json!({"_id": {"$oid": id}, name: hash, "connection": connection})).unwrap();
    }
    lines
}

/// Checks that the list has the source and line of every refused user and of no other user.
fn assert_refused_list(
    place: &WorkFolder,
    scenario: &Scenario,
    long: &BTreeSet<String>,
    existing: &BTreeSet<String>,
) {
    // The users are in the export in the order of their numbers.
    let line = |email: &String| email[1..].split('@').next().unwrap().parse::<u64>().unwrap() + 1;
    let (listed, unsure) = refused(place, "parts");
    let long: BTreeSet<u64> = long.iter().map(line).collect();
    for line in 1..=scenario.users as u64 {
        let refused = long.contains(&line) || existing.contains(&email(line as usize - 1));
        // If a part was sent again because there was no answer, an existing user may be an earlier one: the target had
        // some.
        assert!(listed.contains(&line) == refused || unsure.contains(&line), "line {line}");
        assert!(listed.contains(&line) || !refused, "line {line}");
    }
    assert!(scenario.faults > 0 || unsure.is_empty());
}

/// Returns a tenant with all kinds of users, some of which cannot be imported.
fn source(scenario: &Scenario) -> FakeTenant {
    let tenant = tenant();
    for n in 0..scenario.users {
        let mut user = json!({
            "user_id": format!("{n:024x}"), "email": email(n), "email_verified": n % 3 == 0,
            "app_metadata": {"plan": (if n % 2 == 0 { "free" } else { "pro" }), "seats": n},
        });
        if n % 2 == 0 {
            user["user_metadata"] =
                json!({"note": "déjà \"vu\"\n", "big": 9_007_199_254_740_993_u64, "list": [n, null]});
        }
        if n % 7 > 0 {
            user["password_hash"] = HASH.replace("KcG1YyVQ", &format!("{n:08}")).into();
        } else if n % 2 > 0 {
            let hash = json!({"value": format!("{n:064x}"), "encoding": "hex"});
            user["custom_password_hash"] = json!({"algorithm": "sha256", "hash": hash});
        }
        if n % 4 == 0 || n % 50 == 7 {
            user["username"] = username(n).into();
        }
        if n % 5 == 0 {
            user["given_name"] = "Ada".into();
            user["blocked"] = (n % 10 == 0).into();
        }
        assert!(tenant.add_user(user));
    }
    for n in 0..scenario.users / 100 {
        let (id, provider) = (format!("google-oauth2|{n}"), "google-oauth2");
        tenant.add_record(json!({"user_id": id, "email": format!("g{n}@example.com"),
            "identities": [{"provider": provider, "user_id": n.to_string(), "connection": provider, "isSocial": true}]}));
    }
    tenant
}

/// One username of fifty is long.
fn username(n: usize) -> String {
    format!("{}{n}", if n % 50 == 7 { "somebody-with-a-name-" } else { "u" })
}

fn email(n: usize) -> String {
    format!("u{n}@example.com")
}

/// Uploads until all parts have a result, and kills the command several times. Returns the number of kills.
fn upload(place: &WorkFolder, target: &FakeTenant, parts: &str, scenario: &Scenario) -> u32 {
    let url = target.base_url();
    let arguments = [
        "upload",
        parts,
        "--base-url",
        &url,
        "--to",
        FakeTenant::CONNECTION,
        "--poll",
        "0.02",
        "--yes",
        "-q",
        "--max-failed",
        "50%",
    ];
    let mut numbers = Numbers(scenario.seed);
    let (mut kills, mut runs) = (0, 0);
    loop {
        runs += 1;
        assert!(runs < 40 + 3 * scenario.kills, "it does not come to an end");
        let mut child = place.command(&arguments).spawn().unwrap();
        if kills < scenario.kills {
            std::thread::sleep(Duration::from_millis(30 + numbers.below(220)));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                child.wait().unwrap();
                kills += 1;
                continue;
            }
        }
        // 2: a failed call that the command reports. It is started again, as its message says.
        match child.wait().unwrap().code() {
            Some(0 | 1) => break,
            Some(2) => {}
            other => panic!("exit status {other:?}"),
        }
    }
    nothing_twice(place, parts);
    kills
}

/// Checks that no part with a result was sent again, and that every part has a result whose numbers add up.
fn nothing_twice(place: &WorkFolder, parts: &str) {
    let manifest: Value = serde_json::from_str(&place.read(&format!("{parts}/manifest.json"))).unwrap();
    let of_parts: HashMap<&str, u64> = manifest["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["xxh3_128"].as_str().unwrap(), part["users"].as_u64().unwrap()))
        .collect();
    let mut finished = HashSet::new();
    for event in rows(&journal(place, parts)) {
        let Some(checksum) = event["checksum"].as_str() else { continue };
        match event["event"].as_str().unwrap() {
            "sending" => assert!(!finished.contains(checksum), "a part with a result was sent again"),
            "finished" => {
                let counts = ["inserted", "updated", "already_there", "failed", "unknown"];
                let users: u64 = counts.iter().map(|count| event["result"][count].as_u64().unwrap()).sum();
                assert_eq!(users, of_parts[checksum]);
                assert!(finished.insert(checksum.to_owned()));
            }
            _ => {}
        }
    }
    assert_eq!(finished.len(), of_parts.len(), "every part has a result");
}

/// Returns the source lines of the users that were refused, and of the users in parts that were sent again and found
/// existing users.
fn refused(place: &WorkFolder, parts: &str) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let refused = match find(place, parts, |name| name.ends_with(".errors.ndjson")) {
        None => BTreeSet::new(),
        Some(list) => rows(&list)
            .iter()
            .map(|refused| {
                assert_eq!(refused["source"], "export.json.gz");
                refused["line"].as_u64().unwrap()
            })
            .collect(),
    };
    let mut again = HashSet::new();
    let mut names = HashMap::new();
    for event in rows(&journal(place, parts)) {
        if let Some(part) = event["part"].as_str() {
            names.insert(event["checksum"].clone(), part.to_owned());
        }
        if event["result"]["already_there"].as_u64() > Some(0) {
            again.insert(names[&event["checksum"]].clone());
        }
    }
    let unsure = rows(&place.path().join(parts).join("lines.ndjson"))
        .iter()
        .filter(|part| again.contains(part["part"].as_str().unwrap()))
        .flat_map(|part| serde_json::from_value::<Vec<(u64, u64)>>(part["lines"].clone()).unwrap())
        .flat_map(|(first, count)| first..first + count)
        .collect();
    (refused, unsure)
}

fn journal(place: &WorkFolder, parts: &str) -> PathBuf {
    let is_journal = |name: &str| {
        name.starts_with("upload-") && name.ends_with(".ndjson") && !name.ends_with(".errors.ndjson")
    };
    find(place, parts, is_journal).unwrap()
}

fn find(place: &WorkFolder, parts: &str, wanted: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let mut files = std::fs::read_dir(place.path().join(parts)).unwrap().map(|entry| entry.unwrap());
    files.find(|file| wanted(&file.file_name().to_string_lossy())).map(|file| file.path())
}

/// Returns the objects of a file, one per line.
fn rows(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the importable properties of the users of the database, by id. Fails if an id occurs twice.
fn held(tenant: &FakeTenant) -> BTreeMap<String, Map<String, Value>> {
    let mut held = BTreeMap::new();
    for user in tenant.users() {
        let Value::Object(mut user) = user else { unreachable!("users are objects") };
        let id = user["user_id"].as_str().unwrap().to_owned();
        if id.starts_with("auth0|") {
            for own in ["created_at", "updated_at"] {
                user.remove(own);
            }
            assert!(held.insert(id, user).is_none(), "somebody is there twice");
        }
    }
    held
}
