//! All that a user asks of the records of a run.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::ids::Ids;
use super::where_::Where;
use crate::connections::WantedConnections;
use crate::error::{Error, Result};
use crate::record::Record;

/// Which records a run is about: those that fulfil everything asked here.
///
/// Wrap a transform in [`Filtered`](super::Filtered) to use it. A filter that asks nothing takes every record.
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

/// What [`Filter::by`] was given.
#[derive(Clone)]
pub(super) struct Closure(pub(super) Arc<dyn Fn(Record<'_>) -> bool + Send + Sync>);

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

/// One condition, as [`Where`] reads it.
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
    /// A filter that asks nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only records that fulfil this, too.
    pub fn and(mut self, condition: Where) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only users of this list; one without an id is in none.
    pub fn ids(self, ids: Ids) -> Self {
        Self { ids: Some(ids), ..self }
    }

    /// No users of this list; one without an id is in none.
    pub fn not_ids(self, ids: Ids) -> Self {
        Self { not_ids: Some(ids), ..self }
    }

    /// Only users whose first identity is of this connection; named again, of one or the other. A user who names none
    /// is of none: otherwise than under the import rules, which have a choice of connections of their own. A run of whose
    /// records none is of any of them is refused.
    pub fn connection(mut self, name: impl Into<String>) -> Self {
        self.connections.push(name.into());
        self
    }

    /// Only records that `takes` takes, too. It is called on any thread, for records that all other conditions take.
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

    /// Whether it asks nothing.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
            && self.ids.is_none()
            && self.not_ids.is_none()
            && self.connections.is_empty()
            && self.closures.is_empty()
    }
}
