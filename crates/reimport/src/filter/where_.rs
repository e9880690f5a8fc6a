//! A condition on one field of a record.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Not;
use std::str::FromStr;

use super::date::Date;
use super::error::WhereError;
use super::parser::parse;
use crate::json::decimal;
use crate::json::{Kind, Value, decode_into};
use crate::projection::{Cell, FieldPath};
use crate::record::Record;

/// A condition on one field: `PATH OP VALUE`, `PATH exists` or `PATH missing`.
///
/// The grammar, and what each type of value matches, are in the [module's documentation](super). `Display` returns
/// the text as typed. `!condition` is fulfilled by exactly the records that do not fulfill `condition`, also by those
/// without a value at its path; its `Display` begins with `not`.
///
/// ```
/// use reimport::filter::Where;
///
/// let frequent: Where = "logins_count >= 5".parse()?;
/// assert_eq!(frequent.path().to_string(), "logins_count");
/// assert!((!frequent).matches(reimport::Record::parse("{}")?));
///
/// let error = "logins_count 5".parse::<Where>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected an operator after the path (= != < <= > >= exists missing), but found the end at column 15"
/// );
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Where {
    pub(super) text: Box<str>,
    pub(super) path: FieldPath,
    pub(super) test: Test,
    pub(super) negated: bool,
}

/// What is required of the value at the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    Exists,
    Missing,
    Compare(Operator, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The value with which a value of a record is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Number(Box<str>),
    Boolean(bool),
    Null,
    Date(Date),
    Text { text: Box<str>, quoted: bool },
}

impl Where {
    /// Returns the path of the field.
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Returns whether `record` fulfills the condition. For several conditions, use a [`Filter`](super::Filter),
    /// which walks the record once.
    pub fn matches(&self, record: Record<'_>) -> bool {
        let cell = match record.get(&self.path) {
            None => Cell::Missing,
            Some(value) if value.kind() == Kind::Null => Cell::Null,
            Some(value) => Cell::Value(value),
        };
        self.judge(cell, &mut String::new()).0
    }

    /// Returns the text that values are compared with for equality, if it is a text.
    pub(super) fn asked_text(&self) -> Option<&str> {
        match &self.test {
            Test::Compare(operator, Operand::Text { text, .. }) if operator.is_equality() => Some(text),
            _ => None,
        }
    }

    /// Returns whether `cell` fulfills the condition, and whether it has the required type. `decoded` is a buffer for
    /// an escaped string.
    pub(super) fn judge(&self, cell: Cell<'_>, decoded: &mut String) -> (bool, bool) {
        let (passes, fits) = self.test.judge(cell, decoded);
        (passes != self.negated, fits)
    }
}

impl Not for Where {
    type Output = Self;

    fn not(self) -> Self {
        Self { negated: !self.negated, ..self }
    }
}

impl FromStr for Where {
    type Err = WhereError;

    fn from_str(text: &str) -> Result<Self, WhereError> {
        parse(text)
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.negated { "not " } else { "" }, self.text)
    }
}

impl Test {
    /// Returns whether `cell` fulfills the condition, and whether it has the required type.
    fn judge(&self, cell: Cell<'_>, decoded: &mut String) -> (bool, bool) {
        match (self, cell) {
            (Self::Missing, cell) => (cell == Cell::Missing, true),
            (_, Cell::Missing) => (false, false),
            (Self::Exists, _) => (true, true),
            (Self::Compare(operator, operand), cell) => {
                let order = operand.order_of(cell.value(), decoded);
                let is_not_null = *operand == Operand::Null && *operator == Operator::NotEqual;
                let fits = order.is_some() && !operand.is_word_for_date(cell.value(), decoded);
                (operator.takes(order), fits || is_not_null)
            }
        }
    }
}

impl Operator {
    pub(super) fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    /// Returns the operator as typed.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Returns whether the operator accepts a value that has this order compared with the operand. `None` means that
    /// the types differ.
    fn takes(self, order: Option<Ordering>) -> bool {
        match self {
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Equal => order == Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl Operand {
    /// Returns the order of `value` compared with this operand, if both have the same type. A `value` of `None` is
    /// null.
    fn order_of(&self, value: Option<Value<'_>>, decoded: &mut String) -> Option<Ordering> {
        let Some(value) = value else { return (*self == Self::Null).then_some(Ordering::Equal) };
        match (self, value.kind()) {
            (Self::Number(own), Kind::Number) => Some(decimal::compare(value.json(), own)),
            (Self::Boolean(own), Kind::Boolean) => value.as_bool().map(|value| value.cmp(own)),
            (Self::Date(own), Kind::String) => Some(Date::read(text_of(value, decoded))?.compare(*own)),
            (Self::Text { text: own, .. }, Kind::String) => Some(text_of(value, decoded).cmp(own)),
            _ => None,
        }
    }

    /// Returns whether this is a text without quotes, and `value` is a date. If all values are dates, the text is most
    /// likely a date in a form that is not known, such as `yesterday`.
    fn is_word_for_date(&self, value: Option<Value<'_>>, decoded: &mut String) -> bool {
        let is_word = matches!(self, Self::Text { quoted: false, .. });
        let value = value.filter(|value| is_word && value.kind() == Kind::String);
        value.is_some_and(|value| Date::read(text_of(value, decoded)).is_some())
    }
}

/// Returns a decoded string. Uses the buffer `decoded` only if the string is escaped.
pub(super) fn text_of<'v>(value: Value<'v>, decoded: &'v mut String) -> &'v str {
    let text = value.json();
    let raw = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
    if !value.is_escaped() {
        return raw;
    }
    decoded.clear();
    decode_into(raw, decoded);
    decoded
}
