//! Any transform, of the records that a filter takes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::chosen::Filter;
use super::ids::Ids;
use super::where_::{Where, text_of};
use crate::error::Result;
use crate::json::Kind;
use crate::pipeline::Summary;
use crate::projection::{Cell, FieldPath, PathTree, Row, RowBuffer};
use crate::record::{Record, UserIds};
use crate::rendering::Rendering;
use crate::transform::{Output, Transform, Verdict};

/// A transform that sees only the records that a [`Filter`] takes; the others are [left out](Verdict::LeftOut).
///
/// The filter sees each record as it was read, before the inner transform changes anything, and walks it to its end: a
/// record that is no valid JSON object is unreadable, never left out. A filter that asks nothing costs nothing.
///
/// ```
/// use reimport::filter::{Filter, Filtered};
/// use reimport::{Pipeline, projection::Verbatim, sink::Ndjson, source::Source};
///
/// let export = b"{\"user_id\":\"auth0|1\",\"logins_count\":9}\n{\"user_id\":\"auth0|2\",\"logins_count\":4}\n";
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let frequent = Filtered::new(Filter::new().and("logins_count > 5".parse()?), Verbatim);
/// let (summary, lines) = Pipeline::new().run([source], &frequent, Ndjson::new(Vec::new()))?;
/// assert_eq!(lines, b"{\"user_id\":\"auth0|1\",\"logins_count\":9}\n");
/// assert_eq!((summary.written, summary.left_out), (1, 1));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct Filtered<T> {
    filter: Filter,
    inner: T,
    tree: PathTree,
    /// Which column of the tree holds the id and the connection, where they are asked for.
    id: Option<usize>,
    connection: Option<usize>,
    /// One a column: whether a record had it.
    seen: Vec<AtomicBool>,
    /// One a connection asked for: whether a record was of it.
    connections_seen: Vec<AtomicBool>,
}

/// The buffers of a [`Filtered`] transform on one thread.
#[derive(Debug)]
pub struct FilteredScratch<S> {
    row: RowBuffer,
    decoded: String,
    inner: S,
}

impl<T> Filtered<T> {
    /// The records that `filter` takes, for `inner`.
    pub fn new(filter: Filter, inner: T) -> Self {
        let mut paths: Vec<FieldPath> =
            filter.conditions.iter().map(|condition| condition.path().clone()).collect();
        let mut add = |wanted: bool, path: &str| {
            let path = path.parse().ok().filter(|_| wanted)?;
            paths.push(path);
            Some(paths.len() - 1)
        };
        let id = add(filter.ids.is_some() || filter.not_ids.is_some(), "user_id");
        // The tree finds it under its title and under `connection`, too.
        let connection = add(!filter.connections.is_empty(), "identities[0].connection");
        let seen = paths.iter().map(|_| AtomicBool::new(false)).collect();
        let connections_seen = filter.connections.iter().map(|_| AtomicBool::new(false)).collect();
        Self { filter, inner, tree: PathTree::new(paths), id, connection, seen, connections_seen }
    }

    /// The transform of the records taken.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The transform itself, when the run is over.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The conditions at whose path no valid record has had anything, `null` included, since this was built.
    ///
    /// What a run read counts, also behind a limit by as much as it read ahead.
    pub fn unseen(&self) -> Vec<&Where> {
        let conditions = self.filter.conditions.iter().zip(&self.seen);
        conditions.filter(|(_, seen)| !seen.load(Ordering::Relaxed)).map(|(condition, _)| condition).collect()
    }

    /// Whether a connection is asked for and no valid record has named one.
    pub fn no_connection_seen(&self) -> bool {
        let seen = self.connection.and_then(|column| self.seen.get(column));
        seen.is_some_and(|seen| !seen.load(Ordering::Relaxed))
    }

    /// The connections asked for that no valid record was of, whatever else was asked of it: names mistyped, most likely.
    pub fn connections_unseen(&self) -> Vec<&str> {
        let connections = self.filter.connections.iter().zip(&self.connections_seen);
        connections.filter(|(_, seen)| !seen.load(Ordering::Relaxed)).map(|(name, _)| name.as_str()).collect()
    }

    fn takes(&self, row: &Row<'_, '_>, user_ids: UserIds, decoded: &mut String) -> bool {
        for (cell, seen) in row.cells().zip(&self.seen) {
            if cell != Cell::Missing {
                note(seen);
            }
        }
        // Before the conditions, so that a connection counts as seen whatever they say of its users.
        let of_connection =
            self.connection.is_none_or(|column| self.takes_connection(row.get(column), decoded));
        let mut conditions = self.filter.conditions.iter().enumerate();
        of_connection
            && conditions.all(|(column, condition)| condition.test.matches(row.get(column), decoded))
            && self.id.is_none_or(|column| self.takes_id(row.get(column), user_ids, decoded))
    }

    fn takes_id(&self, cell: Cell<'_>, user_ids: UserIds, decoded: &mut String) -> bool {
        let id = match cell.value() {
            Some(value) if value.kind() == Kind::String => Some(text_of(value, decoded)),
            Some(value) if value.kind() == Kind::Number => Some(value.text()),
            _ => None,
        };
        let in_list = |ids: &Ids| id.is_some_and(|id| ids.contains_as(id, user_ids));
        self.filter.ids.as_ref().is_none_or(in_list) && !self.filter.not_ids.as_ref().is_some_and(in_list)
    }

    fn takes_connection(&self, cell: Cell<'_>, decoded: &mut String) -> bool {
        let Some(value) = cell.value().filter(|value| value.kind() == Kind::String) else { return false };
        let connection = text_of(value, decoded);
        let wanted = self.filter.connections.iter().position(|wanted| wanted == connection);
        wanted.and_then(|place| self.connections_seen.get(place)).map(note).is_some()
    }
}

/// Reading is free where every thread has the line; writing is not.
fn note(seen: &AtomicBool) {
    if !seen.load(Ordering::Relaxed) {
        seen.store(true, Ordering::Relaxed);
    }
}

impl<T: Transform> Transform for Filtered<T> {
    type Scratch = FilteredScratch<T::Scratch>;

    fn scratch(&self, rendering: Rendering) -> Result<Self::Scratch> {
        let inner = self.inner.scratch(rendering)?;
        Ok(FilteredScratch { row: RowBuffer::new(), decoded: String::new(), inner })
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        self.inner.header(rendering)
    }

    fn validates(&self) -> bool {
        !self.filter.is_empty() || self.inner.validates()
    }

    fn properties(&self) -> &'static [&'static str] {
        self.inner.properties()
    }

    fn user_ids(&self) -> Option<UserIds> {
        self.inner.user_ids()
    }

    fn conclude(&self, summary: &Summary) -> Result<()> {
        self.inner.conclude(summary)
    }

    fn absorb(&self, scratch: Self::Scratch) {
        self.inner.absorb(scratch.inner);
    }

    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) {
        self.inner.left_out_by_filter(record, &mut scratch.inner, output);
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) -> Verdict {
        if !self.filter.is_empty() {
            match self.tree.walk_record(record.json(), &mut scratch.row) {
                Ok(row) if self.takes(&row, record.user_ids(), &mut scratch.decoded) => {}
                Ok(_) => {
                    self.inner.left_out_by_filter(record, &mut scratch.inner, output);
                    return Verdict::LeftOut;
                }
                Err(error) => return Verdict::Unreadable(error.into()),
            }
        }
        self.inner.transform(record, &mut scratch.inner, output)
    }
}
