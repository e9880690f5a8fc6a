//! `reimport fields`: exact output.

use std::fmt::Write as _;

use crate::harness::{Ran, WorkFolder};

const USERS: &[u8] = br#"{"user_id":"auth0|1","email":"a@example.com","identities":[{"connection":"Users"},{"connection":"x","isSocial":true}],"app_metadata":{"plan":"pro","a.b":1}}
{"user_id":"auth0|2","email":null,"identities":[],"app_metadata":{"plan":"free"}}
{"user_id":3,"identities":[{"connection":"Users"}],"app_metadata":{"plan":"pro"}}
"#;

#[test]
fn lists_every_path_with_its_count() {
    let ran = WorkFolder::of_testdata().run_with_input(&["fields", "-"], USERS);
    assert_eq!(
        ran,
        Ran {
            status: 0,
            out: "\
3 records

records  absent  path                     types
      3       0  app_metadata             object
      3       0  app_metadata.plan        string
      1       2  app_metadata[\"a.b\"]      number
      2       1  email                    string 1, null 1
      3       0  identities               array
      2       1  identities[]             object
      2       1  identities[].connection  string
      1       2  identities[].isSocial    boolean
      3       0  user_id                  string 2, number 1
"
            .into(),
            err: "\
read      3 records from standard input (321 bytes), read whole
done (exit status 0)
"
            .into(),
        }
    );
}

#[test]
fn table_fits_eighty_columns_if_possible() {
    let ran = WorkFolder::of_testdata().run(&["fields", "-q", "users-full-profile.ndjson"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    let long = format!("{{\"{}\":1,\"b\":true}}\n", "a".repeat(90));
    let ran = WorkFolder::of_testdata().run_with_input(&["fields", "-q", "-"], long.as_bytes());
    assert_eq!(
        ran.out,
        format!(
            "1 record\n\nrecords  absent  path  types\n      1       0  {}  number\n      1       0  b     boolean\n",
            "a".repeat(90)
        )
    );
}

#[test]
fn json_output_matches_the_table() {
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["fields", "-q", "-", "--json", "--where", "email exists"], USERS);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(
        (&document["read"], &document["records"], &document["left_out"]),
        (&3.into(), &2.into(), &1.into())
    );
    assert_eq!(document["other_values"], 0);
    let paths = document["paths"].as_array().unwrap();
    let email = paths.iter().find(|path| path["path"] == "email").unwrap();
    assert_eq!(
        *email,
        serde_json::json!({"path": "email", "records": 2, "absent": 0, "types": {"string": 1, "null": 1}})
    );
}

#[test]
fn values_are_listed_most_frequent_first() {
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["fields", "-q", "-", "--values", "app_metadata.plan"], USERS);
    assert_eq!(
        ran.out,
        "3 records, 2 different values of app_metadata.plan\n\n   records  value\n         2  \"pro\"\n         1  \"free\"\n"
    );
    let ran =
        WorkFolder::of_testdata().run_with_input(&["fields", "-q", "-", "--values", "identities[1]"], USERS);
    assert_eq!(
        ran.out,
        "3 records, 1 different value of identities[1]\n\n   records  value\n         1  {\"connection\":\"x\",\"isSocial\":true}\n         2  (missing)\n"
    );
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["fields", "-q", "-", "--json", "--values", "user_id"], USERS);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        document["values"],
        serde_json::json!([{"value": "auth0|1", "records": 1}, {"value": "auth0|2", "records": 1}, {"value": 3, "records": 1}])
    );
    assert_eq!(
        (&document["path"], &document["missing"], &document["other"]),
        (&"user_id".into(), &0.into(), &0.into())
    );
}

#[test]
fn values_beyond_the_limit_are_counted_together() {
    let users: String = (0..100_010).fold(String::new(), |mut users, number| {
        writeln!(users, "{{\"n\":{number}}}").unwrap();
        users
    });
    let ran =
        WorkFolder::of_testdata().run_with_input(&["fields", "-q", "-", "--values", "n"], users.as_bytes());
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "100,010 records, more than 100,000 different values of n");
    assert_eq!(
        lines[lines.len() - 2..],
        [
            "    99,950  (99,950 less frequent values)",
            "        10  (values after the first 100,000 different ones)"
        ]
    );
}

#[test]
fn lists_fifty_values_and_counts_the_rest() {
    let mut users = String::from("{\"n\":1e400}\n");
    for number in 0..60 {
        writeln!(users, "{{\"n\":{number:02}}}", number = number + 10).unwrap();
    }
    let ran =
        WorkFolder::of_testdata().run_with_input(&["fields", "-q", "-", "--values", "n"], users.as_bytes());
    assert_eq!(ran.out.lines().count(), 3 + 50 + 1);
    assert!(ran.out.ends_with("        11  (11 less frequent values)\n"), "{}", ran.out);
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["fields", "-q", "-", "--values", "n", "--json"], users.as_bytes());
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["different"], &document["other"]), (&61.into(), &11.into()));
    assert!(
        document["values"]
            .as_array()
            .unwrap()
            .contains(&serde_json::json!({"text": "1e400", "cut": false, "records": 1}))
    );
}

#[test]
fn unknown_path_and_broken_lines_are_reported() {
    let ran = WorkFolder::of_testdata().run(&[
        "fields",
        "users-full-profile.ndjson",
        "--values",
        "app_metadata.paln",
    ]);
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.err,
        "\
read      10 records from users-full-profile.ndjson (6.2 kB), read whole
warning   no record has app_metadata.paln; did you mean app_metadata.plan?
done, with warnings (exit status 1)
"
    );
    let ran = WorkFolder::of_testdata().run_with_input(&["fields", "-"], b"{\"a\":1}\n{\"a\":\n");
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (1, "1 record\n\nrecords  absent  path  types\n      1       0  a     number\n")
    );
    assert_eq!(
        ran.err,
        "\
read      2 records from standard input (14 bytes), read whole
rejected  1 record that cannot be read:
          line 2: expected a value, but found the end of the text at column 6
done, with rejected records (exit status 1)
"
    );
}

#[test]
fn fields_of_chosen_users_are_counted() {
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["fields", "-", "--connection", "Users", "--limit", "1"], USERS);
    assert_eq!(
        ran,
        Ran {
            status: 0,
            out: "\
1 record

records  absent  path                     types
      1       0  app_metadata             object
      1       0  app_metadata.plan        string
      1       0  app_metadata[\"a.b\"]      number
      1       0  email                    string
      1       0  identities               array
      1       0  identities[]             object
      1       0  identities[].connection  string
      1       0  identities[].isSocial    boolean
      1       0  user_id                  string
"
            .into(),
            err: "\
read      1 record from standard input (157 bytes), stopped at --limit 1: the
          rest was neither read nor checked
done (exit status 0)
"
            .into(),
        }
    );
    let arguments =
        ["fields", "-", "--connection", "Users", "--where-not", "app_metadata.plan = free", "--json", "-q"];
    let document: serde_json::Value =
        serde_json::from_str(&WorkFolder::of_testdata().run_with_input(&arguments, USERS).out).unwrap();
    for (member, value) in [("read", 3), ("records", 2), ("left_out", 1)] {
        assert_eq!(document[member], value, "{member}");
    }
    assert_eq!(document["limited"], false);
    let two = WorkFolder::new().run_with_input(&["fields", "-", "--connection", "Users, x", "--json"], USERS);
    assert_eq!((two.status, two.err.as_str()), (1, ""), "the document has what the summary has");
    let document: serde_json::Value = serde_json::from_str(&two.out).unwrap();
    assert_eq!(document["unseen"][0]["connection"], "x", "without the space");
    let arguments = ["fields", "-", "--values", "app_metadata.plan", "--limit", "2", "-q"];
    assert_eq!(
        WorkFolder::of_testdata().run_with_input(&arguments, USERS).out,
        "2 records, 2 different values of app_metadata.plan\n\n   records  value\n         1  \"free\"\n         1  \"pro\"\n"
    );
    // The limit ended the run before it is known whether other records have the path.
    let arguments = ["fields", "-", "--values", "app_metadata.none", "--limit", "1"];
    let ran = WorkFolder::of_testdata().run_with_input(&arguments, USERS);
    assert!(ran.status == 0 && !ran.err.contains("warning"), "{}", ran.err);
}

#[test]
fn fields_output_is_identical_for_any_number_of_threads() {
    let mut users = String::new();
    for number in 0..60_000 {
        let (key, plan) = (number * 7 % 20_000, number % 90);
        writeln!(users, "{{\"id\":{number},\"m\":{{\"k{key}\":[{plan}]}},\"plan\":\"p{plan}\"}}").unwrap();
    }
    for more in [&[][..], &["--values", "plan"]] {
        let runs: Vec<Ran> = ["1", "2", "4"]
            .into_iter()
            .map(|threads| {
                WorkFolder::of_testdata().run_with_input(
                    &[&["fields", "-", "--threads", threads], more].concat(),
                    users.as_bytes(),
                )
            })
            .collect();
        assert!(runs[0] == runs[1] && runs[0] == runs[2]);
        assert_eq!(runs[0].status, 0);
        if more.is_empty() {
            // 10,000 paths, a line about the others, three lines of heading.
            assert_eq!(runs[0].out.lines().count(), 10_004);
            assert!(runs[0].out.contains("\nother: "), "the rest is counted");
        }
    }
}
