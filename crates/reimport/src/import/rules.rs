//! The import rules as a transform, and their options.

use std::sync::Arc;

use super::check::Scratch;
use super::edit::{Edits, UnmadeEdit};
use super::error::RulesError;
use super::identities::{self, Identity};
use super::linked::Linked;
use super::passwords::{MfaSecrets, PasswordTable};
use super::unique::Keys;
use crate::connections::{UnknownConnection, WantedConnections};
use crate::error;
use crate::json::Value;
use crate::path::FieldPath;
use crate::record::{Record, UserIds};
use crate::run::{Fact, OfThisLibrary, Output, Rendering, Summary, Topic, Transform, Verdict};
use crate::user::Identifier;
use crate::user::property::{self, Property};

/// The import rules, as a [`Transform`].
///
/// An export record becomes a user that the importer accepts, or it is skipped or rejected with a reason that says
/// what to do.
///
/// ```
/// use reimport::{Pipeline, Rules, sink::Array, source::Source};
///
/// let export = br#"{"user_id":"auth0|7","email":"a@example.com","logins_count":3,"blocked":null}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (summary, users) = Pipeline::new().run([source], &Rules::default(), Array::new(Vec::new()))?;
/// assert_eq!(users, b"[\n{\"user_id\":\"7\",\"email\":\"a@example.com\"}\n]");
/// assert_eq!(summary.written, 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) unknown: Unknown,
    pub(super) connections: Connections,
    wanted: WantedConnections,
    pub(super) edits: Edits,
    pub(super) purpose: Purpose,
    pub(super) omit_metadata: bool,
    pub(super) keys: Keys,
    pub(super) passwords: Option<Arc<PasswordTable>>,
    pub(super) secrets: Option<Arc<MfaSecrets>>,
    pub(super) linked: Linked,
    pub(super) stale_passwords: StalePasswords,
    required: Vec<Identifier>,
    unique: Vec<Identifier>,
}

/// What the import job does with users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Creates new users.
    #[default]
    Insert,
    /// Updates existing users (`upsert`). Password hashes are left out, because the importer refuses an existing user
    /// that comes with a hash.
    Update,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            unknown: Unknown::default(),
            connections: Connections::default(),
            wanted: WantedConnections::default(),
            edits: Edits::default(),
            purpose: Purpose::default(),
            omit_metadata: false,
            keys: Keys::default(),
            passwords: None,
            secrets: None,
            linked: Linked::default(),
            stale_passwords: StalePasswords::default(),
            required: vec![Identifier::Email],
            unique: Identifier::ALL.to_vec(),
        }
    }
}

/// How properties that are not in the schema are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// The property is dropped and counted by name.
    #[default]
    Drop,
    /// The record is rejected.
    Reject,
}

/// How a password hash that is older than the user's last password change is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StalePasswords {
    /// The user gets the hash, and is counted and listed. The old password works again.
    #[default]
    Keep,
    /// The user gets no hash.
    Skip,
}

/// The database connections that a run may import. One import job fills one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Connections {
    /// One connection, no matter which. A run that finds more than one is refused.
    #[default]
    One,
    /// Only the named connections. Users of other connections are left out.
    Only(Vec<String>),
    /// Any number of connections. Whether they are separated or merged is the caller's decision.
    Any,
}

impl Rules {
    /// Creates the default rules: one connection, the e-mail address required, unknown properties dropped, duplicates
    /// rejected.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how properties that are not in the schema are handled.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// Sets the database connections that the run may import.
    ///
    /// The run is refused if its users name connections, but none that is [wanted](Connections::Only).
    pub fn connections(mut self, connections: Connections) -> Self {
        self.wanted = match &connections {
            Connections::Only(names) => WantedConnections::new(names.iter().cloned()),
            Connections::One | Connections::Any => WantedConnections::default(),
        };
        self.connections = connections;
        self
    }

    /// Sets the changes to make to each record before the rules are applied.
    pub fn edits(mut self, edits: Edits) -> Self {
        self.edits = edits;
        self
    }

    /// Sets what the import job does with the users.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets whether both metadata objects are left out. An upsert replaces them as a whole.
    pub fn omit_metadata(mut self, omit: bool) -> Self {
        self.omit_metadata = omit;
        self
    }

    /// Sets the identifiers that the target connection requires of each user. The default is the e-mail address.
    pub fn require(mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Self {
        self.required = identifiers.into_iter().collect();
        self
    }

    /// Sets the identifiers that must be unique among the users of a run. The default is all four. An empty list
    /// turns the check off.
    pub fn unique(mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Self {
        self.unique = identifiers.into_iter().collect();
        self
    }

    /// Sets the password hashes to join to users that have none of their own.
    ///
    /// The table records which hashes had a user, so one table serves one run. The run is refused if one of the files
    /// has no id of any record that was read.
    pub fn passwords(mut self, table: Arc<PasswordTable>) -> Self {
        self.passwords = Some(table);
        self
    }

    /// Sets how a hash that is older than the user's last password change is handled.
    pub fn stale_passwords(mut self, stale: StalePasswords) -> Self {
        self.stale_passwords = stale;
        self
    }

    /// Sets the TOTP secrets to join to users that have no MFA factors of their own. One table serves one run.
    pub fn mfa_secrets(mut self, secrets: Arc<MfaSecrets>) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Returns the first pass, which joining passwords by e-mail address needs.
    ///
    /// It is a transform that writes nothing and counts the addresses of all records. Run it over the same sources,
    /// without a filter, before the rules themselves.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use reimport::import::PasswordTable;
    /// use reimport::{Pipeline, Rules, sink::{Array, Nothing}, source::Source};
    ///
    /// let hashes = br#"{"email":"a@example.com","connection":"Users","password_set_date":"2025-06-01T08:00:00Z",
    /// "passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}"#;
    /// let hashes = String::from_utf8(hashes.to_vec()).unwrap().replace('\n', " ");
    /// let table = PasswordTable::by_email().read(Source::from_reader("hashes.json", std::io::Cursor::new(hashes)))?;
    /// let rules = Rules::default().passwords(Arc::new(table));
    ///
    /// let export = br#"{"email":"A@example.com","created_at":"2025-06-01T08:00:01Z","Connection":"Users"}"#;
    /// let source = || Source::from_reader("tenant.json", &export[..]);
    /// Pipeline::new().run([source()], &rules.email_pass(), Nothing::default())?;
    /// let (summary, _) = Pipeline::new().run([source()], &rules, Array::new(Vec::new()))?;
    /// assert_eq!(summary.with_password, 1);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn email_pass(&self) -> EmailPass<'_> {
        EmailPass(self)
    }

    /// Sets how a database login that is linked to a user of another kind is handled.
    pub fn linked(mut self, linked: Linked) -> Self {
        self.linked = linked;
        self
    }

    /// Returns the [edits](Self::edits) that were made to no record of the runs so far; see [`Edits::unmade`].
    pub fn unmade_edits(&self) -> Vec<UnmadeEdit<'_>> {
        self.edits.unmade()
    }

    pub(super) fn required(&self) -> &[Identifier] {
        &self.required
    }

    pub(super) fn is_unique(&self, identifier: Identifier) -> bool {
        self.unique.contains(&identifier)
    }

    /// Returns a bit for each importable property that is left out on purpose.
    pub(super) fn left_out(&self) -> u64 {
        let hashes = Property::PasswordHash.bit() | Property::CustomPasswordHash.bit();
        let metadata = Property::AppMetadata.bit() | Property::UserMetadata.bit();
        let bits_if = |applies: bool, bits: u64| if applies { bits } else { 0 };
        bits_if(self.purpose == Purpose::Update, hashes) | bits_if(self.omit_metadata, metadata)
    }

    /// Returns whether a user of this connection is wanted. A user that names no connection always is.
    pub(super) fn wants(&self, connection: Option<&str>) -> bool {
        match (&self.connections, connection) {
            (Connections::Only(_), Some(connection)) => self.wanted.take(connection),
            _ => true,
        }
    }

    /// Records the connections of a record that is not imported. They exist, whatever happens to the record.
    fn record_connections(&self, record: Record<'_>) {
        let take = |value: Option<Value<'_>>| {
            if let Some(connection) = value.as_ref().and_then(Value::as_str) {
                self.wanted.take(&connection);
            }
        };
        match record.get(&FieldPath::of_name(Property::Identities.name())) {
            Some(all) => {
                let database =
                    |identity: &Identity<'_>| identity.provider.is_none() || identity.is_database();
                identities::each(all, |_, identity| {
                    if database(&identity) {
                        take(identity.connection);
                    } else if let Some(connection) = identity.connection.as_ref().and_then(Value::as_str) {
                        self.wanted.see_not_database(&connection);
                    }
                });
            }
            // The connection is under a title or a flat key.
            None => take("identities[0].connection".parse().ok().and_then(|path| record.get(&path))),
        }
    }

    /// Returns the wanted connections that no database user in the runs so far belongs to.
    pub fn unknown_connections(&self) -> Vec<UnknownConnection> {
        self.wanted.unknown()
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

    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        &property::NAMES
    }

    fn user_ids(&self) -> Option<UserIds> {
        Some(UserIds::Bare)
    }

    fn conclude(&self, summary: &Summary) -> error::Result<Vec<(Fact, u64)>> {
        if let Some(error) = self.wanted.none_known().filter(|_| !summary.limited && self.wanted.any_named())
        {
            return Err(error.into());
        }
        let left_over = self.conclude_joins(summary)?;
        let found: Vec<_> = summary.of(Topic::Connection).collect();
        if self.connections != Connections::One || found.len() < 2 {
            return Ok(left_over);
        }
        let mut list: Vec<_> =
            found.into_iter().map(|(fact, users)| (users, fact.subject.to_string())).collect();
        list.sort_unstable_by(|left, right| right.cmp(left));
        Err(RulesError::SeveralConnections(list).into())
    }

    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) {
        if !self.wanted.is_empty() {
            self.record_connections(record);
        }
        // The record was valid when the filter read it, so no error is lost here.
        let _ = scratch.with_exported(record, |scratch, json| {
            self.mark_left_out(json, scratch, output);
            Ok(())
        });
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let mut edited = std::mem::take(&mut scratch.edited);
        let noted = output.facts.len();
        let verdict = scratch.with_exported(record, |scratch, json| {
            let read = (!self.edits.is_empty()).then_some(json);
            let json = self.edit(json, &mut edited, output)?;
            self.judge(json, read, record, scratch, output)
        });
        scratch.edited = edited;
        // Warnings count users: a warning that occurs twice in a record counts once.
        output.facts.once_since(noted, Topic::Warned);
        if !self.wanted.is_empty() && matches!(verdict, Ok(Verdict::Skipped(_))) {
            self.record_connections(record);
        }
        if record.user_ids() == UserIds::Bare {
            // The prefix was added by this module, so it says nothing about the source.
            output.info.id = None;
        }
        verdict.unwrap_or_else(|error| Verdict::Unreadable(error.into()))
    }
}

/// The first pass of joining passwords by e-mail address; see [`Rules::email_pass`].
#[derive(Debug)]
pub struct EmailPass<'r>(&'r Rules);

impl Transform for EmailPass<'_> {
    type Scratch = Scratch;

    fn scratch(&self, rendering: Rendering) -> error::Result<Scratch> {
        self.0.scratch(rendering)
    }

    fn validates(&self) -> bool {
        true
    }

    fn conclude(&self, summary: &Summary) -> error::Result<Vec<(Fact, u64)>> {
        if let Some(table) = self.0.passwords.as_ref().filter(|_| summary.rejected > 0) {
            table.mark_unreadable();
        }
        Ok(Vec::new())
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let counted =
            scratch.with_exported(record, |scratch, json| self.0.count_addresses(json, scratch, output));
        match counted {
            Ok(()) => Verdict::LeftOut,
            Err(error) => Verdict::Unreadable(error.into()),
        }
    }
}

/// Returns the names of the properties that an import file may hold, in schema order.
pub fn importable_properties() -> &'static [&'static str] {
    &property::NAMES[..property::IMPORTABLE]
}
