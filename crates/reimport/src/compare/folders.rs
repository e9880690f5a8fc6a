//! The output folders of a comparison. A folder is published as a whole or not at all. It contains no empty files.
//!
//! After an import: `missing/` (parts of the users that did not arrive, ready for upload), `changed.ndjson` (the
//! users that differ, with the field paths, never a value) and `extra.ndjson` (records). Between two exports:
//! `new.ndjson` and `changed.ndjson` (records of the later export) and `gone.csv`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::differences::{Differences, Differing};
use super::report::Report;
use crate::csv_row::RowWriter;
use crate::error::Result;
use crate::json::escape_into;
use crate::run::{OutputName, Sink};
use crate::sink::{Folder, OutputError, Parts, PartsOptions, PublishedParts};

/// Writes the users that are missing, changed and extra after an import to a new folder.
///
/// `missing/` is written by [`Parts`]: each user as in the part, including the password hash, with its own
/// manifest. A line of `changed.ndjson` is `{"user_id":…,"changes":[{"path":…,"kind":…}]}` with the `user_id` of
/// the new export, or with `"email"` if the record has no `user_id`. `extra.ndjson` contains records of the new
/// export.
///
/// ```
/// use reimport::compare::{Comparison, VerifyFolder};
/// use reimport::sink::PartsOptions;
///
/// # let home = tempfile::tempdir().unwrap();
/// # let (part, export, out) = (home.path().join("p.json"), home.path().join("e.json"), home.path().join("out"));
/// # std::fs::write(&part, r#"[{"user_id":"1","email":"a@example.com"},{"user_id":"2","email":"b@example.com"}]"#).unwrap();
/// # std::fs::write(&export, r#"{"user_id":"auth0|1","email":"a@example.com"}"#).unwrap();
/// let mut folder = VerifyFolder::create(&out, PartsOptions::default())?;
/// let report = Comparison::new().verify([part], [export], &mut folder)?;
/// let published = folder.finish(&report)?;
/// assert_eq!(published.missing.map(|parts| parts.manifest.totals.written), Some(1));
/// # let text = std::fs::read_to_string(out.join("missing/users-00001.json")).unwrap();
/// # assert_eq!(text, "[\n{\"user_id\":\"2\",\"email\":\"b@example.com\"}\n]");
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct VerifyFolder {
    // The parts are built inside the folder, so this field must be dropped first: keep it before `folder`.
    missing: Parts,
    folder: Folder,
}

/// The result of publishing a [`VerifyFolder`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedVerify {
    /// The path of the folder.
    pub folder: PathBuf,
    /// The parts in it, if users are missing.
    pub missing: Option<PublishedParts>,
    /// True if an earlier output that was replaced is completely removed.
    pub old_removed: bool,
}

impl VerifyFolder {
    /// Checks everything that can be checked before the comparison, and creates the folder under a temporary name.
    /// `options` apply to the parts, except [`force`](PartsOptions::force), which applies to the whole folder.
    ///
    /// # Errors
    /// The same as [`Parts::create`].
    pub fn create(out: impl AsRef<Path>, options: PartsOptions) -> Result<Self> {
        let folder = Folder::create(out.as_ref(), options.force)?;
        let missing = folder.parts(OutputName::Missing, options.force(false))?;
        Ok(Self { missing, folder })
    }

    /// Sets the options of the run that wrote the parts, for the [`Manifest`](crate::parts_folder::Manifest) of the
    /// missing users.
    pub fn describe(self, options: BTreeMap<String, serde_json::Value>) -> Self {
        Self { missing: self.missing.describe(options), ..self }
    }

    /// Adds a section to the manifest of the missing users.
    pub fn detail(self, name: impl Into<String>, section: serde_json::Value) -> Self {
        Self { missing: self.missing.detail(name, section), ..self }
    }

    /// Sets the connection of the users of a part. See [`Parts::connection`].
    pub fn connection(self, part: impl AsRef<Path>, connection: impl Into<String>) -> Self {
        Self { missing: self.missing.connection(part, connection), ..self }
    }

    /// Checks that no input file is inside the folder that would be replaced.
    ///
    /// # Errors
    /// [`OutputError::InputInside`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.folder.refuse_inputs(inputs)?)
    }

    /// Publishes the folder. `report` is the result of the comparison.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be published. Nothing is published then.
    pub fn finish(self, report: &Report) -> Result<PublishedVerify> {
        let Self { missing, folder, .. } = self;
        let out = folder.out().to_owned();
        let missing = if report.missing > 0 {
            Some(missing.finish(&report.missing_run)?)
        } else {
            drop(missing);
            None
        };
        Ok(PublishedVerify { missing, old_removed: folder.publish()?, folder: out })
    }
}

impl Differences for VerifyFolder {
    fn missing(&mut self, user: Differing<'_>) -> Result<()> {
        self.missing.write(user.record)
    }

    fn changed(&mut self, user: Differing<'_>) -> Result<()> {
        Ok(self.folder.line(OutputName::Changed, None, |out| write_changes(&user, out))?)
    }

    fn extra(&mut self, user: Differing<'_>) -> Result<()> {
        Ok(record_line(&mut self.folder, OutputName::Extra, &user)?)
    }
}

/// Writes the users that are new, changed and gone between two exports to a new folder.
///
/// `new.ndjson` and `changed.ndjson` contain records of the later export, to insert and to update. `gone.csv` has
/// the columns `user_id` and `email`.
pub struct DeltaFolder {
    folder: Folder,
    row: RowWriter,
}

impl DeltaFolder {
    /// Checks everything that can be checked before the comparison, and creates the folder under a temporary name.
    /// With `force`, an earlier output may be replaced.
    ///
    /// # Errors
    /// [`OutputError`] if the folder cannot be created there.
    pub fn create(out: impl AsRef<Path>, force: bool) -> Result<Self> {
        Ok(Self { folder: Folder::create(out.as_ref(), force)?, row: RowWriter::default() })
    }

    /// Checks that no input file is inside the folder that would be replaced.
    ///
    /// # Errors
    /// [`OutputError::InputInside`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.folder.refuse_inputs(inputs)?)
    }

    /// Publishes the folder. Returns true if an earlier output that was replaced is completely removed.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be published. Nothing is published then.
    pub fn finish(self) -> Result<bool> {
        Ok(self.folder.publish()?)
    }
}

impl Differences for DeltaFolder {
    fn missing(&mut self, user: Differing<'_>) -> Result<()> {
        let cells = [user.user_id, user.email].map(Option::unwrap_or_default);
        let Self { folder, row } = self;
        Ok(folder.line(OutputName::Gone, Some("user_id,email"), |out| row.escaped_row(cells, out))?)
    }

    fn changed(&mut self, user: Differing<'_>) -> Result<()> {
        Ok(record_line(&mut self.folder, OutputName::Changed, &user)?)
    }

    fn extra(&mut self, user: Differing<'_>) -> Result<()> {
        Ok(record_line(&mut self.folder, OutputName::New, &user)?)
    }
}

fn record_line(
    folder: &mut Folder,
    name: OutputName,
    user: &Differing<'_>,
) -> std::result::Result<(), OutputError> {
    folder.line(name, None, |out| out.extend_from_slice(user.record.bytes))
}

fn write_changes(user: &Differing<'_>, out: &mut Vec<u8>) {
    let (name, value) = match (user.user_id, user.email) {
        (None, Some(email)) => ("email", Some(email)),
        (id, _) => ("user_id", id),
    };
    out.push(b'{');
    escape_into(name, out);
    out.push(b':');
    match value {
        Some(value) => escape_into(value, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"changes\":[");
    for (at, change) in user.changes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"path\":");
        escape_into(&change.path.to_string(), out);
        out.extend_from_slice(b",\"kind\":");
        escape_into(change.kind.name(), out);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}
