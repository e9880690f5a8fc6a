//! What becomes of one record: which of its logins is imported, with what second files have for it, or why none is.

use std::borrow::Cow;

use super::check::{Check, Scratch};
use super::edit::nest_flat;
use super::error::RulesError;
use super::linked::{self, Linked};
use super::names;
use super::passwords::{Joined, Wanted};
use super::rules::{Purpose, Rules, Unknown};
use super::schema::at;
use super::strategy;
use super::user::User;
use crate::Topic;
use crate::error;
use crate::json::{Kind, SyntaxError, Value};
use crate::transform::{Output, Problem, SkipReason, Verdict};

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

    pub(super) fn judge(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let noted = output.facts.len();
        let mut user = User::new(json);
        user.walk(&mut scratch.predicted, output)?;
        // An edited record says nothing about how the one read is written.
        output.about.compact = self.edits.is_empty() && user.compact;
        if !user.flat {
            return self.decide(&user, scratch, output);
        }
        let mut nested = String::new();
        if !nest_flat(json, &mut nested, output)? {
            return self.decide(&user, scratch, output);
        }
        // What the first reading noted is noted again by the second, but for the keys that found their place.
        output.facts.forget(noted);
        nest_flat(json, &mut nested, output)?;
        let mut user = User::new(&nested);
        user.walk(&mut scratch.predicted, output)?;
        self.decide(&user, scratch, output)
    }

    /// Imports the user, or the database login that is linked to it, or neither.
    fn decide(
        &self,
        user: &User<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let Some(strategy) = strategy_of(user) else {
            return Ok(self.import(user, &Login::Own, output));
        };
        let strategy = &*strategy;
        if !user.identities.linked_database {
            output.note(Topic::Strategy, strategy);
            return Ok(Verdict::Skipped(SkipReason::NotADatabaseUser));
        }
        // Whatever becomes of it, its hash has a user.
        let Joined { factors, .. } = self.join(user, None);
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
        let others = Login::Promoted { all: user.identities.value, place: promoted.place, factors };
        Ok(self.import(&login, &others, output))
    }

    fn import(&self, user: &User<'_>, login: &Login<'_>, output: &mut Output<'_>) -> Verdict {
        let connection = user.identities.connection.or(user.connection);
        let connection = connection.filter(|value| value.kind() == Kind::String);
        let connection = connection.as_ref().and_then(Value::as_str);
        let mut joined = self.join(user, connection.as_deref());
        if !self.wants(connection.as_deref()) {
            return Verdict::LeftOut;
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
        let user_id = user.get(at::USER_ID);
        match *login {
            Login::Own if user.identities.count > 1 => {
                linked::lose_others(user.identities.value, 0, user_id, output);
            }
            Login::Own => {}
            Login::Promoted { all, place, factors } => {
                joined = joined.by_identity();
                joined.factors = joined.factors.or(factors);
                linked::lose_others(all, place, user_id, output);
            }
        }
        Check { rules: self, user, joined, problems: &mut problems }.render(output);
        if problems.is_empty() { Verdict::Written } else { Verdict::Rejected(problems) }
    }

    /// What second files have for a user, who then counts as theirs whatever becomes of it.
    fn join(&self, user: &User<'_>, connection: Option<&str>) -> Joined<'_> {
        let passwords = self.passwords.as_ref().filter(|_| self.purpose == Purpose::Insert);
        if passwords.is_none() && self.secrets.is_none() {
            return Joined::default();
        }
        let text = |place| user.get(place).as_ref().and_then(Value::as_str);
        let (user_id, email) = (text(at::USER_ID), text(at::EMAIL));
        let wanted = Wanted {
            user_id: user_id.as_deref(),
            identities: user.identities.value.filter(|value| value.kind() == Kind::Array),
            linked: user.identities.count > 1,
            connection,
            email: email.as_deref(),
        };
        Joined {
            hash: passwords.and_then(|table| table.find(&wanted)),
            factors: self.secrets.as_ref().and_then(|table| table.find(&wanted)),
        }
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

    /// Refuses a run to which a file of another tenant was given.
    pub(super) fn conclude_joins(&self) -> error::Result<()> {
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

/// The strategy of a user that is none of a database.
fn strategy_of<'a>(user: &User<'a>) -> Option<Cow<'a, str>> {
    let provider = user.identities.provider.and_then(|value| value.as_str());
    // The id is asked only where the provider says nothing.
    let user_id = if provider.is_none() { user.get(at::USER_ID) } else { None };
    let user_id = user_id.and_then(|value| value.as_str());
    strategy::of(provider, user_id.as_deref()).filter(|strategy| strategy != strategy::DATABASE)
}

/// Which of a user's logins is imported.
enum Login<'a> {
    /// The user's own.
    Own,
    /// One that was linked to it, of all these; with the MFA factors of the user.
    Promoted { all: Option<Value<'a>>, place: usize, factors: Option<&'a str> },
}
