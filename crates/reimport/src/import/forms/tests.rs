//! Tests the checks together: against the published schema, the sample file, and the files of every rule.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::types::expect_string;
use super::*;
use crate::json::{Kind, Scanner, Value};
use crate::run::Problem;
use crate::user::{RULES, Severity, names, rule};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn schema() -> Json {
    serde_json::from_str(include_str!("../../../../../testdata/import-schema.json")).unwrap()
}

/// Returns the part of the schema for one property.
///
/// In draft 4, `64.0` is not an integer. The importer reads it with JavaScript, where it is 64, as in draft 6.
fn validator(property: &str) -> Validator {
    let mut part = schema()["properties"][property].take();
    part["$schema"] = json!("http://json-schema.org/draft-06/schema#");
    jsonschema::options().should_validate_formats(true).build(&part).unwrap()
}

fn value(text: &str) -> Value<'_> {
    let mut scanner = Scanner::new(text);
    let value = scanner.value().unwrap();
    scanner.end().unwrap();
    value
}

/// Returns the problems and warnings of one user, checked property by property. Omits what depends on other users or
/// options.
fn judge(user: Value<'_>) -> (Vec<Problem>, Vec<&'static str>) {
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    let (mut email, mut hashes) = (false, 0);
    if user.json().len() > PROFILE_BYTES {
        warnings.push(names::PROFILE_SIZE);
    }
    let mut scanner = Scanner::new(user.json());
    scanner.enter_object().unwrap();
    while let Some(name) = scanner.name().unwrap() {
        let name = name.decoded();
        let which = match &*name {
            "app_metadata" => Some(MetadataKind::App),
            "user_metadata" => Some(MetadataKind::User),
            _ => None,
        };
        if let Some(which) = which {
            let (value, findings) = scan_metadata(&mut scanner, which).unwrap();
            expect_kind(value.of(user.json()), Kind::Object, &name, &mut problems);
            findings.report(which, &mut problems);
            continue;
        }
        let value = scanner.value().unwrap();
        match &*name {
            "email" => {
                email = true;
                check_email(value, "email", &mut problems);
            }
            "phone_number" => check_phone(value, "phone_number", &mut problems),
            "email_verified" | "phone_verified" | "blocked" => {
                expect_kind(value, Kind::Boolean, &name, &mut problems);
            }
            "custom_password_hash" => {
                hashes += 1;
                warnings.extend(check_custom_password_hash(value, &mut problems));
            }
            "password_hash" => {
                hashes += 1;
                if expect_kind(value, Kind::String, "password_hash", &mut problems) {
                    warnings.extend(judge_hash(value, &mut problems).and_then(|hash| hash.warning));
                }
            }
            "mfa_factors" => warnings.extend(check_mfa_factors(value, &mut problems).warning),
            "user_id" | "username" | "given_name" | "family_name" | "name" | "nickname" | "picture" => {
                let Some(text) = expect_string(value, &name, &mut problems) else { continue };
                let longest = crate::user::property::Property::named(&name).and_then(longest);
                if longest.is_some_and(|longest| !suits_length(&text, longest)) {
                    warnings.push(names::VALUE_LENGTH);
                }
                if name == "username" && !suits_username(&text) {
                    warnings.push(names::USERNAME_FORM);
                }
            }
            _ => problems.push(Problem::new(names::UNKNOWN_PROPERTY, "*", "an unknown property")),
        }
    }
    if !email {
        problems.push(Problem::new(names::MISSING_IDENTIFIER, "email", "no email"));
    }
    if hashes == 2 {
        problems.push(Problem::new(names::BOTH_PASSWORD_HASHES, "password_hash", "both"));
    }
    (problems, warnings)
}

fn users(text: &str) -> Vec<Value<'_>> {
    let mut scanner = Scanner::new(text);
    let mut users = Vec::new();
    scanner.enter_array().unwrap();
    while scanner.item().unwrap() {
        users.push(scanner.value().unwrap());
    }
    users
}

#[test]
fn every_user_of_the_sample_import_file_passes() {
    let text = std::fs::read_to_string(testdata().join("import-array.json")).unwrap();
    let users = users(&text);
    assert_eq!(users.len(), 10);
    for user in users {
        assert_eq!(judge(user), (vec![], vec![]), "{}", user.json());
    }
}

#[test]
fn every_rule_has_example_files_and_a_readme_line() {
    let folder = testdata().join("imports");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut expected: Vec<String> = vec!["README.md".to_owned()];
    for rule in RULES {
        let bad = if rule.severity == Severity::Rejects { "rejected" } else { "warned" };
        let line = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", rule.name)))
            .unwrap_or_else(|| panic!("{} is not in the README", rule.name));
        let ending = ["ndjson", "csv", "json"]
            .into_iter()
            .find(|ending| line.contains(&format!("| `accepted.{ending}`, `{bad}.{ending}` |")))
            .unwrap_or_else(|| panic!("{line}"));
        expected.push(format!("{}.accepted.{ending}", rule.name));
        expected.push(format!("{}.{bad}.{ending}", rule.name));
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn files_of_a_rule_break_only_that_rule() {
    let mut judged = 0;
    for rule in RULES.iter().filter(|rule| rule.name != names::DUPLICATE) {
        let read = |kind: &str| {
            std::fs::read_to_string(testdata().join("imports").join(format!("{}.{kind}.json", rule.name)))
                .ok()
        };
        let Some(accepted) = read("accepted") else { continue };
        for user in users(&accepted) {
            assert_eq!(judge(user), (vec![], vec![]), "{}", rule.name);
        }
        let (bad, problems, warnings) = match rule.severity {
            Severity::Rejects => (read("rejected").unwrap(), vec![rule.name], vec![]),
            Severity::Warns | Severity::Notes => (read("warned").unwrap(), vec![], vec![rule.name]),
        };
        for user in users(&bad) {
            let (found, warned) = judge(user);
            let found: Vec<_> = found.iter().map(|problem| problem.rule).collect();
            assert_eq!((&found, &warned), (&problems, &warnings), "{}", rule.name);
        }
        judged += 1;
    }
    assert!(judged >= 25, "{judged}");
}

#[test]
fn rules_of_forms_are_in_the_table() {
    assert!(RULES.iter().all(|known| rule(known.name) == Some(known)));
}

/// Compares the verdicts on one property. `rules` are the rules broken.
fn agrees(schema: &Validator, json: &Json, rules: &[&'static str]) -> Result<(), TestCaseError> {
    let valid = schema.is_valid(json);
    let beyond = |name: &&str| rule(name).unwrap().beyond_schema;
    prop_assert!(valid || !rules.is_empty(), "the schema alone refuses {json}");
    prop_assert!(
        !valid || rules.iter().all(beyond),
        "beyond the schema, by rules that claim not to be: {rules:?} {json}"
    );
    Ok(())
}

fn broken_by(check: impl FnOnce(&mut Vec<Problem>)) -> Vec<&'static str> {
    let mut problems = Vec::new();
    check(&mut problems);
    problems.into_iter().map(|problem| problem.rule).collect()
}

fn odd() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(-0.0),
        json!(32.0),
        json!("x"),
        json!([]),
        json!({}),
        json!({"value": 1}),
        json!({"value": "x"}),
        json!([{}]),
    ])
}

/// Returns one of `good` most of the time, and any value sometimes.
fn mostly(good: Vec<Json>) -> impl Strategy<Value = Json> {
    prop_oneof![19 => prop::sample::select(good), 1 => odd()]
}

/// Returns an object with some of these members, and sometimes one more.
fn object(members: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::weighted(0.85, value.prop_map(move |value| (name, value))))
        .collect();
    let extra = prop::option::weighted(0.05, Just(("extra", json!(1))));
    (members, extra)
        .prop_map(|(members, extra)| {
            members.into_iter().flatten().chain(extra).map(|(name, value)| (name.to_owned(), value)).collect()
        })
        .prop_map(Json::Object)
        .boxed()
}

fn strings(texts: &[&str]) -> BoxedStrategy<Json> {
    mostly(texts.iter().map(|text| json!(text)).collect()).boxed()
}

/// Returns objects with the right names and any values.
fn any_custom_hashes() -> impl Strategy<Value = Json> {
    let md5 = "688fec44dbf2a839ddcdc2f5c6853d4b";
    let encodings = || strings(&["hex", "base64", "utf8", "HEX"]);
    let values = strings(&[
        md5,
        "aI/sRNvyqDndzcL1xoU9Sw==",
        "$2y$12$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
        "{MD5}aI/sRNvyqDndzcL1xoU9Sw==",
        "$argon2id$v=19$m=64,t=1,p=1$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw",
        "$pbkdf2-md5$i=1,l=16$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw",
    ]);
    let sometimes = |value: BoxedStrategy<Json>| prop_oneof![3 => value, 1 => odd()].boxed();
    let key = sometimes(object(vec![("value", strings(&["6b", ""])), ("encoding", encodings())]));
    let hash = object(vec![
        ("value", values),
        ("encoding", encodings()),
        ("digest", strings(&["md5", "sha256", "sha3"])),
        ("key", key),
    ]);
    let salt = object(vec![
        ("value", strings(&["6b33", "pepper"])),
        ("encoding", encodings()),
        ("position", strings(&["prefix", "suffix", "middle"])),
    ]);
    let password = object(vec![("encoding", strings(&["utf16le", "ucs2", "utf16"]))]);
    let number = || mostly(vec![json!(16), json!(16.0), json!(2), json!(0), json!(3)]).boxed();
    let mut algorithms = super::algorithms::ALGORITHMS.to_vec();
    algorithms.push("sha384");
    prop_oneof![
        20 => object(vec![
            ("algorithm", strings(&algorithms)),
            ("hash", sometimes(hash)),
            ("salt", sometimes(salt)),
            ("password", sometimes(password)),
            ("keylen", number()),
            ("cost", number()),
            ("blockSize", number()),
            ("parallelization", number()),
        ]),
        1 => odd(),
    ]
}

/// Returns the hashes of the sample file, each changed in up to two places.
fn changed_custom_hashes() -> impl Strategy<Value = Json> {
    let text = std::fs::read_to_string(testdata().join("import-array.json")).unwrap();
    let users: Vec<Json> = serde_json::from_str(&text).unwrap();
    let hashes: Vec<Json> =
        users.iter().filter_map(|user| user.get("custom_password_hash")).cloned().collect();
    let parents = prop::sample::select(vec!["", "/hash", "/hash/key", "/salt", "/password"]);
    let names = prop::sample::select(vec![
        "algorithm",
        "hash",
        "salt",
        "password",
        "keylen",
        "cost",
        "value",
        "encoding",
        "digest",
        "position",
        "x",
    ]);
    let texts =
        prop::sample::select(vec!["hex", "base64", "utf8", "md5", "sha256", "scrypt", "suffix", "00"]);
    let new = prop_oneof![2 => odd(), 3 => texts.prop_map(Json::from), 2 => prop::sample::select(vec![json!(32), json!(32.0)])];
    let change = (parents, names, prop::option::of(new));
    (prop::sample::select(hashes), prop::collection::vec(change, 0..6)).prop_map(|(mut hash, changes)| {
        for (parent, name, new) in changes {
            let Some(object) = hash.pointer_mut(parent).and_then(Json::as_object_mut) else { continue };
            match new {
                Some(new) => drop(object.insert(name.to_owned(), new)),
                None => drop(object.remove(name)),
            }
        }
        hash
    })
}

fn custom_hashes() -> impl Strategy<Value = Json> {
    prop_oneof![any_custom_hashes(), changed_custom_hashes()]
}

fn factors() -> impl Strategy<Value = Json> {
    let totp =
        object(vec![("secret", strings(&["JBSWY3DP", "jbsw y3dp==", "ABC2", "ABC", "JBSW1", "", "ÄB"]))]);
    let phone = object(vec![("value", strings(&["+1", "+12125550101", "555", "+1234567890123456"]))]);
    let email = object(vec![("value", strings(&["ada@example.com", "ada", "", "@"]))]);
    let factor = prop_oneof![
        6 => totp.prop_map(|totp| json!({"totp": totp})),
        6 => phone.prop_map(|phone| json!({"phone": phone})),
        6 => email.prop_map(|email| json!({"email": email})),
        1 => Just(json!({"phone": {"value": "+1"}, "email": {"value": "ada@example.com"}})),
        1 => Just(json!({"push": {}})),
        1 => odd(),
    ];
    prop_oneof![
        9 => prop::collection::vec(factor.clone(), 0..4).prop_map(Json::Array),
        1 => prop::collection::vec(factor, 9..13).prop_map(Json::Array),
        1 => odd(),
    ]
}

proptest! {
    #![proptest_config(crate::cases::cases(2000))]

    #[test]
    fn custom_password_hash_agrees_with_the_schema(json in custom_hashes()) {
        thread_local!(static SCHEMA: Validator = validator("custom_password_hash"));
        let text = json.to_string();
        let rules = broken_by(|problems| _ = check_custom_password_hash(value(&text), problems));
        SCHEMA.with(|schema| agrees(schema, &json, &rules))?;
    }

    #[test]
    fn mfa_factors_agree_with_the_schema_after_the_fixes(json in factors()) {
        thread_local!(static SCHEMA: Validator = validator("mfa_factors"));
        let mut fixed = Vec::new();
        rewrite_mfa_factors(value(&json.to_string()), &mut fixed);
        let fixed: Json = serde_json::from_slice(&fixed).unwrap();
        let text = json.to_string();
        let rules = broken_by(|problems| _ = check_mfa_factors(value(&text), problems));
        SCHEMA.with(|schema| agrees(schema, &fixed, &rules))?;
    }

    #[test]
    fn types_agree_with_the_schema(json in odd()) {
        let text = json.to_string();
        for property in ["given_name", "app_metadata", "blocked"] {
            let rules = broken_by(|problems| match property {
                "given_name" => _ = expect_string(value(&text), property, problems),
                "blocked" => _ = expect_kind(value(&text), Kind::Boolean, property, problems),
                _ => _ = expect_kind(value(&text), Kind::Object, property, problems),
            });
            agrees(&validator(property), &json, &rules)?;
        }
    }
}

/// Random values must produce both verdicts. Otherwise, agreement would prove nothing.
#[test]
fn random_values_produce_both_verdicts() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let hash_schema = validator("custom_password_hash");
    let (mut hashes, mut beyond, mut mfa) = ([0; 2], [0; 2], [0; 2]);
    for _ in 0..3000 {
        let json = custom_hashes().new_tree(&mut runner).unwrap().current();
        let text = json.to_string();
        let rules = broken_by(|problems| _ = check_custom_password_hash(value(&text), problems));
        hashes[usize::from(rules.is_empty())] += 1;
        beyond[usize::from(!rules.is_empty() && hash_schema.is_valid(&json))] += 1;
        let text = factors().new_tree(&mut runner).unwrap().current().to_string();
        let rules = broken_by(|problems| _ = check_mfa_factors(value(&text), problems));
        mfa[usize::from(rules.is_empty())] += 1;
    }
    let seen = [hashes, beyond, mfa];
    assert!(seen.iter().flatten().all(|count| *count >= 50), "{seen:?}");
}
