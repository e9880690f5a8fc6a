//! Detects conditions that are most likely mistyped: their value has a type that no record has at the path, or equals no
//! value but for upper and lower case. Reports what was found, and a correction.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use super::date::Date;
use super::where_::{Operand, Operator, Test, Where, text_of};
use crate::json::Kind;
use crate::projection::Cell;
use crate::record::CsvTypes;
use crate::run::{Seen, Summary};

/// What the values at the path of one condition are. Once one has the required type, no more types are recorded.
#[derive(Debug, Default)]
pub(super) struct Values {
    fits: Seen,
    /// A bit for each item of [`FOUND`].
    found: AtomicU8,
    /// For a text that a condition asks for: whether a value equals it, exactly or but for the case of ASCII letters.
    equal: Seen,
    equal_but_for_case: Seen,
}

/// The names of types, for messages.
const FOUND: [&str; 7] = ["dates", "text", "numbers", "booleans", "objects", "arrays", "null"];

impl Values {
    /// Returns whether enough values were found: nothing is wrong with `condition`.
    pub(super) fn suffice(&self, condition: &Where) -> bool {
        self.fits.is() && (condition.asked_text().is_none() || self.equal.is())
    }

    /// Records one value, and whether it has the required type.
    pub(super) fn note(&self, condition: &Where, cell: Cell<'_>, fits: bool, decoded: &mut String) {
        if fits {
            self.fits.note();
            if let (Some(asked), Some(value)) = (condition.asked_text(), cell.value()) {
                self.note_text(asked, text_of(value, decoded));
            }
            return;
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

    fn note_text(&self, asked: &str, found: &str) {
        if asked == found {
            self.equal.note();
        } else if asked.eq_ignore_ascii_case(found) {
            self.equal_but_for_case.note();
        }
    }

    /// Returns what is wrong with `condition`, if values were found that suggest it.
    pub(super) fn mismatch<'w>(&self, condition: &'w Where) -> Option<Mismatch<'w>> {
        let found = self.found.load(Ordering::Relaxed);
        let fault = if self.fits.is() {
            (self.equal_but_for_case.is() && !self.equal.is()).then_some(Fault::Case)
        } else {
            (found != 0).then_some(Fault::Types(found))
        };
        Some(Mismatch { condition, fault: fault? })
    }
}

/// A condition that is most likely mistyped: its value has a type that no value at its path has, or equals none but for
/// upper and lower case. `Display` describes the mismatch and how to correct the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch<'w> {
    condition: &'w Where,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// No value has the required type. A bit for each item of [`FOUND`].
    Types(u8),
    /// No value equals the text, but some do except for upper and lower case.
    Case,
}

impl<'w> Mismatch<'w> {
    /// Returns the condition.
    pub fn condition(&self) -> &'w Where {
        self.condition
    }

    /// Returns whether the condition has a number or a boolean, and the values of this run are text because its sources are
    /// plain CSV, and [`CsvTypes::Infer`] was not set.
    pub fn numbers_are_text(&self, summary: &Summary) -> bool {
        let Test::Compare(_, operand) = &self.condition.test else { return false };
        let is_plain = summary.sources.iter().all(|source| source.csv_types == Some(CsvTypes::Known));
        matches!(operand, Operand::Number(_) | Operand::Boolean(_)) && self.found() == ["text"] && is_plain
    }

    /// Returns what is wrong, without what to do.
    pub fn fault(&self) -> String {
        let with = match &self.condition.test {
            Test::Compare(_, Operand::Number(_)) => "a number",
            Test::Compare(_, Operand::Boolean(_)) => "true or false",
            Test::Compare(_, Operand::Null) => "null",
            Test::Compare(_, Operand::Date(_)) => "a date",
            Test::Compare(_, Operand::Text { .. }) => "text",
            Test::Exists | Test::Missing => "nothing",
        };
        let path = &self.condition.path;
        if let (Fault::Case, Some(asked)) = (self.fault, self.condition.asked_text()) {
            return format!("no {path} is {asked}, but some are in other upper and lower case");
        }
        let found = self.found().join(" and ");
        format!("{path} is compared with {with}, but its values are {found}")
    }

    fn found(&self) -> Vec<&'static str> {
        let Fault::Types(bits) = self.fault else { return Vec::new() };
        (0..FOUND.len()).filter(|which| bits >> which & 1 == 1).map(|which| FOUND[which]).collect()
    }
}

/// An error: a condition orders values of one type, but all values at its path have another one, so it would select
/// nothing, or with a negated condition everything. [`Mismatch`] has the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct MistypedCondition {
    message: String,
    numbers_are_text: bool,
}

impl MistypedCondition {
    /// Returns whether the condition has a number, and the values are text because the sources are plain CSV, and
    /// [`CsvTypes::Infer`] was not set.
    pub fn numbers_are_text(&self) -> bool {
        self.numbers_are_text
    }
}

impl Mismatch<'_> {
    /// Returns the mismatch as an error, if the condition orders values and there are values that are not null.
    pub(super) fn error(&self, summary: &Summary) -> Option<MistypedCondition> {
        let Test::Compare(operator, _) = &self.condition.test else { return None };
        let fails = !operator.is_equality() && self.found().iter().any(|found| *found != "null");
        let numbers_are_text = self.numbers_are_text(summary);
        let message = if numbers_are_text { self.fault() } else { self.to_string() };
        fails.then_some(MistypedCondition { message, numbers_are_text })
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
            (_, None) if found == ["arrays"] => {
                write!(f, "; an item of an array is named by its index, as in {path}[0]")
            }
            (Operand::Text { .. } | Operand::Number(_), None) if found == ["dates"] => {
                f.write_str("; a date is written as in 2024-05-01, a string in quotes")
            }
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
            8 if year.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{}-{}-{}", &year[..4], &year[4..6], &year[6..])
            }
            _ => return None,
        })
        .filter(|date| Date::read(date).is_some()),
        (Operand::Number(number), ["text", ..]) => Some(format!("\"{number}\"")),
        (Operand::Boolean(value), ["text", ..]) => Some(format!("\"{value}\"")),
        (Operand::Text { text, .. }, ["numbers", ..]) => text.parse::<f64>().ok().map(|_| text.to_string()),
        (Operand::Text { text, .. }, ["booleans", ..]) if is_equality => {
            let lower = text.to_ascii_lowercase();
            matches!(&*lower, "true" | "false").then_some(lower)
        }
        _ => None,
    }
}
