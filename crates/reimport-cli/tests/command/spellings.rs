//! Known properties in any spelling: all are read, and of several spellings in one record exactly one is used.

use crate::harness::WorkFolder;

#[test]
fn known_names_match_case_insensitively() {
    let user = r#"{"USER_ID":"auth0|1","EMAIL":"a@example.com","EMAIL_VERIFIED":"true","App_Metadata":{"plan":"pro"},"User_Metadata":{},"IDENTITIES":[{"provider":"auth0","connection":"Users"}],"LAST_IP":"192.0.2.1"}"#;
    let place = WorkFolder::new().with("tenant.json", format!("{user}\n"));
    place.run("convert tenant.json -o parts").assert_output(0, "", UPPER_CASE);
    assert_eq!(
        place.read("parts/users-00001.json"),
        "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"email_verified\":true,\"app_metadata\":{\"plan\":\"pro\"},\"user_metadata\":{}}\n]"
    );
    let select =
        "select tenant.json -q -f user_id -f email_verified -f app_metadata.plan -f identities[0].connection";
    place.run(select).assert_output(
        0,
        "user_id,email_verified,app_metadata.plan,identities[0].connection\nauth0|1,true,pro,Users\n",
        "",
    );
    // Rules check the content as under the exact name.
    let place = WorkFolder::new()
        .with("tenant.json", "{\"EMAIL\":\"a@example.com\",\"APP_METADATA\":{\"email\":1,\"a.b\":2}}\n{\"Identities\":[{\"provider\":\"github\"}]}\n");
    let ran = place.run("check tenant.json --json");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rules: Vec<&String> = document["rejected_by"].as_object().unwrap().keys().collect();
    assert_eq!(rules, ["metadata-key", "reserved-app-metadata-key"]);
    assert_eq!(document["skipped_by"], serde_json::json!({"not-a-database-user github": 1}));
}

const UPPER_CASE: &str = "\
read      1 record from tenant.json (198 bytes), read whole
written   1 user in 1 part to parts
fixed     boolean-text email_verified 1, case-changed app_metadata 1,
          case-changed email 1, and 5 more, which --json lists
dropped   identities 1, last_ip 1
note      1 user has no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done (exit status 0)
";

#[test]
fn recognizes_titles_with_spaces_and_camel_case_names() {
    let user = r#"{"User ID":"auth0|1","E-Mail":"a@example.com","emailVerified":true,"Phone Number":"+15551234567","App Metadata":{"plan":"pro"},"User Metadata":{"x":1},"lastLogin":"2024-05-01T10:00:00Z"}"#;
    let place = WorkFolder::new().with("tenant.json", format!("{user}\n"));
    let ran = place.run("convert tenant.json -o users.json");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let expected = "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"email_verified\":true,\"phone_number\":\"+15551234567\",\
                    \"app_metadata\":{\"plan\":\"pro\"},\"user_metadata\":{\"x\":1}}\n]";
    assert_eq!(place.read("users.json"), expected);
    assert!(ran.err.contains("\ndropped   last_login 1\n"), "{}", ran.err);
    place.run("select tenant.json -q -f user_id -f app_metadata.plan -f last_login").assert_output(
        0,
        "user_id,app_metadata.plan,last_login\nauth0|1,pro,2024-05-01T10:00:00Z\n",
        "",
    );
    let csv = "User ID,E-Mail,Phone Number,User Metadata.plan,App Metadata\n\
               auth0|1,a@example.com,+15551234567,pro,\"{\"\"n\"\":1}\"\n";
    let place = place.with("tenant.csv", csv);
    place.run("convert tenant.csv -o of-csv.json -q").assert_output(0, "", "");
    assert_eq!(
        place.read("of-csv.json"),
        "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"phone_number\":\"+15551234567\",\"user_metadata\":{\"plan\":\"pro\"},\
         \"app_metadata\":{\"n\":1}}\n]"
    );
}

#[test]
fn csv_columns_match_case_insensitively() {
    let csv = "USER_ID,EMAIL,EMAIL_VERIFIED,USER_METADATA.plan\nauth0|1,a@example.com,True,pro\n";
    let place = WorkFolder::new().with("tenant.csv", csv);
    place.run("convert tenant.csv -o users.json -q").assert_output(0, "", "");
    assert_eq!(
        place.read("users.json"),
        "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"email_verified\":true,\"user_metadata\":{\"plan\":\"pro\"}}\n]"
    );
}

#[test]
fn duplicate_spellings_are_a_warning() {
    let rest = r#""user_metadata":{},"identities":[],"email_verified":true,"user_id":"1""#;
    let exact =
        format!(r#"{{"EMAIL":"x@example.com","email":"a@example.com","Email":"y@example.com",{rest}}}"#);
    let title =
        format!(r#"{{"EMAIL":"x@example.com","Email":"b@example.com",{rest}}}"#).replace(":\"1\"", ":\"2\"");
    let first =
        format!(r#"{{"eMail":"c@example.com","EMAIL":"x@example.com",{rest}}}"#).replace(":\"1\"", ":\"3\"");
    let place = WorkFolder::new().with("tenant.json", format!("{exact}\n{title}\n{first}\n"));
    place.run("convert tenant.json -o users.json").assert_output(1, "", SEVERAL);
    let users = place.read("users.json");
    for address in ["a@", "b@", "c@"] {
        assert!(users.contains(&format!("\"email\":\"{address}example.com\"")), "{users}");
    }
    assert!(!users.contains("x@") && !users.contains("y@"), "{users}");
}

const SEVERAL: &str = "\
read      3 records from tenant.json (387 bytes), read whole
written   3 users to users.json
fixed     case-changed email 1, title-renamed Email 1
dropped   identities 3, EMAIL 3, Email 1
note      3 users have no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
warning   second-spelling email 3, first on line 1: the property exists in
          several spellings, and only one of them was used
done, with warnings (exit status 1)
";
