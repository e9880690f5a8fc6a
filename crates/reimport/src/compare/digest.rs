//! What the comparison keeps of a record: keys and hashes, from which nothing can be read back.

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use super::canonical::{Canonical, Members};
use super::table::{Entry, Key, flag};
use super::user::{self, Amount, FILLED_IN, User, with_user};
use crate::import::Predicted;
use crate::json::{Name, Scanner, SyntaxError, Value};
use crate::user::property::{IMPORTABLE, NAMES, Property};
use crate::user::spelling;

/// Properties that change by themselves: in a delta they are no changes.
pub(super) const VOLATILE: [&str; 4] = ["last_login", "last_ip", "logins_count", "updated_at"];

/// How records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A user of a part.
    Part,
    /// A record of the export made after the import.
    Arrived,
    /// A record of one of two exports of the same tenant.
    Export,
}

/// How records are read, under the seed of the run, so that nobody can make two users collide on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digester {
    reading: Reading,
    seed: u64,
}

/// Buffers that are kept from record to record.
#[derive(Debug)]
pub(super) struct Scratch {
    predicted: Predicted,
    canonical: Canonical,
    members: Members,
}

/// Keys and hashes of one record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digest {
    /// The key of the `user_id`, where it can be compared by one.
    pub(super) id: Key,
    /// The key of the folded e-mail address, where it can be compared by one.
    pub(super) email: Key,
    /// What always counts.
    core: u64,
    /// What counts where the part brought it; 0 where it is absent.
    filled_in: [u64; FILLED_IN.len()],
    /// Whether the record says who it is, be it one that no import makes.
    pub(super) named: bool,
    /// The importable properties it has; not rendered.
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

    /// The digest of a record, which is walked to its last byte.
    pub(super) fn digest(self, json: &str, scratch: &mut Scratch) -> Result<Digest, SyntaxError> {
        let Scratch { predicted, canonical, members } = scratch;
        if self.reading == Reading::Export {
            return self.digest_export(json, canonical, members);
        }
        with_user(json, predicted, |user| {
            let mut digest = self.keys_of(user);
            digest.present = user.present();
            members.clear();
            for property in user::compared() {
                let hash = match user.amount(property) {
                    Amount::Nothing => continue,
                    Amount::True => 1,
                    Amount::Text(text) => canonical.string(&text),
                    Amount::Value(value) => canonical.value(&mut Scanner::new(value.json()))?,
                };
                let hash = xxh3_64_with_seed(&hash.to_le_bytes(), self.seed.wrapping_add(property as u64));
                match FILLED_IN.iter().position(|name| *name == property.name()) {
                    Some(which) => digest.filled_in[which] = hash,
                    None => members.push(property as u64, hash),
                }
            }
            digest.core = canonical.object(members);
            Ok(digest)
        })
    }

    /// The keys alone.
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

    /// Every property counts as it is, but the volatile ones.
    fn digest_export(
        self,
        json: &str,
        canonical: &mut Canonical,
        members: &mut Members,
    ) -> Result<Digest, SyntaxError> {
        members.clear();
        let mut ids = Ids::default();
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let property = property_of(name);
            if property.is_some_and(|property| VOLATILE.contains(&property)) {
                scanner.value()?;
                continue;
            }
            if property == Some(Property::UserId.name()) {
                ids.see(name, scanner.clone().value()?);
            }
            let name = canonical.name(name);
            members.push(name, canonical.value(&mut scanner)?);
        }
        scanner.end()?;
        Ok(Digest { core: canonical.object(members), ..self.id_digest(&ids) })
    }

    fn id_of_export(self, json: &str) -> Result<Digest, SyntaxError> {
        let mut ids = Ids::default();
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let value = scanner.value()?;
            if property_of(name) == Some(Property::UserId.name()) {
                ids.see(name, value);
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

/// The last `user_id`, and the last title of it, which counts where the exact name is absent.
#[derive(Debug, Default)]
struct Ids<'a> {
    exact: Option<Value<'a>>,
    titled: Option<Value<'a>>,
}

impl<'a> Ids<'a> {
    fn see(&mut self, name: Name<'_>, value: Value<'a>) {
        if name.is(Property::UserId.name()) {
            self.exact = Some(value);
        } else {
            self.titled = Some(value);
        }
    }
}

/// The path that a name or a title stands for, where it is one of those that a delta looks at.
fn property_of(name: Name<'_>) -> Option<&'static str> {
    let decoded = name.decoded();
    let known = VOLATILE.into_iter().chain([Property::UserId.name()]).find(|known| *known == decoded);
    known.or_else(|| spelling::alias_of(&decoded).map(|alias| alias.path))
}

impl Digest {
    /// Which of the properties that the service fills in it has.
    fn brought(&self) -> u16 {
        self.filled_in.iter().enumerate().fold(0, |bits, (which, hash)| bits | u16::from(*hash != 0) << which)
    }

    /// Whether it has a password hash.
    pub(super) fn has_password(&self) -> bool {
        self.present & (Property::PasswordHash.bit() | Property::CustomPasswordHash.bit()) != 0
    }

    /// The hash of its content, with those of the properties filled in that `brought` names.
    fn content(&self, brought: u16) -> u64 {
        let counted = self.filled_in.iter().enumerate().filter(|(which, _)| brought >> which & 1 == 1);
        counted.fold(self.core, |sum, (_, hash)| sum.wrapping_add(*hash))
    }

    /// What is kept of it as a user of the first side; `None` where it has no key.
    pub(super) fn entry(&self) -> Option<Entry> {
        let brought = self.brought();
        let content = self.content(brought);
        if self.id.is_some() {
            Some(Entry::new(self.id, content, self.email.high, brought | flag::BY_ID))
        } else if self.email.is_some() {
            Some(Entry::new(self.email, content, self.email.high, brought))
        } else {
            None
        }
    }

    /// Whether it has the content of `entry`.
    pub(super) fn is_content_of(&self, entry: &Entry) -> bool {
        self.content(entry.flags() & flag::BROUGHT) == entry.content
    }

    /// As a transform renders it; [`from_bytes`](Self::from_bytes) reads it back.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for key in [self.id, self.email] {
            out.extend_from_slice(&key.high.to_le_bytes());
            out.extend_from_slice(&u64::from(key.low).to_le_bytes());
        }
        for word in [self.core, self.filled_in[0], self.filled_in[1], self.filled_in[2]] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.push(u8::from(self.named));
    }

    /// `None` where `bytes` are none that [`write`](Self::write) wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, named) = bytes.as_chunks::<8>();
        let words: &[[u8; 8]; 8] = words.try_into().ok()?;
        let [id, id_low, email, email_low, core, filled_in @ ..] = words.map(u64::from_le_bytes);
        Some(Self {
            id: Key { high: id, low: id_low as u32 },
            email: Key { high: email, low: email_low as u32 },
            core,
            filled_in,
            named: named == [1],
            present: 0,
        })
    }
}

/// The names behind the bits of [`Digest::present`].
pub(super) fn properties() -> &'static [&'static str] {
    &NAMES[..IMPORTABLE]
}
