//! What a record is: a user written unchanged, a repetition of an earlier user, or a bad record.
//!
//! This depends only on the index of the record, the seed and the options, so counts can be known before a byte is
//! written.

use super::random::Random;
use super::strategy::Strategy;
use super::user::User;
use super::{Corpus, Format};

/// A kind of bad record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Not JSON: cut off, two objects, a control character, or not UTF-8. In CSV, a row with too few cells.
    Unreadable,
    /// JSON, but not an object.
    NotObject,
    /// No e-mail address, or `null`.
    MissingEmail,
    /// An invalid e-mail address.
    InvalidEmail,
    /// A string or a number in place of a boolean.
    NotBoolean,
}

impl Bad {
    /// All kinds, in the order of [`Stats::bad`](super::Stats::bad).
    pub const ALL: [Self; 5] =
        [Self::Unreadable, Self::NotObject, Self::MissingEmail, Self::InvalidEmail, Self::NotBoolean];

    /// Returns the name in the statistics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NotObject => "not_object",
            Self::MissingEmail => "missing_email",
            Self::InvalidEmail => "invalid_email",
            Self::NotBoolean => "not_boolean",
        }
    }
}

/// How a user repeats an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeats {
    /// The same record.
    Record,
    /// Another user with the same id.
    Id,
    /// Another user with the same e-mail address.
    Email,
    /// Another user with the same e-mail address in capitals.
    EmailInCapitals,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Clean,
    /// Repeats the clean database user at this earlier index.
    Duplicate(Repeats, u64),
    Bad(Bad),
}

impl Corpus {
    /// Returns what the record at `index` is. Bad takes precedence over duplicate. Only database users are
    /// repeated, and only by database users.
    pub(super) fn fate(&self, index: u64) -> Fate {
        let mut random = Random::new(self.seed, index, "fate");
        if random.below(1000) < self.bad {
            return Fate::Bad(self.bad_kind(index, &mut random));
        }
        if !self.repeats(index) {
            return Fate::Clean;
        }
        let how = random.pick(&[Repeats::Record, Repeats::Id, Repeats::Email, Repeats::EmailInCapitals]);
        let back = 1 + random.below(200);
        (0..=index.saturating_sub(back))
            .rev()
            .find(|&earlier| earlier < index && self.is_original(earlier))
            .map_or(Fate::Clean, |original| Fate::Duplicate(how, original))
    }

    /// Returns the kind of a bad record. Only a database user can be bad because of a property: the other users are
    /// skipped before they are checked.
    fn bad_kind(&self, index: u64, random: &mut Random) -> Bad {
        let kinds = if self.strategy_at(index) == Strategy::Auth0 { &Bad::ALL[..] } else { &Bad::ALL[..2] };
        match (random.pick(kinds), self.format) {
            // One broken element would break the whole array.
            (Bad::Unreadable, Format::Array) => Bad::NotObject,
            (Bad::NotObject, Format::Csv) => Bad::Unreadable,
            (kind, _) => kind,
        }
    }

    fn repeats(&self, index: u64) -> bool {
        self.duplicates > 0
            && self.strategy_at(index) == Strategy::Auth0
            && Random::new(self.seed, index, "duplicate").below(1000) < self.duplicates
    }

    fn is_original(&self, index: u64) -> bool {
        self.strategy_at(index) == Strategy::Auth0
            && !self.repeats(index)
            && Random::new(self.seed, index, "fate").below(1000) >= self.bad
    }

    /// Returns the strategy of a user. It is the first random value of a user.
    fn strategy_at(&self, index: u64) -> Strategy {
        Strategy::draw(&mut Random::new(self.seed, index, "user"))
    }
}

/// Makes `user` bad. Does nothing for the two kinds that are not objects, because they depend on the format.
pub(super) fn corrupt(user: &mut User, kind: Bad, random: &mut Random) {
    match kind {
        Bad::Unreadable | Bad::NotObject => {}
        Bad::MissingEmail => user.email = None,
        Bad::InvalidEmail => {
            let wrong = ["no-at-sign", "a b@example.com", "two@@example.com", "@example.com", "nobody@"];
            user.email = Some(random.pick(&wrong).to_owned());
        }
        Bad::NotBoolean => {
            let wrong = random.pick(&["\"yes\"", "1", "\"\""]);
            if random.chance(5000) {
                user.blocked_token = Some(wrong);
            } else {
                user.email_verified_token = Some(wrong);
            }
        }
    }
}

/// Makes `user` a repetition of `original`.
pub(super) fn repeat(user: &mut User, how: Repeats, original: &User) {
    match how {
        Repeats::Record => *user = original.clone(),
        Repeats::Id => original.local_id.clone_into(&mut user.local_id),
        Repeats::Email => user.email.clone_from(&original.email),
        Repeats::EmailInCapitals => user.email = original.email.as_deref().map(str::to_uppercase),
    }
}
