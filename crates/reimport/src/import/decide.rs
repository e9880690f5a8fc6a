//! Decides what happens to one record: which of its logins is imported, with what from the joined files, or why it
//! has none to import.

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
use crate::record::{Before, Format, Record};
use crate::run::{Fact, Output, Problem, SkipReason, Summary, Topic, Verdict};
use crate::user::kinds;
use crate::user::property::Property;
use crate::user::{names, strategy};

impl Rules {
    /// Returns the record after its edits.
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

    /// Judges `json`, the record after its edits. `read` is the record before its edits, if there are edits.
    pub(super) fn judge(
        &self,
        json: &str,
        read: Option<&str>,
        record: Record<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        with_user(json, scratch, output, |user, scratch, output| {
            // An edited record does not show how the record in the source is written.
            output.info.compact &= self.edits.is_empty();
            let before = record.before();
            let mut verdict = self.decide(user, Origin { read, before }, scratch, output)?;
            if before.duplicate {
                still_duplicate(record, &mut verdict);
            }
            Ok(verdict)
        })?
    }

    /// Calls `visit` with the user of a record as read, and again with the user after the edits, if there are any.
    fn each_reading(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
        mut visit: impl FnMut(&User<'_>),
    ) -> Result<(), SyntaxError> {
        with_user(json, scratch, output, |user, _, _| visit(user))?;
        if self.edits.is_empty() {
            return Ok(());
        }
        let mut edited = String::new();
        self.edits.apply(json, &mut edited, output)?;
        with_user(&edited, scratch, output, |user, _, _| visit(user))
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
        // Whatever the verdict is, what the joined files have for its logins is not left over.
        self.mark_logins(user);
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
            // `join` has looked up the user's own login, by the record as read.
            self.mark_linked(user);
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
                linked::list_others(user.identities.value, 0, user_id, output);
            }
            Imported::Own => {}
            Imported::Promoted { all, place } => linked::list_others(all, place, user_id, output),
        }
        Check { rules: self, user, joined, problems: &mut problems }.render(output);
        Ok(if problems.is_empty() { Verdict::Written } else { Verdict::Rejected(problems) })
    }

    /// Looks up the login of a user who is not imported in the joined files, and passes what was found to `visit`. Marks all
    /// its logins as read. Calls `visit` for database users only.
    pub(super) fn with_joined(
        &self,
        json: &str,
        record: Record<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
        visit: impl FnOnce(&Check<'_, '_>, &mut Output<'_>),
    ) -> Result<(), SyntaxError> {
        let noted = output.facts.len();
        with_user(json, scratch, output, |user, scratch, output| {
            // These facts are about an import.
            output.facts.forget(noted);
            if strategy_of(user).is_some() {
                self.mark_logins(user);
                return Ok(());
            }
            let origin = Origin { read: None, before: record.before() };
            let joined = self.join(user, &Imported::Own, origin, scratch, output)?;
            if user.identities.count > 1 {
                self.mark_linked(user);
            }
            output.info.present = user.present;
            visit(&Check { rules: self, user, joined, problems: &mut Vec::new() }, output);
            output.info.present = 0;
            Ok(())
        })?
    }

    /// Looks up the user's own login in the joined files. What is found is not left over, whatever the verdict is.
    ///
    /// The record as read decides which login this is: an edit neither gives a user the hash of another login nor
    /// takes away its own.
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
                // The user is a linked login, or edits made a database user of a user of another strategy.
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

    /// Returns the password hashes to join; `None` if there are none, or if existing users are updated.
    fn joined_passwords(&self) -> Option<&PasswordTable> {
        self.passwords.as_deref().filter(|_| self.purpose == Purpose::Insert)
    }

    /// Marks the logins of a user as read, so that their entries in joined files do not count as left over.
    fn mark_logins(&self, user: &User<'_>) {
        let is_database = strategy_of(user).is_none();
        if let Some(table) = self.joined_passwords() {
            table.mark_user(user, is_database);
        }
        if let Some(table) = &self.secrets {
            table.mark_user(user, is_database);
        }
    }

    /// Marks the logins that are linked to a user as read.
    fn mark_linked(&self, user: &User<'_>) {
        if let Some(table) = self.joined_passwords() {
            table.mark_linked(user);
        }
        if let Some(table) = &self.secrets {
            table.mark_linked(user);
        }
    }

    /// Marks the logins of a record as read, if a filter leaves the record out.
    pub(super) fn mark_left_out(&self, json: &str, scratch: &mut Scratch, output: &mut Output<'_>) {
        if self.joined_passwords().is_none() && self.secrets.is_none() {
            return;
        }
        // The record was valid when the filter read it, so no error is lost here.
        let _ = self.each_reading(json, scratch, output, |user| self.mark_logins(user));
    }

    /// Counts what joining by e-mail address needs to know about a record, as read and after its edits.
    pub(super) fn count_addresses(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<(), SyntaxError> {
        let Some(table) = self.joined_passwords() else { return Ok(()) };
        let mut addresses = Vec::new();
        self.each_reading(json, scratch, output, |user| {
            self.mark_logins(user);
            table.addresses_of(user, &mut addresses);
        })?;
        addresses.sort_unstable();
        addresses.dedup();
        table.count(json, &addresses);
        Ok(())
    }

    /// Calls `visit` with the user that would be imported from a record, before edits and fixes. Returns `None` if the
    /// record would be skipped or left out.
    pub(super) fn with_imported<R>(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
        visit: impl FnOnce(&User<'_>) -> R,
    ) -> Result<Option<R>, SyntaxError> {
        let noted = output.facts.len();
        let mut user = User::new(json);
        user.walk(&mut scratch.predicted, output)?;
        output.facts.forget(noted);
        if strategy_of(&user).is_none() {
            return Ok(Some(visit(&user)));
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
        Ok(Some(visit(&login)))
    }

    /// Checks the joins at the end of a run, and counts the entries of joined files that belong to no user. Does nothing if
    /// the run did not read all its input.
    ///
    /// # Errors
    /// If no entry of a joined file belongs to any user that was read, or if one hash may belong to several logins.
    pub(super) fn conclude_joins(&self, summary: &Summary) -> error::Result<Vec<(Fact, u64)>> {
        if summary.limited {
            return Ok(Vec::new());
        }
        // A file of rejected records alone need not have any user of a joined file.
        if !summary.sources.iter().all(|source| source.format == Format::Rejects) {
            self.check_joins()?;
        }
        Ok(self.left_over())
    }

    fn left_over(&self) -> Vec<(Fact, u64)> {
        let fact = |topic, subject: &str| Fact { topic, kind: "", subject: subject.into() };
        let hashes = self.joined_passwords().map(|table| table.orphans().count() as u64);
        let secrets = self.secrets.as_ref().map(|table| table.orphans());
        let hashes = hashes.map(|hashes| (fact(Topic::Password, "hashes without a user"), hashes));
        let secrets = secrets.map(|secrets| (fact(Topic::MfaSecret, "secrets without a user"), secrets));
        hashes.into_iter().chain(secrets).collect()
    }

    fn check_joins(&self) -> error::Result<()> {
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

/// Calls `visit` with the user of a record. Flat keys such as `app_metadata.plan` are nested first.
fn with_user<R>(
    json: &str,
    scratch: &mut Scratch,
    output: &mut Output<'_>,
    visit: impl FnOnce(&User<'_>, &mut Scratch, &mut Output<'_>) -> R,
) -> Result<R, SyntaxError> {
    let noted = output.facts.len();
    let mut user = User::new(json);
    user.walk(&mut scratch.predicted, output)?;
    output.info.compact = user.compact;
    if !user.flat {
        return Ok(visit(&user, scratch, output));
    }
    let mut nested = String::new();
    if !nest_flat(json, &mut nested, output)? {
        return Ok(visit(&user, scratch, output));
    }
    // The second walk repeats the notes of the first, except for the keys that are now nested. `nest_flat` runs again
    // because its notes are forgotten too.
    output.facts.forget(noted);
    nest_flat(json, &mut nested, output)?;
    // Nesting drops all but the last value of a repeated key, but surrogates are counted in the record as read.
    let lone_surrogates = user.lone_surrogates;
    let mut user = User::new(&nested);
    user.walk(&mut scratch.predicted, output)?;
    user.lone_surrogates = lone_surrogates;
    Ok(visit(&user, scratch, output))
}

/// The end of a duplicate message, after the place of the other user. It says what to do. A later run uses it to find
/// the place again.
const DECIDE: &str = "; an earlier run found this: expected a decision; delete the line, or delete the entry `duplicate` \
                      from its `problems` to import this user";

/// Rejects a user again that an earlier run rejected as a duplicate, because this run does not see the other user.
fn still_duplicate(record: Record<'_>, verdict: &mut Verdict) {
    let earlier_message =
        record.duplicate_of().and_then(|json| Scanner::new(json).value().ok()?.as_str().map(Cow::into_owned));
    let place = earlier_message
        .as_deref()
        .and_then(|earlier_message| earlier_message.split(DECIDE).next())
        .filter(|earlier_message| is_place(earlier_message));
    let message = format!("{}{DECIDE}", place.unwrap_or("already used by another user"));
    let problem = Problem::new(names::DUPLICATE, "", message);
    match verdict {
        Verdict::Written => *verdict = Verdict::Rejected(vec![problem]),
        Verdict::Rejected(problems) => problems.push(problem),
        Verdict::Skipped(_) | Verdict::LeftOut | Verdict::Unreadable(_) => {}
    }
}

/// Returns whether a string is the start of a duplicate message, as a run writes it. Any other string may be a value
/// of a user.
fn is_place(text: &str) -> bool {
    const LONGEST: usize = 300;
    let line = text.strip_prefix("already used by ").and_then(|rest| rest.rsplit_once(" line "));
    text.len() <= LONGEST && line.is_some_and(|(_, line)| line.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the strategy of a user that is not a database user; `None` for a database user.
fn strategy_of<'a>(user: &User<'a>) -> Option<Cow<'a, str>> {
    let provider = user.identities.provider.and_then(|value| value.as_str());
    // The id is read only if the provider is not a string.
    let user_id = if provider.is_none() { user.get(Property::UserId) } else { None };
    let user_id = user_id.and_then(|value| value.as_str());
    strategy::of(provider, user_id.as_deref()).filter(|strategy| strategy != strategy::DATABASE)
}

/// Checks whether a user may be joined by e-mail address: only if its record, as read, has no id under any name.
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
    /// The record before its edits, if there are edits.
    read: Option<&'t str>,
    before: Before,
}

/// Which of a user's logins is imported.
enum Imported<'a> {
    /// The user's own login.
    Own,
    /// The linked login at index `place` of the identities `all`.
    Promoted { all: Option<Value<'a>>, place: usize },
}
