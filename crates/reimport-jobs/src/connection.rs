//! `GET connections` and the number of users they hold: what can be checked before anything is sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::{Client, read};
use crate::error::{ConnectionError, Error, Result};
use crate::http::segment;

/// A connection of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection {
    /// Its id, as in `con_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind: `auth0` is a database.
    pub strategy: String,
    /// The clients that use it; none where the tenant does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_clients: Option<Vec<String>>,
    /// All other fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Something the token may or may not be allowed to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// It was seen.
    Yes(T),
    /// The token lacks one of these scopes.
    No(Vec<String>),
}

impl<T> Seen<T> {
    /// What was seen.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Yes(seen) => Some(seen),
            Self::No(_) => None,
        }
    }
}

impl Connection {
    /// Whether users can be imported into it.
    pub fn is_database(&self) -> bool {
        self.strategy == "auth0"
    }

    /// Whether at least one client uses it, where the tenant tells.
    pub fn is_enabled(&self) -> Option<bool> {
        self.enabled_clients.as_ref().map(|clients| !clients.is_empty())
    }
}

const LIST: &str = "GET connections";

impl Client {
    /// `GET connections/{id}` or `GET connections?name=…`: a connection by its id (`con_…`) or name.
    ///
    /// # Errors
    /// Where there is none of that name, or the tenant cannot be reached. A missing scope is no error.
    pub fn connection(&self, id_or_name: &str) -> Result<Seen<Connection>> {
        let missing = || Error::from(ConnectionError::Missing(id_or_name.to_owned()));
        if is_connection_id(id_or_name) {
            const NAME: &str = "GET connections/{id}";
            let path = format!("connections/{}", segment(id_or_name));
            return match self.get(NAME, &path, false) {
                Err(Error::Refused(refused)) if refused.status == 404 => Err(missing()),
                answer => seen(answer, "read:connections", |answer| read(NAME, "a connection", answer)),
            };
        }
        let answer = self.get(LIST, &format!("connections?name={}", segment(id_or_name)), false);
        let found: Seen<Vec<Connection>> =
            seen(answer, "read:connections", |answer| read(LIST, "a list of connections", answer))?;
        match found {
            Seen::No(scopes) => Ok(Seen::No(scopes)),
            Seen::Yes(all) => {
                all.into_iter().find(|each| each.name == id_or_name).map(Seen::Yes).ok_or_else(missing)
            }
        }
    }

    /// How many users a connection holds, by the tenant's search; a number that lags behind by seconds.
    ///
    /// # Errors
    /// Where the tenant cannot be reached or refuses. A missing scope is no error.
    pub fn users_of_connection(&self, name: &str) -> Result<Seen<u64>> {
        const NAME: &str = "GET users";
        #[derive(Deserialize)]
        struct Page {
            total: u64,
        }
        // A name is letters, digits and dashes; anything that would end the quoted phrase is left out.
        let name: String = name.chars().filter(|c| *c != '"' && *c != '\\').collect();
        let query = segment(&format!("identities.connection:\"{name}\""));
        let path =
            format!("users?q={query}&search_engine=v3&per_page=1&page=0&include_totals=true&fields=user_id");
        let answer = self.get(NAME, &path, true);
        seen(answer, "read:users", |answer| {
            read(NAME, "a page of users", answer).map(|page: Page| page.total)
        })
    }
}

/// Whether a text has the form of a connection's id.
pub fn is_connection_id(text: &str) -> bool {
    text.strip_prefix("con_")
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// An answer, or the scopes that it takes to get one.
fn seen<A, T>(answer: Result<A>, scope: &str, read: impl FnOnce(&A) -> Result<T>) -> Result<Seen<T>> {
    match answer {
        Ok(answer) => read(&answer).map(Seen::Yes),
        Err(Error::Refused(refused)) if refused.status == 403 => {
            Ok(Seen::No(if refused.missing_scopes.is_empty() {
                vec![scope.to_owned()]
            } else {
                refused.missing_scopes
            }))
        }
        Err(error) => Err(error),
    }
}
