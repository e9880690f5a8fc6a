//! What becomes of one record: which of its logins is imported, with what second files have for it, or why none is.

use std::borrow::Cow;

use super::check::{Check, Scratch};
use super::edit::nest_flat;
use super::error::RulesError;
use super::linked::{self, Linked};
use super::passwords::{Joined, Login, Orphan, PasswordTable, Reason, Wanted, has_any_id};
use super::rules::{Purpose, Rules, Unknown};
use super::user::User;
use crate::error;
use crate::json::{Scanner, SyntaxError, Value};
use crate::record::{Before, Record};
use crate::run::{Fact, Output, Problem, SkipReason, Topic, Verdict};
use crate::user::kinds;
use crate::user::property::Property;
use crate::user::{names, strategy};

impl Rules {
    /// The record as the rules are to see it.
    pub(super) fn edit<'t>(
        &self,
        json: &'t str,
        edited: &'t mut String,
        output: &mut Output<'_>,
    ) -> Result<&'t str, SyntaxError> {
        if self.edits.is_empty() {
            return Ok(json);
        }
        self.edits.apply(json, edited, output)?;
        Ok(edited)
    }

    /// Judges `json`, which is `record` after its edits; `read` is it before them, if there are any.
    pub(super) fn judge(
        &self,
        json: &str,
        read: Option<&str>,
        record: Record<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        with_user(json, scratch, output, |user, scratch, output| {
            // An edited record says nothing about how the one read is written.
            output.about.compact &= self.edits.is_empty();
            let before = record.before();
            let mut verdict = self.decide(user, Origin { read, before }, scratch, output)?;
            if before.duplicate {
                still_duplicate(record, &mut verdict);
            }
            Ok(verdict)
        })?
    }

    /// Shows the user of a record as it was read, and again as edited if there are edits.
    fn each_reading(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
        mut see: impl FnMut(&User<'_>),
    ) -> Result<(), SyntaxError> {
        with_user(json, scratch, output, |user, _, _| see(user))?;
        if self.edits.is_empty() {
            return Ok(());
        }
        let mut edited = String::new();
        self.edits.apply(json, &mut edited, output)?;
        with_user(&edited, scratch, output, |user, _, _| see(user))
    }

    /// Imports the user, or the database login that is linked to it, or neither.
    fn decide(
        &self,
        user: &User<'_>,
        origin: Origin<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let Some(strategy) = strategy_of(user) else {
            return self.import(user, &Imported::Own, origin, scratch, output);
        };
        let strategy = &*strategy;
        // Whatever becomes of it, what second files have for its logins is not left over.
        self.see_logins(user);
        if !user.identities.linked_database {
            output.note(Topic::Strategy, strategy);
            return Ok(Verdict::Skipped(SkipReason::NotADatabaseUser));
        }
        if self.linked == Linked::Skip {
            output.note(Topic::Strategy, strategy);
            return Ok(Verdict::Skipped(SkipReason::LinkedDatabaseLogin));
        }
        let Some(promoted) = linked::promote(user, |connection| self.wants(connection)) else {
            return Ok(Verdict::LeftOut);
        };
        let mut login = User::new(&promoted.json);
        login.walk(&mut scratch.predicted, output)?;
        login.unknown += user.unknown;
        promoted.note(user, &login, output);
        let others = Imported::Promoted { all: user.identities.value, place: promoted.place };
        self.import(&login, &others, origin, scratch, output)
    }

    fn import(
        &self,
        user: &User<'_>,
        imported: &Imported<'_>,
        origin: Origin<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let connection = user.connection_name();
        let joined = self.join(user, imported, origin, scratch, output)?;
        if user.identities.count > 1 {
            // Its own login was looked up, by the record as it was read.
            self.see_linked(user);
        }
        if !self.wants(connection.as_deref()) {
            return Ok(Verdict::LeftOut);
        }
        if let Some(connection) = &connection {
            output.set_connection(connection);
        }
        let mut problems = Vec::new();
        if self.unknown == Unknown::Reject && user.unknown > 0 {
            problems.push(Problem::new(
                names::UNKNOWN_PROPERTY,
                "*",
                format!("expected only importable properties, but found {} others", user.unknown),
            ));
        }
        let user_id = user.get(Property::UserId);
        match *imported {
            Imported::Own if user.identities.count > 1 => {
                linked::lose_others(user.identities.value, 0, user_id, output);
            }
            Imported::Own => {}
            Imported::Promoted { all, place } => linked::lose_others(all, place, user_id, output),
        }
        Check { rules: self, user, joined, problems: &mut problems }.render(output);
        Ok(if problems.is_empty() { Verdict::Written } else { Verdict::Rejected(problems) })
    }

    /// What second files have for the user's own login, which is then not left over, whatever becomes of the user.
    ///
    /// What the login is, is decided by the record as it was read: an edit neither gives a user the hash of another
    /// login nor takes its own from it.
    fn join(
        &self,
        user: &User<'_>,
        imported: &Imported<'_>,
        origin: Origin<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Joined<'_>, SyntaxError> {
        let own_hash =
            user.present & (Property::PasswordHash.bit() | Property::CustomPasswordHash.bit()) != 0;
        let has_files = self.joined_passwords().is_some() || self.secrets.is_some();
        let Some(read) = origin.read.filter(|_| has_files || own_hash) else {
            let by_address = || by_address(user.text(), imported, origin);
            return Ok(self.look_up(user, &Login::of_user(user), &by_address));
        };
        let noted = output.facts.len();
        let joined = with_user(read, scratch, output, |as_read, _, _| {
            let login = Login::of_user(user);
            let login = match imported {
                Imported::Own if strategy_of(as_read).is_none() => login.settled_by(Login::of_user(as_read)),
                // It is one of the linked logins, or edits made a database user of another user.
                Imported::Own | Imported::Promoted { .. } => login.settled_by_linked(as_read),
            };
            let same = as_read.email() == user.email() && as_read.created_at() == user.created_at();
            let by_address = || if same { by_address(read, imported, origin) } else { Err(Reason::NoId) };
            (self.look_up(user, &login, &by_address), login.is_unclear())
        });
        output.facts.forget(noted);
        let (joined, unclear) = joined?;
        if own_hash && unclear {
            output.note_warned(kinds::PASSWORD_OF_EDITED_ID, "");
        }
        Ok(joined)
    }

    fn look_up(
        &self,
        user: &User<'_>,
        login: &Login<'_>,
        by_address: &dyn Fn() -> Result<(), Reason>,
    ) -> Joined<'_> {
        Joined {
            hash: self.joined_passwords().map(|table| table.find(&Wanted { login, user, by_address })),
            factors: self.secrets.as_ref().map(|table| table.find(login)),
        }
    }

    /// The password hashes to join, unless none is brought.
    fn joined_passwords(&self) -> Option<&PasswordTable> {
        self.passwords.as_deref().filter(|_| self.purpose == Purpose::Insert)
    }

    /// Notes for second files that a record has the logins of a user.
    fn see_logins(&self, user: &User<'_>) {
        let is_database = strategy_of(user).is_none();
        if let Some(table) = self.joined_passwords() {
            table.see(user, is_database);
        }
        if let Some(table) = &self.secrets {
            table.see(user, is_database);
        }
    }

    /// Notes for second files that a record has the logins that are linked to a user.
    fn see_linked(&self, user: &User<'_>) {
        if let Some(table) = self.joined_passwords() {
            table.see_linked(user);
        }
        if let Some(table) = &self.secrets {
            table.see_linked(user);
        }
    }

    /// Notes for second files that a record, which a filter leaves out, has its logins.
    pub(super) fn see_left_out(&self, json: &str, scratch: &mut Scratch, output: &mut Output<'_>) {
        if self.joined_passwords().is_none() && self.secrets.is_none() {
            return;
        }
        // A record that is left out was valid when the filter read it, so no error is lost here.
        let _ = self.each_reading(json, scratch, output, |user| self.see_logins(user));
    }

    /// Counts what joining by e-mail address must know of a record, as it was read and as edited.
    pub(super) fn count_addresses(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<(), SyntaxError> {
        let Some(table) = self.joined_passwords() else { return Ok(()) };
        let mut addresses = Vec::new();
        self.each_reading(json, scratch, output, |user| {
            self.see_logins(user);
            table.addresses_of(user, &mut addresses);
        })?;
        addresses.sort_unstable();
        addresses.dedup();
        table.count(json, &addresses);
        Ok(())
    }

    /// Shows the user as whom a record would be imported, before edits and fixes; `None` where it would be skipped.
    pub(super) fn with_imported<R>(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
        see: impl FnOnce(&User<'_>) -> R,
    ) -> Result<Option<R>, SyntaxError> {
        let noted = output.facts.len();
        let mut user = User::new(json);
        user.walk(&mut scratch.predicted, output)?;
        output.facts.forget(noted);
        if strategy_of(&user).is_none() {
            return Ok(Some(see(&user)));
        }
        if self.linked == Linked::Skip || !user.identities.linked_database {
            return Ok(None);
        }
        let Some(promoted) = linked::promote(&user, |connection| self.wants(connection)) else {
            return Ok(None);
        };
        let mut login = User::new(&promoted.json);
        login.walk(&mut scratch.predicted, output)?;
        output.facts.forget(noted);
        Ok(Some(see(&login)))
    }

    /// Refuses a run to which a file of another tenant was given, or in which a hash may be of several logins.
    /// What is left over in the second files, which only a run that read everything can count.
    pub(super) fn left_over(&self) -> Vec<(Fact, u64)> {
        let fact = |topic, subject: &str| Fact { topic, kind: "", subject: subject.into() };
        let hashes = self.joined_passwords().map(|table| table.orphans().count() as u64);
        let secrets = self.secrets.as_ref().map(|table| table.orphans());
        let hashes = hashes.map(|hashes| (fact(Topic::Password, "hashes without a user"), hashes));
        let secrets = secrets.map(|secrets| (fact(Topic::MfaSecret, "secrets without a user"), secrets));
        hashes.into_iter().chain(secrets).collect()
    }

    pub(super) fn conclude_joins(&self) -> error::Result<()> {
        if let Some(Orphan { file, line }) = self.joined_passwords().and_then(PasswordTable::claimed_twice) {
            return Err(RulesError::HashOfSeveralLogins { file: file.to_string(), line }.into());
        }
        if let Some(file) = self.passwords.as_ref().and_then(|table| table.unmatched()) {
            let (tenants, connections) = (file.tenants.clone(), file.connections.clone());
            let file = file.name.to_string();
            return Err(RulesError::NoHashMatched { file, tenants, connections }.into());
        }
        if let Some(file) = self.secrets.as_ref().and_then(|table| table.unmatched()) {
            let (tenants, connections) = (file.tenants.clone(), file.connections.clone());
            let file = file.name.to_string();
            return Err(RulesError::NoSecretMatched { file, tenants, connections }.into());
        }
        Ok(())
    }
}

/// Shows the user of a record, with flat keys such as `app_metadata.plan` nested.
fn with_user<R>(
    json: &str,
    scratch: &mut Scratch,
    output: &mut Output<'_>,
    see: impl FnOnce(&User<'_>, &mut Scratch, &mut Output<'_>) -> R,
) -> Result<R, SyntaxError> {
    let noted = output.facts.len();
    let mut user = User::new(json);
    user.walk(&mut scratch.predicted, output)?;
    output.about.compact = user.compact;
    if !user.flat {
        return Ok(see(&user, scratch, output));
    }
    let mut nested = String::new();
    if !nest_flat(json, &mut nested, output)? {
        return Ok(see(&user, scratch, output));
    }
    // The second walk notes again what the first noted, except for the keys that found their place.
    output.facts.forget(noted);
    nest_flat(json, &mut nested, output)?;
    // What does not find its place is still part of the record as it was read.
    let lone_surrogates = user.lone_surrogates;
    let mut user = User::new(&nested);
    user.walk(&mut scratch.predicted, output)?;
    user.lone_surrogates = lone_surrogates;
    Ok(see(&user, scratch, output))
}

/// Between the place of the other user and what to do; a later run finds the place before it again.
const DECIDE: &str = "; an earlier run found this: expected a decision; delete the line, or delete the entry `duplicate` \
                      from its `problems` to import this user";

/// Rejects a user again that shared an identifier with another user of an earlier run: this run does not see the other.
fn still_duplicate(record: Record<'_>, verdict: &mut Verdict) {
    let said =
        record.duplicate_of().and_then(|json| Scanner::new(json).value().ok()?.as_str().map(Cow::into_owned));
    let place = said.as_deref().and_then(|said| said.split(DECIDE).next()).filter(|said| is_place(said));
    let message = format!("{}{DECIDE}", place.unwrap_or("already used by another user"));
    let problem = Problem::new(names::DUPLICATE, "", message);
    match verdict {
        Verdict::Written => *verdict = Verdict::Rejected(vec![problem]),
        Verdict::Rejected(problems) => problems.push(problem),
        Verdict::Skipped(_) | Verdict::LeftOut | Verdict::Unreadable(_) => {}
    }
}

/// Whether a text is the message of a duplicate as a run writes it: anything else may be a value.
fn is_place(text: &str) -> bool {
    const LONGEST: usize = 300;
    let line = text.strip_prefix("already used by ").and_then(|rest| rest.rsplit_once(" line "));
    text.len() <= LONGEST && line.is_some_and(|(_, line)| line.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The strategy of a user that is not a database user.
fn strategy_of<'a>(user: &User<'a>) -> Option<Cow<'a, str>> {
    let provider = user.identities.provider.and_then(|value| value.as_str());
    // The id is asked only where the provider says nothing.
    let user_id = if provider.is_none() { user.get(Property::UserId) } else { None };
    let user_id = user_id.and_then(|value| value.as_str());
    strategy::of(provider, user_id.as_deref()).filter(|strategy| strategy != strategy::DATABASE)
}

/// Whether a record, as it was read, may be joined by e-mail address: only a user that has no id under any name.
fn by_address(read: &str, imported: &Imported<'_>, origin: Origin<'_>) -> Result<(), Reason> {
    match imported {
        Imported::Own if origin.before.rejected => Err(Reason::RejectedAlone),
        Imported::Own if !has_any_id(read) => Ok(()),
        // The dates of a promoted login are those of the user it was linked to.
        Imported::Own | Imported::Promoted { .. } => Err(Reason::NoId),
    }
}

/// Where a record comes from.
#[derive(Debug, Clone, Copy)]
struct Origin<'t> {
    /// The record before its edits, if there are any.
    read: Option<&'t str>,
    before: Before,
}

/// Which of a user's logins is imported.
enum Imported<'a> {
    /// The user's own.
    Own,
    /// The linked login at `place` of `all` identities.
    Promoted { all: Option<Value<'a>>, place: usize },
}
