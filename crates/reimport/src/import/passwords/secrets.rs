//! The secrets of the TOTP factors of a run.

use std::fmt;

use super::error::Unusable;
use super::file::JoinedFile;
use super::hash_record::{filled, id_text};
use super::login::{Login, LoginId, without_prefix};
use super::reason::Reason;
use super::table::{JoinTable, NewEntry};
use crate::error::Result;
use crate::import::forms::TotpSecret;
use crate::import::user::User;
use crate::json::{Kind, Scanner, Value, escape_into};
use crate::source::Source;

/// TOTP secrets from one or more files, to be joined by [`Rules::mfa_secrets`](crate::Rules::mfa_secrets).
///
/// A record names its login by `user_id`, and optionally its connection by `connection`. It has `otp_secret`, or
/// `mfa_factors`, whose items are `{"type":"totp","secret":…}` or, as in an import file, `{"totp":{"secret":…}}`.
/// Recovery codes are counted, because they cannot be imported. If several records of one login have different
/// secrets, none is joined.
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
    table: JoinTable,
    files: Vec<JoinedFile>,
    secrets: u64,
    duplicates: u64,
}

impl MfaSecrets {
    /// Creates an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the secrets of one file: NDJSON or a JSON array, plain or gzipped.
    ///
    /// # Errors
    /// If the file cannot be read to its end, or has no usable secret.
    pub fn read(mut self, source: Source) -> Result<Self> {
        let from = self.table.len();
        let file = JoinedFile::read(source, "MFA secrets", from, |file, json, line| {
            // The reader has validated the record.
            let Ok(record) = Scanner::new(json).value() else { return Err(Unusable::NoSecret) };
            let text = |name| record.member(name).and_then(filled);
            let (tenant, connection) = (text("tenant"), text("connection"));
            file.name_origin(tenant.as_deref(), connection.as_deref());
            let secrets = Secrets::of(record)?;
            file.recovery_codes += secrets.recovery_codes;
            file.other_factors += secrets.other_factors;
            if secrets.count > MAX_FACTORS {
                return Err(Unusable::TooManyFactors);
            }
            if secrets.count == 0 {
                return if secrets.recovery_codes > 0 { Ok(false) } else { Err(Unusable::NoSecret) };
            }
            let id = record.member("user_id").and_then(id_text).map(without_prefix);
            let id = id.filter(|id| !id.is_empty()).ok_or(Unusable::NoUserId)?;
            let (_, known) = self.table.add(NewEntry {
                id: Some(&id),
                connection: connection.as_deref(),
                tenant: tenant.as_deref(),
                set_at: None,
                line,
                text: Some(&secrets.factors),
            });
            self.secrets += 1;
            self.duplicates += u64::from(known);
            Ok(true)
        })?;
        self.files.push(file);
        Ok(self)
    }

    /// Returns the files, in the order in which they were read.
    pub fn files(&self) -> &[JoinedFile] {
        &self.files
    }

    /// Returns the number of records with a secret.
    pub fn users(&self) -> u64 {
        self.secrets
    }

    /// Returns the number of records with a secret whose login has an earlier record.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Returns the number of records whose login no user record so far has; see
    /// [`PasswordTable::orphans`](super::PasswordTable::orphans).
    pub fn orphans(&self) -> u64 {
        (0..self.table.len()).filter(|at| !self.table.login_was_read(*at)).count() as u64
    }

    /// Returns the first file of which no record has any id, if any login was looked up.
    pub(in crate::import) fn unmatched(&self) -> Option<&JoinedFile> {
        JoinedFile::unmatched(&self.files, &self.table)
    }

    /// Marks the logins of a user as read.
    pub(in crate::import) fn mark_user(&self, user: &User<'_>, is_database: bool) {
        self.table.mark_user(user, is_database);
    }

    /// Marks the logins that are linked to a user as read.
    pub(in crate::import) fn mark_linked(&self, user: &User<'_>) {
        self.table.mark_linked(user);
    }

    /// Returns the `mfa_factors` of a login.
    pub(in crate::import) fn find(&self, login: &Login<'_>) -> std::result::Result<&str, Reason> {
        let found = self.table.find(login);
        match login.id {
            LoginId::Known(_) => Reason::of(found).map(|at| self.table.text(at)),
            LoginId::Disagrees(..) => Err(Reason::IdsDisagree),
            LoginId::None => Err(Reason::NoId),
        }
    }
}

impl fmt::Debug for MfaSecrets {
    /// Shows the number of users, and no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MfaSecrets({} users of {} files)", self.users(), self.files.len())
    }
}

/// What one record has, as `mfa_factors` of an import file.
#[derive(Default)]
struct Secrets {
    factors: String,
    count: u32,
    recovery_codes: u64,
    /// The number of factors of other kinds, such as phone numbers.
    other_factors: u64,
}

/// The maximum number of factors of a user in an import.
const MAX_FACTORS: u32 = 10;

impl Secrets {
    fn of(record: Value<'_>) -> std::result::Result<Self, Unusable> {
        let mut secrets = Self::default();
        let has = |name| record.member(name).is_some_and(|value| value.kind() != Kind::Null);
        secrets.recovery_codes += u64::from(has("recovery_code"));
        if let Some(secret) = record.member("otp_secret").and_then(|value| value.as_str()) {
            secrets.add(&secret)?;
        }
        if let Some(factors) = record.member("mfa_factors") {
            let mut scanner = Scanner::new(factors.json());
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
        if let Some(totp) = factor.member("totp") {
            return self.add_member(totp);
        }
        let kind = factor.member("type").and_then(|value| value.as_str());
        match kind.as_deref() {
            Some("totp") => self.add_member(factor),
            Some("recovery-code" | "recovery_code") => {
                self.recovery_codes += 1;
                Ok(())
            }
            _ => {
                self.other_factors += 1;
                Ok(())
            }
        }
    }

    /// Adds the member `secret` of an object.
    fn add_member(&mut self, object: Value<'_>) -> std::result::Result<(), Unusable> {
        let secret = object.member("secret").and_then(|value| value.as_str());
        self.add(&secret.ok_or(Unusable::NoSecret)?)
    }

    fn add(&mut self, secret: &str) -> std::result::Result<(), Unusable> {
        let secret = TotpSecret::judge(secret).ok_or(Unusable::NotBase32)?;
        self.factors.push_str(if self.count == 0 { "[" } else { "," });
        let mut quoted = Vec::new();
        escape_into(&secret.text, &mut quoted);
        self.factors.push_str(r#"{"totp":{"secret":"#);
        self.factors.push_str(&String::from_utf8_lossy(&quoted));
        self.factors.push_str("}}");
        self.count += 1;
        Ok(())
    }
}
