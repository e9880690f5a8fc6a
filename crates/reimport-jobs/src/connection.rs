//! `GET connections`, the clients of a connection, and its number of users. They are checked before an upload.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::api_call::ApiCall;
use crate::client::{Client, read};
use crate::error::{ConnectionError, Error, Result};
use crate::http::{SHORT, WITH_SCRIPTS, segment};
use crate::job::take;

/// A connection of a tenant. Newer versions of the API leave members out, so all members are optional.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// The ID, for example `con_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The strategy. `auth0` is a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The clients that use the connection. Deprecated by the API and absent from newer responses: see
    /// [`connection_is_used`](Client::connection_is_used).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_clients: Option<Vec<String>>,
    /// All other members, and members above with a value of another type.
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

/// The result of a check that may not be possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked<T> {
    /// The check was made, with this result.
    Yes(T),
    /// The check was not possible.
    No(Unchecked),
}

/// Why a check was not possible.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unchecked {
    /// The token has none of these scopes.
    Scopes(Vec<String>),
    /// The tenant returned this status.
    Status(u16),
    /// There was no response, or not a documented one.
    NoResponse,
    /// There is no token.
    NoToken,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scopes(scopes) => write!(f, "the token lacks the scope {}", scopes.join(" or ")),
            Self::Status(status) => write!(f, "the tenant answered {status}"),
            Self::NoResponse => f.write_str("the tenant gave no documented answer"),
            Self::NoToken => f.write_str("there is no token"),
        }
    }
}

impl<T> Checked<T> {
    /// Returns the result, if the check was made.
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::No(_) => None,
        }
    }
}

impl Connection {
    /// Returns whether users can be imported into the connection. `None` if the tenant does not report the
    /// strategy.
    pub fn is_database(&self) -> Option<bool> {
        self.strategy.as_ref().map(|strategy| strategy == "auth0")
    }

    /// Returns true for a custom database with import mode turned off. The tenant refuses an import into it.
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

/// A list of connections in one of the three forms of the API: an array, a page with totals, or a page with a
/// checkpoint.
#[derive(Deserialize)]
#[serde(untagged)]
enum Connections {
    Array(Vec<Connection>),
    Page { connections: Vec<Connection> },
}

pub(crate) const LIST: &str = "GET connections";

impl Client {
    /// `GET connections/{id}` or `GET connections?name=…`: returns a connection by its ID (`con_…`) or name.
    ///
    /// # Errors
    /// Returns an error if no connection has this ID or name, or if the tenant does not accept the token. For an
    /// ID, any other reason that prevents the check, such as a missing scope, is returned as [`Checked::No`]. For a
    /// name, only a missing scope is.
    pub fn connection(&self, id_or_name: &str) -> Result<Checked<Connection>> {
        let missing = || Error::from(ConnectionError::Missing(id_or_name.to_owned()));
        if is_connection_id(id_or_name) {
            let path = format!("connections/{}", segment(id_or_name));
            let call = ApiCall::new("GET connections/{id}", path);
            return match self.get(&call, WITH_SCRIPTS, &self.retry().once()) {
                Err(Error::Refused(refused)) if refused.status == 404 => Err(missing()),
                response => checked(
                    response.and_then(|response| read(&call, "a connection", &response)),
                    "read:connections",
                ),
            };
        }
        // The name must be resolved for the upload to have a target, so all tries are used.
        let call = ApiCall::new(LIST, format_args!("connections?name={}", segment(id_or_name)));
        let found = match self.get(&call, WITH_SCRIPTS, self.retry()) {
            Ok(response) => read(&call, "a list of connections", &response)?,
            Err(error) if error.refused().is_some_and(|refused| refused.status == 403) => {
                return checked(Err(error), "read:connections");
            }
            Err(error) => return Err(error),
        };
        let (Connections::Array(all) | Connections::Page { connections: all }) = found;
        let named = |each: &Connection| each.name.as_deref() == Some(id_or_name);
        all.into_iter().find(named).map(Checked::Yes).ok_or_else(missing)
    }

    /// `GET connections/{id}/clients`: returns whether at least one application uses a connection.
    ///
    /// # Errors
    /// Returns an error if the tenant does not accept the token. Any other reason that prevents the check is
    /// returned as [`Checked::No`].
    pub fn connection_is_used(&self, id: &str) -> Result<Checked<bool>> {
        #[derive(Deserialize)]
        struct Page {
            clients: Vec<Value>,
        }
        let path = format!("connections/{}/clients?take=1", segment(id));
        let call = ApiCall::new("GET connections/{id}/clients", path);
        let response = self.get(&call, SHORT, &self.retry().once());
        let page = response.and_then(|response| read(&call, "a list of clients", &response));
        checked(page.map(|page: Page| !page.clients.is_empty()), "read:connections")
    }

    /// Returns the number of users of a connection, from the search of the tenant. The number can be some seconds
    /// out of date.
    ///
    /// # Errors
    /// Returns an error if the tenant does not accept the token. Any other reason that prevents the check is
    /// returned as [`Checked::No`]. The search is refused in some tenants, and times out in large ones.
    pub fn users_of_connection(&self, name: &str) -> Result<Checked<u64>> {
        #[derive(Deserialize)]
        struct Page {
            total: u64,
        }
        // A name consists of letters, digits and dashes. Characters that would end the quoted phrase are removed.
        let name: String = name.chars().filter(|c| *c != '"' && *c != '\\').collect();
        let query = segment(&format!("identities.connection:\"{name}\""));
        let path =
            format!("users?q={query}&search_engine=v3&per_page=1&page=0&include_totals=true&fields=user_id");
        let call = ApiCall::new("GET users", path);
        let response = self.get(&call, SHORT, &self.retry().once());
        let page = response.and_then(|response| read(&call, "a page of users", &response));
        checked(page.map(|page: Page| page.total), "read:users")
    }
}

/// Returns true if the text has the form of a connection ID.
pub fn is_connection_id(text: &str) -> bool {
    text.strip_prefix("con_")
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Returns the result, or why the check was not possible. A rejected token is an error, because no other call would
/// succeed with it.
fn checked<T>(response: Result<T>, scope: &str) -> Result<Checked<T>> {
    let unchecked = match response {
        Ok(response) => return Ok(Checked::Yes(response)),
        Err(Error::Refused(refused)) => match refused.status {
            401 => return Err(Error::Refused(refused)),
            _ if refused.call.is_sign_in() => return Err(Error::Refused(refused)),
            403 if refused.missing_scopes.is_empty() => Unchecked::Scopes(vec![scope.to_owned()]),
            403 => Unchecked::Scopes(refused.missing_scopes),
            status => Unchecked::Status(status),
        },
        // No other call would succeed either.
        Err(error @ Error::NoResponse { is_permanent: true, .. }) => return Err(error),
        Err(error) if error.call().is_some_and(|call| !call.is_sign_in()) => Unchecked::NoResponse,
        Err(error) => return Err(error),
    };
    Ok(Checked::No(unchecked))
}
