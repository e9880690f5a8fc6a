//! Connections selected by name, and the connections that the records name.

use std::sync::OnceLock;

use crate::path::suggest;
use crate::run::Seen;

/// The maximum number of other connection names that are stored.
const OTHERS: usize = 20;

/// The names of the requested connections, which of them the records name, and some of the other names in the
/// records.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedConnections {
    wanted: Vec<Wanted>,
    /// Filled in order from the first slot. Reading takes no lock.
    others: [OnceLock<Box<str>>; OTHERS],
}

/// One requested connection.
#[derive(Debug, Clone, Default)]
struct Wanted {
    name: String,
    /// Whether any record is of this connection.
    seen: Seen,
    /// Whether this is the connection of any login that is not a database login.
    not_database: Seen,
}

/// A requested connection that no record belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownConnection {
    /// The name as requested.
    pub name: String,
    /// The most similar connection name in the records.
    pub nearest: Option<String>,
    /// What the records show about it.
    pub kind: UnknownKind,
}

/// What the records show about a connection that no record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownKind {
    /// The records are of other connections.
    OtherConnections,
    /// Its users are not database users, so no import file can contain them.
    NotADatabase,
    /// No record names a connection, so no record could be selected.
    NoneNamed,
}

impl WantedConnections {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut wanted = Self::default();
        names.into_iter().for_each(|name| wanted.push(name));
        wanted
    }

    pub(crate) fn push(&mut self, name: String) {
        self.wanted.push(Wanted { name, ..Wanted::default() });
    }

    /// Notes that `connection` has a login that is not a database login.
    pub(crate) fn see_not_database(&self, connection: &str) {
        for wanted in self.wanted.iter().filter(|wanted| wanted.name == connection) {
            wanted.not_database.note();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Returns `true` if `connection` was requested. Also notes that a record has this connection.
    pub(crate) fn take(&self, connection: &str) -> bool {
        if let Some(wanted) = self.wanted.iter().find(|wanted| wanted.name == connection) {
            wanted.seen.note();
            return true;
        }
        for other in &self.others {
            if **other.get_or_init(|| connection.into()) == *connection {
                break;
            }
        }
        false
    }

    /// Returns the requested connections that no record belongs to, each with the most similar name in the records.
    pub(crate) fn unknown(&self) -> Vec<UnknownConnection> {
        let known = self.known();
        let unknown = self.wanted.iter().filter(|wanted| !wanted.seen.is());
        let describe = |wanted: &Wanted| {
            let kind = match (wanted.not_database.is(), known.is_empty()) {
                (true, _) => UnknownKind::NotADatabase,
                (false, true) => UnknownKind::NoneNamed,
                (false, false) => UnknownKind::OtherConnections,
            };
            let nearest = match kind {
                UnknownKind::OtherConnections => suggest(&wanted.name, known.iter().copied()),
                UnknownKind::NotADatabase | UnknownKind::NoneNamed => None,
            };
            UnknownConnection { name: wanted.name.clone(), nearest, kind }
        };
        unknown.map(describe).collect()
    }

    /// Returns the error of a run in which no record is of a requested connection. Returns `None` if at least one
    /// was found.
    pub(crate) fn none_known(&self) -> Option<UnknownConnections> {
        let unknown = self.unknown();
        let all = !unknown.is_empty() && unknown.len() == self.wanted.len();
        let known = self.known().into_iter().map(str::to_owned).collect();
        all.then_some(UnknownConnections { unknown, known })
    }

    /// Returns `true` if any record named a connection.
    pub(crate) fn any_named(&self) -> bool {
        !self.known().is_empty()
    }

    /// Returns the connections of the records, sorted by name. At most [`OTHERS`] of them are not requested ones.
    fn known(&self) -> Vec<&str> {
        let wanted = self.wanted.iter().filter(|wanted| wanted.seen.is()).map(|wanted| wanted.name.as_str());
        let others = self.others.iter().filter_map(|other| other.get().map(|name| &**name));
        let mut known: Vec<&str> = wanted.chain(others).collect();
        known.sort_unstable();
        known
    }
}

/// An error: no record is of any requested connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownConnections {
    /// All requested connections.
    pub unknown: Vec<UnknownConnection>,
    /// The connections of the records, at most 20.
    pub known: Vec<String>,
}

impl std::fmt::Display for UnknownConnections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (other, unknown): (Vec<_>, Vec<_>) =
            self.unknown.iter().partition(|unknown| unknown.kind == UnknownKind::NotADatabase);
        for UnknownConnection { name, .. } in &other {
            write!(
                f,
                "{} is not a database connection, so its users cannot be imported; ",
                name.escape_debug()
            )?;
        }
        for (index, UnknownConnection { name, nearest, .. }) in unknown.iter().enumerate() {
            let before = if index > 0 { " or " } else { "no user belongs to connection " };
            write!(f, "{before}{}", name.escape_debug())?;
            if let Some(nearest) = nearest {
                write!(f, " (did you mean {}?)", nearest.escape_debug())?;
            }
        }
        if !unknown.is_empty() {
            f.write_str("; ")?;
        }
        if self.known.is_empty() {
            return f.write_str("no record has a connection (identities[0].connection)");
        }
        let database = if other.is_empty() { "" } else { "database " };
        write!(f, "the {database}users belong to ")?;
        for (index, name) in self.known.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{}", name.escape_debug())?;
        }
        if self.known.len() == OTHERS {
            f.write_str(" and perhaps others")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownConnections {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_existing_connections_are_recorded() {
        let wanted = WantedConnections::new(["Users".to_owned(), "custmers".to_owned()]);
        assert!(!wanted.any_named());
        assert!(wanted.take("Users") && !wanted.take("customers") && !wanted.take("customers"));
        let nearest = Some("customers".to_owned());
        assert_eq!(
            wanted.unknown(),
            [UnknownConnection { name: "custmers".to_owned(), nearest, kind: UnknownKind::OtherConnections }]
        );
        assert_eq!(wanted.known(), ["Users", "customers"]);
        assert_eq!(wanted.none_known(), None, "one of them is known");
    }

    #[test]
    fn recorded_connection_names_are_limited() {
        let wanted = WantedConnections::new(["x".to_owned()]);
        (0..1_000).for_each(|number| assert!(!wanted.take(&format!("connection {number}"))));
        assert_eq!(wanted.known().len(), OTHERS);
        let words = wanted.none_known().unwrap().to_string();
        assert!(
            words.starts_with("no user belongs to connection x; the users belong to connection 0, "),
            "{words}"
        );
        assert!(words.ends_with(" and perhaps others"), "{words}");
    }
}
