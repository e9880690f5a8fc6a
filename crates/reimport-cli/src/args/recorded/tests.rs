//! Each option of `convert` is recorded, or is listed here with the reason why it is not.

use std::collections::{BTreeMap, BTreeSet};

use clap::{CommandFactory as _, Parser as _};
use serde_json::{Value, json};

use super::{RecordedOptions, WrongOption, member};
use crate::args::{Cli, Command};

/// Options that do not shape the output, each with the reason.
const NOT_RECORDED: [(&str, &str); 13] = [
    ("output", "a path"),
    ("force", "what was there before is not in the output"),
    ("like", "the options that it takes are recorded"),
    ("without", "the options that it leaves out have their default, which is recorded"),
    ("rejected", "a path, of a run without a manifest"),
    ("skipped", "a path, of a run without a manifest"),
    ("max-reject-bytes", "the disk of the machine; the run fails, or the output is the same"),
    ("threads", "the output is the same for any number"),
    ("json", "the report"),
    ("quiet", "the report"),
    ("progress", "the report"),
    ("html", "the report of check"),
    ("examples", "the report of check"),
];

/// Options as they are typed, with the recorded value. Of an option with a default, the first value is another one.
pub(crate) const EXAMPLES: [(&str, Option<&str>, &str); 47] = [
    ("input-format", Some("ndjson"), r#""ndjson""#),
    ("delimiter", Some(";"), r#"";""#),
    ("delimiter", Some("tab"), r#""tab""#),
    ("csv-dialect", Some("plain"), r#""plain""#),
    ("csv-types", Some("infer"), r#""infer""#),
    ("csv-types", Some("known"), r#""known""#),
    ("user-ids", Some("bare"), r#""bare""#),
    ("max-record-bytes", Some("1MiB"), "1048576"),
    ("limit", Some("7"), "7"),
    ("max-rejected", Some("0"), r#""0""#),
    ("max-rejected", Some("2.50%"), r#""2.5%""#),
    ("where", Some("logins_count >= 5"), r#"["logins_count >= 5"]"#),
    ("where-not", Some("last_login >= 2024"), r#"["last_login >= 2024"]"#),
    ("where", Some("name = \"it's\""), r#"["name = \"it's\""]"#),
    ("ids", Some("ids.txt"), "true"),
    ("not-ids", Some("not-ids.txt"), "true"),
    ("connection", Some("-a b,c"), r#"["-a b","c"]"#),
    ("connection", Some("Users"), r#"["Users"]"#),
    ("by-connection", None, "true"),
    ("merge-connections", None, "true"),
    ("rules", Some("none"), r#""none""#),
    ("rules", Some("import"), r#""import""#),
    ("unknown", Some("reject"), r#""reject""#),
    ("move", Some("a[0].b=c"), r#"["a[0].b=c"]"#),
    ("move", Some("a[\"x=y\"]=c"), r#"["a[\"x=y\"]=c"]"#),
    ("drop", Some("-a.b"), r#"["-a.b"]"#),
    ("drop", Some("a[\"b.c\"]"), r#"["a[\"b.c\"]"]"#),
    ("set", Some("a={\"b\": \"=\\n\"}"), r#"["a={\"b\": \"=\\n\"}"]"#),
    ("set", Some("a=null"), r#"["a=null"]"#),
    ("require", Some("username,phone_number"), r#"["username","phone_number"]"#),
    ("require", Some("email"), r#"["email"]"#),
    ("unique", Some("user_id"), r#"["user_id"]"#),
    ("no-duplicate-check", None, "true"),
    ("for", Some("update"), r#""update""#),
    ("for", Some("insert"), r#""insert""#),
    ("metadata", Some("omit"), r#""omit""#),
    ("linked", Some("promote"), r#""promote""#),
    ("linked", Some("skip"), r#""skip""#),
    ("passwords", Some("hashes.json"), "true"),
    ("passwords-by", Some("email"), r#""email""#),
    ("passwords-by", Some("id"), r#""id""#),
    ("stale-passwords", Some("skip"), r#""skip""#),
    ("mfa-secrets", Some("secrets.json"), "true"),
    ("max-part-bytes", Some("12kB"), "12000"),
    ("max-part-bytes", Some("500000"), "500000"),
    ("max-part-users", Some("3"), "3"),
    ("max-part-users", Some("4"), "4"),
];

/// The words of an option.
pub(crate) fn word(option: &str, value: Option<&str>) -> String {
    value.map_or_else(|| format!("--{option}"), |value| format!("--{option}={value}"))
}

/// What is recorded of these words of `check`.
pub(crate) fn recorded(words: &[String]) -> BTreeMap<String, Value> {
    let typed = ["reimport", "check", "-"].map(str::to_owned).into_iter().chain(words.iter().cloned());
    match Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{words:?}: {error}")).command {
        Some(Command::Check(args)) => args.recorded().to_manifest(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_option_that_affects_output_is_recorded() {
    let cli = Cli::command();
    let options = |subcommand: &str| -> BTreeSet<String> {
        let command = cli.find_subcommand(subcommand).unwrap();
        command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect()
    };
    let recorded: BTreeSet<String> = RecordedOptions::names().collect();
    let others: BTreeSet<String> = NOT_RECORDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(recorded.is_disjoint(&others), "{recorded:?} {others:?}");
    assert_eq!(&options("convert") | &options("check"), &recorded | &others);
    // `check` has the same options.
    assert!(recorded.is_subset(&options("convert")) && recorded.is_subset(&options("check")));
}

#[test]
fn records_each_option_with_its_value() {
    let defaults = recorded(&[]);
    let mut seen = BTreeSet::new();
    for (option, value, expected) in EXAMPLES {
        let mut words = vec![word(option, value)];
        if ["passwords-by", "stale-passwords"].contains(&option) {
            words.push("--passwords=h".to_owned());
        }
        let mut found = recorded(&words);
        let value = found.remove(&member(option));
        assert_eq!(value, Some(serde_json::from_str(expected).unwrap()), "{words:?}");
        assert!(value.as_ref() != defaults.get(&member(option)) || !seen.insert(option), "{words:?}");
        seen.insert(option);
    }
    assert_eq!(
        seen.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
        RecordedOptions::names().collect()
    );
}

#[test]
fn records_defaults_of_an_empty_command_line() {
    assert_eq!(
        json!(recorded(&[])),
        json!({
            "by_connection": false, "csv_types": "known", "for": "insert", "ids": false, "linked": "skip",
            "max_part_bytes": 500_000, "max_record_bytes": 16_777_216, "merge_connections": false, "metadata": "keep",
            "mfa_secrets": false, "no_duplicate_check": false, "not_ids": false, "passwords": false,
            "passwords_by": "id", "require": ["email"], "rules": "import", "stale_passwords": "keep",
            "unique": ["user_id", "email", "username", "phone_number"], "unknown": "drop",
        })
    );
}

#[test]
fn knows_the_options_that_name_files() {
    let cli = Cli::command();
    let convert = cli.find_subcommand("convert").unwrap();
    let is_flag = |name: &String| recorded(&[])[&member(name)].is_boolean();
    let bool_members = RecordedOptions::names().filter(|name| recorded(&[]).contains_key(&member(name)));
    let files: BTreeSet<String> = bool_members
        .filter(is_flag)
        .filter(|name| {
            let arg = convert.get_arguments().find(|arg| arg.get_long() == Some(name)).unwrap();
            arg.get_action().takes_values()
        })
        .collect();
    assert_eq!(files, RecordedOptions::FILES.map(str::to_owned).into());
}

#[test]
fn manifest_round_trips() {
    for (option, value, _) in EXAMPLES {
        let words = [word(option, value), "--passwords=h".to_owned()];
        let options = recorded(&words);
        assert_eq!(RecordedOptions::from_manifest(&options).unwrap().to_manifest(), options);
    }
    let read = |options: Value| {
        let options: BTreeMap<String, Value> = serde_json::from_value(options).unwrap();
        RecordedOptions::from_manifest(&options).map(drop).map_err(|wrong| format!("{wrong:?}"))
    };
    assert_eq!(read(json!({})), Ok(()));
    for name in ["zzz", "max-part-bytes", "", "commands", "purpose"] {
        assert_eq!(
            read(json!({"rules": "import", name: true})),
            Err(format!("{:?}", WrongOption::Unknown(name)))
        );
    }
    for (name, value) in [
        ("require", json!([])),
        ("require", json!("email")),
        ("require", json!([1])),
        ("rules", json!(null)),
        ("rules", json!({})),
        ("limit", json!(-1)),
        ("limit", json!(1e30)),
        ("passwords", json!("hashes.json")),
    ] {
        assert_eq!(
            read(json!({"for": "insert", name: value})),
            Err(format!("{:?}", WrongOption::Type(name)))
        );
    }
}
