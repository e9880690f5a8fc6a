//! [`Stats`]: statistics of a corpus, counted while it is written.

use std::fmt;

use super::fate::{Bad, Fate};
use super::strategy::Strategy;
use super::user::User;

/// Statistics of a corpus. The results of a conversion are compared with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records of any kind, including bad ones.
    pub users: u64,
    /// Bytes written, before compression.
    pub bytes: u64,
    /// Database users that can be imported: neither bad nor repeated.
    pub importable: u64,
    /// Valid users of other strategies.
    pub not_database: u64,
    /// Repetitions of an earlier database user, by record, id or e-mail address.
    pub duplicates: u64,
    /// Valid database users with a linked Google identity.
    pub linked_social: u64,
    /// Valid social users with a linked database identity. They are imported only on request.
    pub linked_database: u64,
    /// Records that are neither bad nor repeated, in the order of [`Strategy::ALL`].
    pub by_strategy: [u64; Strategy::ALL.len()],
    /// Bad records, in the order of [`Bad::ALL`].
    pub bad: [u64; Bad::ALL.len()],
}

impl Stats {
    /// Returns the number of bad records of any kind.
    pub fn bad_total(&self) -> u64 {
        self.bad.iter().sum()
    }

    pub(super) fn count(&mut self, user: &User, fate: Fate) {
        self.users += 1;
        match fate {
            Fate::Bad(kind) => self.bad[kind as usize] += 1,
            Fate::Duplicate(..) => self.duplicates += 1,
            Fate::Clean => {
                let database = user.strategy == Strategy::Auth0;
                self.by_strategy[user.strategy as usize] += 1;
                *(if database { &mut self.importable } else { &mut self.not_database }) += 1;
                if user.link.is_some() {
                    *(if database { &mut self.linked_social } else { &mut self.linked_database }) += 1;
                }
            }
        }
    }
}

/// Formats as one JSON object: `{"users":…,"by_strategy":{…},"bad":{…}}`.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"users\":{},\"bytes\":{},\"importable\":{}", self.users, self.bytes, self.importable)?;
        write!(f, ",\"not_database\":{},\"duplicates\":{}", self.not_database, self.duplicates)?;
        write!(f, ",\"linked_social\":{},\"linked_database\":{}", self.linked_social, self.linked_database)?;
        write!(f, ",\"by_strategy\":{{")?;
        for (number, (strategy, count)) in Strategy::ALL.iter().zip(self.by_strategy).enumerate() {
            write!(f, "{}\"{}\":{count}", if number > 0 { "," } else { "" }, strategy.provider())?;
        }
        write!(f, "}},\"bad\":{{")?;
        for (number, (kind, count)) in Bad::ALL.iter().zip(self.bad).enumerate() {
            write!(f, "{}\"{}\":{count}", if number > 0 { "," } else { "" }, kind.name())?;
        }
        write!(f, "}}}}")
    }
}
