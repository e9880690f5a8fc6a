//! A second, slow and simple implementation of the import rules. It uses lists of members, and `serde_json` for
//! spans, and no scanner.
//!
//! It is correct only for the values in `support/users.rs`, which lists the valid addresses and hashes.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::users::{CUSTOM_HASHES, GOOD_HASHES, OTHER_BCRYPT, is_good_email};

/// The expected result for one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    Written {
        json: String,
        connection: Option<String>,
        facts: BTreeMap<String, u64>,
        present: BTreeSet<String>,
    },
    Skipped(String),
    LeftOut,
    Rejected(BTreeSet<&'static str>),
}

const STRINGS: [&str; 10] = [
    "email",
    "phone_number",
    "user_id",
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "password_hash",
];
const BOOLEANS: [&str; 3] = ["email_verified", "phone_verified", "blocked"];
const OTHERS: [&str; 4] = ["custom_password_hash", "app_metadata", "user_metadata", "mfa_factors"];
const EXPORT_ONLY: [&str; 13] = [
    "identities",
    "created_at",
    "updated_at",
    "last_login",
    "last_ip",
    "logins_count",
    "last_password_reset",
    "multifactor",
    "multifactor_last_modified",
    "password_set_date",
    "blocked_for",
    "guardian_authenticators",
    "tenant",
];
const TITLES: [(&str, &str); 11] = [
    ("Id", "user_id"),
    ("Given Name", "given_name"),
    ("Family Name", "family_name"),
    ("Nickname", "nickname"),
    ("Name", "name"),
    ("Email", "email"),
    ("Email Verified", "email_verified"),
    ("Picture", "picture"),
    ("Connection", ""),
    ("Created At", "created_at"),
    ("Updated At", "updated_at"),
];
const RESERVED: [&str; 18] = [
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email",
    "email_verified",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor",
    "multifactor_last_modified",
    "updated_at",
    "user_id",
];
/// The strategies of the random users.
const STRATEGIES: [&str; 4] = ["google-oauth2", "samlp", "sms", "auth0-oidc"];

fn is_known(name: &str) -> bool {
    STRINGS.contains(&name)
        || BOOLEANS.contains(&name)
        || OTHERS.contains(&name)
        || EXPORT_ONLY.contains(&name)
}

/// Returns the known property for a name that is spelled differently, and whether the name is its exact title. The
/// property is `""` for the connection.
fn other_spelling(name: &str) -> Option<(&'static str, bool)> {
    if is_known(name) {
        return None;
    }
    for (title, path) in TITLES {
        if title.eq_ignore_ascii_case(name) {
            return Some((path, title == name));
        }
    }
    let known = STRINGS.iter().chain(&BOOLEANS).chain(&OTHERS).chain(&EXPORT_ONLY);
    let letters = |name: &str| name.replace([' ', '_', '-'], "").to_ascii_lowercase();
    let separated = name.starts_with([' ', '_', '-']) || name.ends_with([' ', '_', '-']);
    known.copied().find(|known| !separated && letters(known) == letters(name)).map(|known| (known, false))
}

/// Returns `text` without white space between tokens.
pub(crate) fn compact(text: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for char in text.chars() {
        if inside || !char.is_ascii_whitespace() {
            out.push(char);
        }
        match char {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    out
}

/// Returns the decoded text of a JSON string, and whether it has a lone surrogate. A lone surrogate becomes U+FFFD.
fn decoded(literal: &str) -> (String, bool) {
    let inside: Vec<char> = literal[1..literal.len() - 1].chars().collect();
    let (mut units, mut at) = (Vec::new(), 0);
    while at < inside.len() {
        let char = inside[at];
        at += 1;
        if char != '\\' {
            units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
            continue;
        }
        let escape = inside[at];
        at += 1;
        units.push(match escape {
            'u' => {
                let digits: String = inside[at..at + 4].iter().collect();
                at += 4;
                u16::from_str_radix(&digits, 16).unwrap()
            }
            'n' => 10,
            'r' => 13,
            't' => 9,
            'b' => 8,
            'f' => 12,
            other => other as u16,
        });
    }
    let lone = char::decode_utf16(units.iter().copied()).any(|unit| unit.is_err());
    (String::from_utf16_lossy(&units), lone)
}

/// Returns whether any string of a text, including names, has a lone surrogate.
fn has_lone_surrogate(text: &str) -> bool {
    let mut rest = compact(text);
    while let Some(start) = rest.find('"') {
        let mut end = start + 1;
        let bytes = rest.as_bytes();
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if decoded(&rest[start..=end]).1 {
            return true;
        }
        rest = rest[end + 1..].to_owned();
    }
    false
}

/// A value that is parsed only as far as flat keys need it. Names are kept as written, with quotes.
#[derive(Debug, Clone)]
enum Tree {
    Text(String),
    Object(Vec<(String, Tree)>),
    Array(Vec<Tree>),
}

type Members = Vec<(String, String)>;

/// Returns the members of an object in order, with decoded names. `None` if the text is not an object.
fn members(text: &str) -> Option<Members> {
    Some(raw_members(text)?.into_iter().map(|(name, value)| (decoded(&name).0, value)).collect())
}

/// Returns the members of an object in order, with names as written.
fn raw_members(text: &str) -> Option<Members> {
    struct Collect;
    impl<'de> Visitor<'de> for Collect {
        type Value = Members;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
            let mut members = Vec::new();
            while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                members.push((name.get().to_owned(), compact(value.get())));
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(text).deserialize_map(Collect).ok()
}

fn items(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

impl Tree {
    fn opened(self) -> Self {
        let Self::Text(text) = &self else { return self };
        if let Some(members) = raw_members(text) {
            return Self::Object(members.into_iter().map(|(name, text)| (name, Self::Text(text))).collect());
        }
        match items(text) {
            Some(items) => Self::Array(items.iter().map(|item| Self::Text(item.get().to_owned())).collect()),
            None => self,
        }
    }

    /// Puts `value` at `path` if nothing or `null` is there. Otherwise returns the unchanged tree as `Err`.
    fn put(self, path: &[&str], value: &str) -> Result<Self, Self> {
        let before = self.clone();
        let is_null = matches!(&self, Self::Text(text) if text == "null");
        let Some((step, rest)) = path.split_first() else {
            return if is_null { Ok(Self::Text(value.to_owned())) } else { Err(before) };
        };
        let null = || Self::Text("null".to_owned());
        let own = if is_null {
            if *step == "[0]" { Self::Array(Vec::new()) } else { Self::Object(Vec::new()) }
        } else {
            self.opened()
        };
        match own {
            Self::Object(mut members) if *step != "[0]" => {
                match members.iter().rposition(|(name, _)| decoded(name).0 == *step) {
                    Some(_) if rest.is_empty() => Err(before),
                    Some(at) => match members[at].1.clone().put(rest, value) {
                        Ok(put) => {
                            members[at].1 = put;
                            Ok(Self::Object(members))
                        }
                        Err(_) => Err(before),
                    },
                    None => match null().put(rest, value) {
                        Ok(put) => {
                            members.push((format!("\"{step}\""), put));
                            Ok(Self::Object(members))
                        }
                        Err(_) => Err(before),
                    },
                }
            }
            Self::Array(mut items) if *step == "[0]" => {
                let first = items.first().cloned();
                match first.unwrap_or_else(null).put(rest, value) {
                    Ok(put) if items.is_empty() => Ok(Self::Array(vec![put])),
                    Ok(put) => {
                        items[0] = put;
                        Ok(Self::Array(items))
                    }
                    Err(_) => Err(before),
                }
            }
            _ => Err(before),
        }
    }

    /// Returns the value as JSON text.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}:{}", value.text())).collect();
                format!("{{{}}}", members.join(","))
            }
            Self::Array(items) => {
                format!("[{}]", items.iter().map(Self::text).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Returns the path of a flat key. Its first step has the exact spelling of the property.
fn flat_path(name: &str) -> Option<Vec<&str>> {
    let (root, rest) = name.split_once('.')?;
    let root = root.to_lowercase();
    if root == "identities[0]" {
        return Some(["identities", "[0]"].into_iter().chain(rest.split('.')).collect());
    }
    let root = ["app_metadata", "user_metadata"].into_iter().find(|known| *known == root)?;
    Some([root].into_iter().chain(rest.split('.')).collect())
}

/// Returns the spelling of a root property that is used in a record. `None` if the record has none.
fn spelled(root: &str, names: &[String]) -> Option<String> {
    let spells = |name: &&String| other_spelling(name).is_some_and(|(path, _)| path == root);
    names.iter().find(|name| *name == root).or_else(|| names.iter().find(spells)).cloned()
}

/// Moves flat keys to their nested paths, if nothing else is there. Returns the record, and the root property of
/// each moved key.
fn nested(text: &str) -> (Members, Vec<String>) {
    let list = members(text).unwrap();
    let keys: Vec<String> =
        list.iter().map(|(name, _)| name.clone()).filter(|name| flat_path(name).is_some()).collect();
    if keys.is_empty() {
        return (list, Vec::new());
    }
    let mut tree = Tree::Text(text.to_owned()).opened();
    let mut moved = Vec::new();
    for key in keys {
        let Tree::Object(members) = &tree else { unreachable!() };
        // The last value of a repeated key counts. All of them are removed.
        let Some(value) =
            members.iter().rfind(|(name, _)| decoded(name).0 == key).map(|(_, value)| value.text())
        else {
            continue;
        };
        let path = flat_path(&key).unwrap();
        let root = path[0];
        let names: Vec<String> = members.iter().map(|(name, _)| decoded(name).0).collect();
        let spelling = spelled(root, &names).unwrap_or_else(|| root.to_owned());
        let mut path = path;
        path[0] = &spelling;
        match tree.put(&path, &value) {
            Ok(Tree::Object(mut members)) => {
                members.retain(|(name, _)| decoded(name).0 != key);
                moved.push(root.to_owned());
                tree = Tree::Object(members);
            }
            Ok(_) => unreachable!(),
            Err(before) => tree = before,
        }
    }
    let Tree::Object(members) = tree else { unreachable!() };
    (members.into_iter().map(|(name, value)| (decoded(&name).0, value.text())).collect(), moved)
}

/// Adds all names in a value to `found`, each with its depth. The names of the value itself have depth 1.
fn names(text: &str, depth: usize, found: &mut Vec<(String, usize)>) {
    if let Some(members) = members(text) {
        for (name, value) in members {
            found.push((name, depth));
            names(&value, depth + 1, found);
        }
    } else if let Some(items) = items(text) {
        for item in items {
            names(item.get(), depth + 1, found);
        }
    }
}

fn last<'m>(members: &'m Members, name: &str) -> Option<&'m str> {
    members.iter().rfind(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

fn text_of(value: &str) -> Option<String> {
    value.starts_with('"').then(|| decoded(value).0)
}

/// Returns whether the base64 digits at the end of a bcrypt string have zero padding. These are 22 digits of salt
/// and 31 of hash. The value of a digit is its index in `./A-Za-z0-9`.
fn is_padded_with_zeros(bcrypt: &str) -> bool {
    let digits: Vec<char> = "./".chars().chain('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    let value = |at: usize| {
        let digit = bcrypt.chars().nth(bcrypt.len() - 53 + at).unwrap();
        digits.iter().position(|known| *known == digit).unwrap()
    };
    // 22 * 6 bits are 16 bytes and 4 bits. 31 * 6 bits are 23 bytes and 2 bits.
    value(21) % 16 == 0 && value(52) % 4 == 0
}

/// Returns whether base32 can have this many digits: whether it is the length of some whole number of bytes.
fn is_length_of_base32(length: usize) -> bool {
    (0..100).any(|bytes: usize| (bytes * 8).div_ceil(5) == length)
}

/// Returns the bcrypt strings in a text.
fn bcrypt_texts(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| part.starts_with("$2") && part.len() == 60)
}

/// Returns what must become of a record in a run for users of the connection `only`. Does not check for duplicates.
pub(crate) fn fate(record: &str, reject_unknown: bool, only: Option<&str>) -> Fate {
    judged(record, reject_unknown, only).0
}

/// Returns the user as it would be written if it broke no rule: with all fixes and all values.
pub(crate) fn fixed(record: &str) -> String {
    judged(record, false, None).1
}

#[expect(clippy::too_many_lines, reason = "an oracle has all rules in one function, in order")]
fn judged(record: &str, reject_unknown: bool, only: Option<&str>) -> (Fate, String) {
    let mut facts = BTreeMap::new();
    let mut note = |what: String| {
        // A warning counts once per user.
        let once = what.starts_with("Warned ");
        let count = facts.entry(what).or_insert(0);
        *count = if once { 1 } else { *count + 1 };
    };
    let (all, moved) = nested(record);
    for root in moved {
        note(format!("Fixed flat-key-nested {root}"));
    }

    // For each known property that is not there under its exact name: the index and the value of the spelling that
    // counts. If a title is repeated, the last value counts, at the index of the first.
    let mut counts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (at, (name, value)) in all.iter().enumerate() {
        let Some((path, is_title)) = other_spelling(name) else { continue };
        let title_there =
            all.iter().any(|(other, _)| other_spelling(other).is_some_and(|other| other == (path, true)));
        let exact_there = !path.is_empty() && last(&all, path).is_some();
        if !exact_there && is_title {
            counts.entry(path).or_insert((at, value)).1 = value;
        } else if !exact_there && !title_there {
            counts.entry(path).or_insert((at, value));
        }
    }
    let identities = last(&all, "identities").or(counts.get("identities").map(|(_, value)| *value));
    let identities = identities.and_then(items).unwrap_or_default();
    let first = identities.first().and_then(|item| members(item.get())).unwrap_or_default();
    let mut connection = last(&first, "connection");
    if connection.is_some() {
        counts.remove("");
    }

    // The properties of the record, each with its last value, at the index of its first occurrence.
    let mut properties: Members = Vec::new();
    let mut unknown = 0;
    for (at, (name, _)) in all.iter().enumerate() {
        let spelling = other_spelling(name);
        if is_known(name) {
            if last(&properties, name).is_none() {
                properties.push((name.clone(), last(&all, name).unwrap().to_owned()));
            }
        } else if let Some((path, is_title)) = spelling {
            // A repeated title is one property.
            let repeated = is_title && all[..at].iter().any(|(before, _)| before == name);
            match counts.get(path).filter(|(counting, _)| *counting == at) {
                Some((_, value)) if path.is_empty() => {
                    connection = Some(value);
                    note("Dropped Connection".to_owned());
                }
                Some((_, value)) => {
                    note(if is_title {
                        format!("Fixed title-renamed {name}")
                    } else {
                        format!("Fixed case-changed {path}")
                    });
                    properties.push((path.to_owned(), (*value).to_owned()));
                }
                None if repeated => {}
                None => {
                    unknown += 1;
                    note(format!("Unknown {name}"));
                    let path = if path.is_empty() { "identities[0].connection" } else { path };
                    note(format!("Warned second-spelling {path}"));
                }
            }
        } else {
            unknown += 1;
            note(format!("Unknown {name}"));
        }
    }

    // Determine the strategy.
    let id = last(&properties, "user_id").and_then(text_of);
    let of_id = id.as_deref().and_then(|id| id.split_once('|')).map(|(prefix, _)| prefix);
    let provider = last(&first, "provider").and_then(text_of);
    let strategy = provider.or_else(|| {
        of_id.filter(|prefix| STRATEGIES.contains(prefix) || *prefix == "auth0").map(str::to_owned)
    });
    if let Some(strategy) = strategy.filter(|strategy| strategy != "auth0") {
        let linked = identities.iter().skip(1).any(|identity| {
            let provider = members(identity.get()).and_then(|identity| text_of(last(&identity, "provider")?));
            provider.as_deref() == Some("auth0")
        });
        let reason = if linked { "linked-database-login" } else { "not-a-database-user" };
        return (Fate::Skipped(format!("{reason} {strategy}")), String::new());
    }

    let connection = connection.and_then(text_of);
    if let (Some(only), Some(connection)) = (only, &connection)
        && only != connection
    {
        return (Fate::LeftOut, String::new());
    }

    // Metadata that is a string with the JSON text of an object is replaced by that object.
    for (name, value) in &mut properties {
        let text = text_of(value).filter(|_| matches!(name.as_str(), "app_metadata" | "user_metadata"));
        let is_json = |text: &String| serde_json::from_str::<&RawValue>(text).is_ok();
        let object = text.filter(|text| text.trim_start().starts_with('{') && is_json(text));
        if let Some(text) = object {
            note(format!("Fixed json-text {name}"));
            *value = compact(&text);
        }
    }

    // Fix, check and render.
    let mut broken = BTreeSet::new();
    if reject_unknown && unknown > 0 {
        broken.insert("unknown-property");
    }
    let mut rendered = Vec::new();
    let mut present = BTreeSet::new();
    for (name, value) in &properties {
        let (name, value) = (name.as_str(), value.as_str());
        if value == "null" {
            if !EXPORT_ONLY.contains(&name) {
                note(format!("Fixed null-dropped {name}"));
            }
            continue;
        }
        present.insert(name.to_owned());
        let text = text_of(value);
        if EXPORT_ONLY.contains(&name) {
        } else if BOOLEANS.contains(&name) {
            match (value, text.as_deref()) {
                ("true" | "false", _) => rendered.push(format!("\"{name}\":{value}")),
                (_, Some(text @ ("true" | "false"))) => {
                    note(format!("Fixed boolean-text {name}"));
                    rendered.push(format!("\"{name}\":{text}"));
                }
                _ => {
                    broken.insert("wrong-type");
                    rendered.push(format!("\"{name}\":{value}"));
                }
            }
        } else if name == "mfa_factors" {
            if !value.starts_with('[') {
                broken.insert("wrong-type");
            } else if items(value).unwrap().is_empty() {
                broken.insert("mfa-count");
            } else if value
                .split("\"secret\":\"")
                .skip(1)
                .any(|rest| !is_length_of_base32(rest.split('"').next().unwrap().len()))
            {
                note("Warned totp-secret-length".to_owned());
            }
            rendered.push(format!("\"{name}\":{value}"));
        } else if name == "custom_password_hash" {
            let (_, rules) = CUSTOM_HASHES.iter().find(|(text, _)| *text == value).unwrap();
            broken.extend(*rules);
            if bcrypt_texts(value).any(|text| !is_padded_with_zeros(text)) {
                note("Warned bcrypt-padding".to_owned());
            }
            rendered.push(format!("\"{name}\":{value}"));
        } else if OTHERS.contains(&name) {
            if !value.starts_with('{') {
                broken.insert("wrong-type");
            }
            rendered.push(format!("\"{name}\":{value}"));
        } else if let Some(text) = text {
            let limit = match name {
                "given_name" | "family_name" | "name" => 150,
                "nickname" => 350,
                "user_id" => 255,
                "username" => 15,
                _ => usize::MAX,
            };
            let (mut text, mut value, mut name) = (text, value.to_owned(), name);
            if name == "password_hash" && bcrypt_texts(&text).any(|text| !is_padded_with_zeros(text)) {
                note("Warned bcrypt-padding".to_owned());
            }
            match name {
                "email" if !is_good_email(&text) => drop(broken.insert("invalid-email")),
                "phone_number" if !text.starts_with("+1") => drop(broken.insert("invalid-phone")),
                "username" if text.contains([' ', '/', '"']) || is_good_email(&text) => {
                    note("Warned username-form".to_owned());
                }
                "user_id" if text.starts_with("auth0|") => {
                    text.drain(..6);
                    // Remove six characters, some of which may be written as escapes.
                    let mut inside = &value[1..value.len() - 1];
                    for _ in 0..6 {
                        inside = &inside[if inside.starts_with('\\') { 6 } else { 1 }..];
                    }
                    value = format!("\"{inside}\"");
                }
                "password_hash" if OTHER_BCRYPT.contains(&text.as_str()) => {
                    note("Fixed bcrypt-moved custom_password_hash".to_owned());
                    name = "custom_password_hash";
                    value = format!(r#"{{"algorithm":"bcrypt","hash":{{"value":{value}}}}}"#);
                }
                "password_hash" if !GOOD_HASHES.contains(&text.as_str()) => {
                    broken.insert("invalid-bcrypt");
                }
                _ => {}
            }
            let characters = text.chars().count();
            if limit < usize::MAX && (characters == 0 || characters > limit) {
                note(format!("Warned value-length {name}"));
            }
            rendered.push(format!("\"{name}\":{value}"));
        } else {
            broken.insert("wrong-type");
            rendered.push(format!("\"{name}\":{value}"));
        }
    }
    let json = format!("{{{}}}", rendered.join(","));
    if !present.contains("email") {
        broken.insert("missing-identifier");
    }
    if present.contains("password_hash") && present.contains("custom_password_hash") {
        broken.insert("both-password-hashes");
    }
    for root in ["app_metadata", "user_metadata"] {
        let value = last(&properties, root).unwrap_or("null");
        let mut found = Vec::new();
        names(value, 1, &mut found);
        for (name, depth) in found {
            if name.contains(['.', '$']) {
                broken.insert("metadata-key");
            } else if root == "app_metadata" && value.starts_with('{') && depth == 1 {
                if RESERVED.contains(&name.as_str()) {
                    broken.insert("reserved-app-metadata-key");
                } else if name == "username" {
                    broken.insert("forbidden-app-metadata-key");
                }
            }
        }
    }
    if !broken.is_empty() {
        return (Fate::Rejected(broken), json);
    }
    if has_lone_surrogate(record) {
        note("Warned lone-surrogate".to_owned());
    }
    if let Some(connection) = &connection {
        note(format!("Connection {connection}"));
    }
    (Fate::Written { json: json.clone(), connection, facts, present }, json)
}

/// Returns the identifiers of a written user, which must be unique.
pub(crate) fn identifiers(user: &str) -> Vec<(&'static str, String)> {
    let user = members(user).unwrap();
    let text = |name| last(&user, name).and_then(text_of);
    [
        ("user_id", text("user_id")),
        ("email", text("email").map(|text| text.to_lowercase())),
        ("username", text("username").map(|text| text.to_lowercase())),
        ("phone_number", text("phone_number")),
    ]
    .into_iter()
    // An empty string is not an identifier.
    .filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)))
    .collect()
}
