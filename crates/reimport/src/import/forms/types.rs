//! Types: what the schema expects of a value, against what it is.

use std::borrow::Cow;

use crate::Problem;
use crate::import::names;
use crate::json::{Kind, Value};

/// Whether `value` is of that kind; if not, the problem is pushed.
pub(crate) fn expect_kind(value: Value<'_>, kind: Kind, path: &str, problems: &mut Vec<Problem>) -> bool {
    if value.kind() == kind {
        return true;
    }
    problems.push(wrong_type(path, format_args!("{kind}"), value));
    false
}

/// The decoded string; if it is none, the problem is pushed.
pub(crate) fn expect_string<'a>(
    value: Value<'a>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    expect_kind(value, Kind::String, path, problems).then(|| value.as_str()).flatten()
}

/// The digits of an integer, with its sign; if it is none, the problem is pushed.
///
/// A number with a fraction or an exponent is none, whatever its value: the schema's draft has it so.
pub(crate) fn expect_integer<'a>(
    value: Value<'a>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<&'a str> {
    let text = value.text();
    if value.kind() == Kind::Number && !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return Some(text);
    }
    problems.push(if value.kind() == Kind::Number {
        Problem::new(
            names::WRONG_TYPE,
            path,
            "expected an integer, but found a number with a fraction or exponent",
        )
    } else {
        wrong_type(path, format_args!("an integer"), value)
    });
    None
}

#[cold]
fn wrong_type(path: &str, expected: std::fmt::Arguments<'_>, found: Value<'_>) -> Problem {
    Problem::new(names::WRONG_TYPE, path, format!("expected {expected}, but found {}", found.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    fn value(text: &str) -> Value<'_> {
        Scanner::new(text).value().unwrap()
    }

    #[test]
    fn a_wrong_type_names_both_types() {
        let mut problems = Vec::new();
        assert_eq!(expect_string(value("7"), "nickname", &mut problems), None);
        assert!(!expect_kind(value("\"true\""), Kind::Boolean, "blocked", &mut problems));
        assert!(!expect_kind(value("[]"), Kind::Object, "app_metadata", &mut problems));
        assert_eq!(expect_integer(value("{}"), "keylen", &mut problems), None);
        assert_eq!(expect_integer(value("1.0"), "keylen", &mut problems), None);
        let said: Vec<_> = problems.iter().map(|problem| (&*problem.path, &*problem.message)).collect();
        assert_eq!(
            said,
            [
                ("nickname", "expected a string, but found a number"),
                ("blocked", "expected a boolean, but found a string"),
                ("app_metadata", "expected an object, but found an array"),
                ("keylen", "expected an integer, but found an object"),
                ("keylen", "expected an integer, but found a number with a fraction or exponent"),
            ]
        );
        assert!(problems.iter().all(|problem| problem.rule == "wrong-type"));
    }

    #[test]
    fn a_right_type_gives_its_value_and_no_problem() {
        let mut problems = Vec::new();
        assert_eq!(expect_string(value(r#""\u0061b""#), "name", &mut problems).as_deref(), Some("ab"));
        assert!(expect_kind(value("false"), Kind::Boolean, "blocked", &mut problems));
        assert_eq!(expect_integer(value("-12"), "cost", &mut problems), Some("-12"));
        assert_eq!(problems, []);
    }
}
