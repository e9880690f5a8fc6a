//! Tests of the comparison: against naive implementations, and for exact messages.

mod behaviour;
mod delta;
mod folders;
mod large;
mod oracle;
mod population;
mod values;

use std::path::{Path, PathBuf};

use super::{Comparison, Differences, Differing, Report};
use crate::error::Result;

/// Everything that was reported, in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Recorded {
    /// The records of missing users, as received.
    missing: Vec<String>,
    /// The ID of each changed user, and each path with its kind.
    changed: Vec<(String, Vec<String>)>,
    /// The new records of the changed users.
    records: Vec<String>,
    extra: Vec<String>,
    /// The ID and e-mail address of the missing users.
    gone: Vec<(Option<String>, Option<String>)>,
    /// The number of missing users with a password.
    passwords: usize,
}

fn record(user: &Differing<'_>) -> String {
    String::from_utf8(user.record.bytes.to_vec()).expect("it was text")
}

impl Differences for Recorded {
    fn missing(&mut self, user: Differing<'_>) -> Result<()> {
        self.missing.push(record(&user));
        self.gone.push((user.user_id.map(Into::into), user.email.map(Into::into)));
        self.passwords += usize::from(user.record.password);
        Ok(())
    }

    fn changed(&mut self, user: Differing<'_>) -> Result<()> {
        let changes = user.changes.iter().map(|change| format!("{} {}", change.path, change.kind));
        self.changed.push((user.user_id.unwrap_or("").to_owned(), changes.collect()));
        self.records.push(record(&user));
        Ok(())
    }

    fn extra(&mut self, user: Differing<'_>) -> Result<()> {
        self.extra.push(record(&user));
        Ok(())
    }
}

/// The two inputs of a comparison, stored in files.
struct Inputs {
    folder: tempfile::TempDir,
}

impl Inputs {
    /// Writes `old` as a JSON array, like a part, and `new` as NDJSON.
    fn new(old: &[String], new: &[String]) -> Self {
        let inputs = Self { folder: tempfile::tempdir().expect("a folder") };
        inputs.write("old.json", &format!("[\n{}\n]", old.join(",\n")));
        // An empty side is written as `[]`, because an empty file is an error (a failed download).
        let new = if new.is_empty() { "[]".to_owned() } else { new.join("\n") };
        inputs.write("new.json", &new);
        inputs
    }

    fn of(old: &[&str], new: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Self::new(&owned(old), &owned(new))
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    fn verify(&self) -> (Report, Recorded) {
        self.verify_with(&Comparison::new())
    }

    fn verify_with(&self, comparison: &Comparison) -> (Report, Recorded) {
        let mut recorded = Recorded::default();
        let report = comparison
            .verify([self.path("old.json")], [self.path("new.json")], &mut recorded)
            .expect("both can be compared");
        (report, recorded)
    }

    fn delta(&self) -> (Report, Recorded) {
        self.delta_with(&Comparison::new())
    }

    fn delta_with(&self, comparison: &Comparison) -> (Report, Recorded) {
        let mut recorded = Recorded::default();
        let report = comparison
            .delta([self.path("old.json")], [self.path("new.json")], &mut recorded)
            .expect("both can be compared");
        (report, recorded)
    }
}

/// Returns the counts in the order same, changed, missing, extra.
fn counts(report: &Report) -> [u64; 4] {
    [report.same, report.changed, report.missing, report.extra]
}
