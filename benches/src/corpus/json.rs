//! Writes a user as a line of the export: compact JSON, with keys in the order of the exporter.

use std::fmt::{Display, Write as _};
use std::io::Write as _;

use super::random::Random;
use super::user::{AppMetadata, Link, User, UserMetadata};

/// Appends `user` to `out`. Absent values are left out, or are `null` if `nulls` is set.
pub(super) fn write_user(out: &mut Vec<u8>, user: &User, nulls: bool) {
    let mut json = Json { out, ascii: user.ascii, nulls };
    json.open("", '{');
    json.text("created_at", user.created);
    json.text_or_null(if user.escaped_key { "em\\u0061il" } else { "email" }, user.email.as_deref());
    json.token_or_null("email_verified", user.email_verified_token);
    json.text_or_null("family_name", user.family.as_deref());
    json.text_or_null("given_name", user.given.as_deref());
    identities(&mut json, user);
    json.text("name", &user.name);
    json.text("nickname", &user.nickname);
    json.text("picture", &user.picture);
    json.text("updated_at", user.updated);
    json.text("user_id", user.user_id());
    json.text_or_null("username", user.username.as_deref());
    json.text_or_null("phone_number", user.phone.as_deref());
    if user.phone.is_some() {
        json.token("phone_verified", user.phone_verified);
    }
    match &user.user_metadata {
        Some(metadata) => user_metadata(&mut json, metadata),
        None => json.token_or_null("user_metadata", None),
    }
    match &user.app_metadata {
        Some(metadata) => app_metadata(&mut json, metadata),
        None => json.token_or_null("app_metadata", None),
    }
    json.text_or_null("last_password_reset", user.password_reset);
    if let Some(factor) = user.multifactor {
        json.open("multifactor", '[');
        json.element(factor);
        json.close(']');
        json.text("multifactor_last_modified", user.updated);
    }
    json.text("last_ip", &user.last_ip);
    json.text("last_login", user.last_login);
    json.token("logins_count", user.logins);
    json.token_or_null("blocked", user.blocked_token);
    json.close('}');
}

fn identities(json: &mut Json<'_>, user: &User) {
    json.open("identities", '[');
    json.open("", '{');
    if user.strategy == super::Strategy::Github {
        json.token("user_id", &user.local_id);
    } else {
        json.text("user_id", &user.local_id);
    }
    json.text("provider", user.strategy.provider());
    json.text("connection", &user.connection);
    json.token("isSocial", user.strategy.is_social());
    json.close('}');
    if let Some(link) = &user.link {
        linked(json, link, user);
    }
    json.close(']');
}

fn linked(json: &mut Json<'_>, link: &Link, user: &User) {
    json.open("", '{');
    json.open("profileData", '{');
    json.text("email", &link.email);
    json.token("email_verified", true);
    json.text("name", &user.name);
    json.text_or_null("username", link.username.as_deref());
    json.text_or_null("given_name", user.given.as_deref());
    json.text_or_null("family_name", user.family.as_deref());
    json.close('}');
    json.text("user_id", &link.local_id);
    json.text("provider", link.strategy.provider());
    json.text("connection", &link.connection);
    json.token("isSocial", link.strategy.is_social());
    json.close('}');
}

fn user_metadata(json: &mut Json<'_>, metadata: &UserMetadata) {
    json.open("user_metadata", '{');
    json.text("theme", metadata.theme);
    json.text("locale", metadata.locale);
    json.text_or_null("visitor", metadata.visitor.as_deref());
    if let Some(address) = &metadata.address {
        json.open("address", '{');
        json.text("street", &address.street);
        json.text("zip", &address.zip);
        json.text("city", address.city);
        json.text("country", address.country);
        json.close('}');
    }
    if let Some((given, date, details)) = metadata.consent {
        json.open("consent", '{');
        json.token("given", given);
        json.text("date", date);
        json.text("text_details", details);
        json.close('}');
    }
    json.text_or_null("bio", metadata.bio);
    if let Some(date) = metadata.first_login {
        json.text("first login", date);
    }
    json.close('}');
}

fn app_metadata(json: &mut Json<'_>, metadata: &AppMetadata) {
    json.open("app_metadata", '{');
    json.text("plan", metadata.plan);
    json.open("roles", '[');
    for role in &metadata.roles {
        json.element(role);
    }
    json.close(']');
    json.open("org", '{');
    json.text("region", metadata.region);
    json.text("department", metadata.department);
    json.close('}');
    if let Some(id) = metadata.crm_id {
        json.token("crm_id", id);
    }
    if let Some(score) = metadata.score_token {
        json.token("score", score);
    }
    if metadata.huge {
        json.token("ceiling", "1e400");
    }
    if !metadata.columns.is_empty() {
        json.open("columns", '{');
        for (number, value) in metadata.columns.iter().enumerate() {
            json.text(&format!("c{:02}", number + 1), value);
        }
        json.close('}');
    }
    json.close('}');
}

/// Appends a line that is not valid JSON, made from the valid line of a user.
pub(super) fn write_unreadable(out: &mut Vec<u8>, user: &User, random: &mut Random) {
    let start = out.len();
    write_user(out, user, false);
    let (length, keep) = (out.len() - start, 1 + random.below(200) as usize);
    match random.below(5) {
        0 => {
            // Cut off, as by a full disk. The cut is between characters, so that there is no other error.
            out.truncate(start + length - keep);
            while !out.last().is_some_and(u8::is_ascii) {
                out.pop();
            }
        }
        1 => out.extend_from_within(start..),
        2 => out.splice(start..=start, *b"{\"note\":\"\x01\",").for_each(drop),
        3 => out.splice(start..=start, *b"{\"note\":\"\xff\xfe\",").for_each(drop),
        _ => out.splice(start..=start, *b"{'note':1,").for_each(drop),
    }
}

/// Appends a JSON value that is not an object.
pub(super) fn write_not_object(out: &mut Vec<u8>, random: &mut Random) {
    out.extend_from_slice(
        random.pick(&["[]", "[{\"email\":\"a@example.com\"}]", "null", "42", "\"text\"", "true"]).as_bytes(),
    );
}

/// Builds JSON text.
struct Json<'a> {
    out: &'a mut Vec<u8>,
    ascii: bool,
    nulls: bool,
}

impl Json<'_> {
    fn open(&mut self, key: &str, bracket: char) {
        self.key(key);
        self.out.push(bracket as u8);
    }

    fn close(&mut self, bracket: char) {
        self.out.push(bracket as u8);
    }

    /// Appends a comma if one is needed, and the key if there is one. Keys are not escaped.
    fn key(&mut self, key: &str) {
        // Strings end with `"`, so a bracket at the end was just opened.
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b'\n')) {
            self.out.push(b',');
        }
        if !key.is_empty() {
            self.out.push(b'"');
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(b"\":");
        }
    }

    fn token(&mut self, key: &str, token: impl Display) {
        self.key(key);
        write!(self.out, "{token}").unwrap_or_default();
    }

    fn token_or_null(&mut self, key: &str, token: Option<&str>) {
        match token {
            Some(token) => self.token(key, token),
            None if self.nulls => self.token(key, "null"),
            None => {}
        }
    }

    fn text(&mut self, key: &str, text: impl Display) {
        self.key(key);
        self.string(text);
    }

    fn text_or_null(&mut self, key: &str, text: Option<impl Display>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.token_or_null(key, None),
        }
    }

    fn element(&mut self, text: &str) {
        self.key("");
        self.string(text);
    }

    fn string(&mut self, text: impl Display) {
        self.out.push(b'"');
        let ascii = self.ascii;
        write!(Escape { out: self.out, ascii }, "{text}").unwrap_or_default();
        self.out.push(b'"');
    }
}

/// Escapes what is written to it as the content of a JSON string.
struct Escape<'a> {
    out: &'a mut Vec<u8>,
    ascii: bool,
}

impl std::fmt::Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                '\t' => self.out.extend_from_slice(b"\\t"),
                '\u{8}' => self.out.extend_from_slice(b"\\b"),
                '\u{20}'..='\u{7e}' => self.out.push(character as u8),
                _ if self.ascii || character < ' ' => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}").unwrap_or_default();
                    }
                }
                _ => self.out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Ok(())
    }
}
