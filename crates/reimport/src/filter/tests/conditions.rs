//! Tests the meaning of conditions, case by case, and the messages about invalid ones.

use super::{holds, words};
use crate::filter::Where;

#[test]
fn conditions_compare_by_value_type() {
    let user =
        r#"{"n":7,"s":"7","t":true,"u":"true","z":null,"e":"","o":{},"c":"caf\u00e9","q":"O'Brien \\"}"#;
    for (condition, expected) in [
        ("n = 7", true),
        ("n = 7.0", true),
        ("n = \"7\"", false),
        ("n != \"7\"", true),
        ("s = 7", false),
        ("s = \"7\"", true),
        ("s != 7", true),
        ("t = true", true),
        ("u = true", false),
        ("u = \"true\"", true),
        ("t = TRUE", true),
        ("t != False", true),
        ("z = NULL", true),
        ("u = 'TRUE'", false),
        ("z = null", true),
        ("z != null", false),
        ("n != null", true),
        ("z = \"null\"", false),
        ("e = \"\"", true),
        ("e != \"\"", false),
        ("o = {}", false),
        ("o exists", true),
        ("z exists", true),
        ("z missing", false),
        ("gone missing", true),
        ("gone != 1", false),
        ("gone != null", false),
        ("c = café", true),
        ("c = \"caf\\u00e9\"", true),
        ("c < cafë", true),
        ("  n  =  7  ", true),
        ("n=7", true),
        ("n==7", true),
        ("s == \"7\"", true),
        ("s = '7'", true),
        ("n = '7'", false),
        ("e = ''", true),
        ("q = 'O''Brien \\'", true),
        ("q = 'O'", false),
        ("n EXISTS", true),
        ("gone Missing", true),
        ("s > 10", false),
        ("s > \"10\"", true),
    ] {
        assert_eq!(holds(condition, user), expected, "{condition}");
    }
}

#[test]
fn conditions_use_projection_paths() {
    let user = r#"{"Email Verified":true,"app_metadata.plan":"pro","a=b":1,"first login":2,
        "identities":[{"connection":"Users"}],"k":1,"k":2,"x exists":3}"#;
    for (condition, expected) in [
        ("email_verified = true", true),
        ("app_metadata.plan = pro", true),
        ("[\"a=b\"] = 1", true),
        ("first login = 2", true),
        ("/first login = 2", true),
        ("identities[0].connection = Users", true),
        ("identities.0.connection = Users", true),
        ("identities[1].connection missing", true),
        ("user.k = 2", true),
        ("k = 1", false),
        ("[\"x exists\"] exists", true),
        ("x exists exists", true),
    ] {
        assert_eq!(holds(condition, user), expected, "{condition}");
    }
}

#[test]
fn dates_are_compared_as_dates() {
    let user = r#"{"created_at":"2024-05-01T10:00:00.250Z","birthday":"2024-05-01","name":"Ada"}"#;
    for (condition, expected) in [
        ("created_at = 2024-05-01", true),
        ("created_at <= 2024-05-01", true),
        ("created_at > 2024-05-01", false),
        ("created_at >= \"2024-05-01\"", true),
        ("created_at = 2024-05-01T12:00:00.25+02:00", true),
        ("created_at < 2024-05-01T10:00:00.3Z", true),
        ("birthday = 2024-05-01", true),
        ("birthday < 2024-05-01T00:00:01Z", true),
        ("name < 2024-05-01", false),
        ("name != 2024-05-01", true),
        // A text that only begins like a date is text.
        ("birthday = 2024-05-01-draft", false),
    ] {
        assert_eq!(holds(condition, user), expected, "{condition}");
    }
}

#[test]
fn invalid_condition_is_reported_with_column() {
    for (condition, expected) in [
        (
            "email",
            "expected an operator after the path (= != < <= > >= exists missing), but found the end at column 6",
        ),
        ("", "expected a field path, but found nothing"),
        ("= 1", "expected a field path, but found nothing"),
        (" exists", "expected a field path, but found nothing"),
        ("  a..b = 1", "expected a name, but found `.` at column 5"),
        ("identities[0 = 1", "expected `]`, but found ` ` at column 13"),
        (
            "email =  ",
            "expected a value after the operator, but found the end at column 10; an empty string is \"\"",
        ),
        (
            "name = =Ada",
            "expected a value, but found `=` at column 8; a string that begins with it needs double quotes",
        ),
        ("name =~ Ada", "expected an operator (= != < <= > >= exists missing), but found `=~` at column 6"),
        ("a <> 1", "expected an operator (= != < <= > >= exists missing), but found `<>` at column 3"),
        ("a => 1", "expected an operator (= != < <= > >= exists missing), but found `=>` at column 3"),
        (
            "first  name LIKE Ada",
            "expected an operator (= != < <= > >= exists missing), but found `LIKE` at column 13",
        ),
        ("a.b ~ Ada", "expected an operator (= != < <= > >= exists missing), but found `~` at column 5"),
        (
            "a = 'b",
            "expected one string in single quotes at column 5, in which '' is one quote, but its end is missing or something follows it",
        ),
        (
            "a = 'b' c'",
            "expected one string in single quotes at column 5, in which '' is one quote, but its end is missing or something follows it",
        ),
        (
            "név = \"Ada",
            "expected one string in double quotes, escaped as in JSON, but it is broken at column 11",
        ),
        (
            "name = \"Ada\" x",
            "expected one string in double quotes, escaped as in JSON, but it is broken at column 14",
        ),
        (
            "created_at < 2024-02-30",
            "expected an existing date, as in 2024-05-01 or 2024-05-01T10:00:00Z, but found something else at column 14; a string needs quotes",
        ),
        (
            "created_at < 2024-02-01T10:00:00",
            "expected an existing date, as in 2024-05-01 or 2024-05-01T10:00:00Z, but found something else at column 14; a string needs quotes",
        ),
        (
            "blocked <= true",
            "expected `=` or `!=` before `true`, which has no order, but found `<=` at column 9",
        ),
        (
            "blocked > null",
            "expected `=` or `!=` before `null`, which has no order, but found `>` at column 9",
        ),
        (
            "$.a = 1",
            "expected a name, but found `$` at column 1; a path begins with the first name, without `$.`; a key that contains a `$` goes in quotes: [\"$oid\"]",
        ),
    ] {
        assert_eq!(words(condition), expected, "{condition}");
    }
}

#[test]
fn date_in_another_form_is_not_compared_as_text() {
    for value in [
        "2024-1-1",
        "2024/01/01",
        "01/02/2024",
        "1.2.2024",
        "2024-05",
        "05/2024",
        "2024-1-1 10:00",
        "2024-1-1T10:00Z",
        "now",
        "Today",
        "yesterday",
        "tomorrow",
    ] {
        let error = format!("last_login  >=  {value}").parse::<Where>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected an existing date, as in 2024-05-01 or 2024-05-01T10:00:00Z, but found something else at column 17; a string \
             needs quotes",
            "{value}"
        );
        for text in [format!("a >= '{value}'"), format!("a < \"{value}\""), format!("a = {value}")] {
            assert!(text.parse::<Where>().is_ok(), "{text}");
        }
    }
    for value in ["a-2024", "1.2.3", "10.0.0.1", "2024", "1-2", "12345-1", "nowhere", "2024-1-1-1", "2024-"] {
        assert!(format!("a >= {value}").parse::<Where>().is_ok(), "{value}");
    }
}

#[test]
fn two_conditions_are_not_one() {
    for (text, column, word) in [
        ("last_login missing or last_login < 2024-01-01", 20, "or"),
        ("a = 1 AND b = 2", 7, "AND"),
        ("connection = sms or connection = email", 18, "or"),
        ("a exists && b exists", 10, "&&"),
        ("a = 'x or y' || b = 2 or c = 3", 14, "||"),
    ] {
        let error = text.parse::<Where>().unwrap_err();
        let expected = format!(
            "expected one condition, but found a second one after `{word}` at column {column}; a string that contains \
             both needs quotes"
        );
        assert_eq!(error.to_string(), expected, "{text}");
    }
    for text in [
        "colour = black or white",
        "a = 'x = 1 or y = 2'",
        "this or that = 1",
        "[\"a = 1 or b\"] = 2",
        "a or b exists",
    ] {
        assert!(text.parse::<Where>().is_ok(), "{text}");
    }
}
