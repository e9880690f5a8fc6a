//! The grammar of conditions, as the documentation of [`filter`](super) states it.

use super::date::{self, Date};
use super::error::WhereError;
use super::where_::{Operand, Operator, Test, Where};
use crate::json::{Kind, Scanner};
use crate::projection::FieldPath;

type Result<T> = std::result::Result<T, WhereError>;

/// Longer ones before those they begin with.
const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// The condition that `text` spells.
pub(super) fn parse(text: &str) -> Result<Where> {
    let (path, asked) = match find_operator(text) {
        Some((at, symbol, operator)) => {
            let path = read_path(text, &text[..at])?;
            let operand = operand(text, at + symbol.len())?;
            if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                demand_order(&operand, symbol, column(text, at))?;
            }
            (path, Test::Compare(operator, operand))
        }
        None => word(text)?,
    };
    Ok(Where { text: text.trim().into(), path, test: asked })
}

/// The first operator outside brackets; a JSON Pointer has none of these.
fn find_operator(text: &str) -> Option<(usize, &'static str, Operator)> {
    let pointer = text.trim_start().starts_with('/');
    let (mut bracket, mut quoted, mut escaped) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if bracket => quoted = !quoted,
            b'[' if !quoted && !pointer => bracket = true,
            b']' if !quoted => bracket = false,
            b'!' | b'=' | b'<' | b'>' if !bracket => {
                let found = OPERATORS.iter().find(|(symbol, _)| text[at..].starts_with(symbol));
                if let Some((symbol, operator)) = found {
                    return Some((at, symbol, *operator));
                }
            }
            _ => {}
        }
    }
    None
}

/// `PATH exists` or `PATH missing`.
fn word(text: &str) -> Result<(FieldPath, Test)> {
    let trimmed = text.trim_end();
    for (word, test) in [("exists", Test::Exists), ("missing", Test::Missing)] {
        if let Some(path) = trimmed.strip_suffix(word).filter(|path| path.ends_with(char::is_whitespace)) {
            return Ok((read_path(text, path)?, test));
        }
    }
    // What is no path at all is told first.
    read_path(text, trimmed)?;
    Err(WhereError::NoOperator { column: column(text, text.len()) })
}

fn read_path(text: &str, path: &str) -> Result<FieldPath> {
    let before = path.len() - path.trim_start().len();
    path.trim().parse().map_err(|error: crate::projection::PathError| {
        WhereError::Path(error.moved_by(column(text, before) - 1))
    })
}

/// The value that stands at `from`.
fn operand(text: &str, from: usize) -> Result<Operand> {
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

/// A string in double quotes; an error is the byte at which it breaks.
fn string(value: &str) -> std::result::Result<Operand, usize> {
    let mut scanner = Scanner::new(value);
    let string = scanner.value().map_err(|error| error.at())?;
    scanner.end().map_err(|error| error.at())?;
    let text = string.as_str().unwrap_or_default();
    Ok(match Date::read(&text) {
        Some(date) => Operand::Date(date),
        None => Operand::Text(text.into()),
    })
}

fn demand_order(operand: &Operand, found: &'static str, column: usize) -> Result<()> {
    let value = match operand {
        Operand::Boolean(true) => "true",
        Operand::Boolean(false) => "false",
        Operand::Null => "null",
        _ => return Ok(()),
    };
    Err(WhereError::NoOrder { column, found, value })
}

/// The column of a byte of the text.
fn column(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at)].chars().count() + 1
}
