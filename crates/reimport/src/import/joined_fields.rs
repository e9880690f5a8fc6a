//! [`JoinedFields`]: password hashes and MFA secrets of joined files as members of records, for any transform.

use super::check::{Check, Scratch, warn};
use super::forms::{bcrypt_parts, judge_hash};
use super::rules::Rules;
use crate::error::Result;
use crate::instant;
use crate::json::{Kind, Scanner, SyntaxError, Value, escape_into};
use crate::path::FieldPath;
use crate::record::{Record, UserIds};
use crate::run::{Fact, OfThisLibrary, Output, Rendering, Summary, Transform, Verdict};
use crate::user::property::Property;
use crate::user::{names, spelling};

/// The members that [`JoinedFields`] takes from a file of password hashes.
pub const PASSWORD_FIELDS: [&str; 6] = [
    "password_hash",
    "custom_password_hash",
    "password_set_date",
    "password_hash_cost",
    "password_hash_salt",
    "password_hash_checksum",
];

/// The members that [`JoinedFields`] takes from a file of MFA secrets.
pub const SECRET_FIELDS: [&str; 1] = ["totp_secret"];

/// A transform around another one, which receives each record with the hash and the MFA secret of its own database login, as
/// the [import rules](Rules) join them. The record itself is not imported: it is neither changed otherwise nor checked.
///
/// | member | value |
/// | --- | --- |
/// | `password_hash` | the bcrypt hash as in the file, or that of the record |
/// | `custom_password_hash` | a hash of another algorithm, as an object |
/// | `password_set_date` | the date of the joined hash, if known |
/// | `password_hash_cost`, `password_hash_salt`, `password_hash_checksum` | the parts of `password_hash`: a number, 22 and 31 characters |
/// | `totp_secret` | the secret of the first TOTP factor |
///
/// Only the members that the inner transform [reads](Transform::reads) are added, after the others. Without a hash or a secret
/// of its own login, a record is unchanged: a user that is not a database user gets none, also if a database login is linked
/// to it. Rejected records are kept as they were read.
///
/// ```
/// use std::sync::Arc;
///
/// use reimport::import::{JoinedFields, PasswordTable};
/// use reimport::{Pipeline, Projection, Rules, sink::Ndjson, source::Source};
///
/// let hashes = br#"{"_id":"7","passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}"#;
/// let table = PasswordTable::new().read(Source::from_reader("hashes.json", &hashes[..]))?;
/// let projection = Projection::builder().field("email")?.field("password_hash_cost")?.build()?;
/// let joined = JoinedFields::new(Rules::default().passwords(Arc::new(table)), projection);
///
/// let export = br#"{"user_id":"auth0|7","email":"a@example.com"}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (summary, lines) = Pipeline::new().run([source], &joined, Ndjson::new(Vec::new()))?;
/// assert_eq!(lines, b"{\"email\":\"a@example.com\",\"password_hash_cost\":10}\n");
/// assert_eq!(summary.with_password, 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct JoinedFields<T> {
    rules: Rules,
    inner: T,
    /// One bit for each member, in the order of [`PASSWORD_FIELDS`] and [`SECRET_FIELDS`].
    wanted: u8,
}

/// The buffers of a [`JoinedFields`] transform on one thread.
pub struct JoinedFieldsScratch<S> {
    rules: Scratch,
    json: String,
    inner: S,
}

/// The capacity that the buffer of a record keeps after a long record.
const KEPT: usize = 1024 * 1024;

impl<T: Transform> JoinedFields<T> {
    /// Creates a transform that passes each record to `inner`, with what the files of the rules have for it. Of the rules,
    /// only the [passwords](Rules::passwords), the [MFA secrets](Rules::mfa_secrets) and the handling of [stale
    /// passwords](Rules::stale_passwords) are used.
    pub fn new(rules: Rules, inner: T) -> Self {
        let members = PASSWORD_FIELDS.iter().chain(&SECRET_FIELDS).enumerate();
        let wanted = members.map(|(bit, name)| u8::from(inner.reads(name)) << bit).sum();
        Self { rules, inner, wanted }
    }

    /// Returns the inner transform.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Returns the inner transform by value, after the run.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Appends the record with its joined members to `json`. `exported` is the record in the form of an export. If no member
    /// is joined, `json` stays empty.
    fn append(
        &self,
        exported: &str,
        record: Record<'_>,
        scratch: &mut Scratch,
        json: &mut String,
        output: &mut Output<'_>,
    ) -> std::result::Result<(), SyntaxError> {
        self.rules.with_joined(exported, record, scratch, output, |check, output| {
            let mut members = Members { wanted: self.wanted, record: record.json(), json };
            if self.rules.passwords.is_some() {
                members.add_password(check, output);
            }
            if self.rules.secrets.is_some() {
                check.join_factors(output, |factors, _| members.add_secret(factors));
            }
            members.end();
        })
    }
}

/// The record with the members that were added.
struct Members<'m> {
    wanted: u8,
    record: &'m str,
    json: &'m mut String,
}

impl Members<'_> {
    fn add_password(&mut self, check: &Check<'_, '_>, output: &mut Output<'_>) {
        let own = check.user.get(Property::PasswordHash).filter(|hash| hash.kind() == Kind::String);
        if let Some(own) = own {
            output.set_password();
            self.add_hash(own);
        }
        check.join_password(output, |hash, output| {
            let value = Scanner::new(hash.json).value().map_err(|_| names::WRONG_TYPE)?;
            let mut problems = Vec::new();
            let sound = judge_hash(value, &mut problems);
            if let Some(problem) = problems.first() {
                return Err(problem.rule);
            }
            warn(sound.and_then(|sound| sound.warning), output);
            self.add_hash(value);
            if let Some(set_at) = hash.set_at {
                self.add("password_set_date", &quoted(&instant::format(set_at)));
            }
            Ok(())
        });
    }

    /// Adds a hash and its parts.
    fn add_hash(&mut self, hash: Value<'_>) {
        let Some(text) = hash.as_str() else {
            return self.add("custom_password_hash", hash.json());
        };
        self.add("password_hash", hash.json());
        if let Some((cost, salt, checksum)) = bcrypt_parts(&text) {
            self.add("password_hash_cost", &cost.to_string());
            self.add("password_hash_salt", &quoted(salt));
            self.add("password_hash_checksum", &quoted(checksum));
        }
    }

    /// Adds the secret of the first factor.
    fn add_secret(&mut self, factors: &str) {
        let mut scanner = Scanner::new(factors);
        let first = scanner.enter_array().and_then(|()| scanner.item()).and_then(|_| scanner.value());
        let secret = first.ok().and_then(|factor| factor.member("totp")?.member("secret"));
        if let Some(secret) = secret {
            self.add(SECRET_FIELDS[0], secret.json());
        }
    }

    /// Adds a member, if it is wanted. The last member of a name counts, so a member of the record has no effect.
    fn add(&mut self, name: &str, value: &str) {
        let bit = PASSWORD_FIELDS.iter().chain(&SECRET_FIELDS).position(|known| *known == name);
        if bit.is_none_or(|bit| self.wanted >> bit & 1 == 0) {
            return;
        }
        if self.json.is_empty() {
            // A valid record ends in `}`, possibly with white space after it.
            let end = self.record.rfind('}').unwrap_or(self.record.len());
            let members = self.record[..end].trim_ascii_end();
            self.json.push_str(members);
            if members.len() > 1 {
                self.json.push(',');
            }
        } else {
            self.json.push(',');
        }
        self.json.push('"');
        self.json.push_str(name);
        self.json.push_str("\":");
        self.json.push_str(value);
    }

    fn end(&mut self) {
        if !self.json.is_empty() {
            self.json.push('}');
        }
    }
}

fn quoted(text: &str) -> String {
    let mut json = Vec::new();
    escape_into(text, &mut json);
    String::from_utf8_lossy(&json).into_owned()
}

/// Returns whether joining reads the property of this name.
fn is_read(name: &str) -> bool {
    const READ: [Property; 9] = [
        Property::UserId,
        Property::Email,
        Property::Identities,
        Property::CreatedAt,
        Property::LastPasswordReset,
        Property::PasswordHash,
        Property::CustomPasswordHash,
        Property::MfaFactors,
        Property::Multifactor,
    ];
    let path = spelling::alias_of(name).map_or(name, |alias| alias.path);
    let root = path.split(['.', '[']).next().unwrap_or_default();
    Property::named(root).is_some_and(|property| READ.contains(&property))
}

impl<T: Transform> Transform for JoinedFields<T> {
    type Scratch = JoinedFieldsScratch<T::Scratch>;

    fn scratch(&self, rendering: Rendering) -> Result<Self::Scratch> {
        let inner = self.inner.scratch(rendering)?;
        Ok(JoinedFieldsScratch { rules: Scratch::default(), json: String::new(), inner })
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        self.inner.header(rendering)
    }

    fn validates(&self) -> bool {
        true
    }

    fn reads(&self, name: &str) -> bool {
        is_read(name) || self.inner.reads(name)
    }

    fn keeps_contract(&self, library: OfThisLibrary) -> bool {
        self.inner.keeps_contract(library)
    }

    fn properties(&self) -> &'static [&'static str] {
        self.inner.properties()
    }

    fn user_ids(&self) -> Option<UserIds> {
        self.inner.user_ids()
    }

    fn counts(&self) -> bool {
        self.inner.counts()
    }

    fn absorb(&self, scratch: Self::Scratch) {
        self.inner.absorb(scratch.inner);
    }

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let mut facts = self.rules.conclude_joins(summary)?;
        // A CSV needs no columns for members that come from another file.
        let mut summary = summary.clone();
        let members = || PASSWORD_FIELDS.iter().chain(&SECRET_FIELDS).map(|name| FieldPath::of_name(name));
        for columns in summary.sources.iter_mut().filter_map(|source| source.columns.as_mut()) {
            *columns = columns.iter().cloned().chain(members()).collect();
        }
        facts.extend(self.inner.conclude(&summary)?);
        Ok(facts)
    }

    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) {
        // The record was valid when the filter read it, so no error is lost here.
        let _ = scratch.rules.with_exported(record, |scratch, json| {
            self.rules.mark_left_out(json, scratch, output);
            Ok(())
        });
        self.inner.left_out_by_filter(record, &mut scratch.inner, output);
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) -> Verdict {
        let JoinedFieldsScratch { rules, json, inner } = scratch;
        json.clear();
        json.shrink_to(KEPT);
        let appended =
            rules.with_exported(record, |rules, exported| self.append(exported, record, rules, json, output));
        if let Err(error) = appended {
            return Verdict::Unreadable(error.into());
        }
        let joined = if json.is_empty() { record } else { record.with_valid_json(json) };
        self.inner.transform(joined, inner, output)
    }
}
