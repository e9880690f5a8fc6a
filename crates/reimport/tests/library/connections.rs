//! Connections that are asked for, and that no user belongs to.

use std::io::Cursor;

use reimport::filter::{Filter, Filtered};
use reimport::import::Connections;
use reimport::projection::Unchanged;
use reimport::sink::Nothing;
use reimport::source::Source;
use reimport::{Pipeline, Rules, UnknownConnection, UnknownKind};

/// Two database users, and one of an enterprise connection.
const EXPORT: &str = r#"{"user_id":"auth0|1","email":"a@example.com","identities":[{"provider":"auth0","connection":"Users"}]}
{"user_id":"auth0|2","email":"b@example.com","identities":[{"provider":"auth0","connection":"Staff"}]}
{"user_id":"samlp|3","email":"c@example.com","identities":[{"provider":"samlp","connection":"corp"}]}
"#;

fn source(text: &str) -> Source {
    Source::from_reader("tenant.json", Cursor::new(text.to_owned().into_bytes()))
}

fn only(names: &[&str]) -> Rules {
    Rules::default().connections(Connections::Only(names.iter().map(|name| (*name).to_owned()).collect()))
}

fn shown(unknown: &[UnknownConnection]) -> Vec<String> {
    let shown = |one: &UnknownConnection| {
        format!("{} {:?} {}", one.name, one.kind, one.nearest.as_deref().unwrap_or("-"))
    };
    unknown.iter().map(shown).collect()
}

#[test]
fn rules_know_which_connections_have_no_user() {
    let rules = only(&["Users", "Userz", "corp", "Nobody"]);
    let (summary, ()) = Pipeline::new().run([source(EXPORT)], &rules, Nothing::new()).unwrap();
    assert_eq!((summary.written, summary.left_out, summary.skipped), (1, 1, 1));
    assert_eq!(
        shown(&rules.unknown_connections()),
        ["Userz OtherConnections Users", "corp NotADatabase -", "Nobody OtherConnections -"]
    );
    let rules = only(&["Staff"]);
    Pipeline::new().run([source(EXPORT)], &rules, Nothing::new()).unwrap();
    assert_eq!(rules.unknown_connections(), []);
}

#[test]
fn run_without_any_user_of_the_connections_fails() {
    for (names, message) in [
        (
            &["Userz", "Stuff"][..],
            "no user belongs to connection Userz (did you mean Users?) or Stuff (did you mean Staff?); the users belong to Staff, Users",
        ),
        (
            &["corp"],
            "corp is not a database connection, so its users cannot be imported; the database users belong to Staff, Users",
        ),
        (
            &["corp", "Nobody"],
            "corp is not a database connection, so its users cannot be imported; no user belongs to connection Nobody; the database users belong to Staff, Users",
        ),
    ] {
        let error =
            Pipeline::new().run([source(EXPORT)], &only(names), Nothing::new()).map(drop).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    // The export has no connections.
    let plain = "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n";
    let rules = only(&["Users"]);
    let ran = Pipeline::new().run([source(plain)], &rules, Nothing::new());
    assert!(ran.is_ok() || !rules.unknown_connections().is_empty());
    assert_eq!(rules.unknown_connections()[0].kind, UnknownKind::NoneNamed);
}

#[test]
fn filter_takes_users_of_every_kind_of_connection() {
    let filter = || Filter::new().connection("corp").connection("Userz");
    let filtered = Filtered::new(filter(), Unchanged);
    let (summary, ()) = Pipeline::new().run([source(EXPORT)], &filtered, Nothing::new()).unwrap();
    assert_eq!((summary.written, summary.left_out), (1, 2));
    assert_eq!(shown(&filtered.unknown_connections()), ["Userz OtherConnections Users"]);
    // The same in the CSV of a default export, which has the connection of the first identity.
    let csv = "Id,Email,Connection\nauth0|1,a@example.com,Users\nsamlp|3,c@example.com,corp\n";
    let filtered = Filtered::new(filter(), Unchanged);
    let (summary, ()) = Pipeline::new().run([source(csv)], &filtered, Nothing::new()).unwrap();
    assert_eq!((summary.written, summary.left_out), (1, 1));
}
