//! An API call, as errors and pauses name it.

use std::fmt;

/// An API call: its method and its path.
///
/// It is shown with the path that is requested, for example `GET /api/v2/jobs/job_0000000000000001`. The query is not
/// shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCall {
    name: &'static str,
    path: String,
}

impl ApiCall {
    /// Creates a call of the Management API. `name` begins with the method. `path` follows `/api/v2/`, and its
    /// arguments are escaped.
    pub(crate) fn new(name: &'static str, path: impl fmt::Display) -> Self {
        Self { name, path: format!("/api/v2/{path}") }
    }

    /// Creates the call that signs in.
    pub(crate) fn sign_in() -> Self {
        Self { name: SIGN_IN, path: "/oauth/token".to_owned() }
    }

    /// Returns the name of the call in the documentation of the API, for example `GET jobs/{id}`. It does not depend
    /// on arguments.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns true for the call that signs in.
    pub(crate) fn is_sign_in(&self) -> bool {
        self.name == SIGN_IN
    }

    pub(crate) fn method(&self) -> &'static str {
        self.name.split_once(' ').map_or("GET", |(method, _)| method)
    }

    /// Returns the path with the query.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

/// The name of the call that signs in.
const SIGN_IN: &str = "POST oauth/token";

impl fmt::Display for ApiCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split_once('?').map_or(&*self.path, |(path, _)| path);
        write!(f, "{} {path}", self.method())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_is_shown_with_its_path_and_without_its_query() {
        let call = ApiCall::new("GET connections/{id}/clients", "connections/con_1/clients?take=1");
        assert_eq!(call.to_string(), "GET /api/v2/connections/con_1/clients");
        assert_eq!(call.path(), "/api/v2/connections/con_1/clients?take=1");
        assert_eq!(call.name(), "GET connections/{id}/clients");
        assert_eq!(ApiCall::sign_in().to_string(), "POST /oauth/token");
    }
}
