//! Checks `testdata/imports/`: each rule has a file that satisfies it, and a file that breaks this rule and no
//! other.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use reimport::import::Connections;
use reimport::record::ReadOptions;
use reimport::sink::{Nothing, PartBytes};
use reimport::source::Source;
use reimport::user::{RULES, Severity};
use reimport::{Pipeline, Rules, Summary, Topic};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Returns the options of a rule from the table in the README. Empty for a rule without a row, which needs no
/// options.
fn options_of(rule: &str) -> String {
    let readme = fs::read_to_string(folder().join("imports/README.md")).unwrap();
    let row = readme.lines().find(|line| line.starts_with(&format!("| `{rule}` |")));
    let Some(row) = row else { return String::new() };
    let cells: Vec<_> = row.split(" | ").collect();
    cells[2].trim_matches([' ', '`', '|']).to_owned()
}

/// Runs `convert` on one file, with the options of its rule.
fn judge(rule: &str, path: &Path) -> Summary {
    let (mut read, mut sink) = (ReadOptions::default(), Nothing::new());
    let options = options_of(rule);
    match options.split_once(' ') {
        Some(("--max-record-bytes", bytes)) => read.max_record_bytes = bytes.parse().unwrap(),
        Some(("--max-part-bytes", bytes)) => {
            sink = sink.max_record_bytes(bytes.parse::<u64>().unwrap() - 4);
        }
        _ => assert_eq!(options, "", "{rule}: an option that this test does not know"),
    }
    let rules = Rules::new().connections(Connections::Any);
    let (summary, ()) = Pipeline::new().read_options(read).run([path], &rules, sink).unwrap();
    assert!(summary.read > 0, "{}", path.display());
    assert_eq!(summary.skipped + summary.left_out, 0, "{}", path.display());
    summary
}

/// Returns the broken rules and the warnings. For a warning about a property, only the rule.
fn found(summary: &Summary) -> (Vec<&'static str>, BTreeSet<String>) {
    let warned = summary.of(Topic::Warned).map(|(fact, _)| fact.kind.to_owned());
    (summary.rejected_by.keys().copied().collect(), warned.collect())
}

fn file(rule: &str, what: &str) -> Option<PathBuf> {
    ["json", "ndjson", "csv"]
        .iter()
        .map(|end| folder().join(format!("imports/{rule}.{what}.{end}")))
        .find(|path| path.exists())
}

#[test]
fn each_rule_has_an_accepted_and_a_rejected_file() {
    for rule in RULES {
        let name = rule.name;
        let accepted = file(name, "accepted").unwrap_or_else(|| panic!("{name} has no accepted file"));
        assert_eq!(found(&judge(name, &accepted)), (vec![], BTreeSet::new()), "{name} accepted");
        let (what, expected) = match rule.severity {
            Severity::Warns | Severity::Notes => ("warned", (vec![], BTreeSet::from([name.to_owned()]))),
            _ => ("rejected", (vec![name], BTreeSet::new())),
        };
        let broken = file(name, what).unwrap_or_else(|| panic!("{name} has no {what} file"));
        assert_eq!(found(&judge(name, &broken)), expected, "{name} {what}");
    }
}

/// The second of two equal users is copied, while the first is rendered. A rule must hold for both.
#[test]
fn rules_apply_equally_to_the_next_user() {
    let mut judged = 0;
    for rule in
        RULES.iter().filter(|rule| rule.severity == Severity::Rejects && options_of(rule.name).is_empty())
    {
        let broken = file(rule.name, "rejected").unwrap();
        let Ok(users) =
            serde_json::from_slice::<Vec<Box<serde_json::value::RawValue>>>(&fs::read(broken).unwrap())
        else {
            continue;
        };
        let compact: Vec<String> = users.iter().map(|user| compacted(user.get())).collect();
        let count = |users: &[String]| {
            let source = Source::from_reader("users", Cursor::new(users.join("\n")));
            let rules = Rules::new().connections(Connections::Any).unique([]);
            let (summary, ()) = Pipeline::new().run([source], &rules, Nothing::new()).unwrap();
            summary.rejected_by.get(rule.name).map_or(0, |count| count.records)
        };
        let once = count(&compact);
        assert_eq!(count(&[compact.clone(), compact].concat()), once * 2, "{}", rule.name);
        judged += u64::from(once > 0);
    }
    assert!(judged > 20, "{judged} rules");
}

#[test]
fn each_file_belongs_to_a_rule() {
    for entry in fs::read_dir(folder().join("imports")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let rule = name.split('.').next().unwrap();
        assert!(name == "README.md" || reimport::user::rule(rule).is_some(), "{name}");
    }
}

#[test]
fn importable_users_pass_unchanged() {
    let path = folder().join("import-array.json");
    let users: Vec<Box<serde_json::value::RawValue>> =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let compact: Vec<String> = users.iter().map(|user| compacted(user.get())).collect();
    let mut written = Vec::new();
    let parts = PartBytes::new(500_000, |_, bytes| {
        written.extend_from_slice(bytes);
        Ok(())
    });
    let (summary, ()) = Pipeline::new().run([path], &Rules::default(), parts.unwrap()).unwrap();
    assert_eq!((summary.read, summary.written), (10, 10));
    assert_eq!(String::from_utf8(written).unwrap(), format!("[\n{}\n]", compact.join(",\n")));
    assert_eq!(summary.facts.keys().filter(|fact| fact.topic == Topic::Fixed).count(), 0);
}

/// Returns the text without white space between tokens.
fn compacted(text: &str) -> String {
    let mut inside = false;
    let mut before = ' ';
    let mut kept = String::new();
    for char in text.chars() {
        if char == '"' && before != '\\' {
            inside = !inside;
        }
        if inside || !char.is_ascii_whitespace() {
            kept.push(char);
        }
        before = if before == '\\' { ' ' } else { char };
    }
    kept
}
