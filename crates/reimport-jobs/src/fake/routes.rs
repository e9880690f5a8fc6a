//! Which call a request is, who may make it, and its answer.

use std::time::Duration;

use serde_json::{Value, json};

use super::FakeTenant;
use super::answer::Answer;
use super::imports::ImportWork;
use super::request::{Request, unescape};
use super::state::{State, Work};
use crate::import::MAX_BODY_BYTES;

/// The call's name: its path under the API with `{id}` for ids.
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
        _ => path,
    };
    format!("{} {path}", request.method)
}

pub(super) fn route(state: &mut State, call: &str, request: &Request) -> Answer {
    let scope = match call {
        "POST oauth/token" => return token(state, request),
        "download" => return download(state, request),
        "POST jobs/users-imports" | "GET jobs/{id}" | "GET jobs/{id}/errors" => {
            &["create:users", "read:users"][..]
        }
        "POST jobs/users-exports" | "GET users" => &["read:users"],
        "POST jobs/verification-email" => &["update:users"],
        "GET connections" | "GET connections/{id}" => &["read:connections"],
        _ => return Answer::refusal(404, "", "Not Found"),
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
        "GET users" => users(state, request),
        _ => connections(state, request),
    }
}

fn refused(state: &State, scopes: &[&str], request: &Request) -> Option<Answer> {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some(token) = token else {
        return Some(Answer::refusal(401, "", "Missing authentication"));
    };
    let known = state.tokens.get(token).is_some_and(|until| state.clock.now() < *until);
    if token != FakeTenant::TOKEN && !known {
        return Some(Answer::refusal(401, "", "Expired token received for JSON Web Token validation"));
    }
    if !scopes.iter().any(|scope| state.scopes.iter().any(|held| held == scope)) {
        let message = format!("Insufficient scope, expected any of: {}", scopes.join(", "));
        return Some(Answer::refusal(403, "insufficient_scope", &message));
    }
    None
}

fn token(state: &mut State, request: &Request) -> Answer {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let right = body["grant_type"] == "client_credentials"
        && body["client_id"] == FakeTenant::CLIENT_ID
        && body["client_secret"] == FakeTenant::CLIENT_SECRET
        && body["audience"] == format!("{}/api/v2/", state.base);
    if !right {
        return Answer::json(401, &json!({"error": "access_denied", "error_description": "Unauthorized"}));
    }
    let token = format!("fake-token-{}", state.count());
    state.tokens.insert(token.clone(), state.clock.now() + Duration::from_hours(24));
    let scope = state.scopes.join(" ");
    Answer::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "expires_in": 86_400, "scope": scope}),
    )
}

fn users_exports(state: &mut State, request: &Request) -> Answer {
    let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) else {
        return Answer::refusal(400, "invalid_body", "Payload validation error: 'Invalid JSON'.");
    };
    if let Some(message) = super::exports::refusal(&body) {
        return Answer::refusal(400, "invalid_body", &message);
    }
    if let Some(id) = body.get("connection_id")
        && !state.connections.iter().any(|connection| id == &connection.id)
    {
        return Answer::refusal(404, "inexistent_connection", "The connection does not exist.");
    }
    let job = state.make_job("users_export", Value::Object(body), Work::Export { file: Vec::new() });
    Answer::json(200, &job)
}

fn users_imports(state: &mut State, request: &Request) -> Answer {
    if request.body.len() as u64 > MAX_BODY_BYTES {
        let message = format!("Payload content length greater than maximum allowed: {MAX_BODY_BYTES}");
        return Answer::refusal(413, "", &message);
    }
    let Some(fields) = request.multipart() else {
        return Answer::refusal(
            400,
            "invalid_body",
            "Payload validation error: expected multipart/form-data.",
        );
    };
    let text = |name: &str| fields.get(name).and_then(|value| String::from_utf8(value.clone()).ok());
    let (Some(users), Some(connection_id)) = (fields.get("users"), text("connection_id")) else {
        return Answer::refusal(400, "invalid_body", "Missing required property: users or connection_id");
    };
    let Some(connection) = state.connections.iter().find(|connection| connection.id == connection_id) else {
        return Answer::refusal(400, "inexistent_connection", "The connection does not exist.");
    };
    if connection.strategy != "auth0" {
        let message = "Connection must be a database connection";
        return Answer::refusal(400, "operation_not_supported", message);
    }
    if state.active_imports() >= 2 {
        let message =
            "There are 2 active import users jobs, please wait until some of them are finished and try again";
        return Answer::refusal(429, "too_many_active_import_users_jobs", message);
    }
    let name = connection.name.clone();
    let is_true = |name: &str, default: bool| text(name).map_or(default, |text| text == "true");
    let (upsert, external_id) = (is_true("upsert", false), text("external_id"));
    let mut object = json!({
        "connection_id": connection_id,
        "connection": name,
        "upsert": upsert,
        "send_completion_email": is_true("send_completion_email", true),
    });
    if let Some(id) = &external_id {
        object["external_id"] = id.as_str().into();
    }
    state.accepted_imports.push(external_id);
    let lost = state.lost_imports.contains(&state.accepted_imports.len());
    let work = ImportWork::new(users.clone(), connection_id, upsert).lost(lost);
    let job = state.make_job("users_import", object, Work::Import(work));
    Answer::json(202, &job)
}

fn verification_email(state: &mut State, request: &Request) -> Answer {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let known = state.users.iter().any(|user| user.record.get("user_id") == body.get("user_id"));
    if body["user_id"].is_null() {
        return Answer::refusal(
            400,
            "invalid_body",
            "Payload validation error: 'Missing required property: user_id'.",
        );
    }
    if !known {
        return Answer::refusal(404, "inexistent_user", "The user does not exist.");
    }
    let job = state.make_job("verification_email", json!({}), Work::Nothing);
    Answer::json(201, &job)
}

fn job(state: &mut State, request: &Request) -> Answer {
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
    Answer::json(200, &Value::Object(object))
}

fn job_errors(state: &State, request: &Request) -> Answer {
    let Some(index) = state.job_index(&last_segment(request, 1)) else {
        return no_job();
    };
    match &state.jobs[index].work {
        Work::Import(work) if !work.errors.is_empty() => {
            Answer::json(200, &Value::Array(work.errors.clone()))
        }
        _ => Answer::empty(204),
    }
}

fn users(state: &State, request: &Request) -> Answer {
    let wanted = request.query.get("q").and_then(|query| query.strip_prefix("identities.connection:\""));
    let Some(name) = wanted.and_then(|rest| rest.strip_suffix('"')) else {
        return Answer::refusal(
            400,
            "invalid_query_string",
            "Only a search by identities.connection is understood",
        );
    };
    let of = |user: &&super::state::User| {
        user.record["identities"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|identity| identity["connection"] == name)
    };
    let found: Vec<_> = state.users.iter().filter(of).collect();
    let first: Vec<_> = found.iter().take(1).map(|user| json!({"user_id": user.record["user_id"]})).collect();
    Answer::json(
        200,
        &json!({"start": 0, "limit": 1, "length": first.len(), "total": found.len(), "users": first}),
    )
}

fn connections(state: &State, request: &Request) -> Answer {
    let show = |connection: &super::FakeConnection| {
        json!({
            "id": connection.id, "name": connection.name, "strategy": connection.strategy,
            "enabled_clients": connection.enabled_clients, "is_domain_connection": false,
        })
    };
    if request.path.ends_with("/connections") {
        let named = |connection: &&super::FakeConnection| {
            request.query.get("name").is_none_or(|name| *name == connection.name)
                && request.query.get("strategy").is_none_or(|strategy| *strategy == connection.strategy)
        };
        let found: Vec<Value> = state.connections.iter().filter(named).map(show).collect();
        return Answer::json(200, &Value::Array(found));
    }
    let id = last_segment(request, 0);
    match state.connections.iter().find(|connection| connection.id == id) {
        Some(connection) => Answer::json(200, &show(connection)),
        None => Answer::refusal(404, "inexistent_connection", "The connection does not exist"),
    }
}

/// The file of an export: `Range` is understood, a token is not wanted.
fn download(state: &State, request: &Request) -> Answer {
    if request.header("authorization").is_some() {
        return Answer::refusal(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    let link = request.query.get("Signature").and_then(|signature| state.links.get(signature));
    let Some((index, _)) = link.filter(|(_, until)| state.clock.now() < *until) else {
        return Answer::refusal(403, "AccessDenied", "Access denied");
    };
    let job = &state.jobs[*index];
    let Work::Export { file } = &job.work else {
        return Answer::refusal(404, "", "Not Found");
    };
    let tag = format!("\"{}\"", job.object["id"].as_str().unwrap_or_default());
    let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let range = range.filter(|_| request.header("if-range").is_none_or(|wanted| wanted == tag));
    let answer = match range.and_then(|from| from.parse::<usize>().ok()) {
        None => Answer { status: 200, headers: Vec::new(), body: file.clone() },
        Some(from) if from < file.len() => {
            let place = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
            Answer { status: 206, headers: Vec::new(), body: file[from..].to_vec() }
                .with("content-range", place)
        }
        Some(_) => Answer::empty(416).with("content-range", format!("bytes */{}", file.len())),
    };
    answer.with("etag", tag).with("content-type", "application/gzip").with("accept-ranges", "bytes")
}

fn no_job() -> Answer {
    Answer::refusal(404, "inexistent_job", "The job does not exist")
}

/// The segment that many before the last.
fn last_segment(request: &Request, before: usize) -> String {
    request.path.rsplit('/').nth(before).map(unescape).unwrap_or_default()
}
