//! Writes a user as a CSV row of the export job. Every string has an apostrophe before it, and quotes around both.
//! Booleans, numbers and dates of the exporter are bare. Absent values are empty cells. Lines end with LF.

use std::fmt::Display;
use std::io::Write as _;

use super::user::User;

/// The columns. At most 30, without the extra ones.
const HEADER: &str = "user_id,email,email_verified,name,given_name,family_name,nickname,username,phone_number,\
    phone_verified,picture,blocked,logins_count,last_ip,last_login,created_at,updated_at,identities[0].provider,\
    identities[0].connection,user_metadata.theme,user_metadata.locale,user_metadata.address.city,\
    user_metadata.consent.given,user_metadata.consent.text_details,user_metadata.bio,user_metadata.first login,\
    app_metadata.plan,app_metadata.org.region,app_metadata.crm_id,app_metadata.score";

/// Appends the header line.
pub(super) fn write_header(out: &mut Vec<u8>, columns: usize) {
    out.extend_from_slice(HEADER.as_bytes());
    for column in 1..=columns {
        write!(out, ",app_metadata.columns.c{column:02}").unwrap_or_default();
    }
    out.push(b'\n');
}

/// Appends the row of `user`, with `columns` extra cells.
pub(super) fn write_user(out: &mut Vec<u8>, user: &User, columns: usize) {
    let mut row = Row { out };
    row.text(Some(&user.user_id()));
    row.text(user.email.as_deref());
    row.token(user.email_verified_token);
    row.text(Some(&user.name));
    row.text(user.given.as_deref());
    row.text(user.family.as_deref());
    row.text(Some(&user.nickname));
    row.text(user.username.as_deref());
    row.text(user.phone.as_deref());
    row.bare(user.phone.as_ref().map(|_| user.phone_verified));
    row.text(Some(&user.picture));
    row.token(user.blocked_token);
    row.bare(Some(user.logins));
    row.text(Some(&user.last_ip));
    row.bare(Some(user.last_login));
    row.bare(Some(user.created));
    row.bare(Some(user.updated));
    row.text(Some(user.strategy.provider()));
    row.text(Some(&user.connection));

    let metadata = user.user_metadata.as_ref();
    let consent = metadata.and_then(|metadata| metadata.consent);
    row.text(metadata.map(|metadata| metadata.theme));
    row.text(metadata.map(|metadata| metadata.locale));
    row.text(metadata.and_then(|metadata| metadata.address.as_ref()).map(|address| address.city));
    row.bare(consent.map(|(given, ..)| given));
    row.text(consent.map(|(.., details)| details));
    row.text(metadata.and_then(|metadata| metadata.bio));
    // A date of the application is a string. Only dates of the exporter are bare.
    row.text(metadata.and_then(|metadata| metadata.first_login).map(|date| date.to_string()).as_deref());

    let metadata = user.app_metadata.as_ref();
    row.text(metadata.map(|metadata| metadata.plan));
    row.text(metadata.map(|metadata| metadata.region));
    row.bare(metadata.and_then(|metadata| metadata.crm_id));
    row.bare(metadata.and_then(|metadata| metadata.score_token));
    for column in 0..columns {
        row.text(metadata.and_then(|metadata| metadata.columns.get(column)).map(String::as_str));
    }
    row.end();
}

/// Appends a row with too few cells.
pub(super) fn write_short(out: &mut Vec<u8>, user: &User) {
    let mut row = Row { out };
    row.text(Some(&user.user_id()));
    row.text(user.email.as_deref());
    row.end();
}

/// Appends `text` in quotes, after an apostrophe. Quotes inside are doubled.
fn quote(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"\"'");
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Builds a row. Every cell ends with a comma. `end` replaces the last comma with the line end.
struct Row<'a> {
    out: &'a mut Vec<u8>,
}

impl Row<'_> {
    fn text(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            quote(self.out, text);
        }
        self.out.push(b',');
    }

    fn bare(&mut self, value: Option<impl Display>) {
        if let Some(value) = value {
            write!(self.out, "{value}").unwrap_or_default();
        }
        self.out.push(b',');
    }

    /// Appends a JSON token. A JSON string becomes a string cell.
    fn token(&mut self, token: Option<&str>) {
        match token.and_then(|token| token.strip_prefix('"')?.strip_suffix('"')) {
            Some(text) => self.text(Some(text)),
            None => self.bare(token),
        }
    }

    fn end(self) {
        self.out.pop();
        self.out.push(b'\n');
    }
}
