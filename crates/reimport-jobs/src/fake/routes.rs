//! Finds the call of a request, checks its authorization, and returns the response.

use std::time::Duration;

use serde_json::{Value, json};

use super::FakeTenant;
use super::imports::ImportWork;
use super::pages;
use super::request::{Request, unescape};
use super::response::Response;
use super::state::{State, Work};
use crate::import::MAX_BODY_BYTES;

/// Returns the name of the call: the method and the path below the API, with `{id}` for IDs.
pub(super) fn name(request: &Request) -> String {
    let path = request.path.as_str();
    if path.starts_with("/exports/") {
        return "download".to_owned();
    }
    let path = path.strip_prefix("/api/v2").unwrap_or(path).trim_start_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let path = match parts.as_slice() {
        ["jobs", "users-exports" | "users-imports" | "verification-email"] => path,
        ["jobs", _] => "jobs/{id}",
        ["jobs", _, "errors"] => "jobs/{id}/errors",
        ["connections", _] => "connections/{id}",
        ["connections", _, "clients"] => "connections/{id}/clients",
        _ => path,
    };
    format!("{} {path}", request.method)
}

pub(super) fn route(state: &mut State, call: &str, request: &Request) -> Response {
    let scope = match call {
        "POST oauth/token" => return token(state, request),
        "download" => return download(state, request),
        "POST jobs/users-imports" | "GET jobs/{id}" | "GET jobs/{id}/errors" => {
            &["create:users", "read:users"][..]
        }
        "POST jobs/users-exports" | "GET users" => &["read:users"],
        "POST jobs/verification-email" => &["update:users"],
        "GET connections" | "GET connections/{id}" | "GET connections/{id}/clients" => &["read:connections"],
        _ => return Response::refusal(404, "", "Not Found"),
    };
    let scope = if call == "POST jobs/users-imports" { &scope[..1] } else { scope };
    if let Some(refusal) = refused(state, scope, request) {
        return refusal;
    }
    match call {
        "POST jobs/users-exports" => users_exports(state, request),
        "POST jobs/users-imports" => users_imports(state, request),
        "POST jobs/verification-email" => verification_email(state, request),
        "GET jobs/{id}" => job(state, request),
        "GET jobs/{id}/errors" => job_errors(state, request),
        "GET users" => pages::users(state, request),
        "GET connections" => pages::connections(state, request),
        "GET connections/{id}/clients" => pages::clients(state, &last_segment(request, 1), request),
        _ => connection(state, request),
    }
}

fn refused(state: &State, scopes: &[&str], request: &Request) -> Option<Response> {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some(token) = token else {
        return Some(Response::refusal(401, "", "Missing authentication"));
    };
    let known = state.tokens.get(token).is_some_and(|until| state.clock.now() < *until);
    if token != FakeTenant::TOKEN && !known {
        return Some(Response::refusal(401, "", "Expired token received for JSON Web Token validation"));
    }
    if !scopes.iter().any(|scope| state.scopes.iter().any(|held| held == scope)) {
        let message = format!("Insufficient scope, expected any of: {}", scopes.join(", "));
        return Some(Response::refusal(403, "insufficient_scope", &message));
    }
    None
}

fn token(state: &mut State, request: &Request) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let is_valid = body["grant_type"] == "client_credentials"
        && body["client_id"] == FakeTenant::CLIENT_ID
        && body["client_secret"] == FakeTenant::CLIENT_SECRET
        && body["audience"] == format!("{}/api/v2/", state.base);
    if !is_valid {
        return Response::json(401, &json!({"error": "access_denied", "error_description": "Unauthorized"}));
    }
    let token = format!("fake-token-{}", state.count());
    state.tokens.insert(token.clone(), state.clock.now() + Duration::from_hours(24));
    let scope = state.scopes.join(" ");
    Response::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "expires_in": 86_400, "scope": scope}),
    )
}

fn users_exports(state: &mut State, request: &Request) -> Response {
    let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) else {
        return Response::refusal(400, "invalid_body", "Payload validation error: 'Invalid JSON'.");
    };
    if let Some(message) = super::exports::refusal(&body) {
        return Response::refusal(400, "invalid_body", &message);
    }
    let mut body = body;
    if let Some(id) = body.get("connection_id").and_then(Value::as_str) {
        let Some(connection) = state.connection(id) else { return no_connection() };
        let name = connection.name.as_str().into();
        body.insert("connection".into(), name);
    }
    body.entry("format").or_insert("csv".into());
    let job = state.create_job("users_export", Value::Object(body), Work::Export { file: Vec::new() });
    Response::json(200, &job)
}

fn users_imports(state: &mut State, request: &Request) -> Response {
    if request.body.len() as u64 > MAX_BODY_BYTES {
        let message = format!("Payload content length greater than maximum allowed: {MAX_BODY_BYTES}.");
        return Response::refusal(413, "", &message);
    }
    let Some(fields) = request.multipart() else {
        let message = "Payload validation error: 'Invalid multipart payload format'.";
        return Response::refusal(400, "invalid_body", message);
    };
    let text = |name: &str| fields.get(name).and_then(|value| String::from_utf8(value.clone()).ok());
    let Some(users) = fields.get("users") else {
        return Response::refusal(400, "invalid_body", "Must provide 'users' file as multipart part.");
    };
    if users.is_empty() {
        return Response::refusal(400, "invalid_body", "Users file must not be empty.");
    }
    let Some(connection_id) = text("connection_id") else {
        return Response::refusal(400, "invalid_body", "Must provide 'connection_id' as multipart part.");
    };
    if !crate::connection::is_connection_id(&connection_id) {
        return Response::refusal(400, "invalid_body", NOT_AN_ID);
    }
    let Some(connection) = state.connection(&connection_id) else { return no_connection() };
    let refused = |message| Response::refusal(400, "operation_not_supported", message);
    if connection.strategy != "auth0" {
        return refused("Connection must be a database connection.");
    }
    if connection.options["enabledDatabaseCustomization"] == true
        && connection.options["import_mode"] == false
    {
        return refused("Custom Database Connections without import mode are not allowed.");
    }
    if state.active_imports() >= 2 {
        let message =
            "There are 2 active import users jobs, please wait until some of them are finished and try again";
        return Response::refusal(429, "too_many_requests", message);
    }
    let name = connection.name.clone();
    let (upsert, external_id) = (text("upsert").is_some_and(|text| text == "true"), text("external_id"));
    let mut object = json!({"connection_id": connection_id, "connection": name});
    if let Some(id) = external_id.as_ref().filter(|id| !id.is_empty()) {
        object["external_id"] = id.as_str().into();
    }
    state.accepted_imports.push(external_id);
    let lost = state.lost_imports.contains(&state.accepted_imports.len());
    let work = ImportWork::new(users.clone(), connection_id, upsert).lost(lost);
    let job = state.create_job("users_import", object, Work::Import(work));
    Response::json(202, &job)
}

fn verification_email(state: &mut State, request: &Request) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if body["user_id"].is_null() {
        return Response::refusal(
            400,
            "invalid_body",
            "Payload validation error: 'Missing required property: user_id'.",
        );
    }
    let user = state.users.iter().find(|user| user.record.get("user_id") == body.get("user_id"));
    let Some(user) = user else {
        return Response::refusal(404, "inexistent_user", "The user does not exist.");
    };
    let refused = |message| Response::refusal(400, "operation_not_supported", message);
    if !user.record.contains_key("email") {
        return refused("User does not have an email address.");
    }
    if let Some(identity) = body.get("identity") {
        let matches =
            |of: &Value| of["provider"] == identity["provider"] && of["user_id"] == identity["user_id"];
        if !user.record["identities"].as_array().is_some_and(|all| all.iter().any(matches)) {
            return refused("The user exists, but does not contain the given identity.");
        }
        if let Some(id) = identity["connection_id"].as_str()
            && state.connection(id).is_none()
        {
            return refused("Identity connection does not exist.");
        }
    }
    let job = state.create_job("verification_email", json!({}), Work::Nothing);
    Response::json(201, &job)
}

fn job(state: &mut State, request: &Request) -> Response {
    let Some(index) = state.job_index(&last_segment(request, 0)) else {
        return no_job();
    };
    let mut object = state.jobs[index].object.clone();
    if let Work::Export { file } = &state.jobs[index].work
        && state.jobs[index].steps_left == 0
        && !file.is_empty()
    {
        let number = state.count();
        let until = state.clock.now() + Duration::from_mins(1);
        let kind = if object.get("format").is_some_and(|format| format == "csv") { "csv" } else { "json" };
        let signature = format!("signature-{number}");
        let id = object["id"].as_str().unwrap_or_default();
        let expires = crate::clock::epoch_seconds(until);
        let link = format!(
            "{}/exports/{id}/fake.{kind}.gz?Expires={expires}&Key-Pair-Id=KEXAMPLE&Signature={signature}",
            state.base
        );
        state.links.insert(signature, (index, until));
        object.insert("location".into(), link.into());
    }
    Response::json(200, &Value::Object(object))
}

fn job_errors(state: &State, request: &Request) -> Response {
    let Some(index) = state.job_index(&last_segment(request, 1)) else {
        return no_job();
    };
    match &state.jobs[index].work {
        Work::Import(work) if !work.errors.is_empty() => {
            Response::json(200, &Value::Array(work.errors.clone()))
        }
        _ => Response::empty(204),
    }
}

fn connection(state: &State, request: &Request) -> Response {
    match state.connection(&last_segment(request, 0)) {
        Some(connection) => Response::json(200, &pages::connection(connection)),
        None => Response::refusal(404, "inexistent_connection", "The connection does not exist"),
    }
}

/// As documented, a call that needs a connection returns 400 if there is none.
fn no_connection() -> Response {
    Response::refusal(400, "inexistent_connection", "The connection does not exist.")
}

/// The message for an ID without the required form.
pub(super) const NOT_AN_ID: &str = "Payload validation error: 'String does not match pattern ^con_[A-Za-z0-9]{16}$' on property connection_id.";

/// Returns the file of an export. Supports `Range`. Refuses requests with a token.
fn download(state: &State, request: &Request) -> Response {
    if request.header("authorization").is_some() {
        return Response::refusal(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    let link = request.query.get("Signature").and_then(|signature| state.links.get(signature));
    let Some((index, _)) = link.filter(|(_, until)| state.clock.now() < *until) else {
        return Response::refusal(403, "AccessDenied", "Access denied");
    };
    let job = &state.jobs[*index];
    let Work::Export { file } = &job.work else {
        return Response::refusal(404, "", "Not Found");
    };
    let tag = format!("\"{}\"", job.object["id"].as_str().unwrap_or_default());
    let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let range = range.filter(|_| request.header("if-range").is_none_or(|wanted| wanted == tag));
    let response = match range.and_then(|from| from.parse::<usize>().ok()) {
        None => Response { status: 200, headers: Vec::new(), body: file.clone() },
        Some(from) if from < file.len() => {
            let content_range = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
            Response { status: 206, headers: Vec::new(), body: file[from..].to_vec() }
                .with("content-range", content_range)
        }
        Some(_) => Response::empty(416).with("content-range", format!("bytes */{}", file.len())),
    };
    response.with("etag", tag).with("content-type", "application/gzip").with("accept-ranges", "bytes")
}

fn no_job() -> Response {
    Response::refusal(404, "inexistent_job", "The job does not exist")
}

/// Returns the path segment that has `before` segments after it.
fn last_segment(request: &Request, before: usize) -> String {
    request.path.rsplit('/').nth(before).map(unescape).unwrap_or_default()
}
