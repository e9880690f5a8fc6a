//! Data of the report of `check`, for all its formats.

use std::cmp::Reverse;

use reimport::import::{UploadTime, export_only};
use reimport::run::Skip;
use reimport::sink::Estimated;
use reimport::{SkipReason, Summary};

use super::remarks::{Level, Remark, Remarks};
use crate::exit::Status;

/// Data of a readiness report.
pub(crate) struct Readiness<'a> {
    pub(crate) summary: &'a Summary,
    /// The parts that `convert` would write.
    pub(crate) estimate: &'a Estimated,
    pub(crate) max_part_bytes: u64,
    pub(crate) remarks: &'a Remarks,
    /// Users that break a rule, if requested.
    pub(crate) examples: &'a [Example],
    /// The command to run next, if there are users to import.
    pub(crate) next: Option<String>,
    /// Whether password hashes were joined.
    pub(crate) joined_passwords: bool,
    /// Whether the users belong to several connections and no option chooses how to write them.
    pub(crate) undecided: bool,
    pub(crate) status: Status,
}

/// A user that breaks a rule. This is personal data.
pub(crate) struct Example {
    pub(crate) rule: &'static str,
    pub(crate) source: String,
    pub(crate) line: u64,
    pub(crate) user_id: String,
    pub(crate) email: String,
}

impl Readiness<'_> {
    pub(crate) fn upload_time(&self) -> UploadTime {
        UploadTime::of(self.summary.written, self.estimate.parts)
    }

    /// Returns the shares of the records that are ready, skipped, rejected and left out, in tenths of a percent. Their
    /// sum is that of all records.
    pub(super) fn fate_tenths(&self) -> [u64; 4] {
        let summary = self.summary;
        let counts = [summary.written, summary.skipped, summary.rejected, summary.left_out];
        let mut tenths = [0; 4];
        tenths.copy_from_slice(&divided(1000, &counts));
        tenths
    }

    /// Returns the dropped properties, the most frequent first.
    pub(super) fn dropped(&self) -> Vec<(String, u64)> {
        let mut dropped: Vec<(String, u64)> = export_only(self.summary).into_iter().collect();
        dropped.extend(self.facts(reimport::Topic::Dropped));
        dropped.sort_by_key(|(_, count)| Reverse(*count));
        dropped
    }

    /// Returns the facts of a topic, the most frequent first.
    pub(super) fn facts(&self, topic: reimport::Topic) -> Vec<(String, u64)> {
        let mut facts: Vec<_> = self.summary.section(topic).into_iter().collect();
        facts.sort_by_key(|(_, count)| Reverse(*count));
        facts
    }

    /// Returns the origins of the passwords of written users, the most frequent first.
    pub(super) fn passwords(&self) -> Vec<(String, u64)> {
        let mut passwords = self.facts(reimport::Topic::Password);
        for (name, _) in &mut passwords {
            *name = match name.as_str() {
                "its own" => "its own, in the export".to_owned(),
                "stale" => "stale: changed after the hash export was made".to_owned(),
                by if by.starts_with("by ") => format!("joined {by}"),
                none => none.to_owned(),
            };
        }
        passwords
    }

    /// Returns the counted remarks of one level, the most frequent first: name, number of users, and the meaning with
    /// the first position.
    pub(super) fn counted(&self, level: Level) -> Vec<(String, u64, String)> {
        self.remarks.of(level).filter_map(Remark::counted).collect()
    }

    /// Returns the number of skipped users by strategy, the most frequent first.
    pub(super) fn skipped(&self) -> Vec<(String, u64)> {
        let mut skipped: Vec<_> =
            self.summary.skipped_by.iter().map(|(skip, count)| (skipped_name(skip), *count)).collect();
        skipped.sort_by_key(|(_, count)| Reverse(*count));
        skipped
    }

    /// Returns the broken rules, the most frequent first.
    pub(super) fn rules(&self) -> Vec<(&'static str, u64)> {
        let mut rules: Vec<_> =
            self.summary.rejected_by.iter().map(|(rule, count)| (*rule, count.records)).collect();
        rules.sort_by_key(|(_, count)| Reverse(*count));
        rules
    }

    /// Returns the number of written users without a connection.
    pub(super) fn without_connection(&self) -> u64 {
        let named: u64 = self.summary.of(reimport::Topic::Connection).map(|(_, users)| users).sum();
        self.summary.written.saturating_sub(named)
    }
}

/// Describes a skip such as `not-a-database-user github`.
fn skipped_name(skip: &Skip) -> String {
    let strategy = &skip.strategy;
    match skip.reason {
        SkipReason::NotADatabaseUser if !strategy.is_empty() => strategy.to_string(),
        SkipReason::LinkedDatabaseLogin if !strategy.is_empty() => {
            format!("{strategy}, with a linked database login")
        }
        _ => skip.to_string(),
    }
}

/// Formats a share that is not a part of a sum, for example `42.9 %`.
pub(super) fn share(part: u64, whole: u64) -> String {
    share_words(part, whole, of_a_thousand(part, whole))
}

/// Formats a share given in tenths of a percent. Only nothing is `0 %`, and only all is `100 %`.
pub(super) fn share_words(part: u64, whole: u64, tenths: u64) -> String {
    match (part, tenths) {
        (0, _) => "0 %".to_owned(),
        (part, 1000) if part == whole => "100 %".to_owned(),
        (_, 0) => "< 0.1 %".to_owned(),
        (_, 1000) => "> 99.9 %".to_owned(),
        (_, tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// Divides `tenths` of a percent among counts, so that their sum is exact: each is rounded down, and those with the
/// largest remainder get one more.
pub(super) fn divided(tenths: u64, counts: &[u64]) -> Vec<u64> {
    let all: u128 = counts.iter().map(|count| u128::from(*count)).sum::<u128>().max(1);
    let product = |count: &u64| u128::from(*count) * u128::from(tenths);
    let mut shares: Vec<u64> = counts.iter().map(|count| (product(count) / all) as u64).collect();
    let mut by_remainder: Vec<usize> = (0..counts.len()).filter(|at| counts[*at] > 0).collect();
    by_remainder.sort_by_key(|at| Reverse(product(&counts[*at]) % all));
    let missing = tenths.saturating_sub(shares.iter().sum()) as usize;
    by_remainder.into_iter().take(missing).for_each(|at| shares[at] += 1);
    shares
}

/// Returns `part` of `whole` in thousandths, rounded.
pub(super) fn of_a_thousand(part: u64, whole: u64) -> u64 {
    let whole = u128::from(whole.max(1));
    ((u128::from(part) * 1000 + whole / 2) / whole) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonzero_share_is_never_shown_as_zero() {
        for (part, whole, words) in [
            (0, 0, "0 %"),
            (3, 3, "100 %"),
            (3, 7, "42.9 %"),
            (1, 1_000_000, "< 0.1 %"),
            (999_999, 1_000_000, "> 99.9 %"),
        ] {
            assert_eq!(share(part, whole), words);
        }
    }

    #[test]
    fn divided_shares_add_up_to_their_whole() {
        assert_eq!(divided(1000, &[7, 9, 11]), [259, 333, 408]);
        assert_eq!(divided(1000, &[1, 1, 1]), [334, 333, 333]);
        assert_eq!(divided(333, &[2, 2, 2, 2, 1, 0]), [74, 74, 74, 74, 37, 0]);
        assert_eq!(divided(1000, &[1_000_000, 1, 0]), [1000, 0, 0]);
        assert_eq!(divided(1000, &[]), [0; 0]);
        assert_eq!(divided(1000, &[0, 0]), [0, 0]);
        for counts in [[3, 5, 7, 11], [u64::MAX, 1, u64::MAX, 3], [0, 1, 998, 2]] {
            for tenths in [1000, 777, 1] {
                assert_eq!(divided(tenths, &counts).iter().sum::<u64>(), tenths, "{counts:?}");
            }
        }
    }
}
