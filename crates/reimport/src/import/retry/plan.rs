//! Who is retried: refused users by what they can be known by, and whom to look for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::again::{Help, RefusedAgain};
use super::codes::{Code, Remedy, is_same};
use super::errors::{JobError, JobErrors, Refused};
use super::lists::Unnamed;
use crate::user::Identifier;

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

    /// The codes asked for that no error has, in the order given.
    fn unseen(&self, refused: &[Refused]) -> Vec<String> {
        let errors = refused.iter().flat_map(Refused::errors);
        let unseen = |code: &&String| !errors.clone().any(|error| is_same(error.code(), code));
        let mut unseen: Vec<String> = self.only.iter().chain(&self.not).filter(unseen).cloned().collect();
        unseen.dedup();
        unseen
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
    again: RefusedAgain,
    unnamed: Vec<Unnamed>,
    odd: u64,
    codes_unseen: Vec<String>,
}

/// One cause of refusal, and how many of the users to be retried have it.
///
/// ```
/// use reimport::import::retry::{CodeFilter, JobErrors, RetryPlan};
/// use reimport::source::Source;
///
/// let list = br#"[{"user":{"email":"a@example.com"},"errors":[{"code":"BRAND_NEW","path":"username"}]}]"#;
/// let errors = JobErrors::new().read(Source::from_reader("errors.json", &list[..]))?;
/// let plan = RetryPlan::new(errors, &CodeFilter::new().not("CONFLICT"));
/// let cause = &plan.causes()[0];
/// assert_eq!((cause.code.as_deref(), cause.known, cause.users), (Some("BRAND_NEW"), None, 1));
/// assert_eq!(cause.paths, [("username".to_owned(), 1)]);
/// assert_eq!(plan.codes_unseen(), ["CONFLICT"]);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// The code as the list spells it; `None` if it is not one word, or if there is none.
    pub code: Option<String>,
    /// What it means, if the code is known.
    pub known: Option<&'static Code>,
    /// Users with this cause; one that has it twice counts once.
    pub users: u64,
    /// The first user with it: the name of its list, and its number in it.
    pub first: (Arc<str>, u64),
    /// The paths that the list names, as [`JobError::path`], with the number of errors at each, the most frequent first.
    pub paths: Vec<(String, u64)>,
}

impl RetryPlan {
    /// Plans the retry of refused users.
    pub fn new(errors: JobErrors, filter: &CodeFilter) -> Self {
        let (refused, unnamed, odd) = errors.into_parts();
        let codes_unseen = filter.unseen(&refused);
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
        Self { refused, fates, by, found, again: RefusedAgain::default(), unnamed, odd, codes_unseen }
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

    /// The users that the tenant refuses once more: that were written with the value for which they had been refused, or,
    /// if the error has no path, without any change.
    ///
    /// It says something only after a run.
    pub fn unchanged(&self) -> impl Iterator<Item = &Refused> {
        let refused = self.refused.iter().enumerate();
        refused.filter_map(|(at, user)| self.again.has(at as u32).then_some(user))
    }

    /// What would keep the [unchanged](Self::unchanged) users from being refused again, that which helps most users first.
    pub fn help(&self) -> Vec<Help> {
        self.again.help(|at| self.refused[at as usize].errors())
    }

    /// The lists that name no user, as [`JobErrors::unnamed`].
    pub fn unnamed(&self) -> &[Unnamed] {
        &self.unnamed
    }

    /// Values in the lists that are neither refused users nor jobs.
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// The codes that the filter asks for and no error has.
    pub fn codes_unseen(&self) -> &[String] {
        &self.codes_unseen
    }

    /// The codes of all errors, as the lists spell them, each once.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.refused.iter().flat_map(Refused::errors);
        let mut codes: Vec<&str> = errors.filter_map(JobError::plain_code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Why users to be retried were refused: what may pass the next time first, unknown codes last.
    pub fn causes(&self) -> Vec<Cause> {
        type Key<'c> = (Option<Remedy>, Option<&'c str>, Option<&'static str>);
        let mut causes: BTreeMap<Key<'_>, (Cause, BTreeMap<&str, u64>)> = BTreeMap::new();
        for user in self.of(Fate::Retried) {
            let mut seen: Vec<Key<'_>> = Vec::new();
            let errors = user.errors().iter().map(Some);
            let none = user.errors().is_empty().then_some(None);
            for error in errors.chain(none) {
                let (code, known) = (error.and_then(JobError::plain_code), error.and_then(JobError::known));
                let key = (known.map(|known| known.remedy), code, known.map(|known| known.meaning));
                let new = || {
                    let first = (Arc::clone(user.file()), user.number());
                    let cause =
                        Cause { code: code.map(str::to_owned), known, users: 0, first, paths: Vec::new() };
                    (cause, BTreeMap::new())
                };
                let (cause, paths) = causes.entry(key).or_insert_with(new);
                if !seen.contains(&key) {
                    seen.push(key);
                    cause.users += 1;
                }
                if let Some(path) = error.and_then(JobError::path) {
                    *paths.entry(path).or_default() += 1;
                }
            }
        }
        let (unknown, known): (Vec<_>, Vec<_>) =
            causes.into_values().partition(|(cause, _)| cause.known.is_none());
        let causes = known.into_iter().chain(unknown).map(|(cause, paths)| {
            let mut paths: Vec<_> = paths.into_iter().map(|(path, count)| (path.to_owned(), count)).collect();
            paths.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            Cause { paths, ..cause }
        });
        causes.collect()
    }

    /// The refused users to be retried that have these identifiers, in the form in which they are compared; every refused
    /// user that has them counts as found.
    pub(super) fn retried(&self, identifiers: &[Option<&str>; 4]) -> Vec<u32> {
        let mut retried = Vec::new();
        for (by, text) in self.by.iter().zip(identifiers) {
            let Some(places) = text.and_then(|text| by.get(text)) else { continue };
            for &at in places {
                if is_same_user(&self.refused[at as usize], identifiers) {
                    self.found[at as usize].store(true, Ordering::Relaxed);
                    if self.fates[at as usize] == Fate::Retried && !retried.contains(&at) {
                        retried.push(at);
                    }
                }
            }
        }
        retried
    }

    /// The user of these entries was sent as `before`, and is written as `after`.
    pub(super) fn note_written(&self, entries: &[u32], before: &str, after: &str) {
        for &at in entries {
            self.again.note(at, self.refused[at as usize].errors(), before, after);
        }
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
