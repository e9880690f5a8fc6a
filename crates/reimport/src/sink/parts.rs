//! The import folder: parts cut by exact bytes, what could not come, and a manifest; published whole or not at all.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::connections::{FolderNames, PerConnection};
use super::disk::Output;
use super::lazy::LazyFile;
use super::leftover::SkippedFile;
use super::lines::Lines;
use super::part::Limits;
use super::publish::{FolderDraft, create_private_folder, sync_folder};
use super::rejected::RejectsFile;
use super::series::{Series, write_manifest};
use super::side_files::SideFiles;
use super::syncer::Syncer;
use crate::error::Result;
use crate::parts_folder::{ConnectionFolder, Manifest, PartInfo, Totals};
use crate::run::{OutputName, Rejected, SideFile, Sink, Skipped, Summary, Written};

/// What an import job takes at most, in bytes.
pub const MAX_PART_BYTES: u64 = 500_000;

/// Memory that the parts of many connections may hold together before they are written in pieces.
const HELD: usize = 8 * 1024 * 1024;

/// How [`Parts`] cuts and publishes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PartsOptions {
    /// No part is larger, and none is cut before the next user would make it so: [`MAX_PART_BYTES`].
    pub max_part_bytes: u64,
    /// No part has more users: no limit.
    pub max_part_users: Option<u64>,
    /// `rejected.ndjson` grows no larger; the run fails instead: no limit.
    pub max_reject_bytes: Option<u64>,
    /// An earlier output may be replaced: no. Only a folder that holds nothing but what runs write is, and never one
    /// with an upload journal.
    pub force: bool,
    /// Each connection has a folder of its own: no.
    pub by_connection: bool,
}

impl Default for PartsOptions {
    fn default() -> Self {
        Self {
            max_part_bytes: MAX_PART_BYTES,
            max_part_users: None,
            max_reject_bytes: None,
            force: false,
            by_connection: false,
        }
    }
}

impl PartsOptions {
    /// No part is larger.
    pub fn max_part_bytes(self, max_part_bytes: u64) -> Self {
        Self { max_part_bytes, ..self }
    }

    /// No part has more users.
    pub fn max_part_users(self, max_part_users: Option<u64>) -> Self {
        Self { max_part_users, ..self }
    }

    /// `rejected.ndjson` grows no larger; the run fails instead.
    pub fn max_reject_bytes(self, max_reject_bytes: Option<u64>) -> Self {
        Self { max_reject_bytes, ..self }
    }

    /// An earlier output may be replaced, or not.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Each connection has a folder of its own, or not.
    pub fn by_connection(self, by_connection: bool) -> Self {
        Self { by_connection, ..self }
    }
}

/// A folder of import-ready parts, which appears at once and complete when the run is over.
///
/// In it: `users-00001.json` and so on, each a JSON array of users and never above
/// [`max_part_bytes`](PartsOptions::max_part_bytes); `lines.ndjson` ([`PartLines`](crate::parts_folder::PartLines)); where not empty
/// `skipped.ndjson`, `rejected.ndjson` ([`RejectedRecord`](super::RejectedRecord)) and the lists of [`SideFile`]; and `manifest.json`
/// ([`Manifest`]), the last. Files are 0600 and folders 0700 whatever the umask, and synced.
///
/// It is built under a temporary name beside the folder; dropped without [`finish`](Sink::finish), nothing is left.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let out = home.path().join("parts");
/// use reimport::run::{Origin, Sink, Written};
/// use reimport::sink::{Parts, PartsOptions};
///
/// let mut parts = Parts::create(&out, PartsOptions::default())?;
/// let origin = Origin { source: &"tenant.json.gz".into(), position: reimport::Position::START };
/// parts.write(Written { bytes: br#"{"email":"a@example.com"}"#, origin, connection: None, password: false })?;
/// assert!(!out.exists());
/// let published = parts.finish(&reimport::Summary::default())?;
/// assert_eq!(published.manifest.parts[0].users, 1);
/// assert_eq!(std::fs::read(out.join("users-00001.json"))?, b"[\n{\"email\":\"a@example.com\"}\n]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Parts {
    // The syncer is dropped before the draft, whose files it may still hold open.
    syncer: Syncer,
    limits: Limits,
    /// One alone, of no connection, unless connections have folders of their own.
    series: PerConnection<Series>,
    /// Where connections have folders of their own.
    by_connection: Option<ByConnection>,
    skipped: SkippedFile,
    lists: SideFiles,
    rejected: RejectsFile,
    options: BTreeMap<String, serde_json::Value>,
    details: BTreeMap<String, serde_json::Value>,
    /// Of users that name no connection themselves, by the name of their source.
    connections: HashMap<String, String>,
    draft: FolderDraft,
}

struct ByConnection {
    /// Of what was skipped; those of the parts are in the folders of their connections.
    lines: Lines,
    names: FolderNames,
    folders: Vec<String>,
    held: usize,
}

/// What [`Parts`] published.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedParts {
    /// The folder.
    pub folder: PathBuf,
    /// Its manifest, as written.
    pub manifest: Manifest,
    /// The manifests of the folders of connections, in their order, where each has its own.
    pub connections: Vec<Manifest>,
    /// Whether all of an earlier output that was replaced is gone; where not, the rest is beside the folder under a
    /// name that starts with a dot and holds `.reimport-`.
    pub old_removed: bool,
}

impl Parts {
    /// Checks all that can be known before the first record, and begins the folder under a temporary name.
    ///
    /// # Errors
    /// [`OutputError`] where `out` is not empty (without [`force`](PartsOptions::force)), is not a folder or a free
    /// name, cannot be written or must not be replaced, or where the options fit no user.
    pub fn create(out: impl AsRef<Path>, options: PartsOptions) -> Result<Self> {
        let limits = Limits::new(options.max_part_bytes, options.max_part_users)?;
        Ok(Self::of(FolderDraft::create(out.as_ref(), options.force)?, limits, options))
    }

    /// The same in a folder that is a draft itself; `shown` is where the parts are once that is published.
    pub(super) fn inside(
        out: &Path,
        shown: PathBuf,
        options: PartsOptions,
    ) -> std::result::Result<Self, OutputError> {
        let limits = Limits::new(options.max_part_bytes, options.max_part_users)?;
        Ok(Self::of(FolderDraft::create(out, options.force)?.shown_as(shown), limits, options))
    }

    fn of(draft: FolderDraft, limits: Limits, options: PartsOptions) -> Self {
        let top = draft.path();
        let by_connection = options.by_connection.then(|| ByConnection {
            lines: Lines::new(LazyFile::new(top.join(OutputName::Lines))),
            names: FolderNames::default(),
            folders: Vec::new(),
            held: 0,
        });
        Self {
            syncer: Syncer::new(),
            limits,
            series: PerConnection::new(),
            by_connection,
            skipped: SkippedFile::new(LazyFile::new(top.join(OutputName::Skipped))),
            lists: SideFiles::new(top),
            rejected: RejectsFile::new(
                LazyFile::new(top.join(OutputName::Rejected)),
                options.max_reject_bytes,
            ),
            options: BTreeMap::new(),
            details: BTreeMap::new(),
            connections: HashMap::new(),
            draft,
        }
    }

    /// An error where one of the files that are about to be read lies in the folder that would be replaced, by
    /// whatever path or link.
    ///
    /// # Errors
    /// [`OutputError::InputInside`].
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// The options of the run, for [`Manifest::options`]. Neither a time nor an absolute path belongs there.
    pub fn describe(mut self, options: BTreeMap<String, serde_json::Value>) -> Self {
        self.options = options;
        self
    }

    /// One more section of the manifest, in [`Manifest::details`].
    pub fn detail(mut self, name: impl Into<String>, section: serde_json::Value) -> Self {
        self.details.insert(name.into(), section);
        self
    }

    /// The users of that source belong to that connection where they name none, as those of a part do: for
    /// [`by_connection`](PartsOptions::by_connection).
    pub fn connection(mut self, source: impl AsRef<Path>, connection: impl Into<String>) -> Self {
        // As a source is named.
        self.connections.insert(source.as_ref().to_string_lossy().into_owned(), connection.into());
        self
    }

    #[inline]
    fn push(&mut self, written: &Written<'_>) -> std::result::Result<(), OutputError> {
        let Self { by_connection, connections, draft, series, limits, .. } = self;
        let Some(by) = by_connection else {
            return only(series, draft, *limits)?.push(written, *limits, &mut self.syncer);
        };
        let of_source = || connections.get(&**written.origin.source).map(String::as_str);
        let connection = written.connection.or_else(of_source);
        let one = series.of(connection, || by.begin(connection, *limits, draft.path()))?;
        let before = one.capacity();
        one.push(written, *limits, &mut self.syncer)?;
        by.held = (by.held + one.capacity()).saturating_sub(before);
        if by.held > HELD {
            by.held = 0;
            series.iter_mut().try_for_each(Series::spill)?;
        }
        Ok(())
    }

    fn push_skipped(&mut self, skipped: &Skipped<'_>) -> std::result::Result<(), OutputError> {
        match &mut self.by_connection {
            Some(by) => by.lines.skip(skipped.origin)?,
            None => only(&mut self.series, &self.draft, self.limits)?.skip(skipped.origin)?,
        }
        self.skipped.push(skipped)
    }

    /// Ends every file, then publishes the folder.
    fn publish(self, summary: &Summary) -> std::result::Result<PublishedParts, OutputError> {
        // Dropped from the last to the first: where this fails, the files are closed before the draft is removed, which
        // takes descriptors.
        let Self {
            draft, options, details, rejected, lists, skipped, by_connection, series, mut syncer, ..
        } = self;
        let mut top = Manifest { options, details, ..Manifest::of(summary) };
        let mut connections = Vec::new();
        let side = |path: &Path, file: Option<Output>, syncer: &mut Syncer| match file {
            Some(file) => syncer.sync(path.to_owned(), file),
            None => Ok(()),
        };
        let path = skipped.path().to_owned();
        side(&path, skipped.finish()?, &mut syncer)?;
        let path = rejected.path().to_owned();
        side(&path, rejected.finish()?, &mut syncer)?;
        for (path, file) in lists.finish()? {
            syncer.sync(path, file)?;
        }
        let (mut folders, mut names) = (Vec::new(), None);
        if let Some(by) = by_connection {
            let path = by.lines.path().to_owned();
            side(&path, by.lines.finish()?, &mut syncer)?;
            names = Some(by.folders);
        }
        for (at, (connection, series)) in series.into_all().into_iter().enumerate() {
            let (folder, parts) = series.finish(&mut syncer)?;
            if let Some(names) = &names {
                let connection = connection.map(String::from);
                let manifest = of_connection(&top, connection.clone(), parts);
                top.connections.push(ConnectionFolder {
                    connection,
                    folder: names.get(at).cloned().unwrap_or_default(),
                    parts: manifest.parts.len() as u64,
                    users: manifest.totals.written,
                });
                folders.push(folder);
                connections.push(manifest);
            } else {
                top.parts = parts;
            }
        }
        // A manifest says that all it lists is safe on the disk.
        syncer.finish()?;
        for (folder, manifest) in folders.iter().zip(&connections) {
            write_manifest(folder, manifest)?;
        }
        write_manifest(draft.path(), &top)?;
        sync_folder(draft.path())?;
        let folder = draft.target().to_owned();
        let old_removed = draft.publish()?;
        Ok(PublishedParts { folder, manifest: top, connections, old_removed })
    }
}

impl ByConnection {
    /// The series of a connection that is new.
    fn begin(
        &mut self,
        connection: Option<&str>,
        limits: Limits,
        top: &Path,
    ) -> std::result::Result<Series, OutputError> {
        let name = self.names.name(connection);
        let folder = top.join(&name);
        create_private_folder(&folder)?;
        self.folders.push(name);
        Ok(Series::new(folder, limits, true))
    }
}

/// The series of all users, where connections have no folders of their own.
#[inline]
fn only<'s>(
    series: &'s mut PerConnection<Series>,
    draft: &FolderDraft,
    limits: Limits,
) -> std::result::Result<&'s mut Series, OutputError> {
    series.of(None, || Ok(Series::new(draft.path().to_owned(), limits, false)))
}

impl Sink for Parts {
    type Finished = PublishedParts;

    fn max_record_bytes(&self) -> Option<u64> {
        Some(self.limits.max_record_bytes())
    }

    #[inline]
    fn write(&mut self, written: Written<'_>) -> Result<()> {
        Ok(self.push(&written).map_err(|error| self.draft.shown().of(error))?)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        Ok(self.push_skipped(&skipped).map_err(|error| self.draft.shown().of(error))?)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        Ok(self.rejected.push(&rejected).map_err(|error| self.draft.shown().of(error))?)
    }

    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        Ok(self.lists.push(list, line).map_err(|error| self.draft.shown().of(error))?)
    }

    fn finish(self, summary: &Summary) -> Result<Self::Finished> {
        let shown = self.draft.shown();
        Ok(self.publish(summary).map_err(|error| shown.of(error))?)
    }
}

/// The manifest of one connection's folder: its totals are those of its users.
fn of_connection(top: &Manifest, connection: Option<String>, parts: Vec<PartInfo>) -> Manifest {
    let users = parts.iter().map(|part| part.users).sum();
    let with_password = parts.iter().map(|part| part.password_hashes).sum();
    Manifest {
        version: top.version,
        tool: top.tool.clone(),
        connection,
        sources: top.sources.clone(),
        options: top.options.clone(),
        user_ids: top.user_ids,
        totals: Totals { read: users, written: users, with_password, ..Totals::default() },
        limited: top.limited,
        parts,
        ..Manifest::default()
    }
}
