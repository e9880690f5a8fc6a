//! Test that `docs/rules.md` is the table of rules. After a change of a rule, generate the page again with
//! `UPDATE_DOCS=1 cargo test -p reimport-cli rules_page`.

use std::fmt::Write as _;

use reimport::user::{RULES, RuleSource, Severity};

use super::hints;

fn page() -> String {
    let mut page = String::from(
        "# The rules\n\n\
         The rules that `reimport convert` and `reimport check` apply to each user. A user that breaks rules is rejected with\n\
         all the rules it breaks, each with its field path. If a rule *warns* or *notes*, the user is written and counted: a\n\
         warning makes the [exit status](exit-status.md) 1, a note does not. The names are stable. They are used in\n\
         `rejected.ndjson`, in `--json` and in the summary.\n\n\
         The column *source* shows where a rule comes from: **documented** by the service, **reported** by users of the\n\
         service, or a limit of the **run** itself. Rules marked + reject users that the published JSON schema alone accepts.\n\n\
         This page is generated from the table in the library (`reimport::user::RULES`).\n\n\
         | rule | | what it means | what to do | source |\n| --- | --- | --- | --- | --- |\n",
    );
    for rule in RULES {
        let severity = match rule.severity {
            Severity::Warns => "warns",
            Severity::Notes => "notes",
            _ if rule.beyond_schema => "+",
            _ => "",
        };
        let source = match rule.source {
            RuleSource::Documented => "documented",
            RuleSource::Reported => "reported",
            _ => "run",
        };
        writeln!(
            page,
            "| `{}` | {severity} | {} | {} | {source} |",
            rule.name,
            rule.meaning.replace('|', "\\|"),
            hints::remedy(rule).replace('|', "\\|")
        )
        .unwrap();
    }
    page
}

#[test]
fn rules_page_matches_the_rules_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/rules.md differs from the table of rules; update it with UPDATE_DOCS=1 cargo test -p reimport-cli rules_page"
    );
}
