//! `GET connections`, the clients of one, and the number of users they hold: what can be checked before sending.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::client::{Client, read};
use crate::error::{ConnectionError, Error, Result};
use crate::http::{SHORT, WITH_SCRIPTS, segment};
use crate::job::take;

/// A connection of a tenant. Newer answers leave members out, so every one is optional.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// Its id, as in `con_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its kind: `auth0` is a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The clients that use it. Deprecated by the API, and absent from newer answers: see
    /// [`connection_is_used`](Client::connection_is_used).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_clients: Option<Vec<String>>,
    /// All other members, and those above whose value is of another type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Connection {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(from)?;
        let members = &mut map;
        Ok(Self {
            id: take(members, "id"),
            name: take(members, "name"),
            strategy: take(members, "strategy"),
            enabled_clients: take(members, "enabled_clients"),
            extra: map,
        })
    }
}

/// Something that can be checked, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// It was seen.
    Yes(T),
    /// It could not be checked.
    No(Unchecked),
}

/// Why something could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unchecked {
    /// The token lacks one of these scopes.
    Scopes(Vec<String>),
    /// The tenant answered with this status.
    Status(u16),
    /// No answer, or none that is documented.
    NoAnswer,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scopes(scopes) => write!(f, "the token lacks the scope {}", scopes.join(" or ")),
            Self::Status(status) => write!(f, "the tenant answered {status}"),
            Self::NoAnswer => f.write_str("the tenant gave no documented answer"),
        }
    }
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
    /// Whether users can be imported into it, if the tenant says what it is.
    pub fn is_database(&self) -> Option<bool> {
        self.strategy.as_ref().map(|strategy| strategy == "auth0")
    }

    /// Whether it is a database of the customer's own that imports users only as they sign in. An import into it is
    /// refused.
    ///
    /// ```
    /// let connection: reimport_jobs::Connection = serde_json::from_value(serde_json::json!({
    ///     "strategy": "auth0", "options": {"enabledDatabaseCustomization": true, "import_mode": false},
    /// }))?;
    /// assert!(connection.is_custom_without_import());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn is_custom_without_import(&self) -> bool {
        let option = |name: &str| self.extra.get("options")?.get(name)?.as_bool();
        option("enabledDatabaseCustomization") == Some(true) && option("import_mode") == Some(false)
    }
}

/// Connections in one of the three forms of a list: an array, a page with totals, or a page with a checkpoint.
#[derive(Deserialize)]
#[serde(untagged)]
enum Connections {
    Array(Vec<Connection>),
    Page { connections: Vec<Connection> },
}

const LIST: &str = "GET connections";

impl Client {
    /// `GET connections/{id}` or `GET connections?name=…`: a connection by its id (`con_…`) or name.
    ///
    /// # Errors
    /// If no connection has that name or id, or the tenant does not accept the token. An id that cannot be checked for
    /// another reason, such as a missing scope, is not an error; nor is a name that the token may not look up.
    pub fn connection(&self, id_or_name: &str) -> Result<Seen<Connection>> {
        let missing = || Error::from(ConnectionError::Missing(id_or_name.to_owned()));
        if is_connection_id(id_or_name) {
            const NAME: &str = "GET connections/{id}";
            let path = format!("connections/{}", segment(id_or_name));
            return match self.get(NAME, &path, WITH_SCRIPTS, &self.retry().once()) {
                Err(Error::Refused(refused)) if refused.status == 404 => Err(missing()),
                answer => {
                    seen(answer.and_then(|answer| read(NAME, "a connection", &answer)), "read:connections")
                }
            };
        }
        // Without an answer the upload has no target: this call is worth all tries.
        let path = format!("connections?name={}", segment(id_or_name));
        let found = match self.get(LIST, &path, WITH_SCRIPTS, self.retry()) {
            Ok(answer) => read(LIST, "a list of connections", &answer)?,
            Err(error) if error.refused().is_some_and(|refused| refused.status == 403) => {
                return seen(Err(error), "read:connections");
            }
            Err(error) => return Err(error),
        };
        let (Connections::Array(all) | Connections::Page { connections: all }) = found;
        let named = |each: &Connection| each.name.as_deref() == Some(id_or_name);
        all.into_iter().find(named).map(Seen::Yes).ok_or_else(missing)
    }

    /// `GET connections/{id}/clients`: whether at least one application uses a connection.
    ///
    /// # Errors
    /// If the tenant does not accept the token. Anything else that keeps it from being checked is not an error.
    pub fn connection_is_used(&self, id: &str) -> Result<Seen<bool>> {
        const NAME: &str = "GET connections/{id}/clients";
        #[derive(Deserialize)]
        struct Page {
            clients: Vec<Value>,
        }
        let answer = self.get(
            NAME,
            &format!("connections/{}/clients?take=1", segment(id)),
            SHORT,
            &self.retry().once(),
        );
        let page = answer.and_then(|answer| read(NAME, "a list of clients", &answer));
        seen(page.map(|page: Page| !page.clients.is_empty()), "read:connections")
    }

    /// How many users a connection holds, by the tenant's search; a number that lags behind by seconds.
    ///
    /// # Errors
    /// If the tenant does not accept the token. Anything else that keeps it from being checked is not an error: the
    /// search is refused in some tenants, and times out in large ones.
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
        let answer = self.get(NAME, &path, SHORT, &self.retry().once());
        let page = answer.and_then(|answer| read(NAME, "a page of users", &answer));
        seen(page.map(|page: Page| page.total), "read:users")
    }
}

/// Whether a text has the form of a connection's id.
pub fn is_connection_id(text: &str) -> bool {
    text.strip_prefix("con_")
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// What an answer says, or why it cannot be had. Only a token that is not accepted is an error: no other call would
/// succeed with it either.
fn seen<T>(answer: Result<T>, scope: &str) -> Result<Seen<T>> {
    let unchecked = match answer {
        Ok(answer) => return Ok(Seen::Yes(answer)),
        Err(Error::Refused(refused)) => match refused.status {
            401 => return Err(Error::Refused(refused)),
            _ if refused.call == crate::error::TOKEN_CALL => return Err(Error::Refused(refused)),
            403 if refused.missing_scopes.is_empty() => Unchecked::Scopes(vec![scope.to_owned()]),
            403 => Unchecked::Scopes(refused.missing_scopes),
            status => Unchecked::Status(status),
        },
        Err(error) if error.call().is_some_and(|call| call != crate::error::TOKEN_CALL) => {
            Unchecked::NoAnswer
        }
        Err(error) => return Err(error),
    };
    Ok(Seen::No(unchecked))
}
