//! The [`Transform`] trait: decides what becomes of one record, and renders it.

use std::fmt;

use super::{Fact, Facts, OfThisLibrary, Rendering, SideFile, SideLines, Summary, Topic};
use crate::error::Result;
use crate::record::{Record, RecordError, UserIds};
use crate::user::property::Property;

/// Decides what becomes of a record, and renders it. Called on any thread, with the records in any order. The result
/// must depend on the record alone.
///
/// A run calls [`transform`](Self::transform) once for each record. A run with a limit also calls it for some records
/// after the limit, and a second time for the records before it if the transform [`counts`](Self::counts). So a
/// transform counts in its scratches, not in itself.
///
/// The main transforms of this library are [`Rules`](crate::Rules) and [`Projection`](crate::Projection). To put own
/// code around one of them, use [`Wrapped`](super::Wrapped), which forwards all methods of this trait that are not about
/// a single record. A type that implements this trait around another transform must forward each of them.
pub trait Transform: Sync {
    /// Buffers that one thread reuses from record to record.
    type Scratch: Send;

    /// Returns a scratch for one thread. `rendering` is the form in which the sink takes records.
    ///
    /// # Errors
    /// If the transform does not support this rendering.
    fn scratch(&self, rendering: Rendering) -> Result<Self::Scratch>;

    /// Returns what is written before the first record: for CSV the header without its line end, for JSON nothing.
    fn header(&self, rendering: Rendering) -> Vec<u8> {
        let _ = rendering;
        Vec::new()
    }

    /// Returns whether [`transform`](Self::transform) reads each record to its last byte and rejects one that is
    /// not a valid JSON object. If not, the pipeline validates each record first, which reads it twice.
    fn validates(&self) -> bool {
        false
    }

    /// Returns whether [`transform`](Self::transform) reads the top-level property `name` of records. The default is
    /// `true`, for all names.
    ///
    /// CSV input has columns for properties. Those of other properties are not in the records that the transform gets,
    /// because building them is most of the time of reading CSV. Warnings about their cells are not counted. All other
    /// formats ignore this. Rejected and skipped records are always complete.
    ///
    /// If this returns `false` for a name, the result of `transform` must not depend on that property.
    fn reads(&self, name: &str) -> bool {
        let _ = name;
        true
    }

    /// Returns whether everything that the transform writes keeps the contract, so that the pipeline need not check it.
    /// Only the transforms of this library can return `true`.
    #[doc(hidden)]
    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
        false
    }

    /// Returns the names of the properties for [`Output::set_present`], in the order of its bits. At most 64.
    fn properties(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns the form of the rendered user ids. `None` if the transform does not change the ids of the sources.
    fn user_ids(&self) -> Option<UserIds> {
        None
    }

    /// Receives a record that a filter or a [`Wrapped`](super::Wrapped) around this transform does not pass to it.
    /// Nothing that is put into `output` counts.
    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) {
        let _ = (record, scratch, output);
    }

    /// Returns whether the transform counts records in its scratches, and wants them back in
    /// [`absorb`](Self::absorb).
    fn counts(&self) -> bool {
        false
    }

    /// Takes back the scratches of a run after its last record and before [`conclude`](Self::conclude). There are one
    /// or more, in any order. A transform that counts in its scratches adds up the counts here. Called only if the
    /// transform [`counts`](Self::counts), and not if the run fails before.
    ///
    /// Together, the scratches were used once for each record that the run read. This is also true with
    /// [`Pipeline::limit`](crate::Pipeline::limit).
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use reimport::run::{Rendering, Transform};
    /// use reimport::{Output, Pipeline, Record, Result, Verdict, sink::Nothing, source::Source};
    ///
    /// /// Counts the bytes of all records.
    /// #[derive(Default)]
    /// struct Bytes(AtomicU64);
    ///
    /// impl Transform for Bytes {
    ///     type Scratch = u64;
    ///
    ///     fn scratch(&self, _: Rendering) -> Result<u64> {
    ///         Ok(0)
    ///     }
    ///
    ///     fn counts(&self) -> bool {
    ///         true
    ///     }
    ///
    ///     fn absorb(&self, bytes: u64) {
    ///         self.0.fetch_add(bytes, Ordering::Relaxed);
    ///     }
    ///
    ///     fn transform(&self, record: Record<'_>, bytes: &mut u64, _: &mut Output<'_>) -> Verdict {
    ///         *bytes += record.json().len() as u64;
    ///         Verdict::Written
    ///     }
    /// }
    ///
    /// let export = b"{\"user_id\":\"auth0|1\"}\n{\"user_id\":\"auth0|2\"}\n{\"user_id\":\"auth0|3\"}\n";
    /// let source = Source::from_reader("tenant.json", &export[..]);
    /// let bytes = Bytes::default();
    /// Pipeline::new().limit(2).run([source], &bytes, Nothing::new())?;
    /// assert_eq!(bytes.0.into_inner(), 2 * 21);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    fn absorb(&self, scratch: Self::Scratch) {
        let _ = scratch;
    }

    /// Checks the run as a whole before anything is published. Returns facts about the whole run, which are added
    /// to the facts of the summary.
    ///
    /// # Errors
    /// If the output of the run must not be published. Then nothing is published.
    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let _ = summary;
        Ok(Vec::new())
    }

    /// Renders one record into `output` and returns its verdict. Bytes appended to [`output.bytes`](Output::bytes)
    /// count only with [`Verdict::Written`].
    ///
    /// The pipeline checks the bytes, the lines for side files and the verdict. If they do not have the documented form,
    /// the run ends with a [`TransformError`](super::TransformError) that has the position of the record. A sink can
    /// turn the check of bytes and lines off: [`Sink::takes_any_bytes`](super::Sink::takes_any_bytes).
    fn transform(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) -> Verdict;
}

/// Receives what a [`Transform`] renders and finds out about one record.
#[derive(Debug)]
pub struct Output<'b> {
    /// The buffer to which the rendered record is appended: one JSON object without line ends, or one CSV line
    /// without its line end. It is empty when a transform of another crate is called. The buffer of a transform of this
    /// library, alone or in a filter, may hold earlier records.
    pub bytes: &'b mut Vec<u8>,
    pub(crate) facts: &'b mut Facts,
    pub(crate) keys: &'b mut Vec<UniqueKey>,
    pub(crate) sides: &'b mut SideLines,
    pub(crate) info: RecordInfo,
}

/// Properties of a rendered record that the ordering step needs, besides its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RecordInfo {
    /// The connection of the user, as an id in the facts of the block.
    pub(crate) connection: Option<u32>,
    /// Whether the user has a password hash.
    pub(crate) password: bool,
    /// Whether the hash comes from a second file.
    pub(crate) joined_password: bool,
    /// Whether the record is known to have no white space between its tokens.
    pub(crate) compact: bool,
    /// The known properties that the record has, one bit each.
    pub(crate) present: u64,
    /// The form in which the user id was read. `None` if there is no id, or if ids are bare.
    pub(crate) id: Option<IdForm>,
}

/// The form of a user id in a source whose ids are as exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    WithStrategy,
    WithoutStrategy,
}

/// A keyed hash of a value that must be unique among the written users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UniqueKey {
    pub(crate) property: Property,
    pub(crate) hash: u128,
}

impl Output<'_> {
    /// Counts a fact about this record. Only facts of written records are added up.
    pub fn note(&mut self, topic: Topic, subject: &str) {
        self.facts.note(topic, "", subject);
    }

    /// Counts a fix of this record. `kind` is the kind of the fix, `property` the property that was fixed.
    pub fn note_fixed(&mut self, kind: &'static str, property: &str) {
        self.facts.note(Topic::Fixed, kind, property);
    }

    /// Counts a warning about this record. `kind` is a kind or a rule, `property` is empty for the record itself.
    pub fn note_warned(&mut self, kind: &'static str, property: &str) {
        self.facts.note(Topic::Warned, kind, property);
    }

    /// Appends one line to a side file. For NDJSON, `line` is the whole line. For CSV, it has the cells after
    /// `source,line`, which the run writes. It must have no line end outside quotes. The line counts only with
    /// [`Verdict::Written`].
    ///
    /// ```
    /// use reimport::{Output, SideFile};
    ///
    /// fn lost(output: &mut Output<'_>) {
    ///     output.side(SideFile::Links, br#"{"user_id":"auth0|1","provider":"github"}"#);
    /// }
    /// ```
    pub fn side(&mut self, list: SideFile, line: &[u8]) {
        self.sides.add(list, line);
    }

    /// Counts that an export-only property was dropped.
    pub(crate) fn note_dropped(&mut self, property: Property) {
        self.facts.note_dropped(property);
    }

    /// Appends the cells of one line to a CSV side file.
    pub(crate) fn side_cells(&mut self, list: SideFile, cells: &[&str]) {
        self.sides.add_cells(list, cells);
    }

    /// Sets the database connection of this user.
    pub fn set_connection(&mut self, name: &str) {
        self.info.connection = Some(self.facts.intern(Topic::Connection, "", name));
    }

    /// Sets the properties that this record has: one bit for each name of [`Transform::properties`], the first in
    /// the lowest bit. A run counts them over the written records in [`Summary::present`].
    pub fn set_present(&mut self, present: u64) {
        self.info.present = present;
    }

    /// Records that this user has a password hash.
    pub fn set_password(&mut self) {
        self.info.password = true;
    }
}

/// What becomes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// In the output, as rendered.
    Written,
    /// Not in an import file, because an import file cannot contain this kind of user.
    Skipped(SkipReason),
    /// Rejected, with all problems of the record. An empty list is a
    /// [`TransformError`](super::TransformError), which ends the run.
    Rejected(Vec<Problem>),
    /// Left out by the user's own filter.
    LeftOut,
    /// Not a valid JSON object.
    Unreadable(RecordError),
}

/// The reason why an import file cannot contain a record. The variants are in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SkipReason {
    /// A database login that is linked to a primary identity of another kind.
    LinkedDatabaseLogin,
    /// A social, enterprise or passwordless user.
    NotADatabaseUser,
}

impl SkipReason {
    /// Returns the stable name that reports and manifests print.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotADatabaseUser => "not-a-database-user",
            Self::LinkedDatabaseLogin => "linked-database-login",
        }
    }
}

/// One broken rule of one record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The stable name of the rule.
    pub rule: &'static str,
    /// The field path of the broken rule, in names of the schema only (`user_metadata.*`). Empty for the record
    /// itself.
    pub path: String,
    /// One sentence: what was expected and what was found. Never contains a value.
    pub message: String,
}

/// Formats as `email: expected an e-mail address, but found no @ in it`. Without a path, the rule in words comes
/// first.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            return write!(f, "{}: {}", self.path, self.message);
        }
        for (index, word) in self.rule.split('-').enumerate() {
            let space = if index > 0 { " " } else { "" };
            let word = match word {
                "json" => "JSON",
                "csv" => "CSV",
                "utf8" => "UTF-8",
                word => word,
            };
            write!(f, "{space}{word}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Problem {
    /// Returns a problem with this rule, path and message.
    pub fn new(rule: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule, path: path.into(), message: message.into() }
    }
}
