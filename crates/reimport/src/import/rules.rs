//! The rules: what an import would do with a user, decided before it is uploaded.

use std::sync::Arc;

use super::check::{Check, Scratch};
use super::edit::{Edits, nest_flat};
use super::error::RulesError;
use super::linked::{self, Linked};
use super::names;
use super::passwords::{Joined, MfaSecrets, PasswordTable, Wanted};
use super::schema::{self, NAMES, at};
use super::strategy;
use super::unique::Keys;
use super::user::User;
use crate::Topic;
use crate::error;
use crate::json::{Kind, SyntaxError, Value};
use crate::pipeline::Summary;
use crate::record::Record;
use crate::rendering::Rendering;
use crate::transform::{Output, Problem, SkipReason, Transform, Verdict};

/// The import rules, as a [`Transform`]: an export record becomes a user that the importer accepts, or is skipped or
/// rejected for reasons that say what to do.
///
/// ```
/// use reimport::{Pipeline, Rules, sink::Array, source::Source};
///
/// let export = br#"{"user_id":"auth0|7","email":"a@example.com","logins_count":3,"blocked":null}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (summary, users) = Pipeline::new().run([source], &Rules::default(), Array::new(Vec::new()))?;
/// assert_eq!(users, b"[\n{\"user_id\":\"7\",\"email\":\"a@example.com\"}\n]\n");
/// assert_eq!(summary.written, 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) unknown: Unknown,
    pub(super) connections: Connections,
    pub(super) edits: Edits,
    pub(super) purpose: Purpose,
    pub(super) omit_metadata: bool,
    pub(super) keys: Keys,
    pub(super) passwords: Option<Arc<PasswordTable>>,
    secrets: Option<Arc<MfaSecrets>>,
    linked: Linked,
    required: Vec<Identifier>,
    unique: Vec<Identifier>,
}

/// What the importer may know a user by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Identifier {
    /// `user_id`
    UserId,
    /// `email`
    Email,
    /// `username`
    Username,
    /// `phone_number`
    PhoneNumber,
}

impl Identifier {
    /// All of them, in the order of their unique keys.
    pub const ALL: [Self; 4] = [Self::UserId, Self::Email, Self::Username, Self::PhoneNumber];

    /// The name of its property.
    pub fn name(self) -> &'static str {
        NAMES[self.place()]
    }

    pub(super) fn place(self) -> usize {
        match self {
            Self::UserId => at::USER_ID,
            Self::Email => at::EMAIL,
            Self::Username => at::USERNAME,
            Self::PhoneNumber => at::PHONE_NUMBER,
        }
    }

    pub(super) fn at(place: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|identifier| identifier.place() == place)
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::UserId => "a user_id",
            Self::Email => "an e-mail address",
            Self::Username => "a username",
            Self::PhoneNumber => "a phone number",
        }
    }
}

/// What the import job will do with users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Bring new users.
    #[default]
    Insert,
    /// Update users that are there (`upsert`): password hashes are left out, since the importer refuses existing users
    /// over them.
    Update,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            unknown: Unknown::default(),
            connections: Connections::default(),
            edits: Edits::default(),
            purpose: Purpose::default(),
            omit_metadata: false,
            keys: Keys::default(),
            passwords: None,
            secrets: None,
            linked: Linked::default(),
            required: vec![Identifier::Email],
            unique: Identifier::ALL.to_vec(),
        }
    }
}

/// What becomes of properties that the schema does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// Left behind, and counted by name.
    #[default]
    Drop,
    /// The record is rejected.
    Reject,
}

/// Which database connections a run may bring; an import job fills one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Connections {
    /// One, whichever it is; a run that finds more is refused.
    #[default]
    One,
    /// Those named; users of others are left out.
    Only(Vec<String>),
    /// Any, together or apart: the caller has decided.
    Any,
}

impl Rules {
    /// One connection, an e-mail address demanded, unknown properties dropped, duplicates refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of properties that the schema does not know.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// Which database connections the run may bring.
    pub fn connections(mut self, connections: Connections) -> Self {
        self.connections = connections;
        self
    }

    /// Changes to make to each record before the rules look at it.
    pub fn edits(mut self, edits: Edits) -> Self {
        self.edits = edits;
        self
    }

    /// What the import job will do with the users.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Leave both metadata objects out: an upsert replaces them whole.
    pub fn omit_metadata(mut self, omit: bool) -> Self {
        self.omit_metadata = omit;
        self
    }

    /// The identifiers that the target connection demands of each user: the e-mail address, unless said otherwise.
    pub fn require(mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Self {
        self.required = identifiers.into_iter().collect();
        self
    }

    /// The identifiers that no two users of a run may share: all four, unless said otherwise; none turns it off.
    pub fn unique(mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Self {
        self.unique = identifiers.into_iter().collect();
        self
    }

    /// The password hashes to give to users who have none of their own.
    ///
    /// Which of them had a user is remembered in the table: one table serves one run. A run in which no hash of one of
    /// its files belongs to any user is refused.
    pub fn passwords(mut self, table: Arc<PasswordTable>) -> Self {
        self.passwords = Some(table);
        self
    }

    /// The TOTP secrets to give to users who have no MFA factors of their own; one table serves one run.
    pub fn mfa_secrets(mut self, secrets: Arc<MfaSecrets>) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// What becomes of a database login that is linked under a user of another kind.
    pub fn linked(mut self, linked: Linked) -> Self {
        self.linked = linked;
        self
    }

    pub(super) fn required(&self) -> &[Identifier] {
        &self.required
    }

    pub(super) fn is_unique(&self, identifier: Identifier) -> bool {
        self.unique.contains(&identifier)
    }

    /// Whether an importable property is left out on purpose.
    pub(super) fn leaves_out(&self, place: usize) -> bool {
        match place {
            at::PASSWORD_HASH | at::CUSTOM_PASSWORD_HASH => self.purpose == Purpose::Update,
            at::APP_METADATA | at::USER_METADATA => self.omit_metadata,
            _ => false,
        }
    }

    /// Whether a user of that connection is wanted; one that names none fits any.
    fn wants(&self, connection: Option<&str>) -> bool {
        match (&self.connections, connection) {
            (Connections::Only(names), Some(connection)) => names.iter().any(|name| name == connection),
            _ => true,
        }
    }
}

impl Transform for Rules {
    type Scratch = Scratch;

    fn scratch(&self, rendering: Rendering) -> error::Result<Scratch> {
        match rendering {
            Rendering::Json => Ok(Scratch::default()),
            Rendering::Csv(_) => Err(RulesError::NoCsv.into()),
        }
    }

    fn validates(&self) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn conclude(&self, summary: &Summary) -> error::Result<()> {
        if !summary.limited {
            self.conclude_joins()?;
        }
        let found: Vec<_> = summary.of(Topic::Connection).collect();
        if self.connections != Connections::One || found.len() < 2 {
            return Ok(());
        }
        let mut list: Vec<_> = found.into_iter().map(|(name, users)| (users, name.to_owned())).collect();
        list.sort_unstable_by(|left, right| right.cmp(left));
        Err(RulesError::SeveralConnections(list).into())
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let mut edited = std::mem::take(&mut scratch.edited);
        let verdict = self
            .edit(record.json(), &mut edited, output)
            .and_then(|json| self.judge(json, scratch, output))
            .unwrap_or_else(|error| Verdict::Unreadable(error.into()));
        scratch.edited = edited;
        verdict
    }
}

impl Rules {
    /// The record as the rules are to see it.
    fn edit<'t>(
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

    fn judge(
        &self,
        json: &str,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let noted = output.facts.len();
        let user = User::read(json, &mut scratch.predicted, output)?;
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
        let user = User::read(&nested, &mut scratch.predicted, output)?;
        self.decide(&user, scratch, output)
    }

    /// Imports the user, or the database login that is linked to it, or neither.
    fn decide(
        &self,
        user: &User<'_>,
        scratch: &mut Scratch,
        output: &mut Output<'_>,
    ) -> Result<Verdict, SyntaxError> {
        let provider = user.identities.provider.as_ref().and_then(Value::as_str);
        let user_id = user.get(at::USER_ID).as_ref().and_then(Value::as_str);
        let strategy = strategy::of(provider.as_ref(), user_id.as_ref());
        let Some(strategy) = strategy.filter(|strategy| *strategy != strategy::DATABASE) else {
            return Ok(self.import(user, &Login::Own, output));
        };
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
        let mut login = User::read(&promoted.json, &mut scratch.predicted, output)?;
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

    /// Refuses a run to which a file of another tenant was given.
    fn conclude_joins(&self) -> error::Result<()> {
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

/// Which of a user's logins is imported.
enum Login<'a> {
    /// The user's own.
    Own,
    /// One that was linked to it, of all these; with the MFA factors of the user.
    Promoted { all: Option<Value<'a>>, place: usize, factors: Option<&'a str> },
}

/// The names of the properties that an import file may hold, in the order of the schema.
pub fn importable_properties() -> &'static [&'static str] {
    &NAMES[..schema::IMPORTABLE]
}
