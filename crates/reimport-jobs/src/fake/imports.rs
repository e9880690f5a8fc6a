//! How an import job processes the users of its file.

use std::collections::{HashSet, VecDeque};

use serde_json::{Map, Value, json};

use super::schema;
use super::state::{State, User};
use crate::clock::date_text;

/// An import that has not ended.
#[derive(Debug)]
pub(super) struct ImportWork {
    /// The file. `None` after the first step has read it.
    text: Option<Vec<u8>>,
    waiting: VecDeque<Value>,
    /// The keys of users that were earlier in the same file.
    provided: HashSet<String>,
    connection_id: String,
    upsert: bool,
    /// True if no user is stored, although the job reports success.
    lost: bool,
    inserted: u64,
    updated: u64,
    pub(super) errors: Vec<Value>,
}

impl ImportWork {
    pub(super) fn new(text: Vec<u8>, connection_id: String, upsert: bool) -> Self {
        Self {
            text: Some(text),
            waiting: VecDeque::new(),
            provided: HashSet::new(),
            connection_id,
            upsert,
            lost: false,
            inserted: 0,
            updated: 0,
            errors: Vec::new(),
        }
    }

    pub(super) fn lost(self, lost: bool) -> Self {
        Self { lost, ..self }
    }

    /// Processes its share of the users. Returns the members of the job object that change.
    pub(super) fn step(&mut self, state: &mut State, steps_left: u32) -> Value {
        if let Some(text) = self.text.take() {
            if let Ok(Value::Array(users)) = serde_json::from_slice(&text) {
                self.waiting = users.into();
            } else {
                let details = "Failed to parse users file when importing users. Make sure it is valid JSON.";
                return json!({"status": "failed", "status_details": details});
            }
        }
        let share = self.waiting.len().div_ceil(steps_left as usize + 1);
        for user in self.waiting.drain(..share).collect::<Vec<_>>() {
            self.import_user(state, user);
        }
        if steps_left > 0 {
            return json!({"status": "processing"});
        }
        let failed = self.errors.len() as u64;
        let total = failed + self.inserted + self.updated;
        let summary =
            json!({"failed": failed, "updated": self.updated, "inserted": self.inserted, "total": total});
        json!({"status": "completed", "summary": summary})
    }

    fn import_user(&mut self, state: &mut State, user: Value) {
        let mut errors = schema::check(&user);
        let fields = user.as_object().cloned().unwrap_or_default();
        let username = fields.get("username").and_then(Value::as_str).unwrap_or_default().chars().count();
        if username > state.max_username_length {
            let message = format!(
                "Error in username property - String is too long ({username} chars), maximum {}",
                state.max_username_length
            );
            errors.push(json!({"code": "MAX_LENGTH", "message": message, "path": "username"}));
        }
        if errors.is_empty()
            && fields.contains_key("password_hash")
            && fields.contains_key("custom_password_hash")
        {
            errors.push(json!({"code": "NOT_PASSED", "message": "Forbidden attribute in appUser: "}));
        }
        if errors.is_empty() {
            errors = match self.store(state, &fields) {
                Ok(()) => return,
                Err(message) => vec![json!({"code": "DUPLICATED_USER", "message": message})],
            };
        }
        self.errors.push(json!({"user": masked(user), "errors": errors}));
    }

    fn store(&mut self, state: &mut State, fields: &Map<String, Value>) -> Result<(), String> {
        let keys = keys(fields, &self.connection_id);
        if let Some((name, _)) = keys.iter().find(|(_, key)| self.provided.contains(key)) {
            return Err(format!("A user with this {name} was already provided."));
        }
        self.provided.extend(keys.iter().map(|(_, key)| key.clone()));
        let existing = keys.iter().find_map(|(name, key)| Some((*name, *state.keys.get(key)?)));
        match existing {
            None => {
                if !self.lost {
                    state.insert(fields, &self.connection_id);
                }
                self.inserted += 1;
                Ok(())
            }
            Some(("email", index)) if self.upsert => {
                if !self.lost {
                    state.update(index, fields);
                }
                self.updated += 1;
                Ok(())
            }
            Some(_) if self.upsert => Err("The user already exist with another email".to_owned()),
            Some(_) => Err("The user already exist and upsert parameter is false".to_owned()),
        }
    }
}

/// Returns the unique keys of a user: email, username and phone number are unique in a connection, the ID in the
/// tenant.
fn keys(fields: &Map<String, Value>, connection_id: &str) -> Vec<(&'static str, String)> {
    let names = ["email", "user_id", "username", "phone_number"];
    let text = |name: &'static str| Some((name, fields.get(name)?.as_str()?.to_lowercase()));
    let key = |(name, value)| {
        let scope = if name == "user_id" { "" } else { connection_id };
        (name, format!("{name} {scope} {value}"))
    };
    names.into_iter().filter_map(text).map(key).collect()
}

impl State {
    pub(super) fn add_user(&mut self, user: Value) -> bool {
        let mut work = ImportWork::new(Vec::new(), super::FakeTenant::CONNECTION_ID.to_owned(), false);
        work.import_user(self, user);
        work.errors.is_empty()
    }

    pub(super) fn add_record(&mut self, record: Value) {
        if let Value::Object(record) = record {
            self.users.push(User { record, password: None, connection_id: String::new() });
        }
    }

    pub(super) fn remove_user(&mut self, email: &str) -> bool {
        let found = self.users.iter().position(|user| user.record.get("email").is_some_and(|of| of == email));
        let Some(index) = found else { return false };
        self.users.remove(index);
        self.keys.retain(|_, of| *of != index);
        self.keys.values_mut().filter(|of| **of > index).for_each(|of| *of -= 1);
        true
    }

    fn insert(&mut self, fields: &Map<String, Value>, connection_id: &str) {
        let now = date_text(self.clock.now());
        let id = fields.get("user_id").and_then(Value::as_str).map(str::to_owned);
        let id = id.unwrap_or_else(|| format!("{:024x}", self.count()));
        let mut record = fields.clone();
        let password = record.remove("password_hash").or_else(|| record.remove("custom_password_hash"));
        record.remove("mfa_factors");
        let connection =
            self.connection(connection_id).map(|connection| connection.name.clone()).unwrap_or_default();
        record.insert("user_id".into(), format!("auth0|{id}").into());
        record.entry("email_verified").or_insert(false.into());
        record.insert(
            "identities".into(),
            json!([{"connection": connection, "provider": "auth0", "user_id": id, "isSocial": false}]),
        );
        record.insert("created_at".into(), now.as_str().into());
        record.insert("updated_at".into(), now.into());
        let mut with_id = fields.clone();
        with_id.insert("user_id".into(), id.into());
        for (_, key) in keys(&with_id, connection_id) {
            self.keys.insert(key, self.users.len());
        }
        self.users.push(User { record, password, connection_id: connection_id.to_owned() });
    }

    fn update(&mut self, index: usize, fields: &Map<String, Value>) {
        const CHANGED: [&str; 8] = [
            "given_name",
            "family_name",
            "name",
            "nickname",
            "picture",
            "app_metadata",
            "user_metadata",
            "email_verified",
        ];
        let now = date_text(self.clock.now());
        let user = &mut self.users[index];
        for name in CHANGED {
            if let Some(value) = fields.get(name) {
                user.record.insert(name.to_owned(), value.clone());
            }
        }
        // As documented: an upsert without `email_verified` resets it to false.
        user.record
            .insert("email_verified".into(), fields.get("email_verified").cloned().unwrap_or(false.into()));
        user.record.insert("updated_at".into(), now.into());
        if let Some(hash) = fields.get("custom_password_hash") {
            user.password = Some(hash.clone());
        }
    }
}

/// Replaces every secret by `*****`.
fn masked(mut user: Value) -> Value {
    let mask = |value: Option<&mut Value>| {
        if let Some(value) = value {
            *value = "*****".into();
        }
    };
    mask(user.get_mut("password_hash"));
    if let Some(hash) = user.get_mut("custom_password_hash") {
        for pointer in ["/hash/value", "/hash/key/value", "/salt/value"] {
            mask(hash.pointer_mut(pointer));
        }
    }
    for factor in user.get_mut("mfa_factors").and_then(Value::as_array_mut).into_iter().flatten() {
        mask(factor.pointer_mut("/totp/secret"));
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_all_secrets() {
        let user = json!({"password_hash": "a", "custom_password_hash": {"algorithm": "md5", "hash": {"value": "b"},
            "salt": {"value": "c", "position": "prefix"}}, "mfa_factors": [{"totp": {"secret": "d"}}]});
        assert_eq!(
            masked(user),
            json!({"password_hash": "*****", "custom_password_hash": {"algorithm": "md5", "hash": {"value": "*****"},
            "salt": {"value": "*****", "position": "prefix"}}, "mfa_factors": [{"totp": {"secret": "*****"}}]})
        );
    }
}
