//! Warnings of `retry`.

use reimport::import::retry::{Arrival, Cause, Help, RetryPlan, Unnamed};

use super::command::quoted;
use super::hints;
use super::page::counted;

/// Maximum number of characters of a message of a tenant that are shown.
const LONGEST: usize = 200;

/// Number of options, codes or paths that are listed before the others are counted.
const SHOWN: usize = 3;

/// One warning of `retry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RetryRemark {
    /// An error list that names no user.
    Unnamed(Unnamed),
    /// A part that did not arrive completely and whose users no error list names, and `more` parts of the same kind.
    Part { part: UnlistedPart, more: usize },
    /// Values in the error lists that are not refused users.
    Odd(u64),
    /// A code in the options that no error has, with the nearest code that some error has.
    UnseenCode { code: String, nearest: Option<String>, codes: Vec<String> },
    /// A cause that is not in the table of codes.
    Unknown(Cause),
    /// Users written with the values for which they were refused, and the changes that would help.
    RefusedAgain { users: u64, help: Vec<Help> },
}

/// A part of an upload that did not arrive completely and whose users no error list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnlistedPart {
    /// Its folder, as given.
    pub(crate) folder: String,
    /// Its file name.
    pub(crate) part: String,
    pub(crate) why: WhyUnlisted,
    /// Number of its users that did not arrive, if it is known.
    pub(crate) users: u64,
}

/// Why no error list names the users of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyUnlisted {
    /// Its job failed as a whole, with the message of the tenant.
    Failed { job: String, details: Option<String> },
    /// Its job completed and refused users. Its error list names only this many of them; `None` if the list is missing.
    Unnamed { job: String, named: Option<u64> },
    /// The tenant no longer knows its job.
    Forgotten { job: String },
    /// It was not sent, or its job has not ended.
    NoResult,
}

impl UnlistedPart {
    pub(super) fn job(&self) -> Option<&String> {
        match &self.why {
            WhyUnlisted::Failed { job, .. }
            | WhyUnlisted::Unnamed { job, .. }
            | WhyUnlisted::Forgotten { job } => Some(job),
            WhyUnlisted::NoResult => None,
        }
    }
}

impl RetryRemark {
    /// Returns one remark for the parts of each kind and folder. It describes the first part.
    pub(super) fn of_parts(parts: Vec<UnlistedPart>) -> Vec<Self> {
        let mut remarks: Vec<(UnlistedPart, usize)> = Vec::new();
        for part in parts {
            let same = |known: &UnlistedPart| {
                known.folder == part.folder
                    && std::mem::discriminant(&known.why) == std::mem::discriminant(&part.why)
            };
            match remarks.iter_mut().find(|(known, _)| same(known)) {
                Some((_, more)) => *more += 1,
                None => remarks.push((part, 0)),
            }
        }
        remarks.into_iter().map(|(part, more)| Self::Part { part, more }).collect()
    }

    /// Returns a remark about users that were written unchanged, if there are any.
    pub(super) fn refused_again(plan: &RetryPlan) -> Option<Self> {
        let users = plan.unchanged().count() as u64;
        (users > 0).then(|| Self::RefusedAgain { users, help: plan.help() })
    }

    /// Returns the stable name in the `--json` document.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unnamed(_) => "list-without-users",
            Self::Part { .. } => "part-without-list",
            Self::Odd(_) => "odd-errors",
            Self::UnseenCode { .. } => "unseen-code",
            Self::Unknown(_) => "unknown-code",
            Self::RefusedAgain { .. } => "refused-again",
        }
    }

    /// Returns one clause, without a full stop.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Unnamed(unnamed) => unnamed_words(unnamed),
            Self::Part { part, more: 0 } => part_words(part),
            Self::Part { part, more } => {
                format!("{}; the same applies to {}", part_words(part), counted(*more as u64, "other part"))
            }
            Self::Odd(values) => {
                let are = if *values == 1 { "is not a refused user" } else { "are not refused users" };
                format!("{} in the error lists {are}", counted(*values, "value"))
            }
            Self::UnseenCode { code, nearest: Some(nearest), .. } => {
                format!("no error has the code {code}; did you mean {nearest}?")
            }
            Self::UnseenCode { code, codes, .. } if codes.is_empty() => {
                format!("no error has the code {code}: the lists have no codes")
            }
            Self::UnseenCode { code, codes, .. } => {
                format!("no error has the code {}; the lists have {}", code, first(codes))
            }
            Self::Unknown(cause) => match &cause.code {
                Some(code) => format!(
                    "{}: unknown code; the error list has the message of the tenant",
                    with_paths(code, cause)
                ),
                None => format!(
                    "{}; for the message of the tenant see entry {} of {}",
                    with_paths("no code, or a code that cannot be shown", cause),
                    cause.first.1,
                    cause.first.0
                ),
            },
            Self::RefusedAgain { users, help } => {
                let are = if *users == 1 { "is" } else { "are" };
                let code = |help: &Help| help.code.clone().unwrap_or_else(|| "no code".to_owned());
                let options: Vec<String> = help
                    .iter()
                    .map(|help| format!("{} ({})", hints::change(&help.change), code(help)))
                    .collect();
                let help = if options.is_empty() {
                    "no option changes that".to_owned()
                } else {
                    format!("changes that help: {}", first(&options))
                };
                format!(
                    "{} {are} written with the refused value unchanged and will be refused again unless the target has \
                     changed; {help}",
                    counted(*users, "user"),
                )
            }
        }
    }
}

fn unnamed_words(unnamed: &Unnamed) -> String {
    let file = &unnamed.file;
    let Some(job) = &unnamed.job else {
        return format!(
            "{file} names no user: its job refused no user, or failed as a whole; \
             `reimport job JOB --tenant HOST` shows how it ended"
        );
    };
    let id = job.id.as_deref().filter(|id| is_id(id));
    let name = id.map_or_else(|| "the job".to_owned(), |id| format!("job {id}"));
    let words = job.details.as_deref().map_or_else(String::new, |words| format!(" ({})", details(words)));
    let id = id.unwrap_or("JOB");
    match job.arrival {
        Arrival::NoUsers => format!(
            "{file}: {name} failed as a whole, and no user of its part arrived{words}; send that part again \
             (`reimport upload PARTS --again`, or a new job)"
        ),
        Arrival::AllBut(refused) => format!(
            "{file} is {name}, which refused {}, but not its error list; `reimport job {id} --errors --json` prints the list",
            counted(refused, "user")
        ),
        Arrival::NotEnded => format!(
            "{file}: {name} has not ended; when it has, `reimport job {id} --errors --json` prints its error list"
        ),
        _ => format!(
            "{file}: {name} ended as {}, and it is not known which users arrived{words}; compare the parts with a new \
             export (`reimport verify PARTS NEW`)",
            job.status.as_deref().filter(|status| is_id(status)).unwrap_or("unknown")
        ),
    }
}

fn part_words(part: &UnlistedPart) -> String {
    let UnlistedPart { folder, part, why, users } = part;
    let (part, folder) = (part, quoted(folder));
    let name = |job: &str| if is_id(job) { format!("job {job}") } else { "its job".to_owned() };
    match why {
        WhyUnlisted::Failed { job, details: words } => {
            let words = words.as_deref().map_or_else(String::new, |words| format!(" ({})", details(words)));
            format!(
                "{part}: {} failed as a whole{words}; {} did not arrive, and no list names them all; run the same `reimport \
                 upload {folder}` with --again to send the part again",
                name(job),
                counted(*users, "user")
            )
        }
        WhyUnlisted::Unnamed { job, named } => {
            let list = match named {
                None => "is missing".to_owned(),
                Some(0) => "is empty".to_owned(),
                Some(named) => format!("names only {named}"),
            };
            format!(
                "{part}: {} completed and refused {}, but its error list {list}; which users were refused is not known; \
                 compare the parts with a new export (`reimport verify {folder} NEW`)",
                name(job),
                counted(*users, "user")
            )
        }
        WhyUnlisted::Forgotten { job } => format!(
            "{part}: the tenant no longer knows {}, so it is not known which users arrived; compare the parts with a \
             new export (`reimport verify {folder} NEW`)",
            name(job)
        ),
        WhyUnlisted::NoResult => {
            format!(
                "{part}: the upload has no result for it; run the same `reimport upload {folder}` to continue"
            )
        }
    }
}

/// Formats a code with its number of users and the paths in the error list.
pub(super) fn with_paths(code: &str, cause: &Cause) -> String {
    let paths: Vec<String> = cause.paths.iter().map(|(path, _)| path.clone()).collect();
    let at = if paths.is_empty() { String::new() } else { format!(", at {}", first(&paths)) };
    format!("{code} ({}{at})", counted(cause.users, "user"))
}

/// Joins the first names of a list, and counts the others.
fn first(names: &[String]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Formats a message of a tenant as one line of limited length. Words that could be e-mail addresses are removed.
pub(crate) fn details(words: &str) -> String {
    let plain = words.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    let mut words = plain.collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = words.char_indices().nth(LONGEST) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// Whether a name is safe to show and to type.
fn is_id(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_messages_are_truncated_and_hide_addresses() {
        assert_eq!(
            details("Failed\n for  ada@example.com, twice.\u{1b}[31m"),
            "Failed for … twice.\u{1b}[31m"
        );
        assert_eq!(details(&"ü".repeat(300)), "ü".repeat(200) + "…");
        assert_eq!(details(&"x".repeat(200)), "x".repeat(200));
    }

    #[test]
    fn list_names_three_and_counts_the_rest() {
        let names = |count: usize| (0..count).map(|n| format!("n{n}")).collect::<Vec<_>>();
        assert_eq!(first(&names(0)), "");
        assert_eq!(first(&names(3)), "n0, n1, n2");
        assert_eq!(first(&names(5)), "n0, n1, n2 and 2 more");
    }
}
