//! [`TypedRows`]: renders each record as one typed row.
//!
//! A row has a piece for each lane of the [layout](crate::layout): its length, one bit per column that says whether there is
//! a value, and the values. The JSON of a record is read once, here, on the workers of a run.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reimport::json::{Kind, Name, Scanner, Value, escape_into};
use reimport::path::FieldPath;
use reimport::projection::{Cell, PathTree, Row, RowBuffer, spelled_paths};
use reimport::run::{Rendering, Transform};
use reimport::{Error, ErrorKind, Output, Problem, Record, Result, Verdict};

use crate::column::Column;
use crate::fit::{Fit, store, text};
use crate::layout::{LANES, Layout};
use crate::rest::RestTree;

/// The kind of warning, and the rule, of a value that does not fit its column.
const COLUMN_TYPE: &str = "column-type";

/// A transform that renders each record as one typed row, for the sinks of this crate. Each record is read once.
///
/// A value that does not fit its column is counted as a warning `column-type` with the path of the column, and is in `_rest`
/// if the layout has it. With [`strict`](Self::strict), the record is rejected instead.
///
/// The rows have a form of their own: other sinks refuse them.
#[derive(Debug)]
pub struct TypedRows {
    layout: Arc<Layout>,
    /// The paths of the columns, followed by those of `opened`.
    tree: PathTree,
    columns: Vec<Source>,
    rest: RestTree,
    /// The top-level members that no column gives back alone. Empty if the layout has not the whole record.
    opened: Vec<(Box<str>, Option<usize>)>,
    /// Whether a member with a column can have the value of another column.
    spells: bool,
    strict: bool,
}

/// What a column needs to know while it is read.
#[derive(Debug)]
struct Source {
    /// The path, for warnings.
    path: Box<str>,
    /// The top-level member that the column gives back, if the layout has the whole record.
    member: Option<Box<str>>,
    /// `"NAME":`, the key in `_rest`. `None` if `_rest` does not have the value of this column.
    key: Option<Vec<u8>>,
    seen: AtomicBool,
}

/// The buffers of [`TypedRows`] for one thread.
pub struct TypedRowsScratch {
    row: RowBuffer,
    rest: Rest,
    /// For each column, whether it gives the value of its path back.
    exact: Vec<bool>,
}

impl fmt::Debug for TypedRowsScratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedRowsScratch")
    }
}

/// The members of `_rest`, without braces.
#[derive(Default)]
struct Rest(Vec<u8>);

/// The capacity that the buffer keeps after a long record.
const KEPT: usize = 1024 * 1024;

impl TypedRows {
    /// Creates the transform.
    pub fn new(layout: Arc<Layout>) -> Self {
        let rest = RestTree::new(layout.columns());
        let source = |(place, column): (usize, &Column)| {
            let member = if layout.is_whole() { rest.member(place).map(Into::into) } else { None };
            // A column below a member has a copy of a part of it, or `opened` has the member.
            let name = if layout.is_whole() { member.as_deref() } else { Some(column.name()) };
            let key = name.filter(|_| layout.has_rest()).map(key);
            Source { path: column.path().to_string().into(), member, key, seen: AtomicBool::new(false) }
        };
        let columns: Vec<Source> = layout.columns().iter().enumerate().map(source).collect();
        let opened = if layout.is_whole() { rest.opened(layout.columns()) } else { Vec::new() };
        let paths = layout.columns().iter().map(|column| column.path().clone());
        let tree = PathTree::new(paths.chain(opened.iter().map(|(name, _)| FieldPath::of_name(name))));
        let mut names = columns.iter().filter_map(|source| source.member.as_ref());
        let spells = names.any(|name| spelled_paths(name).next().is_some());
        Self { tree, columns, rest, opened, spells, strict: false, layout }
    }

    /// Sets whether a record with a value that does not fit is rejected. Default: no.
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Returns the layout, for the sink of the run.
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// Returns the paths of the columns that no valid record has had. In the fixed schema and that of a file, this means nothing.
    ///
    /// All records that a run has read count, including those that it read ahead beyond its limit.
    pub fn unseen(&self) -> Vec<&FieldPath> {
        let columns = self.layout.columns().iter().zip(&self.columns);
        let unseen = columns.filter(|(column, source)| {
            column.constant_value().is_none() && !source.seen.load(Ordering::Relaxed)
        });
        unseen.map(|(column, _)| column.path()).collect()
    }
}

/// Returns `"NAME":`.
fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    escape_into(name, &mut key);
    key.push(b':');
    key
}

impl Rest {
    fn clear(&mut self) {
        self.0.clear();
        self.0.shrink_to(KEPT);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn comma(&mut self) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
    }

    /// Adds a member as it was written.
    fn member(&mut self, name: &Name<'_>, value: &Value<'_>) {
        self.comma();
        self.0.push(b'"');
        self.0.extend_from_slice(name.raw().as_bytes());
        self.0.extend_from_slice(b"\":");
        value.write_compact(&mut self.0);
    }

    /// Adds an object with the members that `write` writes, or nothing if that returns false.
    fn object(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let before = self.0.len();
        self.comma();
        self.0.extend_from_slice(&key(name));
        self.0.push(b'{');
        if write(&mut self.0) {
            self.0.push(b'}');
        } else {
            self.0.truncate(before);
        }
    }

    /// Adds the value of a column, or null.
    fn value(&mut self, key: &[u8], value: Option<&Value<'_>>) {
        self.comma();
        self.0.extend_from_slice(key);
        match value {
            Some(value) => value.write_compact(&mut self.0),
            None => self.0.extend_from_slice(b"null"),
        }
    }
}

impl Transform for TypedRows {
    type Scratch = TypedRowsScratch;

    fn scratch(&self, rendering: Rendering) -> Result<TypedRowsScratch> {
        match rendering {
            Rendering::Json => {
                Ok(TypedRowsScratch { row: RowBuffer::new(), rest: Rest::default(), exact: Vec::new() })
            }
            _ => Err(Error::other("typed rows cannot be written as CSV")),
        }
    }

    /// Returns a text by which a sink recognizes its layout.
    fn header(&self, _: Rendering) -> Vec<u8> {
        self.layout.signature().into_bytes()
    }

    fn validates(&self) -> bool {
        true
    }

    fn reads(&self, name: &str) -> bool {
        self.layout.is_whole() || self.tree.may_read(name)
    }

    fn transform(
        &self,
        record: Record<'_>,
        scratch: &mut TypedRowsScratch,
        output: &mut Output<'_>,
    ) -> Verdict {
        let TypedRowsScratch { row, rest, exact } = scratch;
        rest.clear();
        exact.clear();
        exact.resize(self.columns.len(), false);
        let read = if self.layout.is_whole() {
            self.tree.read_with_others(record, row, |name, value| rest.member(&name, &value))
        } else {
            self.tree.read(record, row)
        };
        let row = match read {
            Ok(row) => row,
            Err(error) => return unreadable(&error),
        };
        // If the record has no other members, no value is under another name than that of its column.
        let has_others = self.spells || !rest.is_empty();
        let mut problems = Vec::new();
        for (lane, stored) in self.layout.lanes().iter().enumerate() {
            let start = output.bytes.len();
            output.bytes.resize(start + 4 + stored.len().div_ceil(8), 0);
            for (bit, stored) in stored.iter().enumerate() {
                let Some(source) = self.columns.get(stored.place) else {
                    break;
                };
                let constant = self.layout.columns()[stored.place].constant_value();
                let cell = match constant {
                    None => row.get(stored.place),
                    Some(value) if value.kind() == Kind::Null => Cell::Null,
                    Some(value) => Cell::Value(value),
                };
                if cell == Cell::Missing {
                    continue;
                }
                if !source.seen.load(Ordering::Relaxed) {
                    source.seen.store(true, Ordering::Relaxed);
                }
                let value = cell.value();
                let fit = value.as_ref().map(|value| store(value, stored.is, output.bytes));
                if matches!(fit, Some(Fit::Exact | Fit::OtherForm)) {
                    output.bytes[start + 4 + bit / 8] |= 1 << (bit % 8);
                }
                if let (Some(Fit::None), Some(value)) = (fit, &value) {
                    if self.strict {
                        let column = &self.layout.columns()[stored.place];
                        problems.push((stored.place, problem(column, value)));
                    } else {
                        output.note_warned(COLUMN_TYPE, &source.path);
                    }
                }
                if fit == Some(Fit::Exact) {
                    exact[stored.place] = true;
                } else if constant.is_none()
                    && let Some(key) = &source.key
                    && (!has_others || source.is_written(record))
                {
                    rest.value(key, value.as_ref());
                }
            }
            if lane + 1 == LANES {
                self.add_opened(record, &row, has_others, exact, rest);
            }
            if lane + 1 == LANES && self.layout.has_rest() && !rest.is_empty() {
                let bit = stored.len() - 1;
                output.bytes[start + 4 + bit / 8] |= 1 << (bit % 8);
                text(output.bytes, |bytes| {
                    bytes.push(b'{');
                    bytes.extend_from_slice(&rest.0);
                    bytes.push(b'}');
                });
            }
            // A record is much shorter than 4 GiB.
            let length = (output.bytes.len() - start - 4) as u32;
            output.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        }
        if problems.is_empty() {
            return Verdict::Written;
        }
        problems.sort_by_key(|(place, _)| *place);
        Verdict::Rejected(problems.into_iter().map(|(_, problem)| problem).collect())
    }
}

impl TypedRows {
    /// Adds to `_rest` what no column gives back of the members that are opened into columns.
    fn add_opened(
        &self,
        record: Record<'_>,
        row: &Row<'_, '_>,
        has_others: bool,
        exact: &[bool],
        rest: &mut Rest,
    ) {
        for (place, (name, object)) in self.opened.iter().enumerate() {
            let cell = row.get(self.columns.len() + place);
            if cell == Cell::Missing || (has_others && !has_member(record, name)) {
                continue;
            }
            let value = cell.value();
            match (object, &value) {
                (Some(object), Some(value)) if value.kind() == Kind::Object => {
                    rest.object(name, |members| self.rest.write(*object, value, exact, members));
                }
                _ => rest.value(&key(name), value.as_ref()),
            }
        }
    }
}

impl Source {
    fn is_written(&self, record: Record<'_>) -> bool {
        self.member.as_ref().is_none_or(|member| has_member(record, member))
    }
}

/// Returns whether the record has a member under this name itself. If not, its value is under another spelling of the name,
/// which is in `_rest` already.
#[cold]
fn has_member(record: Record<'_>, name: &str) -> bool {
    Scanner::new(record.json()).value().is_ok_and(|record| record.member(name).is_some())
}

fn problem(column: &Column, value: &Value<'_>) -> Problem {
    let found = value.kind();
    let message = format!("expected {}, but found {found} that does not fit", column.is().expected());
    Problem::new(COLUMN_TYPE, column.path().to_string(), message)
}

#[cold]
fn unreadable(error: &Error) -> Verdict {
    match error.kind() {
        ErrorKind::Record(error) => Verdict::Unreadable(error.clone()),
        // Reading a record has no other errors.
        _ => Verdict::Rejected(vec![Problem::new("invalid-json", "", error.to_string())]),
    }
}
