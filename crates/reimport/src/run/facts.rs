//! Facts about records, counted only for records that are written.
//!
//! While a worker transforms a block, it notes each fact as a number. The ordering step adds up the facts of the
//! records that were written. A count therefore does not depend on a limit, on duplicates or on the number of
//! threads.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::user::property::Property;

/// The topic of a counted fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Topic {
    /// An export-only property was dropped. The subject is the property.
    Dropped,
    /// A property that is not in the import schema was dropped. The subject is the property.
    Unknown,
    /// A dropped property looks like a password or a hash. The subject is the property.
    PasswordLike,
    /// A value was fixed. The kind is a [kind](crate::user::FACT_KINDS), the subject is the property.
    Fixed,
    /// A written user belongs to a database connection. The subject is the connection.
    Connection,
    /// A user was skipped. The subject is the strategy of the user.
    Strategy,
    /// A warning: the importer accepts the user, but a person should check something. The kind is a
    /// [kind](crate::user::FACT_KINDS) or a [rule](crate::user::RULES). The subject is the property, if there is one.
    Warned,
    /// A written user has a linked login that an import file cannot contain. The subject is the provider of the
    /// login.
    LinkedLogin,
    /// Source of a password hash. The subject is `its own`, `by id` or `by email`. The subject `stale` counts users
    /// whose hash is older than their last password change.
    Password,
    /// A written user has no password hash from a file of hashes. The subject is the reason.
    NoPassword,
    /// A user got the secrets of MFA factors from a second file. The subject is `joined`.
    MfaSecret,
    /// A written user got no secret, although a second file has secrets that may belong to the user. The subject is
    /// the reason.
    NoMfaSecret,
}

/// The number of topics.
const TOPICS: usize = Topic::NoMfaSecret as usize + 1;

impl Topic {
    /// Returns the name of the manifest section that lists the facts of this topic.
    pub fn section(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Unknown => "unknown",
            Self::PasswordLike => "password_like",
            Self::Fixed => "fixed",
            Self::Connection => "connections",
            Self::Strategy => "strategies",
            Self::Warned => "warned",
            Self::LinkedLogin => "linked_logins",
            Self::Password | Self::NoPassword => "passwords",
            Self::MfaSecret | Self::NoMfaSecret => "mfa_secrets",
        }
    }
}

/// One thing that is counted about written records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fact {
    /// The topic.
    pub topic: Topic,
    /// The kind of a fix or a warning. Empty for other topics.
    pub kind: &'static str,
    /// A property, a connection or a reason, depending on the topic. May be empty if there is a kind.
    pub subject: Box<str>,
}

/// Formats a fact as reports print it: `json-text user_metadata`, `mfa-lost`, `by id`, `none: no id`.
///
/// ```
/// use reimport::Topic;
/// use reimport::run::Fact;
///
/// let fact = Fact { topic: Topic::Fixed, kind: "json-text", subject: "user_metadata".into() };
/// assert_eq!(fact.to_string(), "json-text user_metadata");
/// ```
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.topic, self.kind, &*self.subject) {
            (Topic::NoPassword | Topic::NoMfaSecret, _, reason) => write!(f, "none: {reason}"),
            (_, "", subject) => f.write_str(subject),
            (_, kind, "") => f.write_str(kind),
            (_, kind, subject) => write!(f, "{kind} {subject}"),
        }
    }
}

/// Returns whether two short texts, which may be empty, are equal.
///
/// `==` calls `memcmp`, also for empty texts, whose address need not be in memory. The `memcmp` of glibc for AVX-512 then
/// loads nothing from there with a mask, which takes some processors hundreds of cycles: a tenth of the time of a run.
fn is_same(one: &str, other: &str) -> bool {
    let differ = |bits: u8, (one, other): (u8, u8)| bits | (one ^ other);
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, differ) == 0
}

/// Returns facts by [section](Topic::section), then by name.
pub(crate) fn by_section(facts: &BTreeMap<Fact, u64>) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
    let mut sections: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (fact, &count) in facts {
        sections.entry(fact.topic.section()).or_default().insert(fact.to_string(), count);
    }
    sections
}

/// The facts of one block.
#[derive(Debug)]
pub(crate) struct Facts {
    ids: HashMap<Fact, u32>,
    names: Vec<Fact>,
    /// For each topic, the fact that was noted last, which is often that of the next record too.
    latest: [u32; TOPICS],
    /// For each property, the fact that it was dropped, once there is one.
    dropped: [Option<u32>; Property::ALL.len()],
    events: Vec<u32>,
    /// Scratch of [`once_since`](Self::once_since): facts of the topic that the record has. Reused.
    seen: Vec<u32>,
}

/// Maximum number of distinct facts in a block, and in a run. Further facts are counted under [`OTHER`].
pub(crate) const MAX_NAMES: usize = 1_000;

/// The subject for all facts above [`MAX_NAMES`], and for subjects that are too long.
pub(crate) const OTHER: &str = "other";

impl Default for Facts {
    fn default() -> Self {
        Self {
            ids: HashMap::new(),
            names: Vec::new(),
            latest: [0; TOPICS],
            dropped: [None; Property::ALL.len()],
            events: Vec::new(),
            seen: Vec::new(),
        }
    }
}

impl Facts {
    /// Returns the id of a fact within this block.
    pub(crate) fn intern(&mut self, topic: Topic, kind: &'static str, subject: &str) -> u32 {
        let same = |known: &Fact| {
            known.topic == topic && is_same(known.kind, kind) && is_same(&known.subject, subject)
        };
        // Most facts are among the first 32. These searches compare borrowed strings; the map lookup needs an owned key.
        let latest = self.latest[topic as usize];
        let id = if self.names.get(latest as usize).is_some_and(same) {
            latest
        } else if let Some(id) = self.names.iter().take(32).position(same) {
            id as u32
        } else {
            self.intern_rare(topic, kind, subject)
        };
        self.latest[topic as usize] = id;
        id
    }

    /// Same as [`intern`](Self::intern), for a fact that is new or not among the first ones.
    #[cold]
    fn intern_rare(&mut self, topic: Topic, kind: &'static str, subject: &str) -> u32 {
        // Never folded for a connection, because its name decides the folder of its users.
        let folds = topic != Topic::Connection && (subject.len() > 256 || self.names.len() >= MAX_NAMES);
        let subject = if folds { OTHER } else { subject };
        *self.ids.entry(Fact { topic, kind, subject: subject.into() }).or_insert_with_key(|fact| {
            self.names.push(fact.clone());
            (self.names.len() - 1) as u32
        })
    }

    pub(crate) fn note(&mut self, topic: Topic, kind: &'static str, subject: &str) {
        let id = self.intern(topic, kind, subject);
        self.events.push(id);
    }

    /// Notes that an export-only property was dropped. Nearly every record has several.
    pub(crate) fn note_dropped(&mut self, property: Property) {
        let known = self.dropped[property.place()];
        let id = known.unwrap_or_else(|| self.intern(Topic::Dropped, "", property.name()));
        self.dropped[property.place()] = Some(id);
        self.events.push(id);
    }

    /// Returns the number of events so far: the end of the events of the current record.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Removes the events after the first `len`.
    pub(crate) fn forget(&mut self, len: usize) {
        self.events.truncate(len);
    }

    /// Removes repeated facts of the topic from the events after the first `len`, which are those of one record.
    pub(crate) fn once_since(&mut self, len: usize, topic: Topic) {
        let mut kept = len;
        self.seen.clear();
        for place in len..self.events.len() {
            let id = self.events[place];
            if self.names[id as usize].topic == topic {
                if self.seen.contains(&id) {
                    continue;
                }
                self.seen.push(id);
            }
            self.events[kept] = id;
            kept += 1;
        }
        self.events.truncate(kept);
    }

    pub(crate) fn events(&self, range: std::ops::Range<usize>) -> &[u32] {
        &self.events[range]
    }

    /// Returns the number of distinct facts.
    pub(crate) fn names(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn name(&self, id: u32) -> &Fact {
        &self.names[id as usize]
    }

    /// Removes all events. Also removes the names if there are more than 200, which only unusual input causes.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        if self.names.len() > 200 {
            self.ids.clear();
            self.names.clear();
            self.dropped = [None; Property::ALL.len()];
        }
    }
}
