//! The parser of conditions. The grammar is in the [module's documentation](super).

use super::date::{self, Date};
use super::error::WhereError;
use super::where_::{Operand, Operator, Test, Where};
use crate::json::{Kind, Scanner};
use crate::path::{FieldPath, outside_brackets};

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
    match combining_word(text) {
        Some((at, word)) => Err(WhereError::Combined { column: column(text, at), found: word.into() }),
        None => parse_one(text),
    }
}

/// Words that combine conditions in other languages.
const COMBINING: [&str; 4] = ["and", "or", "&&", "||"];

/// Finds the first of [`COMBINING`] that has a condition on each side. `colour = black or white` has none.
fn combining_word(text: &str) -> Option<(usize, &str)> {
    let is_condition = |part: &str| parse_one(part).is_ok();
    let words = text.split_inclusive(char::is_whitespace).scan(0, |end, word| {
        *end += word.len();
        Some((*end - word.len(), word.trim_end()))
    });
    words
        .filter(|(_, word)| COMBINING.iter().any(|known| word.eq_ignore_ascii_case(known)))
        .find(|(at, word)| is_condition(&text[..*at]) && is_condition(&text[at + word.len()..]))
}

fn parse_one(text: &str) -> Result<Where, WhereError> {
    let (path, asked) = match find_operator(text) {
        Some((at, symbol)) => {
            let path = read_path(text, &text[..at])?;
            let found = OPERATORS.iter().find(|(known, _)| *known == symbol);
            let (symbol, operator) = *found.ok_or_else(|| unknown(text, at, symbol))?;
            let operand = operand(text, at + symbol.len())?;
            if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                require_order(&operand, symbol, text, at)?;
            }
            (path, Test::Compare(operator, operand))
        }
        None => word(text)?,
    };
    Ok(Where { text: text.trim().into(), path, test: asked, negated: false })
}

/// Finds the first operator outside brackets, known or not.
fn find_operator(text: &str) -> Option<(usize, &str)> {
    // A `!` alone can be in a name.
    let is_operator = |at: &usize| !text[*at..].starts_with('!') || text[*at..].starts_with("!=");
    let at = outside_brackets(text, b"!=<>").find(is_operator)?;
    let rest = &text[at..];
    let end = rest.find(|letter| !matches!(letter, '!' | '=' | '<' | '>' | '~'));
    Some((at, &rest[..end.unwrap_or(rest.len())]))
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
    FieldPath::parsed(path.trim()).map_err(|error| WhereError::Path(error.moved_by(column(text, before) - 1)))
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
    // Spreadsheets and Python write `TRUE` and `True`.
    let word = value.to_ascii_lowercase();
    let value = if matches!(&*word, "true" | "false" | "null") { &*word } else { value };
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
            None => Operand::Text { text: value.into(), quoted: false },
        },
    })
}

/// Parses a string in double quotes. An error is the byte offset at which it is invalid.
fn string(value: &str) -> Result<Operand, usize> {
    let mut scanner = Scanner::new(value);
    let string = scanner.value().map_err(|error| error.at())?;
    scanner.end().map_err(|error| error.at())?;
    Ok(quoted(&string.as_str().unwrap_or_default()))
}

/// Returns the value that a text in quotes is: a date, or text.
fn quoted(text: &str) -> Operand {
    match Date::read(text) {
        Some(date) => Operand::Date(date),
        None => Operand::Text { text: text.into(), quoted: true },
    }
}

/// Requires an operand that can be less or greater than others, for the operator at `at`.
fn require_order(operand: &Operand, found: &'static str, text: &str, at: usize) -> Result<(), WhereError> {
    let value = match operand {
        Operand::Boolean(true) => "true",
        Operand::Boolean(false) => "false",
        Operand::Null => "null",
        Operand::Text { text: value, quoted: false } if date::is_in_another_form(value) => {
            let rest = &text[at + found.len()..];
            let before = text.len() - rest.trim_start().len();
            return Err(WhereError::NoDate { column: column(text, before) });
        }
        _ => return Ok(()),
    };
    Err(WhereError::NoOrder { column: column(text, at), found, value })
}

/// Returns the column of a byte of the text.
fn column(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at)].chars().count() + 1
}
