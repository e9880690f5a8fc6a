//! Error kinds of the import rules for a run as a whole, and their messages.

use std::fmt::Write as _;

/// The reason why the rules refuse a run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// The users to be written belong to more than one database connection. Holds the number of users and the name of
    /// each, most users first.
    #[error(
        "an import job fills one connection, but the users belong to {}: {}", .0.len(), listed(.0)
    )]
    SeveralConnections(Vec<(u64, String)>),
    /// No hash of a file of password hashes belongs to any user that was read.
    #[error(
        "no password hash of {} belongs to any user that was read{}: give the hash export of the tenant that the \
         users come from", .file, origin(.tenants, .connections)
    )]
    NoHashMatched {
        /// The name of the file, as given.
        file: String,
        /// The tenants that the file names, at most five.
        tenants: Vec<String>,
        /// The connections that the file names, at most five.
        connections: Vec<String>,
    },
    /// A hash names no connection, and users of several connections have its id.
    #[error(
        "{file}: line {line}: this password hash has no connection, but users of several connections have its id: add the connection of its user"
    )]
    HashOfSeveralLogins {
        /// The name of the file, as given.
        file: String,
        /// The line in the file, from 1.
        line: u64,
    },
    /// No secret of a file of MFA secrets belongs to any user that was read.
    #[error(
        "no MFA secret of {} belongs to any user that was read{}: give the file of the tenant that the users come \
         from", .file, origin(.tenants, .connections)
    )]
    NoSecretMatched {
        /// The name of the file, as given.
        file: String,
        /// The tenants that the file names, at most five.
        tenants: Vec<String>,
        /// The connections that the file names, at most five.
        connections: Vec<String>,
    },
    /// The output is CSV, but the rules render users as JSON objects. CSV needs a projection.
    #[error("the import rules write JSON: CSV output needs a projection")]
    NoCsv,
}

/// Returns the first ten connections, most users first.
fn listed(connections: &[(u64, String)]) -> String {
    let mut list = String::new();
    for (index, (users, name)) in connections.iter().take(10).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let name = name.escape_debug();
        // Writing to a string cannot fail.
        let _ = write!(list, "{comma}{name} ({users})");
    }
    if connections.len() > 10 {
        let _ = write!(list, " and {} more", connections.len() - 10);
    }
    list
}

/// Describes the tenants and connections that a file names. Empty if it names none.
fn origin(tenants: &[String], connections: &[String]) -> String {
    let mut origin = String::new();
    for (what, names) in [("tenant", tenants), ("connection", connections)] {
        if names.is_empty() {
            continue;
        }
        origin.push_str(if origin.is_empty() { "; it is of " } else { ", " });
        origin.push_str(what);
        for (index, name) in names.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(origin, "{comma} {}", name.escape_debug());
        }
    }
    origin
}
