//! The parser of field paths. The grammar is in the documentation of [`path`](super).

use super::error::{PathError, PathExpected};
use super::{Segment, number_in};
use crate::json::{Kind, MAX_DEPTH, Scanner};

type Result<T> = std::result::Result<T, PathError>;

/// A prefix that some exports write before every path.
const USER: &str = "user.";

/// The default fields have this path under the name `connection`, and so has the CSV of an export job.
const CONNECTION: &str = "identities[0].connection";

/// Parses `text` into steps. `connection` alone, without quotes, is the connection of the first identity.
pub(super) fn parse(text: &str) -> Result<Vec<Segment>> {
    steps(if text == "connection" { CONNECTION } else { text }, USER, false)
}

/// Parses `text` into steps. Allows `$` and `*` in bare names: for paths that come from a file, not from the
/// command line.
pub(super) fn parse_found(text: &str) -> Result<Vec<Segment>> {
    steps(text, USER, true)
}

/// Parses `text` into the steps to a place in an output. As [`parse_found`], but `user.` is not a prefix.
pub(super) fn parse_output(text: &str) -> Result<Vec<Segment>> {
    steps(text, "", true)
}

fn steps(text: &str, prefix: &'static str, found: bool) -> Result<Vec<Segment>> {
    let mut parser = Parser { text, at: 0, segments: Vec::new(), prefix, found };
    if text.is_empty() {
        return Err(parser.error(PathExpected::Path));
    }
    if text.starts_with('/') {
        parser.pointer()?;
    } else {
        parser.dotted()?;
    }
    Ok(parser.segments)
}

/// The text of a path, the current offset, and the steps before it.
struct Parser<'t> {
    text: &'t str,
    at: usize,
    segments: Vec<Segment>,
    /// A prefix that is not part of the path. May be empty.
    prefix: &'static str,
    /// Whether the path was found in data and not typed by a person. `$` and `*` are then ordinary characters.
    found: bool,
}

impl Parser<'_> {
    /// Parses `a.b[0]["c"]`, with or without the prefix.
    fn dotted(&mut self) -> Result<()> {
        if !self.prefix.is_empty() && self.text.starts_with(self.prefix) {
            self.at = self.prefix.len();
            self.bare()?;
        } else if !self.rest().starts_with('[') {
            self.bare()?;
        }
        loop {
            match self.rest().bytes().next() {
                None => return Ok(()),
                Some(b'.') => {
                    self.at += 1;
                    self.bare()?;
                }
                Some(b'[') => self.bracket()?,
                Some(_) => return Err(self.error(PathExpected::Separator)),
            }
        }
    }

    /// Parses a name without quotes, up to the next `.` or `[`.
    fn bare(&mut self) -> Result<()> {
        let rest = self.rest();
        let name = &rest[..rest.find(['.', '[']).unwrap_or(rest.len())];
        if !self.found
            && let Some(found) = name.find(['$', '*'])
        {
            self.at += found;
            let root = self.rest().starts_with('$');
            return Err(self.error(if root { PathExpected::NoDollar } else { PathExpected::NoStar }));
        }
        if name.is_empty() {
            return Err(self.error(PathExpected::Name));
        }
        self.push(name.len(), name_or_number(name))
    }

    /// Parses `[0]` or `["name"]`.
    fn bracket(&mut self) -> Result<()> {
        let (before, inside) = (self.at, self.at + 1);
        self.at = inside;
        let rest = self.rest();
        let (length, segment) = if rest.starts_with('"') {
            self.quoted()?
        } else {
            let digits = &rest[..rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len())];
            if rest.starts_with('*') {
                return Err(self.error(PathExpected::NoStar));
            }
            if digits.is_empty() {
                return Err(self.error(PathExpected::IndexOrName));
            }
            if self.segments.is_empty() {
                return Err(self.error(PathExpected::FirstName));
            }
            let index = number_in(digits).ok_or_else(|| self.error(PathExpected::Index))?;
            (digits.len(), Segment::Index(index))
        };
        self.at += length;
        if !self.rest().starts_with(']') {
            return Err(self.error(PathExpected::Bracket));
        }
        self.at = before;
        self.push(length + 2, segment)
    }

    /// Parses the JSON string at the cursor. Returns its length and the step to its decoded name.
    fn quoted(&self) -> Result<(usize, Segment)> {
        let value = Scanner::new(self.rest())
            .value()
            .map_err(|error| PathError::new(self.text, self.at + error.at(), PathExpected::JsonString))?;
        debug_assert_eq!(value.kind(), Kind::String, "called only at a quote");
        let name = value.as_str().unwrap_or_default();
        Ok((value.json().len(), Segment::Name(name.into())))
    }

    /// Parses a JSON Pointer: `/a/0/b`, where `~1` is `/` and `~0` is `~`.
    fn pointer(&mut self) -> Result<()> {
        while !self.rest().is_empty() {
            self.at += 1;
            let rest = self.rest();
            let token = &rest[..rest.find('/').unwrap_or(rest.len())];
            for (place, _) in token.match_indices('~') {
                if !matches!(token.as_bytes().get(place + 1), Some(b'0' | b'1')) {
                    self.at += place + 1;
                    return Err(self.error(PathExpected::Tilde));
                }
            }
            self.push(token.len(), name_or_number(&token.replace("~1", "/").replace("~0", "~")))?;
        }
        Ok(())
    }

    /// Adds a step that is `length` bytes long, and moves the cursor behind it.
    fn push(&mut self, length: usize, segment: Segment) -> Result<()> {
        if self.segments.len() == MAX_DEPTH as usize {
            return Err(self.error(PathExpected::Shallower));
        }
        self.segments.push(segment);
        self.at += length;
        Ok(())
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn error(&self, expected: PathExpected) -> PathError {
        PathError::new(self.text, self.at, expected)
    }
}

fn name_or_number(text: &str) -> Segment {
    number_in(text).map_or_else(|| Segment::Name(text.into()), Segment::Number)
}
