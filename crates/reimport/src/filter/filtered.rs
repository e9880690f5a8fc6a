//! A transform that is applied only to the records that a filter accepts.

use super::filter::Filter;
use super::ids::{Ids, UnmatchedIds};
use super::mismatch::{Mismatch, Values};
use super::where_::{Where, text_of};
use crate::connections::UnknownConnection;
use crate::error::Result;
use crate::json::Kind;
use crate::projection::{Cell, FieldPath, PathTree, Row, RowBuffer};
use crate::record::{Record, UserIds};
use crate::run::{Fact, OfThisLibrary, Output, Rendering, Seen, Summary, Transform, Verdict};

/// A transform that receives only the records that a [`Filter`] accepts. The others are [left out](Verdict::LeftOut).
///
/// The filter receives each record as read, before the inner transform changes anything, and reads it to its end. So
/// a record that is not a valid JSON object is unreadable, never left out. A filter without conditions costs nothing.
///
/// ```
/// use reimport::filter::{Filter, Filtered};
/// use reimport::{Pipeline, projection::Unchanged, sink::Ndjson, source::Source};
///
/// let export = b"{\"user_id\":\"auth0|1\",\"logins_count\":9}\n{\"user_id\":\"auth0|2\",\"logins_count\":4}\n";
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let frequent = Filtered::new(Filter::new().and("logins_count > 5".parse()?), Unchanged);
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
    /// The column of the tree with the id, if the filter needs it. The same for `connection`.
    id: Option<usize>,
    connection: Option<usize>,
    /// For each column: whether a record had it.
    seen: Vec<Seen>,
    /// For each condition: what the values at its path are.
    values: Vec<Values>,
}

/// The buffers of a [`Filtered`] transform on one thread.
#[derive(Debug)]
pub struct FilteredScratch<S> {
    row: RowBuffer,
    decoded: String,
    inner: S,
}

impl<T> Filtered<T> {
    /// Creates a transform that passes the records that `filter` accepts to `inner`.
    pub fn new(filter: Filter, inner: T) -> Self {
        let mut paths: Vec<FieldPath> =
            filter.conditions.iter().map(|condition| condition.path().clone()).collect();
        let mut add = |wanted: bool, path: &str| {
            let path = path.parse().ok().filter(|_| wanted)?;
            paths.push(path);
            Some(paths.len() - 1)
        };
        let id = add(filter.ids.is_some() || filter.not_ids.is_some(), "user_id");
        // The tree also finds it under its title and under `connection`.
        let connection = add(!filter.connections.is_empty(), "identities[0].connection");
        let seen = paths.iter().map(|_| Seen::default()).collect();
        let values = filter.conditions.iter().map(|_| Values::default()).collect();
        Self { filter, inner, tree: PathTree::new(paths), id, connection, seen, values }
    }

    /// Returns the inner transform.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Returns the inner transform by value, after the run.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Returns the conditions at whose path no valid record has had anything, since this was created. `null` counts
    /// as something.
    ///
    /// All records that a run has read count, including those that it read ahead beyond its limit.
    pub fn unseen(&self) -> Vec<&Where> {
        let conditions = self.filter.conditions.iter().zip(&self.seen);
        conditions.filter(|(_, seen)| !seen.is()).map(|(condition, _)| condition).collect()
    }

    /// Returns the conditions whose value has a type that no value read at their path has, or equals none but for upper
    /// and lower case.
    ///
    /// ```
    /// use reimport::filter::{Filter, Filtered};
    /// use reimport::{Pipeline, projection::Unchanged, sink::Nothing, source::Source};
    ///
    /// let since = Filtered::new(Filter::new().and("created_at = 2024".parse()?), Unchanged);
    /// let export = br#"{"email":"a@example.com","created_at":"2024-05-01T10:00:00Z"}"#;
    /// Pipeline::new().run([Source::from_reader("tenant.json", &export[..])], &since, Nothing::new())?;
    /// assert_eq!(
    ///     since.mismatches()[0].to_string(),
    ///     "created_at is compared with a number, but its values are dates: write created_at = 2024-01-01"
    /// );
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn mismatches(&self) -> Vec<Mismatch<'_>> {
        let conditions = self.filter.conditions.iter().zip(&self.values);
        conditions.filter_map(|(condition, values)| values.mismatch(condition)).collect()
    }

    /// Returns the ids of lists that no valid record has had, since this was created. First the list of accepted ids,
    /// then the list of rejected ids.
    ///
    /// After a run with a limit, this has little meaning, because only some records were read.
    pub fn unmatched_ids(&self) -> Vec<UnmatchedIds> {
        [&self.filter.ids, &self.filter.not_ids].into_iter().flatten().flat_map(Ids::unmatched).collect()
    }

    /// Returns the connections of the filter that no valid record belonged to, whatever the other conditions. They
    /// are most likely misspelled.
    pub fn unknown_connections(&self) -> Vec<UnknownConnection> {
        self.filter.connections.unknown()
    }

    fn takes(&self, row: &Row<'_, '_>, user_ids: UserIds, decoded: &mut String) -> bool {
        for (cell, seen) in row.cells().zip(&self.seen) {
            if cell != Cell::Missing {
                seen.note();
            }
        }
        // All conditions are evaluated, so that a connection, an id and a type count as seen even if another
        // condition rejects the record.
        let mut taken = self.connection.is_none_or(|column| self.takes_connection(row.get(column), decoded));
        taken &= self.id.is_none_or(|column| self.takes_id(row.get(column), user_ids, decoded));
        for (column, (condition, values)) in self.filter.conditions.iter().zip(&self.values).enumerate() {
            if taken || !values.suffice(condition) {
                let cell = row.get(column);
                let (passes, fits) = condition.judge(cell, decoded);
                values.note(condition, cell, fits, decoded);
                taken &= passes;
            }
        }
        taken
    }

    fn takes_id(&self, cell: Cell<'_>, user_ids: UserIds, decoded: &mut String) -> bool {
        let id = match cell.value() {
            Some(value) if value.kind() == Kind::String => Some(text_of(value, decoded)),
            Some(value) if value.kind() == Kind::Number => Some(value.json()),
            _ => None,
        };
        let in_list = |ids: &Ids| id.is_some_and(|id| ids.take(id, user_ids));
        let wanted = self.filter.ids.as_ref().is_none_or(in_list);
        let unwanted = self.filter.not_ids.as_ref().is_some_and(in_list);
        wanted && !unwanted
    }

    fn takes_connection(&self, cell: Cell<'_>, decoded: &mut String) -> bool {
        let Some(value) = cell.value().filter(|value| value.kind() == Kind::String) else { return false };
        self.filter.connections.take(text_of(value, decoded))
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

    fn reads(&self, name: &str) -> bool {
        !self.filter.closures.is_empty() || self.tree.may_read(name) || self.inner.reads(name)
    }

    fn keeps_contract(&self, library: OfThisLibrary) -> bool {
        self.inner.keeps_contract(library)
    }

    fn properties(&self) -> &'static [&'static str] {
        self.inner.properties()
    }

    fn user_ids(&self) -> Option<UserIds> {
        self.inner.user_ids()
    }

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let read_all = !summary.limited && summary.read > summary.rejected;
        if let Some(error) = self.filter.connections.none_known().filter(|_| read_all) {
            return Err(error.into());
        }
        let mistyped = self.mismatches().into_iter().find_map(|mismatch| mismatch.error(summary));
        if let Some(error) = mistyped.filter(|_| read_all) {
            return Err(error.into());
        }
        self.inner.conclude(summary)
    }

    fn counts(&self) -> bool {
        self.inner.counts()
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
                Ok(row)
                    if self.takes(&row, record.user_ids(), &mut scratch.decoded)
                        && self.filter.closures.iter().all(|closure| closure.0(record)) => {}
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
