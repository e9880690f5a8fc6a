//! The digest of a record: keys and hashes, from which no value can be recovered.

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use super::canonical::{Canonical, Members};
use super::table::{Entry, Key, flag};
use super::user::{self, FILLED_IN, NormalizedValue, User, with_hashed_user, with_user};
use crate::import::Predicted;
use crate::json::{Name, Scanner, SyntaxError, Value};
use crate::user::property::{NAMES, Property};
use crate::user::spelling;

/// Properties that the service changes by itself. A delta ignores changes of them.
pub(super) const VOLATILE: [&str; 4] = ["last_login", "last_ip", "logins_count", "updated_at"];

/// What kind of record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A user in a part.
    Part,
    /// A record of the export made after the import.
    Arrived,
    /// A record of one of two exports of the same tenant.
    Export,
}

/// Computes digests. The seed is random per run, so no input can be crafted to make two users collide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digester {
    reading: Reading,
    seed: u64,
}

/// Buffers that are reused from record to record.
#[derive(Debug)]
pub(super) struct Scratch {
    predicted: Predicted,
    canonical: Canonical,
    members: Members,
}

/// The keys and hashes of one record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digest {
    /// The key of the `user_id`, if the record can be matched by it.
    pub(super) id: Key,
    /// The key of the e-mail address in lower case, if the record can be matched by it.
    pub(super) email: Key,
    /// The hash of everything that is always compared.
    core: u64,
    /// The hashes of the properties that are compared only if the part has them. 0 if absent.
    filled_in: [u64; FILLED_IN.len()],
    /// True if the record has an identifier, even if it is not a user that an import can create.
    pub(super) named: bool,
    /// One bit per property of [`properties`] that the record has.
    pub(super) present: u64,
}

impl Digester {
    pub(super) fn new(reading: Reading, seed: u64) -> Self {
        Self { reading, seed }
    }

    pub(super) fn scratch(self) -> Scratch {
        Scratch {
            predicted: Predicted::default(),
            canonical: Canonical::new(self.seed),
            members: Members::default(),
        }
    }

    /// Returns the digest of a record. Reads the record to its last byte.
    pub(super) fn digest(self, json: &str, scratch: &mut Scratch) -> Result<Digest, SyntaxError> {
        let Scratch { predicted, canonical, members } = scratch;
        if self.reading == Reading::Export {
            return self.digest_export(json, canonical, members);
        }
        with_hashed_user(json, predicted, canonical, |user, canonical| {
            let mut digest = self.keys_of(user);
            digest.present = user.present();
            members.clear();
            for property in user::compared() {
                let hash = match user.normalized_value(property) {
                    NormalizedValue::Nothing => continue,
                    NormalizedValue::True => 1,
                    NormalizedValue::Text(text) => canonical.string(&text),
                    NormalizedValue::Value(value) => user.hash_of(property, value, canonical)?,
                };
                match FILLED_IN.iter().position(|name| *name == property.name()) {
                    Some(which) => {
                        let seed = self.seed.wrapping_add(property as u64);
                        digest.filled_in[which] = xxh3_64_with_seed(&hash.to_le_bytes(), seed);
                    }
                    None => members.push(property as u64, hash),
                }
            }
            digest.core = canonical.object(members);
            Ok(digest)
        })
    }

    /// Returns a digest with the keys only.
    pub(super) fn keys(self, json: &str, scratch: &mut Scratch) -> Result<Digest, SyntaxError> {
        match self.reading {
            Reading::Export => self.id_of_export(json),
            _ => with_user(json, &mut scratch.predicted, |user| {
                Ok(Digest { present: user.present(), ..self.keys_of(user) })
            }),
        }
    }

    fn keys_of(self, user: &User<'_>) -> Digest {
        let (id, database) = match self.reading {
            Reading::Arrived => user.imported_id(),
            _ => (user.identifier(Property::UserId), true),
        };
        let named = user.identifier(Property::UserId).is_some() || user.identifier(Property::Email).is_some();
        let email = user.identifier(Property::Email).filter(|_| database);
        Digest {
            named,
            id: id.map_or(Key::default(), |id| self.key(Property::UserId, &id)),
            email: email.map_or(Key::default(), |email| self.key(Property::Email, &user::fold(email))),
            ..Digest::default()
        }
    }

    fn key(self, property: Property, text: &str) -> Key {
        Key::of(xxh3_128_with_seed(text.as_bytes(), self.seed.wrapping_add(property as u64)))
    }

    /// Returns the digest of an export record. Every property counts as written, except the volatile ones.
    fn digest_export(
        self,
        json: &str,
        canonical: &mut Canonical,
        members: &mut Members,
    ) -> Result<Digest, SyntaxError> {
        members.clear();
        let (mut ids, mut present) = (Ids::default(), 0);
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let property = property_of(&name.decoded());
            present |= property.map_or(0, Property::bit);
            if property.is_some_and(is_volatile) {
                scanner.value()?;
                continue;
            }
            if property == Some(Property::UserId) {
                ids.add(name, scanner.clone().value()?);
            }
            let name = canonical.name(name);
            members.push(name, canonical.value(&mut scanner)?);
        }
        scanner.end()?;
        Ok(Digest { core: canonical.object(members), present, ..self.id_digest(&ids) })
    }

    fn id_of_export(self, json: &str) -> Result<Digest, SyntaxError> {
        let mut ids = Ids::default();
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let value = scanner.value()?;
            if property_of(&name.decoded()) == Some(Property::UserId) {
                ids.add(name, value);
            }
        }
        scanner.end()?;
        Ok(self.id_digest(&ids))
    }

    fn id_digest(self, ids: &Ids<'_>) -> Digest {
        let id = ids.exact.or(ids.titled).and_then(|value| value.as_str()).filter(|id| !id.is_empty());
        let named = id.is_some();
        Digest {
            named,
            id: id.map_or(Key::default(), |id| self.key(Property::UserId, &id)),
            ..Digest::default()
        }
    }
}

/// The last `user_id`, and the last value under another spelling of it. The second is used only if the exact name
/// is absent.
#[derive(Debug, Default)]
struct Ids<'a> {
    exact: Option<Value<'a>>,
    titled: Option<Value<'a>>,
}

impl<'a> Ids<'a> {
    fn add(&mut self, name: Name<'_>, value: Value<'a>) {
        if name.is(Property::UserId.name()) {
            self.exact = Some(value);
        } else {
            self.titled = Some(value);
        }
    }
}

/// Returns the property of a name or of another spelling, or `None` if the name is unknown.
fn property_of(name: &str) -> Option<Property> {
    Property::named(name).or_else(|| Property::named(spelling::alias_of(name)?.path))
}

fn is_volatile(property: Property) -> bool {
    VOLATILE.contains(&property.name())
}

/// Returns true if a delta ignores changes of the property with this name.
pub(super) fn is_ignored(name: &str) -> bool {
    property_of(name).is_some_and(is_volatile)
}

impl Digest {
    /// Returns one bit for each property of [`FILLED_IN`] that the record has.
    fn provided(&self) -> u16 {
        self.filled_in.iter().enumerate().fold(0, |bits, (which, hash)| bits | u16::from(*hash != 0) << which)
    }

    /// Returns true if the record has a password hash.
    pub(super) fn has_password(&self) -> bool {
        self.present & (Property::PasswordHash.bit() | Property::CustomPasswordHash.bit()) != 0
    }

    /// Returns the hash of the content. Of the properties of [`FILLED_IN`] only those in `provided` are included.
    fn content(&self, provided: u16) -> u64 {
        let counted = self.filled_in.iter().enumerate().filter(|(which, _)| provided >> which & 1 == 1);
        counted.fold(self.core, |sum, (_, hash)| sum.wrapping_add(*hash))
    }

    /// Returns the key of a user of the old side: that of the id, or of the e-mail address if there is no id. A record
    /// without both has [no key](Key::is_some).
    pub(super) fn old_key(&self) -> Key {
        if self.id.is_some() { self.id } else { self.email }
    }

    /// Returns the table entry of a user of the old side, or `None` if the record has no key.
    pub(super) fn entry(&self) -> Option<Entry> {
        let provided = self.provided();
        let content = self.content(provided);
        if self.id.is_some() {
            Some(Entry::new(self.id, content, self.email.high, provided | flag::BY_ID))
        } else if self.email.is_some() {
            Some(Entry::new(self.email, content, self.email.high, provided))
        } else {
            None
        }
    }

    /// Returns true if the record has the same content as `entry`.
    pub(super) fn is_content_of(&self, entry: &Entry) -> bool {
        self.content(entry.flags() & flag::PROVIDED) == entry.content
    }
}

/// The property names for the bits of [`Digest::present`].
pub(super) fn properties() -> &'static [&'static str] {
    &NAMES
}
