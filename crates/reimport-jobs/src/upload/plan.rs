//! What an upload is about to do, checked as far as the token allows, before anything is sent.

use std::fmt;

use crate::client::Client;
use crate::connection::{Connection, Seen, is_connection_id};
use crate::error::{ConnectionError, Result};

/// What is known of the parts: from their manifest, and from the record of the export they came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The host of the tenant the export came from, where that is known.
    pub exported_from: Option<String>,
    /// Parts to send.
    pub parts: u64,
    /// Users in them.
    pub users: u64,
    /// Users with a password hash.
    pub with_password: u64,
    /// Whether users that exist are changed.
    pub upsert: bool,
    /// What the export lacked, in words.
    pub lacked: Vec<String>,
}

/// What an upload is about to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The host of the tenant it goes to.
    pub tenant: String,
    /// The id of the connection it goes to.
    pub connection_id: String,
    /// The connection, where the token may see it.
    pub connection: Option<Connection>,
    /// How many users the connection holds, where the token may see it.
    pub holds: Option<u64>,
    /// What is to be sent.
    pub facts: Facts,
    /// What the token lacks for the checks above; each is one of several that would do.
    pub missing_scopes: Vec<String>,
}

/// Why an upload should not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// It goes to the tenant the export came from.
    SameTenant,
    /// No user has a password.
    NoPasswords,
    /// The connection is no database.
    NotADatabase,
    /// No client uses the connection.
    NotEnabled,
    /// There is nothing to send.
    Nothing,
}

impl Plan {
    /// Looks at the target; `to` is a connection's id (`con_…`) or name.
    ///
    /// # Errors
    /// Where the connection does not exist, the tenant cannot be reached, or a name cannot be looked up for lack of
    /// a scope. Any other missing scope is named in the plan.
    pub fn look(client: &Client, to: &str, facts: Facts) -> Result<Self> {
        let mut missing_scopes = Vec::new();
        let connection = match client.connection(to)? {
            Seen::Yes(connection) => Some(connection),
            Seen::No(scopes) if is_connection_id(to) => {
                missing_scopes.extend(scopes);
                None
            }
            Seen::No(scopes) => {
                let (name, scopes) = (to.to_owned(), scopes.join(" or "));
                return Err(ConnectionError::Scope { name, scopes }.into());
            }
        };
        let holds = match &connection {
            Some(connection) => match client.users_of_connection(&connection.name)? {
                Seen::Yes(users) => Some(users),
                Seen::No(scopes) => {
                    missing_scopes.extend(scopes);
                    None
                }
            },
            None => None,
        };
        let connection_id =
            connection.as_ref().map_or_else(|| to.to_owned(), |connection| connection.id.clone());
        Ok(Self { tenant: client.host().to_owned(), connection_id, connection, holds, facts, missing_scopes })
    }

    /// Why it should not begin; the caller decides which of them its user has waived.
    pub fn objections(&self) -> Vec<Objection> {
        let facts = &self.facts;
        let same = facts.exported_from.as_deref().is_some_and(|from| from.eq_ignore_ascii_case(&self.tenant));
        let connection = self.connection.as_ref();
        [
            (facts.users == 0, Objection::Nothing),
            (same, Objection::SameTenant),
            // An update leaves passwords as they are; parts for one hold none.
            (facts.users > 0 && facts.with_password == 0 && !facts.upsert, Objection::NoPasswords),
            (connection.is_some_and(|connection| !connection.is_database()), Objection::NotADatabase),
            (
                connection.is_some_and(|connection| connection.is_enabled() == Some(false)),
                Objection::NotEnabled,
            ),
        ]
        .into_iter()
        .filter_map(|(holds, objection)| holds.then_some(objection))
        .collect()
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameTenant => {
                "this is the tenant the export came from; if that is meant, say --same-tenant"
            }
            Self::NoPasswords => {
                "no user has a password hash, and none can be given one later: convert with --passwords, \
                 or say --without-passwords"
            }
            Self::NotADatabase => "the connection is no database; users cannot be imported into it",
            Self::NotEnabled => "no application uses the connection; enable it for one first",
            Self::Nothing => "there are no users to send",
        })
    }
}
