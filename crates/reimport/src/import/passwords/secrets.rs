//! The secrets of TOTP factors of a run.

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
/// A record names its login by `user_id`, and its connection by `connection` if it likes. It has `otp_secret`, or
/// `mfa_factors`, whose items are `{"type":"totp","secret":…}` or, as in an import file, `{"totp":{"secret":…}}`.
/// Recovery codes are counted: they cannot be imported. If several records of one login have different secrets, none
/// is joined.
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
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the secrets of one file: NDJSON or a JSON array, plain or gzipped.
    ///
    /// # Errors
    /// If the file cannot be read to its end, or has no usable secret at all.
    pub fn read(mut self, source: Source) -> Result<Self> {
        let from = self.table.len();
        let file = JoinedFile::read(source, "MFA secrets", from, |file, json, line| {
            // The reader has validated it.
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

    /// The files, in the order read.
    pub fn files(&self) -> &[JoinedFile] {
        &self.files
    }

    /// How many records with a secret there are.
    pub fn users(&self) -> u64 {
        self.secrets
    }

    /// How many of them are of a login of which a record was read before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// How many records are of a login that no record asked for so far has; see
    /// [`PasswordTable::orphans`](super::PasswordTable::orphans).
    pub fn orphans(&self) -> u64 {
        (0..self.table.len()).filter(|at| !self.table.login_was_read(*at)).count() as u64
    }

    /// The first file none of whose ids any record has, though records were asked for.
    pub(in crate::import) fn unmatched(&self) -> Option<&JoinedFile> {
        JoinedFile::unmatched(&self.files, &self.table)
    }

    /// Notes that a record has the logins of a user.
    pub(in crate::import) fn see(&self, user: &User<'_>, is_database: bool) {
        self.table.see(user, is_database);
    }

    /// Notes that a record has the logins that are linked to a user.
    pub(in crate::import) fn see_linked(&self, user: &User<'_>) {
        self.table.see_linked(user);
    }

    /// The `mfa_factors` of a login.
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
    /// Factors of other kinds, such as phone numbers.
    other_factors: u64,
}

/// The most factors that an import takes for a user.
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
