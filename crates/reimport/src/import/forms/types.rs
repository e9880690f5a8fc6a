//! Compares the JSON type that the schema expects with the type of a value.

use std::borrow::Cow;

use crate::json::{Kind, Scanner, Value};
use crate::run::Problem;
use crate::user::names;

/// Returns whether `value` is of this kind. If not, pushes a problem.
pub(crate) fn expect_kind(value: Value<'_>, kind: Kind, path: &str, problems: &mut Vec<Problem>) -> bool {
    if value.kind() == kind {
        return true;
    }
    problems.push(wrong_type(path, format_args!("{kind}"), value));
    false
}

/// Returns the decoded string. If the value is not a string, pushes a problem.
pub(crate) fn expect_string<'a>(
    value: Value<'a>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    expect_kind(value, Kind::String, path, problems).then(|| value.as_str()).flatten()
}

/// Returns the value of an integer, limited to the range of `i64`. If the value is not an integer, pushes a problem.
///
/// The importer is written in JavaScript, so a number is a double, and an integer is a double without a fraction:
/// `64.0`, `6.4e1` and `-0.0` are integers, `1e400` is not.
pub(crate) fn expect_integer(value: Value<'_>, path: &str, problems: &mut Vec<Problem>) -> Option<i64> {
    if value.kind() != Kind::Number {
        problems.push(wrong_type(path, format_args!("an integer"), value));
        return None;
    }
    // The fraction of an infinite number is NaN, so it is not 0.
    let integer = value.json().parse::<f64>().ok().filter(|number| number.fract() == 0.0);
    if integer.is_none() {
        problems.push(Problem::new(
            names::WRONG_TYPE,
            path,
            "expected an integer, but found a number with a fraction, or out of range",
        ));
    }
    integer.map(|integer| integer as i64)
}

#[cold]
fn wrong_type(path: &str, expected: std::fmt::Arguments<'_>, found: Value<'_>) -> Problem {
    Problem::new(names::WRONG_TYPE, path, format!("expected {expected}, but found {}", found.kind()))
}

/// The members with the requested names, and the number of other members.
pub(super) struct Members<'a, const N: usize> {
    pub(super) slots: [Option<Value<'a>>; N],
    /// The number of members with other names.
    pub(super) others: usize,
}

impl<'a, const N: usize> Members<'a, N> {
    /// Reads the members of an object. The object was scanned before, so it is valid. A value of another kind has no
    /// members.
    pub(super) fn of(object: Value<'a>, names: [&str; N]) -> Self {
        let mut members = Self { slots: [None; N], others: 0 };
        let mut scanner = Scanner::new(object.json());
        if scanner.enter_object().is_err() {
            return members;
        }
        while let Ok(Some(name)) = scanner.name() {
            let Ok(value) = scanner.value() else { break };
            match names.iter().zip(&mut members.slots).find(|(known, _)| name.is(known)) {
                Some((_, slot)) => *slot = Some(value),
                None => members.others += 1,
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    fn value(text: &str) -> Value<'_> {
        Scanner::new(text).value().unwrap()
    }

    #[test]
    fn wrong_type_message_names_both_types() {
        let mut problems = Vec::new();
        assert_eq!(expect_string(value("7"), "nickname", &mut problems), None);
        assert!(!expect_kind(value("\"true\""), Kind::Boolean, "blocked", &mut problems));
        assert!(!expect_kind(value("[]"), Kind::Object, "app_metadata", &mut problems));
        assert_eq!(expect_integer(value("{}"), "keylen", &mut problems), None);
        assert_eq!(expect_integer(value("1.5"), "keylen", &mut problems), None);
        assert_eq!(expect_integer(value("1e400"), "cost", &mut problems), None);
        let reported: Vec<_> = problems.iter().map(|problem| (&*problem.path, &*problem.message)).collect();
        assert_eq!(
            reported,
            [
                ("nickname", "expected a string, but found a number"),
                ("blocked", "expected a boolean, but found a string"),
                ("app_metadata", "expected an object, but found an array"),
                ("keylen", "expected an integer, but found an object"),
                ("keylen", "expected an integer, but found a number with a fraction, or out of range"),
                ("cost", "expected an integer, but found a number with a fraction, or out of range"),
            ]
        );
        assert!(problems.iter().all(|problem| problem.rule == "wrong-type"));
    }

    #[test]
    fn correct_type_gives_value_without_problem() {
        let mut problems = Vec::new();
        assert_eq!(expect_string(value(r#""\u0061b""#), "name", &mut problems).as_deref(), Some("ab"));
        assert!(expect_kind(value("false"), Kind::Boolean, "blocked", &mut problems));
        assert_eq!(problems, []);
    }

    #[test]
    fn integers_are_read_by_value_as_in_javascript() {
        let mut problems = Vec::new();
        for (text, expected) in [
            ("-12", Some(-12)),
            ("64.0", Some(64)),
            ("6.4e1", Some(64)),
            ("640E-1", Some(64)),
            ("-0.0", Some(0)),
            ("0e999", Some(0)),
            // The nearest double is an integer.
            ("64.00000000000000000001", Some(64)),
            ("9007199254740993", Some(9_007_199_254_740_992)),
            ("1e300", Some(i64::MAX)),
            ("-1e300", Some(i64::MIN)),
            ("0.5", None),
            ("1e-400", Some(0)),
            ("-1e400", None),
        ] {
            assert_eq!(expect_integer(value(text), "cost", &mut problems), expected, "{text}");
        }
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn last_repeated_member_is_used_and_names_are_decoded() {
        let text = r#"{"a":1,"x":{"a":2},"\u0061":3,"y":4}"#;
        let object = Scanner::new(text).value().unwrap();
        let members = Members::of(object, ["a", "b"]);
        let texts = members.slots.map(|slot| slot.map(|value| value.json()));
        assert_eq!((texts, members.others), ([Some("3"), None], 2));
    }

    #[test]
    fn non_object_has_no_members() {
        let members = Members::of(Scanner::new("[1]").value().unwrap(), ["a"]);
        assert!(members.slots[0].is_none() && members.others == 0);
    }
}
