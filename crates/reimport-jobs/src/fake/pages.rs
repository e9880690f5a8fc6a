//! Lists in the three forms of the API: an array, a page with totals, and a page with a checkpoint.

use serde_json::{Map, Value, json};

use super::FakeConnection;
use super::request::Request;
use super::response::Response;
use super::state::{State, User};

/// `GET users`: all users, or those of one connection.
pub(super) fn users(state: &State, request: &Request) -> Response {
    let wanted = match request.query.get("q") {
        None => None,
        Some(query) => {
            let name = query.strip_prefix("identities.connection:\"").and_then(|rest| rest.strip_suffix('"'));
            let Some(name) = name else {
                let message = "Only a search by identities.connection is understood";
                return Response::refusal(400, "invalid_query_string", message);
            };
            Some(name)
        }
    };
    let in_connection = |user: &&User| {
        let identities = user.record.get("identities").and_then(Value::as_array).into_iter().flatten();
        wanted.is_none_or(|name| identities.into_iter().any(|identity| identity["connection"] == name))
    };
    let fields: Vec<&str> =
        request.query.get("fields").map(|fields| fields.split(',').collect()).unwrap_or_default();
    let show = |user: &User| {
        let shown =
            user.record.iter().filter(|(name, _)| fields.is_empty() || fields.contains(&name.as_str()));
        Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    list(request, "users", state.users.iter().filter(in_connection).map(show).collect())
}

/// `GET connections`: all connections, or those with a name or strategy.
pub(super) fn connections(state: &State, request: &Request) -> Response {
    let matches = |name: &str, value: &str| request.query.get(name).is_none_or(|wanted| wanted == value);
    let named = |connection: &&FakeConnection| {
        matches("name", &connection.name) && matches("strategy", &connection.strategy)
    };
    list(request, "connections", state.connections.iter().filter(named).map(connection).collect())
}

/// `GET connections/{id}/clients`: has only the form with checkpoints.
pub(super) fn clients(state: &State, id: &str, request: &Request) -> Response {
    let Some(connection) = state.connection(id) else {
        return Response::refusal(404, "inexistent_connection", "The connection does not exist");
    };
    let clients = connection.enabled_clients.iter().map(|client| json!({"client_id": client})).collect();
    checkpoint(request, "clients", clients)
}

/// Returns a connection in the form recorded from a real tenant.
pub(super) fn connection(connection: &FakeConnection) -> Value {
    let options = if connection.options.is_null() {
        json!({
            "mfa": {"active": true, "return_enroll_settings": true},
            "import_mode": false,
            "configuration": {},
            "customScripts": {},
            "passwordPolicy": "good",
            "strategy_version": 2,
            "brute_force_protection": true,
            "enabledDatabaseCustomization": false,
        })
    } else {
        connection.options.clone()
    };
    let mut shown = json!({
        "id": connection.id, "name": connection.name, "strategy": connection.strategy, "options": options,
        "is_domain_connection": false, "realms": [connection.name],
        "authentication": {"active": true}, "connected_accounts": {"active": false},
    });
    if connection.shows_clients {
        shown["enabled_clients"] = json!(connection.enabled_clients);
    }
    shown
}

/// Returns the form that the query requests: `take` or `from` a page with a checkpoint, `include_totals` a page
/// with totals, otherwise an array.
fn list(request: &Request, name: &str, all: Vec<Value>) -> Response {
    if request.query.contains_key("take") || request.query.contains_key("from") {
        return checkpoint(request, name, all);
    }
    let number = |name: &str, default: usize| match request.query.get(name) {
        None => Some(default),
        Some(text) => text.parse().ok(),
    };
    let (Some(page), Some(per_page @ 1..=100)) = (number("page", 0), number("per_page", 50)) else {
        let message = "Query validation error: 'Value is not a number in its range' on property per_page.";
        return Response::refusal(400, "invalid_query_string", message);
    };
    let (start, total) = (page.saturating_mul(per_page), all.len());
    let found: Vec<Value> = all.into_iter().skip(start).take(per_page).collect();
    if request.query.get("include_totals").is_some_and(|wanted| wanted == "true") {
        let mut page = json!({"start": start, "limit": per_page, "length": found.len(), "total": total});
        page[name] = found.into();
        return Response::json(200, &page);
    }
    Response::json(200, &Value::Array(found))
}

/// Returns a page. If there is a next one, the page contains its start.
fn checkpoint(request: &Request, name: &str, all: Vec<Value>) -> Response {
    let number = |name: &str| request.query.get(name).and_then(|text| text.parse::<usize>().ok());
    let (from, take) = (number("from").unwrap_or(0), number("take").unwrap_or(50).clamp(1, 100));
    let next = from.saturating_add(take);
    let mut page = Map::new();
    if next < all.len() {
        page.insert("next".into(), next.to_string().into());
    }
    let found: Vec<Value> = all.into_iter().skip(from).take(take).collect();
    page.insert(name.into(), found.into());
    Response::json(200, &page.into())
}
