//! Counts the users of a part by result, from the data that the tenant returns about its job. The numbers are used
//! only if they add up to the users of the part.

use crate::errors_of_job::JobErrors;
use crate::job::Summary;

/// A job that has ended, and its part.
pub(super) struct Ended<'a> {
    /// The number of users in the part.
    pub(super) users: u64,
    pub(super) upsert: bool,
    /// True if the users may have been imported when the part was sent before.
    pub(super) unsettled: bool,
    pub(super) failed_as_a_whole: bool,
    pub(super) summary: Option<&'a Summary>,
    pub(super) errors: Errors<'a>,
}

/// The errors of the job.
#[derive(Clone, Copy)]
pub(super) enum Errors<'a> {
    /// The list is empty, or there is none.
    None,
    /// The list is longer than the limit for reading.
    TooLong,
    /// The list that was read.
    Read(&'a JobErrors),
}

/// The number of users for each result. The sum is the number of users in the part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) already_there: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
}

impl Ended<'_> {
    /// Returns the counts, or the reason why they are unknown.
    pub(super) fn counts(&self) -> Result<Counts, &'static str> {
        let errors = match self.errors {
            Errors::None => None,
            Errors::TooLong => return Err("the list of errors is too long to be read"),
            Errors::Read(errors) => Some(errors),
        };
        let refused = errors.map_or(0, |errors| errors.users().len() as u64);
        let existing = if self.unsettled { errors.map_or(0, JobErrors::already_there) } else { 0 };
        let reported =
            self.summary.map(|summary| (summary.inserted, summary.updated, summary.failed, summary.total));
        let (inserted, updated) = match reported {
            Some((inserted, updated, failed, total)) if inserted.or(updated).or(failed).is_some() => {
                let (inserted, updated) = (inserted.unwrap_or(0), updated.unwrap_or(0));
                let all = inserted.checked_add(updated).and_then(|all| all.checked_add(failed.unwrap_or(0)));
                // A job that failed halfway does not report the remaining users.
                let adds_up = all.is_some_and(|all| match failed {
                    Some(_) if !self.failed_as_a_whole => all == self.users,
                    _ => all <= self.users,
                });
                if !adds_up || total.is_some_and(|total| total != self.users && !self.failed_as_a_whole) {
                    return Err("the numbers of the job do not add up to the users of the part");
                }
                (inserted, updated)
            }
            _ if self.failed_as_a_whole => (0, 0),
            _ if errors.is_some_and(JobErrors::is_undocumented) => {
                return Err("the job has no numbers, and its list of errors is undocumented");
            }
            _ => {
                let done = self.users.saturating_sub(refused);
                if self.upsert { (0, done) } else { (done, 0) }
            }
        };
        // These subtractions do not saturate: the sum was checked above.
        let rest = self.users.saturating_sub(inserted).saturating_sub(updated);
        // A user can be counted as updated and also be in the list, if its MFA factors failed.
        if refused > self.users || existing > rest {
            return Err("the list of errors has more entries than the part has users that can be refused");
        }
        Ok(Counts {
            inserted,
            updated,
            already_there: existing,
            failed: rest.saturating_sub(existing),
            unknown: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(users: usize, code: &str) -> JobErrors {
        let entry = format!("{{\"errors\":[{{\"code\":\"{code}\"}}]}}");
        JobErrors::from_text(format!("[{}]", vec![entry; users].join(",")))
    }

    fn counts(
        summary: &str,
        errors: Option<&JobErrors>,
        change: impl FnOnce(&mut Ended<'_>),
    ) -> Result<[u64; 5], &'static str> {
        let summary: Option<Summary> = serde_json::from_str(summary).unwrap();
        let mut ended = Ended {
            users: 5,
            upsert: false,
            unsettled: false,
            failed_as_a_whole: false,
            summary: summary.as_ref(),
            errors: errors.map_or(Errors::None, Errors::Read),
        };
        change(&mut ended);
        let Counts { inserted, updated, already_there, failed, unknown } = ended.counts()?;
        assert_eq!(inserted + updated + already_there + failed + unknown, 5);
        Ok([inserted, updated, already_there, failed, unknown])
    }

    #[test]
    fn counts_that_add_up_are_used() {
        let two = errors(2, "X");
        let existing = errors(2, "DUPLICATED_USER");
        let all = r#"{"inserted":2,"updated":1,"failed":2,"total":5}"#;
        assert_eq!(counts(all, Some(&two), |_| {}), Ok([2, 1, 0, 2, 0]));
        assert_eq!(counts(all, Some(&existing), |ended| ended.unsettled = true), Ok([2, 1, 2, 0, 0]));
        assert_eq!(
            counts(all, Some(&existing), |_| {}),
            Ok([2, 1, 0, 2, 0]),
            "sent once: the users existed before"
        );
        assert_eq!(counts(r#"{"inserted":3}"#, Some(&two), |_| {}), Ok([3, 0, 0, 2, 0]));
        assert_eq!(counts("null", Some(&two), |_| {}), Ok([3, 0, 0, 2, 0]));
        assert_eq!(counts("null", Some(&two), |ended| ended.upsert = true), Ok([0, 3, 0, 2, 0]));
        assert_eq!(counts("{}", None, |_| {}), Ok([5, 0, 0, 0, 0]));
        assert_eq!(counts("null", None, |ended| ended.failed_as_a_whole = true), Ok([0, 0, 0, 5, 0]));
        let half = r#"{"inserted":2,"updated":0,"failed":1,"total":3}"#;
        assert_eq!(counts(half, Some(&two), |ended| ended.failed_as_a_whole = true), Ok([2, 0, 0, 3, 0]));
    }

    #[test]
    fn inconsistent_counts_are_unknown() {
        const SUM: &str = "the numbers of the job do not add up to the users of the part";
        for summary in [
            r#"{"inserted":1000000}"#,
            r#"{"inserted":5,"failed":5}"#,
            r#"{"inserted":5,"updated":0,"failed":0,"total":6}"#,
            r#"{"inserted":18446744073709551615,"updated":18446744073709551615,"failed":7}"#,
            r#"{"inserted":1,"updated":0,"failed":0,"total":5}"#,
        ] {
            assert_eq!(counts(summary, None, |_| {}), Err(SUM), "{summary}");
        }
        let six = errors(6, "X");
        assert!(counts("null", Some(&six), |_| {}).is_err());
        assert!(counts("null", Some(&six), |ended| ended.failed_as_a_whole = true).is_err());
        let odd = JobErrors::from_text("<html>");
        assert!(counts("null", Some(&odd), |_| {}).is_err());
        assert_eq!(counts(r#"{"inserted":4,"failed":1}"#, Some(&odd), |_| {}), Ok([4, 0, 0, 1, 0]));
        assert!(counts(r#"{"inserted":5}"#, None, |ended| ended.errors = Errors::TooLong).is_err());
    }
}
