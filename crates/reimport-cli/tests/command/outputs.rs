//! Outputs that do not match their file name or their use.

use crate::harness::{WorkFolder, users};

#[test]
fn array_too_large_for_an_import_job_is_a_warning() {
    let place = WorkFolder::new().with("tenant.json", users(8_000));
    place.run("convert tenant.json -o users.json").assert_output(1, "", TOO_LARGE);
    let ran = place.run("convert tenant.json -o -");
    assert_eq!((ran.status, ran.out.len()), (1, place.read("users.json").len()));
    assert!(ran.err.contains("\nwarning   standard output has "), "{}", ran.err);
    // A higher limit of this command does not change the limit of the service.
    let ran = place.run("convert tenant.json -o enough.json --max-part-bytes 1MB");
    assert!(ran.status == 1 && ran.err.contains("accepts at most\n          500,000"), "{}", ran.err);
    assert_eq!(place.run("convert tenant.json -o - -q --limit 10").status, 0);
    place.run("convert tenant.json -o parts -q").assert_output(0, "", "");
}

const TOO_LARGE: &str = "\
read      8,000 records from tenant.json (1.2 MB), read whole
written   8,000 users to users.json
dropped   identities 8,000
note      8,000 users have no password: they must set a new one (see
          --passwords)
not in any export: roles, organizations, sessions, password hashes
warning   users.json has 709,782 bytes, but an import job accepts at most
          500,000 (--max-part-bytes); name a folder with -o to divide it into
          parts
done, with warnings (exit status 1)
";

#[test]
fn convert_refuses_unsupported_file_extensions() {
    let place = WorkFolder::new().with("tenant.json", users(1));
    for name in ["users.csv", "users.NDJSON", "users.json.gz", "a.xlsx", "users.dat"] {
        place.run(&format!("convert tenant.json -o {name}")).assert_output(
            2,
            "",
            &format!(
                "error: -o {name}: convert writes import files, which are JSON; name a folder, FILE.json, or - for standard output (`reimport select` writes CSV and NDJSON)\n"
            ),
        );
    }
    place.run("delta tenant.json tenant.json -o d.csv").assert_output(
        2,
        "",
        "error: -o d.csv: delta writes a folder; use a name without a file extension\n",
    );
    place.run("verify tenant.json tenant.json -o v.csv").assert_output(
        2,
        "",
        "error: -o v.csv: verify writes a folder; use a name without a file extension\n",
    );
    assert_eq!(place.names("."), ["tenant.json"]);
    place.run("convert tenant.json -o parts-2024.05 -q").assert_output(0, "", "");
    std::fs::create_dir(place.path().join("empty.csv")).unwrap();
    place.run("convert tenant.json -o empty.csv -q").assert_output(0, "", "");
}

#[test]
fn select_refuses_unsupported_file_extensions() {
    let place = WorkFolder::new().with("tenant.json", users(1));
    for (name, end) in [("users.xlsx", "xlsx"), ("users.tab.gz", "tab"), ("users.csv.zip", "zip")] {
        place.run(&format!("select tenant.json -f email -o {name}")).assert_output(
            2,
            "",
            &format!(
                "error: -o {name}: select does not write .{end} files; end the name in .csv, .tsv, .ndjson, .jsonl or .json, each with or without .gz, or in \
                 .parquet, or choose the format with --format\n"
            ),
        );
    }
    assert_eq!(place.names("."), ["tenant.json"]);
    place.run("select tenant.json -f email -o users.txt --format csv -q").assert_output(0, "", "");
    place.run("select tenant.json -f email -o users -q").assert_output(0, "", "");
    assert_eq!(place.read("users"), place.read("users.txt"));
}

#[test]
fn extension_that_contradicts_the_format_is_refused() {
    let place = WorkFolder::new().with("tenant.json", users(1));
    for (name, format) in
        [("f.json", "csv"), ("f.csv.gz", "ndjson"), ("f.csv", "json"), ("f.csv", "tsv"), ("f.tsv", "csv")]
    {
        place.run(&format!("select tenant.json -f email -o {name} --format {format}")).assert_output(
            2,
            "",
            &format!(
                "error: -o {name}: the file name and --format mean different formats; change one of them\n"
            ),
        );
    }
    assert_eq!(place.run("select tenant.json -f email -o f.json --format ndjson -q").status, 0);
}

#[test]
fn array_with_too_many_users_is_a_warning() {
    let place = WorkFolder::new().with("tenant.json", users(3));
    let words = "has 3 users, more than 2 (--max-part-users); name a folder with -o to divide it into parts";
    for (output, name) in [("one.json", "one.json"), ("-", "standard output")] {
        let ran = place.run(&format!("convert tenant.json -o {output} --max-part-users 2"));
        let stderr = ran.err.replace("\n          ", " ");
        assert_eq!(ran.status, 1);
        assert!(stderr.contains(&format!("\nwarning   {name} {words}\n")), "{stderr}");
    }
}
