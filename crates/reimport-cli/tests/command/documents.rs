//! Every member that a `--json` document has is explained in docs/json.md, in the section of its command.

use serde_json::Value;

use crate::harness::WorkFolder;

/// Returns the section whose heading has `command`.
fn section<'p>(page: &'p str, command: &str) -> &'p str {
    let mut sections = page.split("\n## ").skip(1);
    sections
        .find(|section| {
            section.lines().next().is_some_and(|heading| heading.contains(&format!("`{command}`")))
        })
        .unwrap_or_else(|| panic!("docs/json.md has no section of {command}"))
}

/// Returns the members of `document` that no section of `page` explains.
fn unexplained(page: &str, commands: &[&str], document: &str) -> Vec<String> {
    let document: Value =
        serde_json::from_str(document).unwrap_or_else(|_| panic!("no document: {document}"));
    let members = document.as_object().unwrap().keys();
    let explained =
        |name: &String| commands.iter().any(|command| section(page, command).contains(&format!("`{name}`")));
    members.filter(|name| !explained(name)).cloned().collect()
}

#[test]
fn every_json_member_is_documented() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json.md")).unwrap();
    let place = WorkFolder::new()
        .with_testdata("tenant.json.gz")
        .with_testdata("import-errors.json")
        .with_testdata("users-full-profile.ndjson");
    let run = "reimport convert";
    for (arguments, commands) in [
        ("convert tenant.json.gz -o parts --json", vec![run]),
        ("check tenant.json.gz --json", vec![run]),
        ("select tenant.json.gz -f email -o users.csv --json", vec!["reimport select", run]),
        ("fields tenant.json.gz --json", vec!["reimport fields"]),
        ("fields tenant.json.gz --values email --json", vec!["reimport fields"]),
        ("retry parts --errors import-errors.json -o again --json", vec!["reimport retry"]),
        ("verify parts tenant.json.gz --json", vec!["reimport verify"]),
        ("delta tenant.json.gz users-full-profile.ndjson -o changes --json", vec!["reimport delta"]),
    ] {
        let ran = place.run(arguments);
        assert_ne!(ran.status, 2, "{arguments}: {}", ran.err);
        assert_eq!(unexplained(&page, &commands, &ran.out), [""; 0], "{arguments}");
    }
}

#[test]
fn finds_undocumented_json_member() {
    let page = "# Documents\n\n## `reimport select`\n\n| `read` | records |\n\n## `reimport convert`\n";
    assert_eq!(unexplained(page, &["reimport select"], r#"{"read":1,"more":2}"#), ["more"]);
}
