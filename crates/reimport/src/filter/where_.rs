//! A condition on one field of a record.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Not;
use std::str::FromStr;

use super::date::{self, Date};
use super::error::WhereError;
use crate::json::decimal;
use crate::json::{Kind, Scanner, Value, decode_into};
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
    negated: bool,
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
    Text(Box<str>),
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
                (operator.takes(order), order.is_some() || is_not_null)
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
            (Self::Text(own), Kind::String) => Some(text_of(value, decoded).cmp(own)),
            _ => None,
        }
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

const OPERATORS: [(&str, Operator); 7] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Parses a condition.
pub(super) fn parse(text: &str) -> Result<Where, WhereError> {
    let (path, asked) = match find_operator(text) {
        Some((at, symbol)) => {
            let path = read_path(text, &text[..at])?;
            let found = OPERATORS.iter().find(|(known, _)| *known == symbol);
            let (symbol, operator) = *found.ok_or_else(|| unknown(text, at, symbol))?;
            let operand = operand(text, at + symbol.len())?;
            if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                require_order(&operand, symbol, column(text, at))?;
            }
            (path, Test::Compare(operator, operand))
        }
        None => word(text)?,
    };
    Ok(Where { text: text.trim().into(), path, test: asked, negated: false })
}

/// Finds the first operator outside brackets, known or not. In a JSON Pointer, brackets have no special meaning.
fn find_operator(text: &str) -> Option<(usize, &str)> {
    let pointer = text.trim_start().starts_with('/');
    let (mut bracket, mut quoted, mut escaped) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if bracket => quoted = !quoted,
            b'[' if !quoted && !pointer => bracket = true,
            b']' if !quoted => bracket = false,
            // A `!` alone can be in a name.
            b'!' if !bracket && !text[at..].starts_with("!=") => {}
            b'!' | b'=' | b'<' | b'>' if !bracket => {
                let rest = &text[at..];
                let end = rest.find(|letter| !matches!(letter, '!' | '=' | '<' | '>' | '~'));
                return Some((at, &rest[..end.unwrap_or(rest.len())]));
            }
            _ => {}
        }
    }
    None
}

/// Operators of other languages that are words. A path can contain spaces, so other words can be part of a name.
const FOREIGN_OPERATORS: [&str; 16] = [
    "~",
    "like",
    "ilike",
    "in",
    "is",
    "not",
    "contains",
    "matches",
    "between",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "startswith",
];

fn unknown(text: &str, at: usize, symbol: &str) -> WhereError {
    WhereError::UnknownOperator { column: column(text, at), found: symbol.into() }
}

/// Parses `PATH exists` or `PATH missing`, in any case.
fn word(text: &str) -> Result<(FieldPath, Test), WhereError> {
    let trimmed = text.trim_end();
    if let Some((path, word)) = trimmed.rsplit_once(char::is_whitespace) {
        for (known, test) in [("exists", Test::Exists), ("missing", Test::Missing)] {
            if word.eq_ignore_ascii_case(known) {
                return Ok((read_path(text, path)?, test));
            }
        }
    }
    let mut at = 0;
    for (index, word) in trimmed.split(char::is_whitespace).enumerate() {
        if index > 0 && FOREIGN_OPERATORS.iter().any(|foreign| word.eq_ignore_ascii_case(foreign)) {
            return Err(unknown(text, at, word));
        }
        at += word.len() + trimmed[at + word.len()..].chars().next().map_or(0, char::len_utf8);
    }
    // An invalid path is reported first.
    read_path(text, trimmed)?;
    Err(WhereError::NoOperator { column: column(text, text.len()) })
}

fn read_path(text: &str, path: &str) -> Result<FieldPath, WhereError> {
    let before = path.len() - path.trim_start().len();
    path.trim().parse().map_err(|error: crate::projection::PathError| {
        WhereError::Path(error.moved_by(column(text, before) - 1))
    })
}

/// Parses the value that begins at `from`.
fn operand(text: &str, from: usize) -> Result<Operand, WhereError> {
    let value = text[from..].trim();
    let at = from + (text[from..].len() - text[from..].trim_start().len());
    let Some(first) = value.chars().next() else {
        return Err(WhereError::NoValue { column: column(text, text.len()) });
    };
    if matches!(first, '=' | '<' | '>' | '!' | '~') {
        return Err(WhereError::SecondOperator { column: column(text, at), found: first });
    }
    if first == '"' {
        return string(value).map_err(|wrong| WhereError::BrokenString { column: column(text, at + wrong) });
    }
    if first == '\'' {
        return match value[1..].strip_suffix('\'') {
            Some(inner) if !inner.replace("''", "").contains('\'') => Ok(quoted(&inner.replace("''", "'"))),
            _ => Err(WhereError::BrokenSingleQuotes { column: column(text, at) }),
        };
    }
    let mut scanner = Scanner::new(value);
    let literal = scanner.value().ok().filter(|_| scanner.end().is_ok());
    Ok(match literal.map(|literal| literal.kind()) {
        Some(Kind::Number) => Operand::Number(value.into()),
        Some(Kind::Boolean) => Operand::Boolean(value == "true"),
        Some(Kind::Null) => Operand::Null,
        _ => match Date::read(value) {
            Some(date) => Operand::Date(date),
            None if date::looks_like_one(value) => {
                return Err(WhereError::NoDate { column: column(text, at) });
            }
            None => Operand::Text(value.into()),
        },
    })
}

/// Parses a string in double quotes. An error is the byte offset at which it is invalid.
fn string(value: &str) -> std::result::Result<Operand, usize> {
    let mut scanner = Scanner::new(value);
    let string = scanner.value().map_err(|error| error.at())?;
    scanner.end().map_err(|error| error.at())?;
    Ok(quoted(&string.as_str().unwrap_or_default()))
}

/// Returns the value that a text in quotes is: a date, or text.
fn quoted(text: &str) -> Operand {
    match Date::read(text) {
        Some(date) => Operand::Date(date),
        None => Operand::Text(text.into()),
    }
}

fn require_order(operand: &Operand, found: &'static str, column: usize) -> Result<(), WhereError> {
    let value = match operand {
        Operand::Boolean(true) => "true",
        Operand::Boolean(false) => "false",
        Operand::Null => "null",
        _ => return Ok(()),
    };
    Err(WhereError::NoOrder { column, found, value })
}

/// Returns the column of a byte of the text.
fn column(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at)].chars().count() + 1
}
