//! The first of the two places to plug in: what becomes of one record.

use std::fmt;

use super::{Fact, Facts, Rendering, SideFile, SideLines, Summary, Topic};
use crate::csv_cell::write_disarmed;
use crate::error::Result;
use crate::record::{Record, RecordError, UserIds};
use crate::user::property::Property;

/// What becomes of one record: pure, on any thread, in any order, each record once.
///
/// [`Rules`](crate::Rules) and [`Projection`](crate::Projection) are the two that come with the library.
pub trait Transform: Sync {
    /// Buffers that are reused from record to record on one thread.
    type Scratch: Send;

    /// A scratch for one thread, for a sink that wants records rendered so.
    ///
    /// # Errors
    /// Where this transform cannot render like that.
    fn scratch(&self, rendering: Rendering) -> Result<Self::Scratch>;

    /// What stands before the first record: the header of a CSV, without its line end; nothing for JSON.
    fn header(&self, rendering: Rendering) -> Vec<u8> {
        let _ = rendering;
        Vec::new()
    }

    /// Whether [`transform`](Self::transform) walks each record to its last byte and rejects one that is no valid
    /// JSON object. Where it does not, the pipeline validates first, which costs a second walk.
    fn validates(&self) -> bool {
        false
    }

    /// The names of the properties that [`Output::set_present`] speaks of, at most 64, in the order of its bits.
    fn properties(&self) -> &'static [&'static str] {
        &[]
    }

    /// The form of the user ids that it renders. If `None`, they have the form that they have in the sources.
    fn user_ids(&self) -> Option<UserIds> {
        None
    }

    /// Sees a record that a filter around this transform leaves out. Its verdict is
    /// [`LeftOut`](Verdict::LeftOut) whatever is done here, and nothing that is put into `output` counts.
    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) {
        let _ = (record, scratch, output);
    }

    /// Takes back the scratches of a run that has worked all of its input, before [`conclude`](Self::conclude): one or
    /// more, in any order. What a transform counts in them, it adds up here. A run that fails or stops at its limit
    /// gives none back.
    fn absorb(&self, scratch: Self::Scratch) {
        let _ = scratch;
    }

    /// Judges the run as a whole before anything is published, and returns what it has counted about the run as a whole,
    /// which is added to the facts of the summary.
    ///
    /// # Errors
    /// If the run must not be published: then nothing is.
    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let _ = summary;
        Ok(Vec::new())
    }

    /// Renders one record into `output`, or says why not. What was appended to
    /// [`output.bytes`](Output::bytes) counts only with [`Verdict::Written`].
    fn transform(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) -> Verdict;
}

/// Where a [`Transform`] puts what it renders and what it found out about one record.
#[derive(Debug)]
pub struct Output<'b> {
    /// The rendered record is appended here: one JSON object without line ends, or one CSV line without its end.
    pub bytes: &'b mut Vec<u8>,
    pub(crate) facts: &'b mut Facts,
    pub(crate) keys: &'b mut Vec<UniqueKey>,
    pub(crate) sides: &'b mut SideLines,
    pub(crate) about: About,
}

/// What the ordering step needs to know about a rendered record, besides its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// The connection it belongs to, as a name of the block's facts.
    pub(crate) connection: Option<u32>,
    /// Whether it carries a password hash.
    pub(crate) password: bool,
    /// Whether that hash comes from a second file.
    pub(crate) joined_password: bool,
    /// Whether the record was found to have no white space between its tokens.
    pub(crate) compact: bool,
    /// The known properties it has, a bit each.
    pub(crate) present: u64,
    /// The form in which its user id was read; `None` if there is none, or if ids are bare.
    pub(crate) id: Option<IdForm>,
}

/// How a user id was read from a source with ids as exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    WithStrategy,
    WithoutStrategy,
}

/// A value that no two written users may share, as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UniqueKey {
    pub(crate) property: Property,
    pub(crate) hash: u128,
}

impl Output<'_> {
    /// Counts one thing about this record, to be added up over the records that end up written.
    pub fn note(&mut self, topic: Topic, subject: &str) {
        self.facts.note(topic, "", subject);
    }

    /// Counts one fix of this record: its kind, and the property that was fixed.
    pub fn note_fixed(&mut self, kind: &'static str, property: &str) {
        self.facts.note(Topic::Fixed, kind, property);
    }

    /// Counts one warning about this record: its kind or rule, and the property, or nothing for the record itself.
    pub fn note_warned(&mut self, kind: &'static str, property: &str) {
        self.facts.note(Topic::Warned, kind, property);
    }

    /// Appends one line to a list beside the output: NDJSON as it is, or the cells of a CSV that follow `source,line`,
    /// which are written for it; without line ends outside quotes. It counts only with [`Verdict::Written`].
    ///
    /// ```
    /// use reimport::{Output, SideFile};
    ///
    /// fn lost(output: &mut Output<'_>) {
    ///     output.side(SideFile::Links, br#"{"user_id":"auth0|1","provider":"github"}"#);
    /// }
    /// ```
    pub fn side(&mut self, list: SideFile, line: &[u8]) {
        self.sides.add(list, |out| out.extend_from_slice(line));
    }

    /// Appends the cells of one line to a list that is a CSV.
    pub(crate) fn side_cells(&mut self, list: SideFile, cells: &[&str]) {
        self.sides.add(list, |out| {
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_disarmed(cell, out);
            }
        });
    }

    /// The database connection this user belongs to.
    pub fn set_connection(&mut self, name: &str) {
        self.about.connection = Some(self.facts.intern(Topic::Connection, "", name));
    }

    /// The properties that this record has: a bit for each of [`Transform::properties`], the first at the lowest bit. A
    /// run counts them over the written records, in [`Summary::present`].
    pub fn set_present(&mut self, present: u64) {
        self.about.present = present;
    }

    /// This user carries a password hash.
    pub fn set_password(&mut self) {
        self.about.password = true;
    }
}

/// Where one record ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// In the output, as it was rendered.
    Written,
    /// In no import file: it is of a kind that none can bring.
    Skipped(SkipReason),
    /// Refused, for all of these reasons at once; never empty.
    Rejected(Vec<Problem>),
    /// Left out by the user's own filter.
    LeftOut,
    /// No record at all: it is no valid JSON object.
    Unreadable(RecordError),
}

/// Why a record cannot come by any import file; sorted as their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SkipReason {
    /// A database login that is linked under a primary of another kind.
    LinkedDatabaseLogin,
    /// A social, enterprise or passwordless user.
    NotADatabaseUser,
}

impl SkipReason {
    /// Its stable name, as reports and manifests print it.
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
    /// The field path at which it is broken, in names of the schema only (`user_metadata.*`); empty for the record itself.
    pub path: String,
    /// One sentence: what was expected, what was found. Never a value.
    pub message: String,
}

/// `email: expected an e-mail address, but found no @ in it`; without a path, the rule in words comes first.
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
    /// A broken rule at a path.
    pub fn new(rule: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule, path: path.into(), message: message.into() }
    }
}
