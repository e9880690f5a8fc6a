//! Joined hashes and secrets as members of records: random records compared with a naive implementation.

use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::sample::select;
use reimport::filter::{Filter, Filtered};
use reimport::import::{JoinedFields, MfaSecrets, PasswordTable};
use reimport::projection::Field;
use reimport::run::apply;
use reimport::sink::{Csv, Ndjson, Nothing};
use reimport::source::Source;
use reimport::{Output, Pipeline, Projection, Record, Rendering, Rules, Topic, Transform, Verdict};
use serde_json::{Map, Value, json};

/// Returns the hash of the login of an id in a connection. Its cost differs from that of the own hashes.
fn hash(id: &str, connection: &str) -> String {
    format!("$2a$12$nQ5QvLGFfBnFIVYkMFVyDu{:A>31}", format!("{connection}{id}"))
}

const OWN: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";

/// Hashes of the ids 1 and 2 in C and of 1 in D; a secret of 2 in any connection.
fn rules() -> Rules {
    let mut hashes = String::new();
    for (id, connection) in [("1", "C"), ("1", "D"), ("2", "C")] {
        let hash = hash(id, connection);
        writeln!(hashes, r#"{{"_id":"{id}","connection":"{connection}","passwordHash":"{hash}"}}"#).unwrap();
    }
    let source = |name, text: &str| Source::from_reader(name, Cursor::new(text.to_owned().into_bytes()));
    let secrets = r#"{"user_id":"auth0|2","otp_secret":"JBSWY3DP"}"#;
    Rules::default()
        .passwords(Arc::new(PasswordTable::new().read(source("hashes", &hashes)).unwrap()))
        .mfa_secrets(Arc::new(MfaSecrets::new().read(source("secrets", secrets)).unwrap()))
}

/// A member of a record, as JSON. There may be several of one name; the last counts.
fn member() -> impl Strategy<Value = (&'static str, Value)> {
    let identity = |provider: &str, connection: &str, id: &str| json!([{"provider": provider, "connection": connection, "user_id": id}]);
    prop_oneof![
        3 => select(&["auth0|1", "auth0|2", "auth0|3", "github|1"][..]).prop_map(|id| ("user_id", json!(id))),
        3 => (select(&["C", "D"][..]), select(&["1", "2", "3"][..]))
            .prop_map(move |(connection, id)| ("identities", identity("auth0", connection, id))),
        1 => Just(("identities", identity("github", "github", "1"))),
        1 => Just(("identities", json!([]))),
        1 => Just(("password_hash", json!(OWN))),
        1 => Just(("password_hash", Value::Null)),
        1 => Just(("custom_password_hash", json!({"algorithm": "md5"}))),
        1 => Just(("password_hash_cost", json!("of the record"))),
        1 => Just(("totp_secret", json!("of the record"))),
        1 => Just(("email", json!("a}@example.com"))),
    ]
}

/// Returns what the fields of a record are.
fn expected(record: &Map<String, Value>) -> Map<String, Value> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let root = record.get("user_id").and_then(text);
    let first = record.get("identities").and_then(|all| all.get(0));
    let provider = first.and_then(|first| text(&first["provider"]));
    let is_database = provider
        .map_or_else(|| !root.as_deref().is_some_and(|id| id.starts_with("github|")), |it| it == "auth0");
    let inner = first.and_then(|first| text(&first["user_id"]));
    let outer = root.map(|id| id.trim_start_matches("auth0|").to_owned());
    let id = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => None,
        (outer, inner) => outer.or(inner),
    };
    let id = id.filter(|_| is_database);
    let connection = first.and_then(|first| text(&first["connection"]));
    let found = match (id.as_deref(), connection.as_deref()) {
        (Some("1"), Some(connection)) => Some(hash("1", connection)),
        // Without a connection, two hashes have the id 1.
        (Some("2"), Some("C") | None) => Some(hash("2", "C")),
        _ => None,
    };
    let own = |name| record.get(name).filter(|value| !value.is_null());
    let has_own = own("password_hash").or(own("custom_password_hash")).is_some();
    let hash = own("password_hash").filter(|_| is_database).and_then(text).or(found.filter(|_| !has_own));
    let mut fields = record.clone();
    fields.retain(|name, _| FIELDS.contains(&name.as_str()));
    if let Some(hash) = hash {
        fields.insert("password_hash_cost".into(), hash[4..6].parse::<u64>().unwrap().into());
        fields.insert("password_hash_salt".into(), hash[7..29].into());
        fields.insert("password_hash_checksum".into(), hash[29..].into());
        fields.insert("password_hash".into(), hash.into());
    }
    if id.as_deref() == Some("2") {
        fields.insert("totp_secret".into(), "JBSWY3DP".into());
    }
    fields
}

const FIELDS: [&str; 7] = [
    "email",
    "password_hash",
    "custom_password_hash",
    "password_hash_cost",
    "password_hash_salt",
    "password_hash_checksum",
    "totp_secret",
];

proptest! {
    #![proptest_config(crate::cases::cases(2_000))]

    #[test]
    fn joined_members_are_those_of_the_own_login(
        members in prop::collection::vec((member(), select(&["", " ", "\n"][..])), 0..7),
    ) {
        let fields = FIELDS.map(|name| Field::from_argument(name).unwrap());
        let projection = Projection::builder().fields(fields).build().unwrap();
        let joined = JoinedFields::new(rules(), projection);
        let mut text = String::from("{");
        let mut record = Map::new();
        for (place, ((name, value), space)) in members.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(text, "{space}{comma}\"{name}\"{space}:{value}{space}").unwrap();
            record.insert((*name).to_owned(), value.clone());
        }
        text.push('}');
        let applied = apply(&joined, Rendering::Json, Record::parse(&text).unwrap()).unwrap();
        prop_assert_eq!(applied.verdict, Verdict::Written);
        let found: Map<String, Value> = serde_json::from_slice(&applied.bytes).unwrap();
        let expected = expected(&record);
        prop_assert_eq!(applied.password, expected.get("password_hash").is_some_and(Value::is_string)
            && record_is_of_a_database(&record), "{}", text);
        prop_assert_eq!(found, expected, "{}", text);
    }
}

/// Returns whether the record is that of a database user.
fn record_is_of_a_database(record: &Map<String, Value>) -> bool {
    let provider = record.get("identities").and_then(|all| all.get(0)?.get("provider")?.as_str());
    let id = record.get("user_id").and_then(Value::as_str).unwrap_or_default();
    provider.map_or(!id.starts_with("github|"), |provider| provider == "auth0")
}

const EXPORT: &str = "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\",\"identities\":[{\"connection\":\"C\",\"provider\":\"auth0\"}]}\n\
    {\"user_id\":\"auth0|2\",\"email\":\"b@example.com\"}\n{\"user_id\":\"auth0|9\",\"email\":\"c@example.com\"}\n";

fn source(text: &str) -> Source {
    Source::from_reader("tenant", Cursor::new(text.to_owned().into_bytes()))
}

fn projection(fields: &[&str]) -> Projection {
    let fields = fields.iter().map(|name| Field::from_argument(name).unwrap());
    Projection::builder().fields(fields).build().unwrap()
}

#[test]
fn hash_of_a_user_that_is_left_out_has_a_user() {
    let lines = |filter: Filter| {
        let joined = JoinedFields::new(rules(), projection(&["email", "password_hash_cost", "totp_secret"]));
        let filtered = Filtered::new(filter, joined);
        let (summary, lines) =
            Pipeline::new().run([source(EXPORT)], &filtered, Ndjson::new(Vec::new())).unwrap();
        let unused = summary.of(Topic::Password).find(|(fact, _)| &*fact.subject == "hashes without a user");
        (summary.written, unused.map_or(0, |(_, hashes)| hashes), String::from_utf8(lines).unwrap())
    };
    let all = "{\"email\":\"a@example.com\",\"password_hash_cost\":12}\n\
               {\"email\":\"b@example.com\",\"password_hash_cost\":12,\"totp_secret\":\"JBSWY3DP\"}\n\
               {\"email\":\"c@example.com\"}\n";
    assert_eq!(lines(Filter::new()), (3, 1, all.to_owned()));
    let second = all.split_inclusive('\n').nth(1).unwrap().to_owned();
    assert_eq!(lines(Filter::new().and("email = b@example.com".parse().unwrap())), (1, 1, second));
}

#[test]
fn joined_fields_are_columns_of_csv() {
    let joined = JoinedFields::new(rules(), projection(&["email", "password_hash_cost"]));
    let csv = Csv::new(Vec::new());
    let (_, table) = Pipeline::new().run([source(EXPORT)], &joined, csv).unwrap();
    assert_eq!(
        String::from_utf8(table).unwrap(),
        "email,password_hash_cost\na@example.com,12\nb@example.com,12\nc@example.com,\n"
    );
    // The columns of a CSV export are all that it has, besides what is joined.
    let export = "user_id,email,nickname\nauth0|2,a@example.com,x\n";
    let run = |fields: &[&str]| {
        let joined = JoinedFields::new(rules(), projection(fields));
        let ran = Pipeline::new().run([source(export)], &joined, Ndjson::new(Vec::new()));
        ran.map(|(_, lines)| String::from_utf8(lines).unwrap()).map_err(|error| error.to_string())
    };
    assert_eq!(run(&["email", "password_set_date"]).unwrap(), "{\"email\":\"a@example.com\"}\n");
    assert!(run(&["email", "password_sat_date"]).unwrap_err().contains("password_sat_date"));
    let joined = JoinedFields::new(rules(), projection(&["nickname"]));
    let read =
        ["user_id", "Email", "identities[0].user_id", "multifactor", "nickname", "name", "logins_count"];
    assert_eq!(read.map(|name| joined.reads(name)), [true, true, true, true, true, false, false]);
    assert_eq!(joined.inner().unseen().len(), 1);
    assert_eq!(joined.into_inner().unseen().len(), 1);
}

/// Counts the hashes that it is given.
#[derive(Default)]
struct Hashes(AtomicU64);

impl Transform for Hashes {
    type Scratch = u64;

    fn scratch(&self, _: Rendering) -> reimport::Result<u64> {
        Ok(0)
    }

    fn counts(&self) -> bool {
        true
    }

    fn absorb(&self, hashes: u64) {
        self.0.fetch_add(hashes, Ordering::Relaxed);
    }

    fn transform(&self, record: Record<'_>, hashes: &mut u64, _: &mut Output<'_>) -> Verdict {
        *hashes += u64::from(record.json().contains("\"password_hash\":"));
        Verdict::Written
    }
}

#[test]
fn counts_of_the_inner_transform_are_those_before_the_limit() {
    for (limit, hashes) in [(1, 1), (2, 2), (3, 2)] {
        let joined = JoinedFields::new(rules(), Hashes::default());
        Pipeline::new().limit(limit).run([source(EXPORT)], &joined, Nothing::new()).unwrap();
        assert_eq!(joined.into_inner().0.into_inner(), hashes);
    }
}
