//! What a run has to say when it is over.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::{Fact, MAX_NAMES, OTHER, Problem, SkipReason, Topic, by_section, serialize};
use crate::path::FieldPath;
use crate::position::Position;
use crate::record::{CellPlaces, CellWarning, CsvDialect, Format, UserIds};

/// How many places of rejected records are kept for each rule.
pub const MAX_PLACES: usize = 20;

/// The totals of a run: `read = written + skipped + rejected + left_out`, always.
///
/// Serialized, it is one object with these members: facts are by [section](Topic::section) and name, and maps with
/// other keys than strings have the text of the key. It holds no value of a user but names of connections and of
/// unknown properties.
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
    /// Every source, in the order read.
    pub sources: Vec<SourceSummary>,
    /// Records read.
    pub read: u64,
    /// Records in the output.
    pub written: u64,
    /// Records that no import file can bring.
    pub skipped: u64,
    /// Records refused.
    pub rejected: u64,
    /// Records left out by the user's own filter.
    pub left_out: u64,
    /// Written users that carry a password hash.
    pub with_password: u64,
    /// Written users without a password hash that had one when an earlier run rejected them.
    pub passwords_left: u64,
    /// Whether the run stopped at its limit; what came after was neither read nor checked.
    pub limited: bool,
    /// Skipped records by reason and strategy.
    #[serde(serialize_with = "serialize::by_text")]
    pub skipped_by: BTreeMap<Skip, u64>,
    /// Rejected records by rule (a record that breaks two counts in both), with the first place of each.
    pub rejected_by: BTreeMap<&'static str, RuleCount>,
    /// The first [`MAX_PLACES`] places of each rule, and what was found there.
    pub rejected_places: BTreeMap<&'static str, Vec<RulePlace>>,
    /// The first record that was rejected.
    pub first_rejected: Option<FirstReject>,
    /// How many written records had each known property.
    pub present: BTreeMap<&'static str, u64>,
    /// Everything else counted about written records.
    #[serde(serialize_with = "serialize::by_section")]
    pub facts: BTreeMap<Fact, u64>,
    /// The first written record of each fact of [`Topic::Warned`], with its source.
    #[serde(serialize_with = "serialize::by_text")]
    pub first_warned: BTreeMap<Fact, (Arc<str>, Position)>,
    /// The form of the user ids in the output.
    pub user_ids: UserIds,
}

impl Summary {
    /// The facts of one topic and how many users each is about, in their order.
    pub fn of(&self, topic: Topic) -> impl Iterator<Item = (&Fact, u64)> {
        self.facts.iter().filter_map(move |(fact, count)| (fact.topic == topic).then_some((fact, *count)))
    }

    /// The facts in the [section](Topic::section) of a topic, by name: `by id`, `none: no id`.
    pub fn section(&self, topic: Topic) -> BTreeMap<String, u64> {
        by_section(&self.facts).remove(topic.section()).unwrap_or_default()
    }

    /// Skipped records by the text of why, `not-a-database-user github`.
    pub fn skipped_by_name(&self) -> BTreeMap<String, u64> {
        self.skipped_by.iter().map(|(skip, count)| (skip.to_string(), *count)).collect()
    }

    /// Written users that carry no password hash.
    pub fn without_password(&self) -> u64 {
        self.written.saturating_sub(self.with_password)
    }

    /// The form of the user ids that a transform leaves as they are: bare if they are so in every source.
    pub(crate) fn user_ids_read(&self) -> UserIds {
        let all_bare = self.sources.iter().all(|source| source.user_ids == UserIds::Bare);
        if all_bare && !self.sources.is_empty() { UserIds::Bare } else { UserIds::Exported }
    }

    /// Counts one record for a rule it breaks.
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
        // Nearly always it was seen before, and then no memory is needed.
        if let Some((_, count)) = self.skipped_by.iter_mut().find(|(skip, _)| same(skip)) {
            *count += 1;
            return;
        }
        let folds = !strategy.is_empty() && self.skipped_by.len() >= MAX_NAMES;
        let strategy = if folds { OTHER } else { strategy };
        *self.skipped_by.entry(Skip { reason, strategy: strategy.into() }).or_default() += 1;
    }
}

/// Why records were skipped, and of which strategy they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Why.
    pub reason: SkipReason,
    /// The strategy; empty if it is unknown.
    pub strategy: Box<str>,
}

/// `not-a-database-user github`
impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.name())?;
        if self.strategy.is_empty() { Ok(()) } else { write!(f, " {}", self.strategy) }
    }
}

/// One source of a run.
#[derive(Debug, Clone, Serialize)]
pub struct SourceSummary {
    /// Its name, as given.
    pub name: Arc<str>,
    /// Plain (decompressed) bytes read.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// The format in which it was read.
    pub format: Format,
    /// The dialect in which it was read, where it is a CSV.
    pub csv_dialect: Option<CsvDialect>,
    /// The paths of its columns, where it is a CSV.
    pub columns: Option<Arc<[FieldPath]>>,
    /// The form of its user ids.
    pub user_ids: UserIds,
    /// Users whose id has `auth0|` before it, written or rejected, and skipped users; 0 if ids are bare.
    pub ids_with_strategy: u64,
    /// Users whose id has no `auth0|` before it, written or rejected; 0 if ids are bare.
    pub ids_without_strategy: u64,
    /// What is doubtful about cells of a CSV, by kind and column, counted from 0; over all records read.
    #[serde(serialize_with = "serialize::cell_warnings")]
    pub cell_warnings: BTreeMap<(CellWarning, usize), CellPlaces>,
}

impl SourceSummary {
    /// Whether it has ids with and without a strategy before them.
    ///
    /// No export does. Parts do if an id in them begins with `auth0|` or another strategy: read as exported, such an id
    /// is shortened, or its user is skipped.
    pub fn mixes_user_ids(&self) -> bool {
        self.ids_with_strategy > 0 && self.ids_without_strategy > 0
    }

    /// Counts one doubtful cell.
    pub(crate) fn warn(&mut self, warning: CellWarning, column: usize, line: u64) {
        let none = CellPlaces { first_line: line, cells: 0 };
        self.cell_warnings.entry((warning, column)).or_insert(none).cells += 1;
    }

    /// What is doubtful about cells of a CSV, each kind with the path of its column.
    ///
    /// ```
    /// use reimport::record::CellWarning;
    /// use reimport::{Pipeline, Projection, sink::Nothing, source::Source};
    ///
    /// let export = "user_id,user_metadata.crm\n'auth0|1,\"9,00719925474099E+15\"\n";
    /// let source = Source::from_reader("users.csv", export.as_bytes());
    /// let projection = Projection::builder().field("user_id")?.build()?;
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

/// The first record that was rejected, and the first of its problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FirstReject {
    /// The name of its source.
    pub source: Arc<str>,
    /// Its place there.
    pub position: Position,
    /// What is wrong with it.
    pub problem: Problem,
}

/// One record that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RulePlace {
    /// The name of its source.
    pub source: Arc<str>,
    /// Its place there.
    pub position: Position,
    /// The field path of the first place in it, in names of the schema only; empty for the record itself.
    pub path: String,
    /// What was expected and what was found; never a value.
    pub message: String,
}

/// How often a rule was broken.
#[derive(Debug, Clone, Serialize)]
pub struct RuleCount {
    /// Records that break it.
    pub records: u64,
    /// The first of them.
    pub first: (Arc<str>, Position),
}
