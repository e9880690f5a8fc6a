//! Decides which refused users are retried, and finds them by their identifiers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::again::{Help, RefusedAgain};
use super::codes::{Code, Remedy, is_same};
use super::errors::{JobError, JobErrors, Refused};
use super::identifiers::{Identifiers, RefusedIndex};
use super::lists::Unnamed;

/// Selects refused users by the codes of their errors. The two spellings of a code are the same code.
#[derive(Debug, Clone, Default)]
pub struct CodeFilter {
    only: Vec<String>,
    not: Vec<String>,
}

impl CodeFilter {
    /// Creates a filter that selects all users.
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects only users with an error of this code. After several calls, users with an error of any of the codes.
    pub fn only(mut self, code: impl Into<String>) -> Self {
        self.only.push(code.into());
        self
    }

    /// Excludes users with an error of this code.
    pub fn not(mut self, code: impl Into<String>) -> Self {
        self.not.push(code.into());
        self
    }

    /// Returns the codes of the filter that no error has, in the order given.
    fn unseen(&self, refused: &[Refused]) -> Vec<String> {
        let errors = refused.iter().flat_map(Refused::errors);
        let unseen = |code: &&String| !errors.clone().any(|error| is_same(error.code(), code));
        let mut unseen: Vec<String> = self.only.iter().chain(&self.not).filter(unseen).cloned().collect();
        unseen.dedup();
        unseen
    }

    fn selects(&self, refused: &Refused) -> bool {
        let has = |code: &String| refused.errors().iter().any(|error| is_same(error.code(), code));
        (self.only.is_empty() || self.only.iter().any(has)) && !self.not.iter().any(has)
    }
}

/// What happens to a refused user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// The user is retried, if it is found.
    Retried,
    /// The user exists already. Nothing needs to be done.
    AlreadyExists,
    /// The filter excludes the user.
    Filtered,
}

/// The refused users of a run, and what happens to each.
///
/// Users are matched as [`RefusedIndex`] describes.
#[derive(Debug)]
pub struct RetryPlan {
    refused: Vec<Refused>,
    fates: Vec<Fate>,
    index: RefusedIndex,
    found: Vec<AtomicBool>,
    again: RefusedAgain,
    unnamed: Vec<Unnamed>,
    odd: u64,
    codes_unseen: Vec<String>,
}

/// One cause of refusal, and the number of users to be retried that have it.
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
    /// The code as the list spells it; `None` if there is none, or if it is not one word.
    pub code: Option<String>,
    /// The meaning of the code, if it is known.
    pub known: Option<&'static Code>,
    /// The number of users with this cause. A user that has it twice counts once.
    pub users: u64,
    /// The first user with this cause: the name of its list, and its number in the list.
    pub first: (Arc<str>, u64),
    /// The paths that the list names, as [`JobError::path`], with the number of errors at each, the most frequent
    /// first.
    pub paths: Vec<(String, u64)>,
}

impl RetryPlan {
    /// Creates a plan for the retry of refused users.
    pub fn new(errors: JobErrors, filter: &CodeFilter) -> Self {
        let (refused, unnamed, odd) = errors.into_parts();
        let codes_unseen = filter.unseen(&refused);
        let fates = refused.iter().map(|refused| fate(refused, filter)).collect();
        let index = RefusedIndex::new(refused.iter().map(|user| user.identifiers().clone()));
        let found = refused.iter().map(|_| AtomicBool::new(false)).collect();
        Self { refused, fates, index, found, again: RefusedAgain::default(), unnamed, odd, codes_unseen }
    }

    /// Returns the refused users with this fate, in list order.
    pub fn of(&self, fate: Fate) -> impl Iterator<Item = &Refused> {
        self.refused.iter().zip(&self.fates).filter_map(move |(user, its)| (*its == fate).then_some(user))
    }

    /// Returns the users to be retried that no record so far matches, in list order. None of them is written.
    ///
    /// The result is meaningful only after a run that read all its sources.
    pub fn not_found(&self) -> impl Iterator<Item = &Refused> {
        let fates = self.refused.iter().zip(&self.fates).zip(&self.found);
        fates.filter_map(|((user, fate), found)| {
            (*fate == Fate::Retried && !found.load(Ordering::Relaxed)).then_some(user)
        })
    }

    /// Returns the users that the tenant will refuse again. They were written with the value for which they had been
    /// refused or, if the error has no path, without any change.
    ///
    /// The result is meaningful only after a run.
    pub fn unchanged(&self) -> impl Iterator<Item = &Refused> {
        let refused = self.refused.iter().enumerate();
        refused.filter_map(|(at, user)| self.again.has(at as u32).then_some(user))
    }

    /// Returns the changes that would prevent the [unchanged](Self::unchanged) users from being refused again. The
    /// change that helps most users is first.
    pub fn help(&self) -> Vec<Help> {
        self.again.help(|at| self.refused[at as usize].errors())
    }

    /// Returns the lists that name no user, as [`JobErrors::unnamed`].
    pub fn unnamed(&self) -> &[Unnamed] {
        &self.unnamed
    }

    /// Returns the number of values in the lists that are neither refused users nor jobs.
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// Returns the codes that the filter names and no error has.
    pub fn codes_unseen(&self) -> &[String] {
        &self.codes_unseen
    }

    /// Returns the codes of all errors, as the lists spell them, without repetitions.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.refused.iter().flat_map(Refused::errors);
        let mut codes: Vec<&str> = errors.filter_map(JobError::plain_code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Returns the reasons why users to be retried were refused. Causes that may disappear the next time are first,
    /// unknown codes are last.
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

    /// Returns the refused users to be retried that have these identifiers. Every refused user that has them counts as
    /// found.
    pub(super) fn retried(&self, identifiers: &Identifiers) -> Vec<u32> {
        let mut retried = self.index.find(identifiers);
        for &at in &retried {
            self.found[at as usize].store(true, Ordering::Relaxed);
        }
        retried.retain(|&at| self.fates[at as usize] == Fate::Retried);
        retried
    }

    /// Records that the user of these entries was sent as `before`, and is written as `after`.
    pub(super) fn note_written(&self, entries: &[u32], before: &str, after: &str) {
        for &at in entries {
            self.again.note(at, self.refused[at as usize].errors(), before, after);
        }
    }
}

fn fate(refused: &Refused, filter: &CodeFilter) -> Fate {
    let exists = |error: &super::JobError| error.known().is_some_and(|code| code.remedy == Remedy::NotNeeded);
    if !filter.selects(refused) {
        Fate::Filtered
    } else if !refused.errors().is_empty() && refused.errors().iter().all(exists) {
        Fate::AlreadyExists
    } else {
        Fate::Retried
    }
}
