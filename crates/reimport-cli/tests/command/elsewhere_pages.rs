//! The pages of `docs/elsewhere`: their commands run, and what they write fits the schema of each service.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::docs::{check_in, pages, root};
use crate::harness::{WorkFolder, testdata};

/// What the commands of a page write: page, file, schema, ids of the users in order (their last digits).
const OUTPUTS: [(&str, &str, &str, &str); 11] = [
    ("better-auth", "better-auth.ndjson", "better-auth", "12345"),
    ("clerk", "clerk.json", "clerk", "123456"),
    ("clerk", "clerk-requests.ndjson", "clerk-unverified", "2"),
    ("cognito", "cognito.csv", "cognito", "134"),
    ("firebase", "firebase.json", "firebase", "123456"),
    ("fusionauth", "fusionauth.json", "fusionauth", "1234"),
    ("keycloak", "keycloak.json", "keycloak", "1234"),
    ("kinde", "kinde/part-00000.ndjson", "kinde", "12346"),
    ("supabase", "supabase.ndjson", "supabase", "12346"),
    ("workos", "workos.csv", "workos", "124"),
    ("workos", "workos-no-password.csv", "workos", "3"),
];

/// Creates a folder as `docs/elsewhere/README.md` describes it.
fn folder() -> WorkFolder {
    let mut folder = WorkFolder::new();
    for name in ["tenant.ndjson", "hashes.ndjson", "secrets.ndjson"] {
        folder = folder.with(name, fs::read(testdata(&format!("elsewhere/{name}"))).unwrap());
    }
    for entry in fs::read_dir(root().join("docs/elsewhere/fields")).unwrap() {
        let path = entry.unwrap().path();
        folder = folder.with(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap());
    }
    folder
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().unwrap().to_str().unwrap()
}

/// Splits a row of Cognito's CSV at the commas that have no backslash before them.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = row.chars();
    while let Some(char) = chars.next() {
        match char {
            ',' => cells.push(String::new()),
            '\\' => cells.last_mut().unwrap().extend(chars.next()),
            char => cells.last_mut().unwrap().push(char),
        }
    }
    cells
}

/// Returns the users of a file, each a JSON object. Cells of a CSV are strings.
fn users(name: &str, text: &str) -> Vec<Value> {
    match extension(name) {
        "ndjson" => return text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        "json" => {
            return match serde_json::from_str(text).unwrap() {
                Value::Array(users) => users,
                Value::Object(mut wrapper) => match (wrapper.remove("users"), wrapper.len()) {
                    (Some(Value::Array(users)), 0) => users,
                    _ => panic!("{name}: expected users alone"),
                },
                _ => panic!("{name}: expected users"),
            };
        }
        _ => {}
    }
    let mut rows: Vec<Vec<String>> = if name == "cognito.csv" {
        text.lines().map(cells).collect()
    } else {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    };
    let header = rows.remove(0);
    let object = |row: Vec<String>| {
        assert_eq!(row.len(), header.len());
        Value::Object(header.iter().cloned().zip(row.into_iter().map(Value::String)).collect())
    };
    rows.into_iter().map(object).collect()
}

/// The hash of each user who has one, by the last digit of the user's id.
fn hashes() -> Vec<(char, String)> {
    let text = fs::read_to_string(testdata("elsewhere/hashes.ndjson")).unwrap();
    let hash = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let id = record["_id"]["$oid"].as_str().unwrap();
        (id.chars().last().unwrap(), record["passwordHash"].as_str().unwrap().to_owned())
    };
    text.lines().map(hash).collect()
}

/// Returns the last digit of the user's id, which every output has somewhere.
fn digit(user: &str) -> char {
    let ids = [
        "auth0|64f0a1b2c3d4e5f60718293",
        "google-oauth2|10488000000000000001",
        "sms|66de1a05c7d1f0a1b2c3d4e",
    ];
    let digit = ids.iter().find_map(|id| user.split_once(id)?.1.chars().next()).unwrap();
    // The Google user's id ends in 17.
    if digit == '7' { '3' } else { digit }
}

#[test]
fn every_page_runs_and_fits_the_schema_of_its_service() {
    let hashes = hashes();
    for page in pages("docs/elsewhere") {
        let folder = folder();
        check_in(&folder, &page);
        let page = page.file_stem().unwrap().to_str().unwrap();
        for (_, name, schema, ids) in OUTPUTS.iter().filter(|output| output.0 == page) {
            let schema = fs::read_to_string(testdata(&format!("elsewhere/schemas/{schema}.json"))).unwrap();
            let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
            let users = users(name, &folder.read(name));
            let texts: Vec<_> = users.iter().map(Value::to_string).collect();
            assert_eq!(texts.iter().map(|text| digit(text)).collect::<String>(), **ids, "{name}");
            for (user, text) in users.iter().zip(&texts) {
                let problems: Vec<_> = schema.iter_errors(user).map(|error| error.to_string()).collect();
                assert!(problems.is_empty(), "{name}: {problems:?}\n{text}");
                check_hash(name, text, &hashes);
            }
        }
    }
}

/// A user has their own hash, and no part of another user's.
fn check_hash(name: &str, text: &str, hashes: &[(char, String)]) {
    let encoded = |hash: &str| {
        let bits = hash.bytes().fold(String::new(), |bits, byte| bits + &format!("{byte:08b}"));
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digit = |bits: &[u8]| {
            char::from(digits[usize::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap()])
        };
        bits.as_bytes().chunks(6).map(digit).collect::<String>()
    };
    for (owner, hash) in hashes {
        let checksum = &hash[29..];
        let found = text.contains(checksum) || text.contains(&encoded(hash));
        let expected = *owner == digit(text) && !name.starts_with("cognito");
        assert_eq!(found, expected, "{name}: the hash of user {owner}\n{text}");
    }
}

#[test]
fn every_page_is_in_the_table_and_every_field_file_in_a_page() {
    let readme = fs::read_to_string(root().join("docs/elsewhere/README.md")).unwrap();
    let mut text = String::new();
    for page in pages("docs/elsewhere") {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "README.md" || readme.contains(&format!("]({name}) |")), "{name}");
        text += &fs::read_to_string(&page).unwrap();
    }
    for entry in fs::read_dir(root().join("docs/elsewhere/fields")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let option = if extension(&name) == "jq" { "jq -f" } else { "--fields" };
        assert!(text.contains(&format!("{option} {name} ")), "{name}");
    }
}

#[test]
fn users_of_a_csv_with_backslashes() {
    let text = "a,b\n1,Finch\\, Jr.\n";
    assert_eq!(users("cognito.csv", text), [json!({"a": "1", "b": "Finch, Jr."})]);
}
