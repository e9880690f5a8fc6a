//! Detects conditions whose value has a type that no record has at the path. Reports the types found, and a
//! correction.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use super::date::Date;
use super::where_::{Operand, Operator, Test, Where, text_of};
use crate::json::Kind;
use crate::projection::Cell;
use crate::run::Seen;

/// The types of the values at the path of one condition. Once one has the required type, no more are recorded.
#[derive(Debug, Default)]
pub(super) struct Types {
    fits: Seen,
    /// A bit for each item of [`FOUND`].
    found: AtomicU8,
}

/// The names of types, for messages.
const FOUND: [&str; 7] = ["dates", "text", "numbers", "booleans", "objects", "arrays", "null"];

impl Types {
    /// Returns whether a value of the required type was found.
    pub(super) fn fit(&self) -> bool {
        self.fits.is()
    }

    /// Records one value, and whether it has the required type.
    pub(super) fn note(&self, cell: Cell<'_>, fits: bool, decoded: &mut String) {
        if fits {
            return self.fits.note();
        }
        let which = match cell {
            Cell::Missing => return,
            Cell::Null => 6,
            Cell::Value(value) => match value.kind() {
                Kind::String => u8::from(Date::read(text_of(value, decoded)).is_none()),
                Kind::Number => 2,
                Kind::Boolean => 3,
                Kind::Object => 4,
                Kind::Array => 5,
                Kind::Null => 6,
            },
        };
        if self.found.load(Ordering::Relaxed) >> which & 1 == 0 {
            self.found.fetch_or(1 << which, Ordering::Relaxed);
        }
    }

    /// Returns what is wrong with `condition`, if values were found and none has the required type.
    pub(super) fn mismatch<'w>(&self, condition: &'w Where) -> Option<Mismatch<'w>> {
        let found = self.found.load(Ordering::Relaxed);
        (!self.fit() && found != 0).then_some(Mismatch { condition, found })
    }
}

/// A condition whose value has a type that no value at its path has. `Display` describes the mismatch and how to
/// correct the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch<'w> {
    condition: &'w Where,
    found: u8,
}

impl<'w> Mismatch<'w> {
    /// Returns the condition.
    pub fn condition(&self) -> &'w Where {
        self.condition
    }

    /// Returns whether the condition has a number or a boolean, but all values are text. In a plain CSV, numbers and
    /// booleans are text unless [`CsvTypes::Infer`](crate::record::CsvTypes) is set.
    pub fn is_typed_with_text(&self) -> bool {
        let Test::Compare(_, operand) = &self.condition.test else { return false };
        matches!(operand, Operand::Number(_) | Operand::Boolean(_)) && self.found() == ["text"]
    }

    /// Returns what is wrong, without what to do.
    pub fn fault(&self) -> String {
        let with = match &self.condition.test {
            Test::Compare(_, Operand::Number(_)) => "a number",
            Test::Compare(_, Operand::Boolean(_)) => "true or false",
            Test::Compare(_, Operand::Null) => "null",
            Test::Compare(_, Operand::Date(_)) => "a date",
            Test::Compare(_, Operand::Text(_)) => "text",
            Test::Exists | Test::Missing => "nothing",
        };
        let (path, found) = (&self.condition.path, self.found().join(" and "));
        format!("{path} is compared with {with}, but its values are {found}")
    }

    fn found(&self) -> Vec<&'static str> {
        (0..FOUND.len()).filter(|which| self.found >> which & 1 == 1).map(|which| FOUND[which]).collect()
    }
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Test::Compare(operator, operand) = &self.condition.test else { return Ok(()) };
        f.write_str(&self.fault())?;
        let (path, symbol, found) = (&self.condition.path, operator.symbol(), self.found());
        match (operand, advice(*operator, operand, &found)) {
            (Operand::Number(_), Some(value))
                if found.first() == Some(&"text") && !operator.is_equality() =>
            {
                write!(
                    f,
                    "; {path} {symbol} {value} would compare them as text, in which \"10\" comes before \"9\""
                )
            }
            (_, Some(value)) => write!(f, ": write {path} {symbol} {value}"),
            (Operand::Date(_), None) => f.write_str("; a date is compared with dates only"),
            (Operand::Null, None) => write!(f, "; {path} missing matches the records without it"),
            (_, None) => Ok(()),
        }
    }
}

/// Returns the value of the condition, written for values of the type found.
fn advice(operator: Operator, operand: &Operand, found: &[&str]) -> Option<String> {
    let is_equality = operator.is_equality();
    match (operand, found) {
        (Operand::Number(year), ["dates", ..]) => Some(match year.len() {
            4 if year.bytes().all(|byte| byte.is_ascii_digit()) => format!("{year}-01-01"),
            _ => "2024-01-31".to_owned(),
        }),
        (Operand::Number(number), ["text", ..]) => Some(format!("\"{number}\"")),
        (Operand::Boolean(value), ["text", ..]) => Some(format!("\"{value}\"")),
        (Operand::Text(text), ["numbers", ..]) => text.parse::<f64>().ok().map(|_| text.to_string()),
        (Operand::Text(text), ["booleans", ..]) if is_equality => {
            let lower = text.to_ascii_lowercase();
            matches!(&*lower, "true" | "false").then_some(lower)
        }
        _ => None,
    }
}
