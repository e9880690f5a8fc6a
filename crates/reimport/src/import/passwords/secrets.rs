//! The secrets of TOTP factors of a run.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::Unusable;
use super::file::JoinedFile;
use super::hash_record::{id_text, member};
use super::join::Wanted;
use super::table::{NewEntry, Table};
use crate::error::Result;
use crate::import::forms::{is_base32, normalise_totp};
use crate::json::{Kind, Scanner, Value, escape_into};
use crate::source::Source;

/// TOTP secrets from one or more files, to be joined by [`Rules::mfa_secrets`](crate::Rules::mfa_secrets).
///
/// A record names its user by `user_id` and has `otp_secret`, or `mfa_factors` with a secret for each factor of type
/// `totp`. Recovery codes are counted: no import brings them. Of two records of one user the first counts.
///
/// ```
/// use reimport::import::MfaSecrets;
/// use reimport::source::Source;
///
/// let file = br#"{"user_id":"auth0|5f7","otp_secret":"jbsw y3dp"}"#;
/// let secrets = MfaSecrets::new().read(Source::from_reader("secrets.json", &file[..]))?;
/// assert_eq!(secrets.users(), 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Default)]
pub struct MfaSecrets {
    table: Table,
    files: Vec<JoinedFile>,
    duplicates: u64,
    asked: AtomicBool,
}

impl MfaSecrets {
    /// No secrets yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the secrets of one file: NDJSON or a JSON array, plain or gzipped.
    ///
    /// # Errors
    /// Where the file cannot be read to its end, and where it has no usable secret at all.
    pub fn read(mut self, source: Source) -> Result<Self> {
        let from = self.table.len();
        let file = JoinedFile::read(source, "MFA secrets", from, |file, json, line| {
            // The reader has validated it.
            let Ok(record) = Scanner::new(json).value() else { return Err(Unusable::NoSecret) };
            let text = |name| member(record, name).and_then(|value| value.as_str());
            file.name_origin(text("tenant").as_deref(), text("connection").as_deref());
            let secrets = Secrets::of(record)?;
            file.recovery_codes += secrets.recovery_codes;
            let id = member(record, "user_id").and_then(id_text).ok_or(Unusable::NoUserId)?;
            if secrets.count == 0 {
                return if secrets.recovery_codes > 0 { Ok(false) } else { Err(Unusable::NoSecret) };
            }
            let id = id.strip_prefix("auth0|").unwrap_or(&id);
            let id = Some(self.table.id_key(id));
            let new = NewEntry { id, email: None, set_at: None, line, text: &secrets.factors };
            self.duplicates += u64::from(self.table.add(new));
            Ok(true)
        })?;
        self.files.push(file);
        Ok(self)
    }

    /// The files, in the order read.
    pub fn files(&self) -> &[JoinedFile] {
        &self.files
    }

    /// How many records with a secret there are.
    pub fn users(&self) -> u64 {
        u64::from(self.table.len())
    }

    /// How many of them are of a user that had one before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// How many records belong to no user asked for so far; see [`PasswordTable::orphans`](super::PasswordTable::orphans).
    pub fn orphans(&self) -> u64 {
        self.table.have_users().into_iter().filter(|has| !has).count() as u64
    }

    /// The first file of which no secret had a user, though users were asked for.
    pub(in crate::import) fn unmatched(&self) -> Option<&JoinedFile> {
        JoinedFile::unmatched(&self.files, &self.table, &self.asked)
    }

    /// The `mfa_factors` of a user.
    pub(in crate::import) fn find(&self, wanted: &Wanted<'_>) -> Option<&str> {
        self.asked.store(true, Ordering::Relaxed);
        let (_, at) = wanted.in_table(&self.table)?;
        self.table.mark(at);
        Some(self.table.text(at))
    }
}

impl fmt::Debug for MfaSecrets {
    /// Shows how many there are, and none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MfaSecrets({} users of {} files)", self.users(), self.files.len())
    }
}

/// What a record holds, as `mfa_factors` of an import.
#[derive(Default)]
struct Secrets {
    factors: String,
    count: u32,
    recovery_codes: u64,
}

impl Secrets {
    fn of(record: Value<'_>) -> std::result::Result<Self, Unusable> {
        let mut secrets = Self::default();
        let has = |name| member(record, name).is_some_and(|value| value.kind() != Kind::Null);
        secrets.recovery_codes += u64::from(has("recovery_code"));
        if let Some(secret) = member(record, "otp_secret").and_then(|value| value.as_str()) {
            secrets.add(&secret)?;
        }
        if let Some(factors) = member(record, "mfa_factors") {
            let mut scanner = Scanner::new(factors.text());
            if scanner.enter_array().is_ok() {
                while let Ok(true) = scanner.item() {
                    let Ok(factor) = scanner.value() else { break };
                    secrets.take(factor)?;
                }
            }
        }
        secrets.factors.push(']');
        Ok(secrets)
    }

    fn take(&mut self, factor: Value<'_>) -> std::result::Result<(), Unusable> {
        let kind = member(factor, "type").and_then(|value| value.as_str());
        match kind.as_deref() {
            Some("totp") => match member(factor, "secret").and_then(|value| value.as_str()) {
                Some(secret) => self.add(&secret),
                None => Err(Unusable::NoSecret),
            },
            Some("recovery-code" | "recovery_code") => {
                self.recovery_codes += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, secret: &str) -> std::result::Result<(), Unusable> {
        let secret: Cow<'_, str> = normalise_totp(secret);
        if secret.is_empty() || !secret.bytes().all(is_base32) {
            return Err(Unusable::NotBase32);
        }
        self.factors.push_str(if self.count == 0 { "[" } else { "," });
        let mut quoted = Vec::new();
        escape_into(&secret, &mut quoted);
        self.factors.push_str(r#"{"totp":{"secret":"#);
        self.factors.push_str(&String::from_utf8_lossy(&quoted));
        self.factors.push_str("}}");
        self.count += 1;
        Ok(())
    }
}
