//! A record that is opened only as far as its edits need. The rest stays text.

use std::borrow::Cow;

use crate::json::{Level, Name, Scanner, SyntaxError, Value, decode, escape_into};
use crate::path::{FieldPath, Segment};
use crate::user::spelling;

/// A value: opened, or as written.
#[derive(Debug, Clone)]
pub(super) enum EditNode<'a> {
    /// The JSON text of the value, as written.
    Text(Cow<'a, str>),
    Object(Vec<(Cow<'a, str>, EditNode<'a>)>),
    Array(Vec<EditNode<'a>>),
}

/// The reason why a value could not be put at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// A value already exists there.
    Taken,
    /// A value on the way is not an object or array, or it is an array that is too short.
    Blocked,
}

impl<'a> EditNode<'a> {
    /// Opens one level of a text that is one JSON value. A scalar stays text.
    ///
    /// # Errors
    /// If the text is not exactly one JSON value.
    pub(super) fn open(text: &'a str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(text);
        let value = scanner.value()?;
        scanner.end()?;
        let text = |value: Value<'a>| Self::Text(value.json().into());
        Ok(match value.open()? {
            Level::Object(members) => {
                let member = |(name, value): (Name<'a>, _)| (Cow::Borrowed(name.raw()), text(value));
                Self::Object(members.into_iter().map(member).collect())
            }
            Level::Array(items) => Self::Array(items.into_iter().map(text).collect()),
            Level::Scalar => text(value),
        })
    }

    /// Opens this value by one level, if it is an object or array that is still text.
    fn opened(&mut self) -> &mut Self {
        if let Self::Text(Cow::Borrowed(text)) = self
            && let Ok(node) = EditNode::open(text)
        {
            *self = node;
        }
        self
    }

    /// Returns the value one step further. The last value of a repeated name counts.
    fn step(&mut self, segment: &Segment) -> Option<&mut Self> {
        match self.opened() {
            Self::Object(members) => {
                members.iter_mut().rev().find(|(raw, _)| segment.is_name(&decode(raw))).map(|(_, node)| node)
            }
            Self::Array(items) => items
                .iter_mut()
                .enumerate()
                .find(|(index, _)| segment.is_index(*index as u32))
                .map(|(_, node)| node),
            Self::Text(_) => None,
        }
    }

    /// Returns the value at a path.
    pub(super) fn get(&mut self, path: &[Segment]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, segment| node.step(segment))
    }

    /// Returns a path with its first name spelled as in this record, if that is a known property which the record has
    /// only in another spelling.
    pub(super) fn as_spelled<'p>(&self, path: &'p FieldPath) -> Cow<'p, FieldPath> {
        let (Self::Object(members), Some(Segment::Name(root))) = (self, path.segments().first()) else {
            return Cow::Borrowed(path);
        };
        let spelling = || {
            let place = spelling::first_spelling(root, members.iter().map(|(raw, _)| decode(raw)))?;
            let name = members.get(place).map(|(raw, _)| decode(raw)).filter(|name| **name != **root)?;
            path.with_root(&name)
        };
        spelling().map_or(Cow::Borrowed(path), Cow::Owned)
    }

    /// Removes the value at a path and returns it. If a name is repeated, all its values are removed, and the last is
    /// returned.
    pub(super) fn take(&mut self, path: &[Segment]) -> Option<Self> {
        let (last, parents) = path.split_last()?;
        match self.get(parents)?.opened() {
            Self::Object(members) => {
                let mut taken = None;
                members.retain_mut(|(raw, node)| {
                    let here = segment_matches(last, raw);
                    if here {
                        taken = Some(std::mem::replace(node, Self::Text("null".into())));
                    }
                    !here
                });
                taken
            }
            Self::Array(items) => {
                let index = (0..items.len()).find(|index| last.is_index(*index as u32))?;
                Some(items.remove(index))
            }
            Self::Text(_) => None,
        }
    }

    /// Puts a value at a path, and creates the objects and arrays on the way. A `null` on the way counts as absent.
    /// An existing value is replaced only if `over` is true.
    pub(super) fn put(&mut self, path: &[Segment], value: Self, over: bool) -> Result<(), Refused> {
        let Some((segment, rest)) = path.split_first() else {
            if !over && !self.is_null() {
                return Err(Refused::Taken);
            }
            *self = value;
            return Ok(());
        };
        if self.is_null() {
            *self = match segment {
                Segment::Index(_) => Self::Array(Vec::new()),
                Segment::Name(_) | Segment::Number(_) => Self::Object(Vec::new()),
            };
        }
        if let Some(next) = self.step(segment) {
            if rest.is_empty() && !over {
                return Err(Refused::Taken);
            }
            return next.put(rest, value, over);
        }
        let mut made = Self::Text("null".into());
        made.put(rest, value, over)?;
        match (self, segment) {
            (Self::Object(members), Segment::Name(name)) => members.push((escaped(name), made)),
            (Self::Object(members), Segment::Number(number)) => {
                members.push((number.to_string().into(), made));
            }
            (Self::Array(items), Segment::Index(index) | Segment::Number(index))
                if items.len() == *index as usize =>
            {
                items.push(made);
            }
            _ => return Err(Refused::Blocked),
        }
        Ok(())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Text(text) if text == "null")
    }

    /// Appends the JSON text of the value. Levels that were opened are compact.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Object(members) => {
                out.push('{');
                for (index, (raw, node)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push('"');
                    out.push_str(raw);
                    out.push_str("\":");
                    node.write(out);
                }
                out.push('}');
            }
            Self::Array(items) => {
                out.push('[');
                for (index, node) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    node.write(out);
                }
                out.push(']');
            }
        }
    }
}

fn segment_matches(segment: &Segment, raw: &str) -> bool {
    segment.is_name(&decode(raw))
}

/// Returns a name as it is written between quotes.
fn escaped(name: &str) -> Cow<'static, str> {
    let mut quoted = Vec::new();
    escape_into(name, &mut quoted);
    let quoted = String::from_utf8_lossy(&quoted).into_owned();
    quoted[1..quoted.len() - 1].to_owned().into()
}
