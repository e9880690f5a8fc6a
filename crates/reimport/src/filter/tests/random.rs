//! Compares random conditions on random records with an evaluator that is independent of the library.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{holds, record};
use crate::filter::Where;

const NUMBERS: [&str; 7] = ["0", "-1", "1", "1.0", "2", "10", "1e1"];
const DATES: [&str; 5] = [
    "2024-05-01T10:00:00.000Z",
    "2024-05-01T10:00:00Z",
    "2024-05-01T12:00:00+02:00",
    "2024-05-01T10:00:00.5Z",
    "2023-12-31T23:59:59Z",
];
const TEXTS: [&str; 7] = ["", "a", "b", "A", "=1", "true", "10"];

/// Returns the time of an item of `DATES`: half seconds since 2024-05-01T10:00:00Z. An earlier time is any lower
/// number.
fn moment(text: &str) -> Option<i64> {
    let place = DATES.iter().position(|date| *date == text)?;
    Some([0, 0, 0, 1, -1_000_000][place])
}

/// Returns a value that a record may have.
fn value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        2 => any::<bool>().prop_map(|value| Some(value.into())),
        4 => select(&NUMBERS[..]).prop_map(|text| Some(serde_json::from_str(text).unwrap())),
        4 => select(&DATES[..]).prop_map(|text| Some(text.into())),
        4 => select(&TEXTS[..]).prop_map(|text| Some(text.into())),
        1 => Just(Some(json!([1]))),
        1 => Just(Some(json!({"x": 1}))),
    ]
}

fn operator() -> impl Strategy<Value = &'static str> {
    select(&["=", "==", "!=", "<", "<=", ">", ">="][..])
}

fn takes(operator: &str, order: Option<std::cmp::Ordering>) -> bool {
    let Some(order) = order else { return operator == "!=" };
    let sign = order as i8;
    match operator {
        "=" | "==" => sign == 0,
        "!=" => sign != 0,
        "<" => sign < 0,
        "<=" => sign <= 0,
        ">" => sign > 0,
        _ => sign >= 0,
    }
}

fn naive(found: Option<&Value>, operator: &str, asked: &Value) -> bool {
    let Some(found) = found else { return false };
    let order = match (found, asked) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().unwrap().partial_cmp(&other.as_f64().unwrap())
        }
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
        (Value::String(one), Value::String(other)) => match moment(other) {
            Some(asked) => moment(one).map(|found| found.cmp(&asked)),
            None => Some(one.cmp(other)),
        },
        _ => None,
    };
    takes(operator, order)
}

fn document(found: Option<&Value>, nested: bool) -> String {
    let mut inner = json!({"before": [1, {"field": 3}]});
    if let Some(found) = found {
        inner["field"] = found.clone();
    }
    if nested { json!({"user_metadata": inner, "field": 7}).to_string() } else { inner.to_string() }
}

proptest! {
    #![proptest_config(crate::cases::cases(2_000))]

    #[test]
    fn condition_agrees_with_naive_condition(
        found in value(),
        asked in value(),
        operator in operator(),
        nested in any::<bool>(),
        quoted in any::<bool>(),
        spaces in select(&["", " ", "  "][..]),
    ) {
        let asked = asked.filter(|asked| !asked.is_array() && !asked.is_object()).unwrap_or(json!(1));
        let ordered = !matches!(asked, Value::Null | Value::Bool(_));
        prop_assume!(ordered || matches!(operator, "=" | "==" | "!="));
        let path = if nested { "user_metadata.field" } else { "field" };
        let bare = match &asked {
            Value::String(text) if !quoted && !matches!(text.as_str(), "" | "=1" | "true" | "10") => text.clone(),
            other => other.to_string(),
        };
        let condition = format!("{path}{spaces}{operator}{spaces}{bare}");
        let text = document(found.as_ref(), nested);
        prop_assert_eq!(holds(&condition, &text), naive(found.as_ref(), operator, &asked), "{} on {}", condition, text);
        let negated = !condition.parse::<Where>().unwrap();
        prop_assert_eq!(negated.matches(record(&text)), !holds(&condition, &text));
        prop_assert_eq!(negated.to_string(), format!("not {condition}"));
        prop_assert_eq!(holds(&format!("{path} exists"), &text), found.is_some());
        prop_assert_eq!(holds(&format!("{path} missing"), &text), found.is_none());
    }

    #[test]
    fn any_text_is_parsed_without_panic_and_displays_unchanged(text in "[a.=<>!\\[\\]\"\\\\ 0é]{0,12}|\\PC*") {
        if let Ok(condition) = text.parse::<Where>() {
            prop_assert_eq!(condition.to_string(), text.trim());
            prop_assert_eq!(text.trim().parse::<Where>().unwrap(), condition.clone());
            let _ = condition.matches(record("{\"a\":\"é\"}"));
        }
    }
}
