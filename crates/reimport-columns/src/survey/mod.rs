//! [`SchemaSurvey`]: finds the columns, and the types that fit every value, in one run over exports.

mod columns;
mod node;
mod tally;
#[cfg(test)]
pub(crate) mod tests;
mod top_name;
mod types;

use std::sync::{Mutex, PoisonError};

use reimport::run::{Output, Rendering, Transform, Verdict};
use reimport::{Record, Result, Summary};

pub use tally::TypeTally;

use crate::schema::Schema;

/// Finds a [`Schema`] that fits every value of every record: a transform that renders nothing.
///
/// There is a column for each field path, with the narrowest type that all of its values fit: `bool`, `int`,
/// `decimal(38,0)`, `double`, `timestamp`, `string`, `json`. An object is opened into its members. These are `json`, one
/// column each:
///
/// - arrays, values of several kinds, and values that fit no other type, such as `1e400`,
/// - paths that are null in every record that has them,
/// - objects without members,
/// - objects with more than 1 000 distinct keys, or with a key of more than 256 bytes,
/// - objects with very many paths below them: 50 000 for a property of the record, 5 000 and 2 000 for the objects one and
///   two steps further in, and 1 000 for all others,
/// - in a schema of more than 1 000 columns, the innermost objects with the most columns.
///
/// A record has at most 1 000 distinct properties and 200 000 paths. Beyond that, only the properties of the fixed schema
/// have columns, and their objects are `json`. These limits bound the memory. The schema is the same for any number of threads
/// and any order of the records.
///
/// If a record has no value at a path, the value of a flat key (`"app_metadata.plan"`), a title (`"Email Verified"`) or
/// another spelling counts, as in a [projection](reimport::projection).
///
/// ```
/// use reimport::{Pipeline, sink::Nothing, source::Source};
/// use reimport_columns::SchemaSurvey;
///
/// let export = br#"{"user_id":"auth0|7","app_metadata":{"plan":"pro","quota":5}}"#;
/// let survey = SchemaSurvey::new();
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (summary, _) = Pipeline::new().run([source], &survey, Nothing::new())?;
/// let schema = survey.into_schema(&summary);
/// let columns: Vec<String> =
///     schema.columns().iter().map(|found| format!("{} {}", found.column().path(), found.column().is())).collect();
/// assert_eq!(columns, ["user_id string", "app_metadata.plan string", "app_metadata.quota int"]);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct SchemaSurvey {
    total: Mutex<TypeTally>,
}

impl SchemaSurvey {
    /// Creates a survey of no records.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the schema of all records of all finished runs. `summary` is that of the run.
    pub fn into_schema(self, summary: &Summary) -> Schema {
        let tally = self.total.into_inner().unwrap_or_else(PoisonError::into_inner);
        Schema::found(tally.columns(), tally.records, summary)
    }
}

impl Transform for SchemaSurvey {
    type Scratch = TypeTally;

    fn scratch(&self, _: Rendering) -> Result<TypeTally> {
        Ok(TypeTally::default())
    }

    fn validates(&self) -> bool {
        true
    }

    fn counts(&self) -> bool {
        true
    }

    fn absorb(&self, scratch: TypeTally) {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).merge(&scratch);
    }

    fn transform(&self, record: Record<'_>, scratch: &mut TypeTally, _: &mut Output<'_>) -> Verdict {
        match scratch.add(record) {
            Ok(()) => Verdict::Written,
            Err(error) => Verdict::Unreadable(error.into()),
        }
    }
}
