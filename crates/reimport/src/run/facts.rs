//! What was found out about records, counted only for those that end up written.
//!
//! A worker notes facts as small numbers while it transforms a block; the ordering step adds up those of the records
//! that were really written. So a limit, a duplicate or another number of threads never changes a count.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// What a counted fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Topic {
    /// A property that only exports have was left behind; the subject is the property.
    Dropped,
    /// A property that the schema does not know was left behind; the subject is the property.
    Unknown,
    /// A property that was left behind looks like a password or a hash; the subject is the property.
    PasswordLike,
    /// A value was fixed; a [kind](crate::user::FACT_KINDS), and the property as the subject.
    Fixed,
    /// The subject is the database connection of a written user.
    Connection,
    /// The subject is the strategy of a skipped user.
    Strategy,
    /// Something the importer accepts but a person should know: a [kind](crate::user::FACT_KINDS) or a
    /// [rule](crate::user::RULES), and the property as the subject if there is one.
    Warned,
    /// A login linked to a written user that no import brings; the subject is its provider.
    LinkedLogin,
    /// Where a password hash came from: the subject is `its own`, `by id` or `by email`; `stale` counts users that get an
    /// older hash than their last.
    Password,
    /// Why a written user has no password hash from a file of hashes: the subject is the reason.
    NoPassword,
    /// How many users got the secrets of MFA factors from a second file: the subject is `joined`.
    MfaSecret,
    /// Why a written user has no secret from a second file that has some that may be meant: the subject is the reason.
    NoMfaSecret,
}

impl Topic {
    /// The name of the section in which a manifest lists its facts.
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
    /// What it is about.
    pub topic: Topic,
    /// The kind of a fix or a warning; empty for other topics.
    pub kind: &'static str,
    /// What of the topic: a property, a connection, a reason; may be empty if there is a kind.
    pub subject: Box<str>,
}

/// What lists print of it: `json-text user_metadata`, `mfa-lost`, `by id`, `none: no id`.
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

/// Facts by [section](Topic::section), then by name.
pub(crate) fn by_section(facts: &BTreeMap<Fact, u64>) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
    let mut sections: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (fact, &count) in facts {
        sections.entry(fact.topic.section()).or_default().insert(fact.to_string(), count);
    }
    sections
}

/// The facts of one block.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    ids: HashMap<Fact, u32>,
    names: Vec<Fact>,
    events: Vec<u32>,
    /// Facts of one topic that one record has; reused.
    seen: Vec<u32>,
}

/// The most facts kept apart in a block, and in a run; the rest is counted under [`OTHER`].
pub(crate) const MAX_NAMES: usize = 1_000;

/// The subject that stands for all subjects above the limit, and for those too long to be one.
pub(crate) const OTHER: &str = "other";

impl Facts {
    /// The number of a fact within this block.
    pub(crate) fn intern(&mut self, topic: Topic, kind: &'static str, subject: &str) -> u32 {
        // Looking up needs an owned key only when the fact is new.
        let same = |known: &Fact| known.topic == topic && *known.subject == *subject && known.kind == kind;
        if let Some(id) = self.names.iter().take(32).position(same) {
            return id as u32;
        }
        // Users are put into folders by their connection, so its name is never folded.
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

    /// How many events there are so far: the end of one record's.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Forgets the events behind the first `len`.
    pub(crate) fn forget(&mut self, len: usize) {
        self.events.truncate(len);
    }

    /// Keeps each fact of that topic once among the events after the first `len`: those of one record.
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

    /// How many names there are.
    pub(crate) fn names(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn name(&self, id: u32) -> &Fact {
        &self.names[id as usize]
    }

    /// Forgets the events, and the names too where strangers have made them many.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        if self.names.len() > 200 {
            self.ids.clear();
            self.names.clear();
        }
    }
}
