//! All that a user asks of the records of a run.

use super::ids::Ids;
use super::where_::Where;
use crate::connections::WantedConnections;

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

    /// Whether it asks nothing.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
            && self.ids.is_none()
            && self.not_ids.is_none()
            && self.connections.is_empty()
    }
}
