//! The summary of a run: totals, sources, facts, and the positions of rejected records.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::{Fact, MAX_NAMES, OTHER, Problem, SkipReason, Topic, by_section, serialize};
use crate::path::FieldPath;
use crate::position::Position;
use crate::record::{CellPlaces, CellWarning, CsvDialect, CsvTypes, Format, UserIds};

/// Maximum number of rejected records that are listed per rule.
pub const MAX_PLACES: usize = 20;

/// The totals of a run. Always: `read = written + skipped + rejected + left_out`.
///
/// Serializes as one object with these members. Facts are grouped by [section](Topic::section) and name. Maps whose
/// keys are not strings have the text of the key. The only values of users that it holds are names of connections
/// and of unknown properties.
///
/// ```
/// use reimport::{Pipeline, Rules, sink::Nothing, source::Source};
///
/// let source = Source::from_reader("x", &b"{\"email\":\"a@example.com\",\"locale\":\"en\"}"[..]);
/// let (summary, _) = Pipeline::new().run([source], &Rules::default(), Nothing::new())?;
/// let summary = serde_json::to_value(&summary).map_err(reimport::Error::other)?;
/// assert_eq!((&summary["written"], &summary["facts"]["unknown"]["locale"]), (&1.into(), &1.into()));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// All sources, in the order in which they were read.
    pub sources: Vec<SourceSummary>,
    /// Records read.
    pub read: u64,
    /// Records in the output.
    pub written: u64,
    /// Records that an import file cannot contain.
    pub skipped: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Records left out by the user's own filter.
    pub left_out: u64,
    /// Written users with a password hash.
    pub with_password: u64,
    /// Written users without a password hash for whom an earlier run had one when it rejected them.
    pub passwords_left: u64,
    /// Whether the run stopped at its limit. The rest of the input was neither read nor checked.
    pub limited: bool,
    /// Skipped records by reason and strategy.
    #[serde(serialize_with = "serialize::by_text")]
    pub skipped_by: BTreeMap<Skip, u64>,
    /// Rejected records by rule, with the first position of each rule. A record that breaks two rules counts for
    /// both.
    pub rejected_by: BTreeMap<&'static str, RuleCount>,
    /// The first [`MAX_PLACES`] rejected records of each rule, with what was found.
    pub rejected_places: BTreeMap<&'static str, Vec<RulePlace>>,
    /// The first rejected record.
    pub first_rejected: Option<FirstReject>,
    /// For each known property, the number of written records that have it.
    pub present: BTreeMap<&'static str, u64>,
    /// All other counts about written records.
    #[serde(serialize_with = "serialize::by_section")]
    pub facts: BTreeMap<Fact, u64>,
    /// For each warning (a fact of [`Topic::Warned`]): the source and position of the first written record that has it.
    #[serde(serialize_with = "serialize::by_text")]
    pub first_warned: BTreeMap<Fact, (Arc<str>, Position)>,
    /// The form of the user ids in the output.
    pub user_ids: UserIds,
}

impl Summary {
    /// Returns the facts of one topic in sorted order, each with the number of users.
    pub fn of(&self, topic: Topic) -> impl Iterator<Item = (&Fact, u64)> {
        self.facts.iter().filter_map(move |(fact, count)| (fact.topic == topic).then_some((fact, *count)))
    }

    /// Returns the facts in the [section](Topic::section) of a topic, by name: `by id`, `none: no id`.
    pub fn section(&self, topic: Topic) -> BTreeMap<String, u64> {
        by_section(&self.facts).remove(topic.section()).unwrap_or_default()
    }

    /// Returns skipped records by reason and strategy as text, for example `not-a-database-user github`.
    pub fn skipped_by_name(&self) -> BTreeMap<String, u64> {
        self.skipped_by.iter().map(|(skip, count)| (skip.to_string(), *count)).collect()
    }

    /// Returns the number of written users without a password hash.
    pub fn without_password(&self) -> u64 {
        self.written.saturating_sub(self.with_password)
    }

    /// Returns the form of user ids for a transform that does not change them: bare if they are bare in every
    /// source.
    pub(crate) fn user_ids_read(&self) -> UserIds {
        let all_bare = self.sources.iter().all(|source| source.user_ids == UserIds::Bare);
        if all_bare && !self.sources.is_empty() { UserIds::Bare } else { UserIds::Exported }
    }

    /// Counts one record for a rule that it breaks.
    pub(crate) fn count_rejected(&mut self, problem: &Problem, source: &Arc<str>, position: Position) {
        let first = || RuleCount { records: 0, first: (Arc::clone(source), position) };
        self.rejected_by.entry(problem.rule).or_insert_with(first).records += 1;
        let places = self.rejected_places.entry(problem.rule).or_default();
        if places.len() < MAX_PLACES {
            let (path, message) = (problem.path.clone(), problem.message.clone());
            places.push(RulePlace { source: Arc::clone(source), position, path, message });
        }
    }

    pub(crate) fn count_skipped(&mut self, reason: SkipReason, strategy: Option<&str>) {
        let strategy = strategy.unwrap_or_default();
        let same = |skip: &Skip| skip.reason == reason && *skip.strategy == *strategy;
        // Almost always found. Then no memory is allocated.
        if let Some((_, count)) = self.skipped_by.iter_mut().find(|(skip, _)| same(skip)) {
            *count += 1;
            return;
        }
        let folds = !strategy.is_empty() && self.skipped_by.len() >= MAX_NAMES;
        let strategy = if folds { OTHER } else { strategy };
        *self.skipped_by.entry(Skip { reason, strategy: strategy.into() }).or_default() += 1;
    }
}

/// The reason why records were skipped, and their strategy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// The reason.
    pub reason: SkipReason,
    /// The strategy. Empty if it is unknown.
    pub strategy: Box<str>,
}

/// Formats as `not-a-database-user github`.
impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.name())?;
        if self.strategy.is_empty() { Ok(()) } else { write!(f, " {}", self.strategy) }
    }
}

/// One source of a run.
#[derive(Debug, Clone, Serialize)]
pub struct SourceSummary {
    /// The name, as given.
    pub name: Arc<str>,
    /// Number of plain (decompressed) bytes read.
    pub bytes: u64,
    /// Number of records read.
    pub records: u64,
    /// The format of the source.
    pub format: Format,
    /// The CSV dialect, if the source is a CSV.
    pub csv_dialect: Option<CsvDialect>,
    /// How the types of its cells were determined, if the source is a CSV in the plain dialect.
    pub csv_types: Option<CsvTypes>,
    /// The field paths of the columns, if the source is a CSV.
    pub columns: Option<Arc<[FieldPath]>>,
    /// The form of the user ids.
    pub user_ids: UserIds,
    /// Number of users, written or rejected, whose id has the prefix `auth0|`, plus skipped users. 0 if ids are
    /// bare.
    pub ids_with_strategy: u64,
    /// Number of users, written or rejected, whose id has no prefix `auth0|`. 0 if ids are bare.
    pub ids_without_strategy: u64,
    /// Warnings about CSV cells, by kind and column, for all records read. Columns are counted from 0.
    #[serde(serialize_with = "serialize::cell_warnings")]
    pub cell_warnings: BTreeMap<(CellWarning, usize), CellPlaces>,
}

impl SourceSummary {
    /// Returns whether the source has ids with and ids without a strategy prefix.
    ///
    /// An export never has both. Parts have both if an id in them begins with `auth0|` or another strategy. If such
    /// parts are read as an export, the prefix of such an id is removed, or its user is skipped.
    pub fn mixes_user_ids(&self) -> bool {
        self.ids_with_strategy > 0 && self.ids_without_strategy > 0
    }

    /// Counts one warning about a cell.
    pub(crate) fn warn(&mut self, warning: CellWarning, column: usize, line: u64) {
        let none = CellPlaces { first_line: line, cells: 0 };
        self.cell_warnings.entry((warning, column)).or_insert(none).cells += 1;
    }

    /// Returns the warnings about CSV cells, each with its kind and the path of its column. Only columns that the transform
    /// [reads](super::Transform::reads) have warnings.
    ///
    /// ```
    /// use reimport::record::CellWarning;
    /// use reimport::{Pipeline, Projection, sink::Nothing, source::Source};
    ///
    /// let export = "user_id,user_metadata.crm\n'auth0|1,\"9,00719925474099E+15\"\n";
    /// let source = Source::from_reader("users.csv", export.as_bytes());
    /// let projection = Projection::builder().field("user_metadata.crm")?.build()?;
    /// let (summary, _) = Pipeline::new().run([source], &projection, Nothing::new())?;
    /// let warnings: Vec<_> = summary.sources[0].warnings().collect();
    /// assert_eq!(warnings.len(), 1);
    /// let (warning, column, places) = &warnings[0];
    /// assert_eq!((*warning, column.as_str()), (CellWarning::ShortenedNumber, "user_metadata.crm"));
    /// assert_eq!((places.first_line, places.cells), (2, 1));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn warnings(&self) -> impl Iterator<Item = (CellWarning, String, CellPlaces)> {
        self.cell_warnings.iter().map(|((warning, column), places)| {
            let path = self.columns.as_ref().and_then(|columns| columns.get(*column));
            (*warning, path.map_or_else(String::new, ToString::to_string), *places)
        })
    }
}

/// The first rejected record, and the first of its problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FirstReject {
    /// The name of the source.
    pub source: Arc<str>,
    /// The position in the source.
    pub position: Position,
    /// The first problem of the record.
    pub problem: Problem,
}

/// A record that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RulePlace {
    /// The name of the source.
    pub source: Arc<str>,
    /// The position in the source.
    pub position: Position,
    /// The field path of the first problem, in names of the schema only. Empty for the record itself.
    pub path: String,
    /// What was expected and what was found. Never contains a value.
    pub message: String,
}

/// How many records broke a rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleCount {
    /// The number of records.
    pub records: u64,
    /// The source and position of the first of them.
    pub first: (Arc<str>, Position),
}
