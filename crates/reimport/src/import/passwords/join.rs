//! Adds what the joined files have to a user.

use std::borrow::Cow;

use super::hashes::{Hash, Orphan};
use super::reason::Reason;
use crate::import::check::{Check, name, warn, write_hash};
use crate::import::forms;
use crate::import::rules::StalePasswords;
use crate::instant;
use crate::json::{Kind, Scanner, Value};
use crate::run::{Output, SideFile, Topic};
use crate::user::property::Property;
use crate::user::{kinds, names};

/// What the joined files have for one user. A field is `None` if there is no such file.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::import) struct Joined<'t> {
    pub(in crate::import) hash: Option<Result<Hash<'t>, Reason>>,
    /// The JSON text of `mfa_factors`.
    pub(in crate::import) factors: Option<Result<&'t str, Reason>>,
}

/// Reasons why a written user has no password, in addition to those of [`Reason`].
const SIGNED_UP_AFTER: &str = "signed up after the file was made";
const REFUSED: &str = "hash refused";
const STALE: &str = "stale";

impl Check<'_, '_> {
    /// Adds what the joined files have for the user's login, unless the user has its own.
    pub(in crate::import) fn join(&mut self, start: usize, output: &mut Output<'_>) {
        self.join_password(output, |hash, output| write_joined(hash.json, start, output));
        self.join_factors(output, |factors, output| {
            name(Property::MfaFactors, start, output);
            output.bytes.extend_from_slice(factors.as_bytes());
        });
    }

    /// Passes the joined hash to `write`, unless the user has its own, and counts and lists what happens to it. `write`
    /// returns the name of a rule if the hash breaks one.
    pub(in crate::import) fn join_password(
        &self,
        output: &mut Output<'_>,
        write: impl FnOnce(&Hash<'_>, &mut Output<'_>) -> Result<(), &'static str>,
    ) {
        let Some(hash) = self.joined.hash else { return };
        let own = Property::PasswordHash.bit() | Property::CustomPasswordHash.bit();
        if output.info.present & own != 0 {
            output.note(Topic::Password, "its own");
            // If the user is rejected for its own hash, its entry among the rejects still says that a hash was
            // found for it.
            output.info.joined_password = hash.is_ok();
        } else {
            self.join_hash(hash, output, write);
        }
    }

    /// Passes the joined factors, as JSON, to `write`, unless the user has its own, and counts what happens to them.
    pub(in crate::import) fn join_factors(
        &self,
        output: &mut Output<'_>,
        write: impl FnOnce(&str, &mut Output<'_>),
    ) {
        let own = output.info.present & Property::MfaFactors.bit() != 0;
        match self.joined.factors {
            Some(Ok(_)) if own => {
                output.note(Topic::NoMfaSecret, "has factors of its own");
            }
            Some(Ok(factors)) => {
                output.note(Topic::MfaSecret, "joined");
                if let Ok(value) = Scanner::new(factors).value() {
                    warn(forms::check_mfa_factors(value, &mut Vec::new()).warning, output);
                }
                write(factors, output);
            }
            Some(Err(reason)) => {
                // Most users never had a second factor, so it is not worth reporting that a file has none for them.
                if !own && reason != Reason::NotInFile && reason != Reason::NoId {
                    output.note(Topic::NoMfaSecret, reason.secret_name());
                }
                self.warn_lost_factors(own, output);
            }
            None => self.warn_lost_factors(own, output),
        }
    }

    fn warn_lost_factors(&self, own: bool, output: &mut Output<'_>) {
        if !own && self.had_multifactor() {
            output.note_warned(kinds::MFA_LOST, "");
        }
    }

    fn join_hash(
        &self,
        hash: Result<Hash<'_>, Reason>,
        output: &mut Output<'_>,
        write: impl FnOnce(&Hash<'_>, &mut Output<'_>) -> Result<(), &'static str>,
    ) {
        let hash = match hash {
            Ok(hash) => hash,
            Err(Reason::NotInFile) if self.signed_up_after() => {
                return self.without(SIGNED_UP_AFTER, None, output);
            }
            Err(reason) => return self.without(reason.name(), self.origin_of(reason), output),
        };
        let reset = self.moment(Property::LastPasswordReset);
        let stale = reset.zip(hash.set_at).filter(|(reset, set)| reset > set);
        if stale.is_some() && self.rules.stale_passwords == StalePasswords::Skip {
            self.without(STALE, None, output);
        } else if let Err(rule) = write(&hash, output) {
            let reason = format!("{REFUSED}: {rule}");
            return self.list_without(REFUSED, &reason, Some(hash.origin), output);
        } else {
            output.info.password = true;
            output.info.joined_password = true;
            output.note(Topic::Password, if hash.by_email { "by email" } else { "by id" });
            if hash.by_email {
                self.list_by_email(hash.origin, output);
            }
            if stale.is_some() {
                output.note(Topic::Password, STALE);
            }
        }
        if let Some((reset, set)) = stale {
            let (user_id, email) = self.user_id_and_email();
            let cells = [&*user_id, &*email, &instant::format(reset), &instant::format(set)];
            output.side_cells(SideFile::StalePassword, &cells);
        }
    }

    /// Returns whether the user was created after the last password change in the hash files.
    fn signed_up_after(&self) -> bool {
        let table = self.rules.passwords.as_ref();
        self.user.created_at().is_some_and(|created| table.is_some_and(|table| table.is_older_than(created)))
    }

    fn origin_of(&self, reason: Reason) -> Option<Orphan<'_>> {
        match reason {
            Reason::NoHash(at) => self.rules.passwords.as_ref().map(|table| table.origin(at)),
            _ => None,
        }
    }

    /// Counts and lists a user without a password.
    fn without(&self, reason: &str, origin: Option<Orphan<'_>>, output: &mut Output<'_>) {
        self.list_without(reason, reason, origin, output);
    }

    /// Counts a user without a password under `reason`, and lists it with `detail` and the line of its hash.
    fn list_without(&self, reason: &str, detail: &str, origin: Option<Orphan<'_>>, output: &mut Output<'_>) {
        output.note(Topic::NoPassword, reason);
        let (user_id, email) = self.user_id_and_email();
        let place = origin.map(|Orphan { file, line }| format!("{detail}, {file} line {line}"));
        let cells = [&*user_id, &*email, place.as_deref().unwrap_or(detail)];
        output.side_cells(SideFile::NoPassword, &cells);
    }

    /// Lists a user whose hash was joined by e-mail address.
    fn list_by_email(&self, origin: Orphan<'_>, output: &mut Output<'_>) {
        let (_, email) = self.user_id_and_email();
        let connection = self.user.connection_name();
        let line = origin.line.to_string();
        let cells = [&*email, connection.as_deref().unwrap_or_default(), origin.file, &line];
        output.side_cells(SideFile::PasswordByEmail, &cells);
    }

    fn user_id_and_email(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        let text = |place| {
            let value: Option<Value<'_>> = self.user.get(place);
            value.and_then(|value| value.as_str()).unwrap_or_default()
        };
        (text(Property::UserId), text(Property::Email))
    }

    fn moment(&self, property: Property) -> Option<i64> {
        self.user.get(property).and_then(instant::of_value)
    }

    /// Returns whether the user has used a second factor.
    fn had_multifactor(&self) -> bool {
        self.user.get(Property::Multifactor).is_some_and(|value| {
            value.kind() == Kind::Array && {
                let inside = &value.json()[1..value.json().len() - 1];
                !inside.trim_ascii().is_empty()
            }
        })
    }
}

/// Renders a joined hash. If the importer would not accept it, returns the name of the first broken rule.
fn write_joined(json: &str, start: usize, output: &mut Output<'_>) -> Result<(), &'static str> {
    let value = Scanner::new(json).value().map_err(|_| names::WRONG_TYPE)?;
    let mut problems = Vec::new();
    write_hash(value, start, &mut problems, output);
    problems.first().map_or(Ok(()), |problem| Err(problem.rule))
}
