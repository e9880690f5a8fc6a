//! Messages about rejected records: reason, position and exact text.

use crate::harness::{WorkFolder, gzipped};

/// One rejected record of each kind, and three valid ones.
const BAD: &str = r#"{"user_id":"auth0|1","email":"a@example.com"}

{"user_id":"auth0|2","email":
{"user_id":"auth0|3","email":"b..c@example.com","phone_number":"212 555"}
{"user_id":"auth0|1","email":"d@example.com"}
{"email":"e@example.com","username":""}
{"email":"f@example.com","username":""}
"#;

#[test]
fn strict_run_reports_first_rejected_line_and_reason() {
    let place = WorkFolder::new().with("tenant.json.gz", gzipped(BAD.as_bytes()));
    for threads in [1, 4] {
        place.run(&format!("convert tenant.json.gz -o parts --max-rejected 0 --threads {threads}")).assert_output(
            2,
            "",
            "error: tenant.json.gz: line 3 (record 2, byte 47): invalid JSON: expected a value, but found the end of the \
             text at column 30; 3 of 6 records rejected, more than the limit of 0: nothing was published (--max-rejected)\n",
        );
    }
    let two = WorkFolder::new()
        .with("one.json", "{\"user_id\":\"1\",\"email\":\"a@example.com\"}\n")
        .with("two.json", "\n{\"user_id\":\"1\",\"email\":\"b@example.com\"}\n");
    two.run("check one.json two.json --max-rejected 0").assert_output(
        2,
        "",
        "error: two.json: line 2 (record 1, byte 1): user_id: already used by one.json line 1; 1 of 2 records rejected, \
         more than the limit of 0: nothing was published (--max-rejected)\n",
    );
    assert_eq!(two.names("."), ["one.json", "two.json"]);
}

#[test]
fn shows_first_message_and_position_of_each_rule() {
    let place = WorkFolder::new().with("tenant.json", BAD);
    place.run("convert tenant.json -o users.json").assert_output(1, "", CONVERTED);
    let ran = place.run("convert tenant.json -o -");
    assert!(ran.err.contains(
        "\n          duplicate 1, first on line 5: user_id: already used by tenant.json\n          line 1\n"
    ));
    let ran = place.run("check tenant.json");
    assert_eq!(rejected(&ran.out), CHECKED);
    assert_eq!(ran.status, 1);
}

/// Returns the lines about rejected records in the report of `check`.
fn rejected(report: &str) -> String {
    let from = report.find("\nrejected").unwrap() + 1;
    report[from..].split("\n\n").next().unwrap().to_owned() + "\n"
}

const CONVERTED: &str = "\
read      6 records from tenant.json (277 bytes), read whole
written   3 users to users.json
rejected  3 records, by rule:
          duplicate 1, first on line 5: user_id: already used by tenant.json
          line 1
          invalid-email 1, first on line 4: email: expected an e-mail address,
          but found two dots in a row
          invalid-json 1, first on line 3: expected a value, but found the end
          of the text at column 30
          invalid-phone 1, first on line 4: phone_number: expected a phone
          number as + and 1 to 15 digits, but found no + at the beginning and
          spaces
note      3 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
          value-length username 2, first on line 6: a string is empty, or longer
          than its property usually may be
not in any export: roles, organizations, sessions, password hashes
next      fix the users in users.json.rejected.ndjson, then:
          reimport convert users.json.rejected.ndjson -o users-fixed.json
done, with rejected records (exit status 1)
";

const CHECKED: &str = "\
rejected                                                3  50.0 %
  duplicate                                             1  line 5
          user_id: already used by tenant.json line 1
  invalid-email                                         1  line 4
          email: expected an e-mail address, but found two dots in a row
  invalid-json                                          1  line 3
          expected a value, but found the end of the text at column 30
  invalid-phone                                         1  line 4
          phone_number: expected a phone number as + and 1 to 15 digits, but
          found no + at the beginning and spaces
";

#[test]
fn empty_username_is_not_an_identifier() {
    let place = WorkFolder::new().with(
        "tenant.json",
        "{\"email\":\"e@example.com\",\"username\":\"\"}\n{\"email\":\"f@example.com\",\"username\":\"\"}\n",
    );
    place.run("convert tenant.json -o users.json -q").assert_output(0, "", "");
    place.run("convert tenant.json -o x.json -q --require username --max-rejected 0").assert_output(
        2,
        "",
        "error: tenant.json: line 1 (record 1, byte 0): username: expected a username, but found none; 2 of 2 records \
         rejected, more than the limit of 0: nothing was published (--max-rejected)\n",
    );
}

#[test]
fn line_numbers_have_no_thousands_separators() {
    let good = |n: u64| format!("{{\"user_id\":\"{n}\",\"email\":\"u{n}@example.com\"}}\n");
    let text = (0..1_233).map(good).collect::<String>() + "{\"email\":\"\"}\n";
    let place = WorkFolder::new().with("tenant.json", text);
    let ran = place.run("convert tenant.json -o users.json");
    assert!(
        ran.err.contains("invalid-email 1, first on line 1234: email: expected an e-mail"),
        "{}",
        ran.err
    );
    let ran = place.run("check tenant.json --html report.html");
    assert!(
        ran.out.contains("invalid-email                                         1  line 1234\n"),
        "{}",
        ran.out
    );
    let page = place.read("report.html");
    assert!(
        page.contains("line 1234") && !page.contains("line 1,234") && !page.contains(">1,234</bdi>"),
        "{page}"
    );
}

#[test]
fn wrong_encoding_is_reported_once_with_the_fix() {
    let bytes = b"{\"email\":\"a@example.com\"}\n{\"name\":\"M\xfcller\"}\n{\"name\":\"R\xf6\xdfler\"}\n";
    let place = WorkFolder::new().with("tenant.json", bytes);
    let words = "2, first on line 2: expected UTF-8, but found other bytes at column 11; if the whole file has another encoding, convert it, \
                 for example with `iconv -f latin1 -t utf8`\n";
    let joined = |text: &str| text.replace("\n          ", " ");
    let ran = place.run("convert tenant.json -o users.json");
    assert_eq!(ran.status, 1);
    assert!(joined(&ran.err).contains(&format!("not-utf8 {words}")), "{}", ran.err);
    let ran = place.run("select tenant.json -f email -o emails.csv");
    assert_eq!((ran.status, ran.err.matches("iconv").count()), (1, 1), "{}", ran.err);
}

#[test]
fn summary_and_report_show_every_broken_rule() {
    let hash = r#""email":"h@example.com","custom_password_hash":{"algorithm":"#;
    let text = format!(
        "{{\"email\":1}}\n{{}}\n[]\n{{\n{{\"email\":\"a\"}}\n{{\"email\":\"b@example.com\",\"phone_number\":\"1\"}}\n\
         {{\"email\":\"c@example.com\",\"password_hash\":\"x\"}}\n{{{hash}\"none\"}}}}\n{{{hash}\"md5\"}}}}\n\
         {{\"email\":\"d@example.com\",\"app_metadata\":{{\"email\":1}}}}\n\
         {{\"email\":\"e@example.com\",\"app_metadata\":{{\"a.b\":1}}}}\n\
         {{\"email\":\"f@example.com\",\"mfa_factors\":[{{}}]}}\n{{\"email\":\"g@example.com\"}}\n{{\"email\":\"g@example.com\"}}\n\
         {{\"email\":\"i@example.com\",\"mfa_factors\":[{{\"totp\":{{\"secret\":\"1\"}}}}]}}\n\
         {{\"email\":\"j@example.com\",\"mfa_factors\":[{{\"email\":{{\"value\":\"x\"}}}}]}}\n\
         {{\"email\":\"k@example.com\",\"mfa_factors\":[{{\"phone\":{{\"value\":\"x\"}}}}]}}\n\
         {{\"email\":\"l@example.com\",\"unknown\":1}}\n\
         {{\"email\":\"m@example.com\",\"password_hash\":\"$2b$10$C9hB4Ehdrws5GiLiGS16Eee6wnjs5FMyikwNySWDP1MFGuq5tpfSm\",\"custom_password_hash\":{{}}}}\n"
    );
    let place = WorkFolder::new().with("tenant.json", text);
    let ran = place.run("check tenant.json --json --unknown reject");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rules: Vec<&String> = document["rejected_by"].as_object().unwrap().keys().collect();
    assert!(rules.len() > 12, "{rules:?}");
    let converted = place.run("convert tenant.json -o users.json --unknown reject").err;
    let checked = place.run("check tenant.json --unknown reject").out;
    for rule in rules {
        assert_eq!(converted.matches(&format!("\n          {rule} ")).count(), 1, "{rule}: {converted}");
        assert_eq!(checked.matches(&format!("\n  {rule} ")).count(), 1, "{rule}: {checked}");
    }
}
