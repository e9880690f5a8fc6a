//! Constants: values of a field that are the same for every record, and their command-line syntax `"TEXT"`.

use super::error::ProjectionError;
use crate::error::Result;
use crate::json::{Kind, Scanner, Span, Value, escape_into};

/// A JSON value that is the same for every record.
///
/// ```
/// use reimport::projection::Constant;
///
/// assert_eq!(Constant::text("say \"a\"").json(), r#""say \"a\"""#);
/// assert_eq!(Constant::parse_json("[ 1.0 ]")?.json(), "[1.0]");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Constant {
    /// Compact JSON.
    json: Box<str>,
    /// The whole text.
    span: Span,
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl Eq for Constant {}

impl Constant {
    /// Creates a string.
    pub fn text(text: &str) -> Self {
        let mut json = Vec::new();
        escape_into(text, &mut json);
        let span = Span::new(0, json.len(), Kind::String, json.contains(&b'\\'), false);
        Self { json: String::from_utf8_lossy(&json).into(), span }
    }

    /// Parses a value of any type. White space between its tokens is dropped; everything else stays as written.
    ///
    /// # Errors
    /// [`ProjectionError::Constant`] if `json` is not one JSON value.
    pub fn parse_json(json: &str) -> Result<Self> {
        Ok(Self::parsed(json).ok_or_else(|| wrong(json, "expected JSON in the quotes"))?)
    }

    /// Splits the string from the beginning of an item such as `"TEXT":json=NAME`. Returns the decoded string and the rest.
    ///
    /// # Errors
    /// [`ProjectionError::Constant`] if `argument` does not begin with a JSON string in double quotes.
    ///
    /// ```
    /// use reimport::projection::Constant;
    ///
    /// let (text, rest) = Constant::split_argument(r#""a\u0062":json=c"#)?;
    /// assert_eq!((&*text, rest), ("ab", ":json=c"));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn split_argument(argument: &str) -> Result<(String, &str)> {
        let value = Scanner::new(argument).value().ok();
        let text = value.as_ref().filter(|value| !value.has_lone_surrogate()).and_then(Value::as_str);
        match (text, value) {
            (Some(text), Some(value)) => Ok((text.into_owned(), &argument[value.json().len()..])),
            _ => Err(wrong(argument, "expected a string in double quotes, escaped as in JSON").into()),
        }
    }

    /// Returns the value as compact JSON.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Returns the value.
    pub fn value(&self) -> Value<'_> {
        self.span.of(&self.json)
    }

    fn parsed(json: &str) -> Option<Self> {
        let json = json.trim_matches([' ', '\t', '\n', '\r']);
        let mut scanner = Scanner::new(json);
        let value = scanner.value().ok()?;
        scanner.end().ok()?;
        let mut compact = Vec::new();
        value.write_compact(&mut compact);
        let json = String::from_utf8(compact).ok()?.into_boxed_str();
        let span = Scanner::new(&json).span().ok()?;
        Some(Self { json, span })
    }
}

/// Returns the error of a constant.
pub(super) fn wrong(argument: &str, what: &'static str) -> ProjectionError {
    ProjectionError::Constant { argument: argument.into(), what }
}
