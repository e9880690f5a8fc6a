//! Conditions that compare with a value of a type that no record has there: what is there instead, and how to write it.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use super::date::Date;
use super::where_::{Operand, Operator, Test, Where, text_of};
use crate::json::Kind;
use crate::projection::Cell;
use crate::run::Seen;

/// Which types the values at the path of one condition have; no more is noted once one fits the condition.
#[derive(Debug, Default)]
pub(super) struct Types {
    fits: Seen,
    /// A bit for each of [`FOUND`].
    found: AtomicU8,
}

/// What values can be, in words.
const FOUND: [&str; 7] = ["dates", "text", "numbers", "booleans", "objects", "arrays", "null"];

impl Types {
    /// Whether a value of the type asked for was there.
    pub(super) fn fit(&self) -> bool {
        self.fits.is()
    }

    /// Notes one value, and whether it is of the type asked for.
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

    /// What is wrong with `condition`, if values were there and none of its type.
    pub(super) fn mismatch<'w>(&self, condition: &'w Where) -> Option<Mismatch<'w>> {
        let found = self.found.load(Ordering::Relaxed);
        (!self.fit() && found != 0).then_some(Mismatch { condition, found })
    }
}

/// A condition that compares with a value of another type than all values at its path. `Display` says so, and how to
/// write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch<'w> {
    condition: &'w Where,
    found: u8,
}

impl<'w> Mismatch<'w> {
    /// The condition.
    pub fn condition(&self) -> &'w Where {
        self.condition
    }

    /// Whether it compares with a number or a boolean and text was found: in a plain CSV numbers and booleans are text
    /// unless [`CsvTypes::Infer`](crate::record::CsvTypes) is set.
    pub fn is_typed_with_text(&self) -> bool {
        let Test::Compare(_, operand) = &self.condition.test else { return false };
        matches!(operand, Operand::Number(_) | Operand::Boolean(_)) && self.found() == ["text"]
    }

    /// What is wrong, without what to do.
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
            (Operand::Null, None) => write!(f, "; {path} missing takes the records without it"),
            (_, None) => Ok(()),
        }
    }
}

/// The value as it would be written for values of the type that was found.
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
