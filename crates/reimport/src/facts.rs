//! What was found out about records, counted only for those that end up written.
//!
//! A worker notes facts as small numbers while it transforms a block; the ordering step adds up those of the records
//! that were really written. So a limit, a duplicate or another number of threads never changes a count.

use std::collections::HashMap;

/// What a counted fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Topic {
    /// A property that only exports have was left behind; named by the property.
    Dropped,
    /// A property that the schema does not know was left behind; named by the property.
    Unknown,
    /// A property that was left behind looks like a password or a hash; named by the property.
    PasswordLike,
    /// A value was mended; named `kind property`.
    Fixed,
    /// A database connection of a written user.
    Connection,
    /// The strategy of a skipped user.
    Strategy,
    /// Something the importer accepts but a person should know; named by the rule.
    Warned,
    /// A login linked to a written user that no import brings; named by its provider.
    LinkedLogin,
    /// Where a password hash came from: `its own`, `by id`, `by email`; or why there is none: `none: ` and one of
    /// `not in the file`, `signed up after the file was made`, `several hashes`, `other connection`, `ids disagree`,
    /// `no id`, `no hash in its record`, `hash refused`, `stale`, and for joins by e-mail address
    /// `e-mail address not unique`, `e-mail address of another id`, `an unreadable record`, `a rejected record alone`, `date unknown`, `signed up after the password was
    /// set`. `stale` counts users that get an older hash than their last.
    Password,
    /// How many users got the secrets of MFA factors from a second file: `joined`; or why not, if the file has some that
    /// may be meant: `none: ` and one of `has factors of its own`, `several secrets`, `other connection`, `ids disagree`.
    MfaSecret,
}

/// The facts of one block.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    ids: HashMap<(Topic, Box<str>), u32>,
    names: Vec<(Topic, Box<str>)>,
    events: Vec<u32>,
    /// Facts of one topic that one record has; reused.
    seen: Vec<u32>,
}

/// The most names kept under all topics of a block; the rest is counted under [`OTHER`].
const MAX_NAMES: usize = 1_000;

/// The name that stands for all names above the limit, and for names too long to be one.
pub(crate) const OTHER: &str = "other";

impl Facts {
    /// The number of a fact within this block.
    pub(crate) fn intern(&mut self, topic: Topic, name: &str) -> u32 {
        // Looking up needs an owned key only when the name is new.
        let found = self.names.iter().take(32).position(|known| known.0 == topic && &*known.1 == name);
        if let Some(id) = found {
            return id as u32;
        }
        // Users are put into folders by their connection, so its name is never folded.
        let folds = topic != Topic::Connection && (name.len() > 256 || self.names.len() >= MAX_NAMES);
        let name = if folds { OTHER } else { name };
        *self.ids.entry((topic, name.into())).or_insert_with(|| {
            self.names.push((topic, name.into()));
            (self.names.len() - 1) as u32
        })
    }

    pub(crate) fn note(&mut self, topic: Topic, name: &str) {
        let id = self.intern(topic, name);
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
            if self.names[id as usize].0 == topic {
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

    pub(crate) fn name(&self, id: u32) -> (Topic, &str) {
        let (topic, name) = &self.names[id as usize];
        (*topic, name)
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
