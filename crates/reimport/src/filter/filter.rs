//! Everything that a user requires of the records of a run.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::ids::Ids;
use super::where_::Where;
use crate::connections::WantedConnections;
use crate::error::{Error, Result};
use crate::record::Record;

/// Selects the records of a run: those that fulfill all conditions of the filter.
///
/// To use it, wrap a transform in [`Filtered`](super::Filtered). A filter without conditions accepts every record.
///
/// ```
/// use reimport::filter::{Filter, Ids};
///
/// let filter = Filter::new()
///     .and("email_verified = true".parse()?)
///     .not_ids(Ids::from_ids(["auth0|7", "8"]))
///     .connection("Username-Password-Authentication");
/// assert!(!filter.is_empty());
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub(super) conditions: Vec<Where>,
    pub(super) ids: Option<Ids>,
    pub(super) not_ids: Option<Ids>,
    pub(super) connections: WantedConnections,
    pub(super) closures: Vec<Closure>,
}

/// The function given to [`Filter::by`].
#[derive(Clone)]
pub(super) struct Closure(pub(super) Arc<dyn Fn(Record<'_>) -> bool + Send + Sync>);

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

/// Parses a filter with one condition, as [`Where`] does.
///
/// ```
/// let filter: reimport::filter::Filter = "logins_count > 5".parse()?;
/// assert!(!filter.is_empty());
/// # Ok::<(), reimport::Error>(())
/// ```
impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(Self::new().and(text.parse()?))
    }
}

impl Filter {
    /// Creates a filter without conditions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts only records that also fulfill this condition.
    ///
    /// A run is refused if the condition orders values (`<`, `>=` …), but all values at its path have another type, because
    /// it would select nothing, or with a negated condition everything.
    pub fn and(mut self, condition: Where) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Accepts only users in this list. A user without an id is not in any list.
    pub fn ids(self, ids: Ids) -> Self {
        Self { ids: Some(ids), ..self }
    }

    /// Leaves out users in this list. A user without an id is not in any list.
    pub fn not_ids(self, ids: Ids) -> Self {
        Self { not_ids: Some(ids), ..self }
    }

    /// Accepts only users whose first identity belongs to this connection. After several calls, it may belong to any
    /// of their connections.
    ///
    /// A user that names no connection belongs to none. The import rules, which have their own choice of connections,
    /// handle this differently. A run is refused if no record belongs to any of the connections.
    pub fn connection(mut self, name: impl Into<String>) -> Self {
        self.connections.push(name.into());
        self
    }

    /// Accepts only records for which `takes` returns `true`. It is called on any thread, for records that fulfill
    /// all other conditions.
    ///
    /// The result must depend on the record alone, and `takes` must not count its calls. A run with a limit also calls it
    /// for some records after the limit, and a second time for the records before it if the transform counts, as a
    /// [`Survey`](crate::survey::Survey) does.
    ///
    /// ```
    /// use reimport::Record;
    /// use reimport::filter::{Filter, Filtered};
    /// use reimport::projection::Unchanged;
    /// use reimport::run::{Rendering, Verdict, apply};
    ///
    /// let short = Filtered::new(Filter::new().by(|record| record.json().len() < 10), Unchanged);
    /// let verdict = |json| apply(&short, Rendering::Json, Record::parse(json)?).map(|applied| applied.verdict);
    /// assert_eq!(verdict(r#"{"a":1}"#)?, Verdict::Written);
    /// assert_eq!(verdict(r#"{"a":10000000}"#)?, Verdict::LeftOut);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn by(mut self, takes: impl Fn(Record<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.closures.push(Closure(Arc::new(takes)));
        self
    }

    /// Returns whether the filter has no conditions.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
            && self.ids.is_none()
            && self.not_ids.is_none()
            && self.connections.is_empty()
            && self.closures.is_empty()
    }
}
