//! The entry point of the comparison: its options, and the methods that run it.

use super::differences::Differences;
use super::digest::Reading;
use super::error::CompareError;
use super::files::Files;
use super::first_pass::FirstPass;
use super::report::{Report, Side};
use super::second_pass::SecondPass;
use crate::error::Result;
use crate::pipeline::{Input, Pipeline, Progress};
use crate::record::ReadOptions;

/// Compares two sets of users. See the [module](super) for what counts as a difference.
///
/// ```
/// use reimport::compare::{Comparison, Differences, Differing};
///
/// #[derive(Default)]
/// struct Paths(Vec<String>);
///
/// impl Differences for Paths {
///     fn changed(&mut self, user: Differing<'_>) -> reimport::Result<()> {
///         self.0.extend(user.changes.iter().map(|change| format!("{} {}", change.path, change.kind)));
///         Ok(())
///     }
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let (part, export) = (folder.path().join("users-00001.json"), folder.path().join("tenant.json"));
/// # std::fs::write(&part, r#"[{"email":"a@example.com","user_id":"1","app_metadata":{"crm_id":9007199254740993}}]"#).unwrap();
/// # std::fs::write(&export, r#"{"email":"a@example.com","user_id":"auth0|1","app_metadata":{"crm_id":9007199254740992}}"#).unwrap();
/// let mut paths = Paths::default();
/// let report = Comparison::new().verify([part], [export], &mut paths)?;
/// assert_eq!((report.same, report.changed, report.missing), (0, 1, 0));
/// assert_eq!(paths.0, ["app_metadata.crm_id lost-digits"]);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Comparison {
    read: ReadOptions,
    held_bytes: usize,
    progress: Progress,
    /// Read only the records of the old side that are needed, if these are few. False only in tests.
    pieces: bool,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            read: ReadOptions::default(),
            held_bytes: 64 << 20,
            progress: Progress::default(),
            pieces: true,
        }
    }
}

impl Comparison {
    /// Creates a comparison with default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the options for reading both sides.
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.read = options;
        self
    }

    /// Sets how many bytes of records that differ are held in memory to find the paths that differ. The default is 64
    /// MiB. If those of both sides together are larger, the new side is read again. If the changed records of the old
    /// side alone are larger, both sides are read again for each batch of this size.
    pub fn held_bytes(mut self, bytes: usize) -> Self {
        self.held_bytes = bytes;
        self
    }

    /// Reports progress to `progress`. Its bytes are those of all reads of both sides together, and each record counts
    /// once. A side is read a second time only if there are many differences.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Checks that the users of `parts` arrived, using an export of the target tenant made after the import.
    ///
    /// # Errors
    /// Returns an error if an input is not a regular file, is damaged or changes during the comparison, if no
    /// record of a side has an identifier, or if `differences` fails.
    pub fn verify(
        &self,
        parts: impl IntoIterator<Item = impl Into<Input>>,
        new: impl IntoIterator<Item = impl Into<Input>>,
        differences: &mut impl Differences,
    ) -> Result<Report> {
        let (old, new) = (Files::new(parts, "of the parts")?, Files::new(new, "of the new export")?);
        let first = FirstPass::new(self.pipeline(), [Reading::Part, Reading::Arrived]).run(
            &old,
            &new,
            self.held_bytes,
        )?;
        let both = "a user_id or an email";
        check(&first.report.old, "of the parts", both, "give the parts that were uploaded")?;
        check(&first.report.new, "of the new export", both, "export the users with both fields")?;
        self.second_pass(first).run(&old, &new, differences)
    }

    /// Finds the differences between two exports of the same tenant.
    ///
    /// # Errors
    /// Returns an error if an input is not a regular file, is damaged or changes during the comparison, if no
    /// record of a side has a `user_id`, or if `differences` fails.
    pub fn delta(
        &self,
        old: impl IntoIterator<Item = impl Into<Input>>,
        new: impl IntoIterator<Item = impl Into<Input>>,
        differences: &mut impl Differences,
    ) -> Result<Report> {
        let (old, new) = (Files::new(old, "of the old export")?, Files::new(new, "of the new export")?);
        let first = FirstPass::new(self.pipeline(), [Reading::Export, Reading::Export]).run(
            &old,
            &new,
            self.held_bytes,
        )?;
        let remedy = "export the users with their user_id";
        check(&first.report.old, "of the old export", "a user_id", remedy)?;
        check(&first.report.new, "of the new export", "a user_id", remedy)?;
        self.second_pass(first).run(&old, &new, differences)
    }

    /// Always reads the old side again as a whole, as if many of its records differed.
    #[cfg(test)]
    pub(super) fn without_pieces(mut self) -> Self {
        self.pieces = false;
        self
    }

    fn second_pass(&self, mut first: FirstPass) -> SecondPass {
        first.pipeline = first.pipeline.progress(self.progress.rereading());
        let max_record_bytes = self.read.max_record_bytes;
        let progress = self.progress.clone();
        SecondPass { first, held_bytes: self.held_bytes, pieces: self.pieces, max_record_bytes, progress }
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new().read_options(self.read.clone()).progress(self.progress.clone())
    }
}

/// Returns an error if the side has records, but none with a key.
fn check(side: &Side, name: &'static str, key: &'static str, remedy: &'static str) -> Result<()> {
    let records = side.read - side.unreadable;
    if side.without_key.as_ref().is_some_and(|without| without.records == records) {
        return Err(CompareError::NoKey { records, side: name, key, remedy }.into());
    }
    Ok(())
}
