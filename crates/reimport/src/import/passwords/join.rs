//! The join itself: whose hash is looked for, and what a user gets.

use std::borrow::Cow;

use super::hash_record::id_text;
use super::table::Table;
use crate::import::check::{Check, name};
use crate::import::forms::{self, BcryptForm};
use crate::import::identities;
use crate::import::rules::Purpose;
use crate::import::schema::at;
use crate::import::user::fixed_name;
use crate::json::{Kind, Scanner, Value};
use crate::transform::Output;
use crate::{SideList, Topic, instant};

/// What a user is looked for by.
#[derive(Debug, Clone, Copy)]
pub(in crate::import) struct Wanted<'w> {
    /// The id of a database user, with `auth0|` or without.
    pub(in crate::import) user_id: Option<&'w str>,
    /// All identities, of which those of databases count.
    pub(in crate::import) identities: Option<Value<'w>>,
    /// Whether there are identities behind the first.
    pub(in crate::import) linked: bool,
    pub(in crate::import) connection: Option<&'w str>,
    pub(in crate::import) email: Option<&'w str>,
}

/// By what a hash was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum JoinedBy {
    UserId,
    Identity,
    ConnectionAndEmail,
}

impl JoinedBy {
    fn name(self) -> &'static str {
        match self {
            Self::UserId => "by user_id",
            Self::Identity => "by identity",
            Self::ConnectionAndEmail => "by connection and email",
        }
    }
}

/// A hash that was found.
#[derive(Debug, Clone, Copy)]
pub(in crate::import) struct Hash<'t> {
    pub(super) by: JoinedBy,
    /// A string for `password_hash`, or an object for `custom_password_hash`.
    pub(super) json: &'t str,
    pub(super) set_at: Option<i64>,
}

/// What second files have for one user.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::import) struct Joined<'t> {
    pub(in crate::import) hash: Option<Hash<'t>>,
    /// The text of `mfa_factors`.
    pub(in crate::import) factors: Option<&'t str>,
}

impl Joined<'_> {
    /// The same for a login that became the user: its id was an identity's.
    pub(in crate::import) fn by_identity(mut self) -> Self {
        if let Some(hash) = &mut self.hash
            && hash.by == JoinedBy::UserId
        {
            hash.by = JoinedBy::Identity;
        }
        self
    }
}

impl Wanted<'_> {
    /// The entry of the user by id, else by an identity; entries of linked logins count as having a user too.
    pub(super) fn in_table(&self, table: &Table) -> Option<(JoinedBy, u32)> {
        let by_id = self.user_id.and_then(|id| {
            let id = id.strip_prefix("auth0|").unwrap_or(id);
            table.by_id(table.id_key(id))
        });
        let mut found = by_id.map(|at| (JoinedBy::UserId, at));
        if (found.is_none() || self.linked)
            && let Some(all) = self.identities
        {
            identities::each(all, |_, identity| {
                let id = identity.user_id.filter(|_| identity.is_database()).and_then(id_text);
                if let Some(at) = id.and_then(|id| table.by_id(table.id_key(&id))) {
                    table.mark(at);
                    found.get_or_insert((JoinedBy::Identity, at));
                }
            });
        }
        found
    }
}

/// Why a written user has no password.
const NOT_IN_FILE: &str = "not in the file";
const SIGNED_UP_AFTER: &str = "signed up after it was made";
const REFUSED: &str = "hash refused";

impl Check<'_, '_> {
    /// Gives the user what second files have for it, where it has none of its own.
    pub(in crate::import) fn join(&mut self, start: usize, output: &mut Output<'_>) {
        let present = output.about.present;
        if self.rules.passwords.is_some() && self.rules.purpose == Purpose::Insert {
            if present & (1 << at::PASSWORD_HASH | 1 << at::CUSTOM_PASSWORD_HASH) != 0 {
                output.note(Topic::Password, "its own");
            } else {
                self.join_hash(start, output);
            }
        }
        let own = present >> at::MFA_FACTORS & 1 == 1;
        match self.joined.factors {
            Some(_) if own => output.note(Topic::MfaSecret, "its own"),
            Some(factors) => {
                output.note(Topic::MfaSecret, "joined");
                name(at::MFA_FACTORS, start, output);
                output.bytes.extend_from_slice(factors.as_bytes());
            }
            None if !own && self.had_multifactor() => output.note(Topic::Warned, "mfa-lost"),
            None => {}
        }
    }

    fn join_hash(&self, start: usize, output: &mut Output<'_>) {
        let Some(hash) = self.joined.hash else {
            let after = self.moment(at::CREATED_AT).is_some_and(|created| {
                self.rules.passwords.as_ref().is_some_and(|table| table.is_older_than(created))
            });
            return if after {
                self.without("none: signed up after", SIGNED_UP_AFTER, output);
            } else {
                self.without("none: not in the file", NOT_IN_FILE, output);
            };
        };
        if !write_hash(hash.json, start, output) {
            return self.without("none: hash refused", REFUSED, output);
        }
        output.about.password = true;
        output.note(Topic::Password, hash.by.name());
        if let (Some(reset), Some(set)) = (self.moment(at::LAST_PASSWORD_RESET), hash.set_at)
            && reset > set
        {
            output.note(Topic::Password, "stale");
            let (user_id, email) = self.who();
            let cells = [&*user_id, &*email, &instant::format(reset), &instant::format(set)];
            output.side_cells(SideList::StalePassword, &cells);
        }
    }

    /// Counts and lists a user without a password.
    fn without(&self, fact: &str, reason: &str, output: &mut Output<'_>) {
        output.note(Topic::Password, fact);
        let (user_id, email) = self.who();
        output.side_cells(SideList::NoPassword, &[&*user_id, &*email, reason]);
    }

    fn who(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        let text = |place| {
            let value: Option<Value<'_>> = self.user.get(place);
            value.and_then(|value| value.as_str()).unwrap_or_default()
        };
        (text(at::USER_ID), text(at::EMAIL))
    }

    fn moment(&self, place: usize) -> Option<i64> {
        self.user.get(place).and_then(instant::of_value)
    }

    /// Whether the user has used a second factor.
    fn had_multifactor(&self) -> bool {
        self.user.get(at::MULTIFACTOR).is_some_and(|value| {
            value.kind() == Kind::Array && {
                let inside = &value.text()[1..value.text().len() - 1];
                !inside.trim_ascii().is_empty()
            }
        })
    }
}

/// Renders a hash where the importer would take it.
fn write_hash(json: &str, start: usize, output: &mut Output<'_>) -> bool {
    let Ok(value) = Scanner::new(json).value() else { return false };
    let Some(text) = value.as_str() else {
        let mut problems = Vec::new();
        forms::check_custom_password_hash(value, &mut problems);
        if problems.is_empty() {
            name(at::CUSTOM_PASSWORD_HASH, start, output);
            output.bytes.extend_from_slice(json.as_bytes());
        }
        return problems.is_empty();
    };
    match forms::judge_password_hash(&text) {
        BcryptForm::Fine => {
            name(at::PASSWORD_HASH, start, output);
            output.bytes.extend_from_slice(json.as_bytes());
            true
        }
        BcryptForm::OtherBcrypt => {
            output.note(Topic::Fixed, &fixed_name("bcrypt-moved", "custom_password_hash"));
            name(at::CUSTOM_PASSWORD_HASH, start, output);
            forms::write_bcrypt_as_custom(value, output.bytes);
            true
        }
        BcryptForm::Broken(_) => false,
    }
}
