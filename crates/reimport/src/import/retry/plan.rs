//! Who is retried: refused users by what they can be known by, and whom to look for.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use super::codes::{Code, Remedy, is_same};
use super::errors::{JobErrors, Refused};
use crate::import::Identifier;

/// Which refused users are retried, by the codes of their errors; both spellings of a code are one.
#[derive(Debug, Clone, Default)]
pub struct CodeFilter {
    only: Vec<String>,
    not: Vec<String>,
}

impl CodeFilter {
    /// All of them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only users with an error of that code, or of another code given so.
    pub fn only(mut self, code: impl Into<String>) -> Self {
        self.only.push(code.into());
        self
    }

    /// No user with an error of that code.
    pub fn not(mut self, code: impl Into<String>) -> Self {
        self.not.push(code.into());
        self
    }

    fn lets_pass(&self, refused: &Refused) -> bool {
        let has = |code: &String| refused.errors().iter().any(|error| is_same(error.code(), code));
        (self.only.is_empty() || self.only.iter().any(has)) && !self.not.iter().any(has)
    }
}

/// What becomes of a refused user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It is retried, where it is found.
    Retried,
    /// It is there already: nothing to do.
    AlreadyThere,
    /// The filter leaves it out.
    Filtered,
}

/// The refused users of a run, and what becomes of each.
///
/// A user is one of the list where the first identifier that both show, of `user_id`, e-mail address, username and phone
/// number, is the same; so two users who share an address are told apart by their ids.
#[derive(Debug)]
pub struct RetryPlan {
    refused: Vec<Refused>,
    fates: Vec<Fate>,
    /// For each identifier, the refused users that show it.
    by: [HashMap<Box<str>, Vec<u32>>; 4],
    found: Vec<AtomicBool>,
}

impl RetryPlan {
    /// Plans the retry of refused users.
    pub fn new(errors: JobErrors, filter: &CodeFilter) -> Self {
        let refused = errors.into_refused();
        let fates = refused.iter().map(|refused| fate(refused, filter)).collect();
        let mut by: [HashMap<Box<str>, Vec<u32>>; 4] = Default::default();
        for (at, user) in refused.iter().enumerate() {
            for identifier in Identifier::ALL {
                if let Some(text) = user.identifier(identifier) {
                    by[identifier as usize].entry(text.into()).or_default().push(at as u32);
                }
            }
        }
        let found = refused.iter().map(|_| AtomicBool::new(false)).collect();
        Self { refused, fates, by, found }
    }

    /// The refused users of one fate, in the order of their lists.
    pub fn of(&self, fate: Fate) -> impl Iterator<Item = &Refused> {
        self.refused.iter().zip(&self.fates).filter_map(move |(user, its)| (*its == fate).then_some(user))
    }

    /// The users to be retried whom no record seen so far is, in the order of their lists; none of them is written.
    ///
    /// It says something only after a run that read its sources whole.
    pub fn not_found(&self) -> impl Iterator<Item = &Refused> {
        let fates = self.refused.iter().zip(&self.fates).zip(&self.found);
        fates.filter_map(|((user, fate), found)| {
            (*fate == Fate::Retried && !found.load(Ordering::Relaxed)).then_some(user)
        })
    }

    /// The known errors of users to be retried, and how many users have each.
    pub fn explained(&self) -> Vec<(&'static Code, u64)> {
        let mut counts: BTreeMap<(Remedy, &'static str), (&'static Code, u64)> = BTreeMap::new();
        for user in self.of(Fate::Retried) {
            let mut seen: Vec<&Code> = Vec::new();
            for code in user.errors().iter().filter_map(super::JobError::known) {
                if !seen.contains(&code) {
                    seen.push(code);
                    counts.entry((code.remedy, code.name)).or_insert((code, 0)).1 += 1;
                }
            }
        }
        counts.into_values().collect()
    }

    /// Whether a user with these identifiers, in the form in which they are compared, is to be retried; every refused
    /// user that it is counts as found.
    pub(super) fn retries(&self, identifiers: &[Option<&str>; 4]) -> bool {
        let mut retries = false;
        for (by, text) in self.by.iter().zip(identifiers) {
            let Some(places) = text.and_then(|text| by.get(text)) else { continue };
            for &at in places {
                if is_same_user(&self.refused[at as usize], identifiers) {
                    self.found[at as usize].store(true, Ordering::Relaxed);
                    retries |= self.fates[at as usize] == Fate::Retried;
                }
            }
        }
        retries
    }
}

/// Whether the first identifier that both show is the same.
fn is_same_user(refused: &Refused, identifiers: &[Option<&str>; 4]) -> bool {
    let mut pairs = Identifier::ALL.iter().zip(identifiers);
    pairs.find_map(|(identifier, text)| Some(refused.identifier(*identifier)? == (*text)?)).unwrap_or(false)
}

fn fate(refused: &Refused, filter: &CodeFilter) -> Fate {
    let settled = |error: &super::JobError| error.known().is_some_and(|code| code.remedy == Remedy::Settled);
    if !filter.lets_pass(refused) {
        Fate::Filtered
    } else if !refused.errors().is_empty() && refused.errors().iter().all(settled) {
        Fate::AlreadyThere
    } else {
        Fate::Retried
    }
}
