//! What an upload is about to do, checked as far as the token allows, before anything is sent.

use std::fmt;

use crate::client::Client;
use crate::connection::{Connection, Seen, Unchecked, is_connection_id};
use crate::error::{ConnectionError, Error, Result};

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
    /// Whether an application uses the connection, where that is known.
    pub is_used: Option<bool>,
    /// What is to be sent.
    pub facts: Facts,
    /// What could not be checked, and why. None of it keeps an upload from beginning.
    pub unchecked: Vec<(Check, Unchecked)>,
}

/// Something of a target that is checked before an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// Its name, that it is a database and, if the database is the customer's own, that it takes imports.
    Connection,
    /// Whether an application uses it.
    Used,
    /// How many users it holds.
    Users,
}

/// Something of the target that does not keep an upload from beginning, but that should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// No application uses the connection.
    NotUsed,
}

/// Why an upload should not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// It goes to the tenant the export came from.
    SameTenant,
    /// No user has a password.
    NoPasswords,
    /// The connection is not a database.
    NotADatabase,
    /// The connection is a database of the customer's own that does not take imports.
    NoImportMode,
    /// There is nothing to send.
    Nothing,
}

impl Plan {
    /// Checks the target; `to` is a connection's id (`con_…`) or name.
    ///
    /// # Errors
    /// If the connection does not exist, the tenant does not accept the token, or a name cannot be looked up. Anything
    /// else that could not be checked is named in the plan.
    pub fn look(client: &Client, to: &str, facts: Facts) -> Result<Self> {
        let mut unchecked = Vec::new();
        let mut check = |check, reason| unchecked.push((check, reason));
        let connection = match client.connection(to)? {
            Seen::Yes(connection) => Some(connection),
            Seen::No(reason) if is_connection_id(to) => {
                check(Check::Connection, reason);
                None
            }
            Seen::No(reason) => return Err(ConnectionError::Unchecked { name: to.to_owned(), reason }.into()),
        };
        let connection_id = match connection.as_ref().and_then(|connection| connection.id.clone()) {
            // What was found by its id has that id.
            _ if is_connection_id(to) => to.to_owned(),
            Some(id) => id,
            None => {
                return Err(Error::Answer { call: "GET connections", expected: "a connection with an id" });
            }
        };
        let mut is_used = None;
        let mut holds = None;
        if let Some(connection) = &connection {
            is_used = match client.connection_is_used(&connection_id)? {
                Seen::Yes(used) => Some(used),
                Seen::No(reason) => {
                    // The deprecated list still says that there are some; that it is empty may be its end of life.
                    let used = connection.enabled_clients.as_ref().is_some_and(|clients| !clients.is_empty());
                    if !used {
                        check(Check::Used, reason);
                    }
                    used.then_some(true)
                }
            };
            if let Some(name) = &connection.name {
                match client.users_of_connection(name)? {
                    Seen::Yes(users) => holds = Some(users),
                    Seen::No(reason) => check(Check::Users, reason),
                }
            }
        }
        let tenant = client.host().to_owned();
        Ok(Self { tenant, connection_id, connection, holds, is_used, facts, unchecked })
    }

    /// What should be looked at, although it does not keep the upload from beginning.
    pub fn warnings(&self) -> Vec<Warning> {
        let not_used = self.is_used == Some(false);
        not_used.then_some(Warning::NotUsed).into_iter().collect()
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
            (
                connection.is_some_and(|connection| connection.is_database() == Some(false)),
                Objection::NotADatabase,
            ),
            (connection.is_some_and(Connection::is_custom_without_import), Objection::NoImportMode),
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
                "this is the tenant the export came from"
            }
            Self::NoPasswords => {
                "no user has a password hash, and none can be given one later"
            }
            Self::NotADatabase => "the connection is not a database; users cannot be imported into it",
            Self::NoImportMode => {
                "the connection is a custom database without import mode, which takes no imports; turn on \"Import \
                 Users to Auth0\" in its settings first"
            }
            Self::Nothing => "there are no users to send",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUsed => "no application uses the connection, so its users cannot sign in yet",
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => {
                "the connection's name, that it is a database and takes imports, and what it holds"
            }
            Self::Used => "whether an application uses the connection",
            Self::Users => "how many users the connection holds",
        })
    }
}
