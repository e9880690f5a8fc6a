//! Everything the rules can tell a run as a whole, on one page.

use std::fmt::Write as _;

/// The rules refuse the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// The users to be written belong to more than one database connection: their counts and names, most first.
    #[error(
        "an import job fills one connection, but the users belong to {}: {}", .0.len(), listed(.0)
    )]
    SeveralConnections(Vec<(u64, String)>),
    /// No hash of a file of password hashes belongs to any user: the file's name, and the tenants and connections it
    /// names.
    #[error(
        "no password hash of {} belongs to any user that was read{}: give the hash export of the tenant that the \
         users come from", .file, origin(.tenants, .connections)
    )]
    NoHashMatched {
        /// Its name, as given.
        file: String,
        /// At most five.
        tenants: Vec<String>,
        /// At most five.
        connections: Vec<String>,
    },
    /// A hash names no connection, and users of several connections have its id: the file's name, and the line.
    #[error(
        "{file}: line {line}: this password hash names no connection, but users of several connections have its id: \
         write the connection of its user into it"
    )]
    HashOfSeveralLogins {
        /// Its name, as given.
        file: String,
        /// The line there, counted from 1.
        line: u64,
    },
    /// No secret of a file of MFA secrets belongs to any user.
    #[error(
        "no MFA secret of {} belongs to any user that was read{}: give the file of the tenant that the users come \
         from", .file, origin(.tenants, .connections)
    )]
    NoSecretMatched {
        /// Its name, as given.
        file: String,
        /// At most five.
        tenants: Vec<String>,
        /// At most five.
        connections: Vec<String>,
    },
    /// Users are objects; a CSV needs a projection.
    #[error("the import rules render JSON: a CSV needs a projection")]
    NoCsv,
}

/// The first ten connections, most users first.
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

/// What a file says of where it comes from; nothing where it says nothing.
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
