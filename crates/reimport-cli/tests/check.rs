//! `reimport check`: the run of `convert`, written down and not carried out; and the command alone.

mod support;

use support::{Place, users};

#[test]
fn it_says_what_convert_would_do_and_writes_nothing() {
    let bad = "{\"user_id\":\"sms|1\"}\n{\"email\":\"ada@example\"}\n";
    let place = Place::new().with("tenant.json", format!("{}{bad}", users(2)));
    place.run("check tenant.json").said(1, "", CHECKED);
    assert_eq!(place.names("."), ["tenant.json"]);
    place.run("check tenant.json -q").said(1, "", "");
    place.run("check tenant.json -q --max-rejected 1").said(1, "", "");
    let ran = place.run("check tenant.json --json");
    let summary: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, summary["written"].as_u64(), summary["skipped"].as_u64()), (1, Some(2), Some(1)));
}

const CHECKED: &str = "\
read      4 records from tenant.json (334 bytes), read whole
import    2 users would be written
skipped   1 user: not database users, so no import file can bring them
          sms 1
rejected  1 record, by rule:
          invalid-email 1, first on line 4
dropped   identities 2
next      reimport convert, with the same options and -o OUT
done, but look at what was rejected or warned of (exit status 1)
";

#[test]
fn files_that_are_ready_to_import_are_found_so() {
    let place = Place::new().with_testdata("import-array.json");
    let ran = place.run("check import-array.json");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("10 users would be written, 9 with a password hash\n"), "{}", ran.err);
}

#[test]
fn a_user_too_large_for_a_part_is_found_as_convert_finds_it() {
    let place = Place::new().with("tenant.json", users(3));
    for (size, status) in [("81", 1), ("85", 0)] {
        for command in ["check tenant.json", "convert tenant.json -o parts --force"] {
            let ran = place.run(&format!("{command} -q --max-part-bytes {size}"));
            assert_eq!((ran.status, ran.err.as_str()), (status, ""), "{command} {size}");
        }
    }
}

#[test]
fn the_bare_command_says_where_to_begin() {
    let place = Place::new();
    place.run("").said(
        2,
        "",
        "\
reimport turns bulk user exports of an identity tenant into files its bulk import accepts.

  reimport check tenant.json.gz               what would happen, and why
  reimport convert tenant.json.gz -o parts    import-ready parts

reimport --help tells more.
",
    );
    let ran = place.run("convert tenant.json");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.starts_with("error: the following required arguments were not provided:\n  --output <OUT>\n")
    );
    let ran = place.run("--version");
    assert_eq!((ran.status, ran.out.starts_with("reimport "), ran.err.as_str()), (0, true, ""));
}
