//! [`Parts`]: a folder with parts, skipped and rejected records, and a manifest. It is published complete or not at
//! all.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::connections::{FolderNames, PerConnection};
use super::disk::Output;
use super::frame::Frame;
use super::framed::Framing;
use super::lazy::LazyFile;
use super::leftover::SkippedFile;
use super::lines::Lines;
use super::part::Limits;
use super::publish::{FolderDraft, OwnNames, create_private_folder, sync_folder};
use super::rejected::RejectsFile;
use super::series::{PartForm, Series, write_manifest};
use super::side_files::SideFiles;
use super::syncer::Syncer;
use crate::error::Result;
use crate::parts_folder::{ConnectionFolder, Manifest, PartInfo, Totals};
use crate::run::{
    CsvDelimiter, OutputName, PartNames, Rejected, Rendering, SideFile, Sink, Skipped, Summary, Written,
};

/// Maximum size of a file for an import job, in bytes.
pub const MAX_PART_BYTES: u64 = 500_000;

/// Maximum memory for the unfinished parts of all connections, in bytes. Above it, they are written to their files.
const HELD: usize = 8 * 1024 * 1024;

/// Options of [`Parts`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PartsOptions {
    /// Maximum size of a part, in bytes. A part ends only when the next user would exceed a limit. Default:
    /// [`MAX_PART_BYTES`].
    pub max_part_bytes: u64,
    /// Maximum number of users in a part. Default: no limit.
    pub max_part_users: Option<u64>,
    /// Maximum size of `rejected.ndjson`, in bytes. If it is exceeded, the run fails. Default: no limit.
    pub max_reject_bytes: Option<u64>,
    /// Whether an earlier output may be replaced. Default: no. Only a folder in which every file has a name that
    /// runs write is replaced. A folder with an upload journal is never replaced.
    pub force: bool,
    /// Whether each connection has its own folder. Default: no.
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
    /// Sets the maximum size of a part, in bytes.
    pub fn max_part_bytes(self, max_part_bytes: u64) -> Self {
        Self { max_part_bytes, ..self }
    }

    /// Sets the maximum number of users in a part: a number, or `None` for no limit.
    pub fn max_part_users(self, max_part_users: impl Into<Option<u64>>) -> Self {
        Self { max_part_users: max_part_users.into(), ..self }
    }

    /// Sets the maximum size of `rejected.ndjson`, in bytes, or `None` for no limit. If it is exceeded, the run fails.
    pub fn max_reject_bytes(self, max_reject_bytes: impl Into<Option<u64>>) -> Self {
        Self { max_reject_bytes: max_reject_bytes.into(), ..self }
    }

    /// Sets whether an earlier output may be replaced.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Sets whether each connection has its own folder.
    pub fn by_connection(self, by_connection: bool) -> Self {
        Self { by_connection, ..self }
    }
}

/// Writes a folder of import files. The folder appears complete, at the end of the run.
///
/// It contains:
///
/// * `users-00001.json` and so on: the parts. Each is a JSON array of users, and is not larger than
///   [`max_part_bytes`](PartsOptions::max_part_bytes).
/// * `lines.ndjson`: the source lines of the users ([`PartLines`](crate::parts_folder::PartLines)).
/// * If not empty: `skipped.ndjson`, `rejected.ndjson` ([`RejectedRecord`](super::RejectedRecord)), and the side
///   files ([`SideFile`]).
/// * `manifest.json` ([`Manifest`]), which is written last.
///
/// Files have mode 0600 and folders 0700, for any umask. Everything is synced.
///
/// The folder is built under a temporary name next to its target. If the sink is dropped without
/// [`finish`](Sink::finish), nothing is left.
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
    // The syncer is dropped before the draft, because it may still have files of the draft open.
    syncer: Syncer,
    limits: Limits,
    max_bytes: u64,
    max_users: Option<u64>,
    framing: Framing,
    form: PartForm,
    /// One series per connection. If connections have no folders of their own, there is a single series under
    /// `None`.
    series: PerConnection<Series>,
    /// Set if each connection has its own folder.
    by_connection: Option<ByConnection>,
    skipped: SkippedFile,
    lists: SideFiles,
    rejected: RejectsFile,
    options: BTreeMap<String, serde_json::Value>,
    details: BTreeMap<String, serde_json::Value>,
    /// The connections of users that name none, by the name of their source.
    connections: HashMap<String, String>,
    draft: FolderDraft,
}

struct ByConnection {
    /// Lines of skipped records. The lines of parts are in the folders of their connections.
    lines: Lines,
    names: FolderNames,
    folders: Vec<String>,
    held: usize,
}

/// The result of publishing [`Parts`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedParts {
    /// The path of the folder.
    pub folder: PathBuf,
    /// The manifest, as written. If each connection has its own folder, its `parts` are empty, and its `connections`
    /// list the folders. [`parts`](Self::parts) has the parts in both cases.
    pub manifest: Manifest,
    /// The manifests of the connection folders, in the order of [`Manifest::connections`]. Empty if connections have no
    /// folders of their own.
    pub connections: Vec<Manifest>,
    /// Whether a replaced earlier output is completely removed. If not, the rest is next to the folder, under a
    /// name that starts with a dot and contains `.reimport-`.
    pub old_removed: bool,
}

impl PublishedParts {
    /// Returns all parts with their paths, in the order of the folders. If each connection has its own folder, the parts
    /// of all connections.
    ///
    /// ```
    /// # let home = tempfile::tempdir()?;
    /// # let out = home.path().join("parts");
    /// use reimport::import::Connections;
    /// use reimport::sink::{Parts, PartsOptions};
    /// use reimport::{Pipeline, Rules, source::Source};
    ///
    /// let export = br#"{"email":"a@example.com","identities":[{"provider":"auth0","connection":"Users"}]}"#;
    /// let source = Source::from_reader("tenant.json", &export[..]);
    /// let parts = Parts::create(&out, PartsOptions::default().by_connection(true))?;
    /// let rules = Rules::default().connections(Connections::Any);
    /// let (_, published) = Pipeline::new().run([source], &rules, parts)?;
    /// for (path, part) in published.parts() {
    ///     assert_eq!((path, part.users), (out.join("Users/users-00001.json"), 1));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parts(&self) -> impl Iterator<Item = (PathBuf, &PartInfo)> {
        let of_connections = self.manifest.connections.iter().zip(&self.connections);
        let folders = of_connections.map(|(folder, manifest)| (self.folder.join(&folder.folder), manifest));
        let folders = std::iter::once((self.folder.clone(), &self.manifest)).chain(folders);
        folders.flat_map(|(folder, manifest)| {
            manifest.parts.iter().map(move |part| (folder.join(&part.file), part))
        })
    }
}

impl Parts {
    /// Makes all checks that are possible before the first record, and creates the folder under a temporary name.
    ///
    /// # Errors
    /// [`OutputError`] if `out` is not empty (without [`force`](PartsOptions::force)), is not a folder or a free
    /// name, is not writable, or must not be replaced. Also if the options leave no room for any user.
    pub fn create(out: impl AsRef<Path>, options: PartsOptions) -> Result<Self> {
        let limits = Limits::new(options.max_part_bytes, options.max_part_users)?;
        Ok(Self::of(FolderDraft::create(out.as_ref(), options.force, OwnNames::OfRun)?, limits, options))
    }

    /// Creates the parts in a folder that is itself a draft. `shown` is the path of the parts after the outer draft
    /// is published.
    pub(super) fn inside(
        out: &Path,
        shown: PathBuf,
        options: PartsOptions,
    ) -> std::result::Result<Self, OutputError> {
        let limits = Limits::new(options.max_part_bytes, options.max_part_users)?;
        Ok(Self::of(
            FolderDraft::create(out, options.force, OwnNames::OfRun)?.shown_as(shown),
            limits,
            options,
        ))
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
            max_bytes: options.max_part_bytes,
            max_users: options.max_part_users,
            framing: Framing::Array,
            form: PartForm::default(),
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

    /// Sets the framing of the parts, for programs other than the import: `part-00000.ndjson` and so on. Each CSV part begins
    /// with the header. The limits of a part include its frame. Default: import files.
    ///
    /// ```
    /// # let home = tempfile::tempdir()?;
    /// # let out = home.path().join("parts");
    /// use reimport::sink::{Framing, Parts, PartsOptions};
    /// use reimport::{CsvFormat, Pipeline, Projection, source::Source};
    ///
    /// let options = PartsOptions::default().max_part_users(1);
    /// let parts = Parts::create(&out, options)?.framed(Framing::Csv(CsvFormat::default()))?;
    /// let export = &b"{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n"[..];
    /// let projection = Projection::builder().field("email")?.build()?;
    /// Pipeline::new().run([Source::from_reader("tenant.json", export)], &projection, parts)?;
    /// assert_eq!(std::fs::read(out.join("part-00001.csv"))?, b"email\nb@example.com\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OutputError::PartTooSmall`] if the frame leaves no room for a user.
    pub fn framed(mut self, framing: Framing) -> Result<Self> {
        let end = match &framing {
            Framing::Csv(format) if format.delimiter == CsvDelimiter::Tab => "tsv",
            Framing::Csv(_) => "csv",
            Framing::Ndjson => "ndjson",
            Framing::Array | Framing::Wrapped(_) => "json",
        };
        self.framing = framing;
        self.form.names = PartNames::Other(end);
        self.set_header(b"")?;
        Ok(self)
    }

    /// Sets the header of CSV parts.
    fn set_header(&mut self, header: &[u8]) -> std::result::Result<(), OutputError> {
        self.form.frame = Frame::of(&self.framing, header);
        self.limits = Limits::framed(self.max_bytes, self.max_users, &self.form.frame)?;
        Ok(())
    }

    /// Sets [`Manifest::options`], the options of the run. They must not contain a time or an absolute path.
    pub fn describe(mut self, options: BTreeMap<String, serde_json::Value>) -> Self {
        self.options = options;
        self
    }

    /// Adds a section to [`Manifest::details`].
    pub fn detail(mut self, name: impl Into<String>, section: serde_json::Value) -> Self {
        self.details.insert(name.into(), section);
        self
    }

    /// Sets the connection of the users of a source who name no connection, such as the users of a part. Used with
    /// [`by_connection`](PartsOptions::by_connection).
    pub fn connection(mut self, source: impl AsRef<Path>, connection: impl Into<String>) -> Self {
        // The same string as the name of the source.
        self.connections.insert(source.as_ref().to_string_lossy().into_owned(), connection.into());
        self
    }

    #[inline]
    fn push(&mut self, written: &Written<'_>) -> std::result::Result<(), OutputError> {
        let Self { by_connection, connections, draft, series, limits, form, .. } = self;
        let Some(by) = by_connection else {
            return only(series, draft, form, *limits)?.push(written, *limits, &mut self.syncer);
        };
        let of_source = || connections.get(&**written.origin.source).map(String::as_str);
        let connection = written.connection.or_else(of_source);
        let one = series.of(connection, || by.begin(connection, form, *limits, draft.path()))?;
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
            None => only(&mut self.series, &self.draft, &self.form, self.limits)?.skip(skipped.origin)?,
        }
        self.skipped.push(skipped)
    }

    /// Ends every file, then publishes the folder.
    fn publish(self, summary: &Summary) -> std::result::Result<PublishedParts, OutputError> {
        // The bindings are dropped in reverse order. If a step fails, all files are closed before the draft is
        // removed, because removing it needs file descriptors.
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
        // All files that a manifest lists must be on the disk before the manifest is written.
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
    /// Begins the series of a new connection.
    fn begin(
        &mut self,
        connection: Option<&str>,
        form: &PartForm,
        limits: Limits,
        top: &Path,
    ) -> std::result::Result<Series, OutputError> {
        let name = self.names.name(connection);
        let folder = top.join(&name);
        create_private_folder(&folder)?;
        self.folders.push(name);
        Ok(Series::new(folder, form, limits, true))
    }
}

/// Returns the single series of all users, for an output without connection folders.
#[inline]
fn only<'s>(
    series: &'s mut PerConnection<Series>,
    draft: &FolderDraft,
    form: &PartForm,
    limits: Limits,
) -> std::result::Result<&'s mut Series, OutputError> {
    series.of(None, || Ok(Series::new(draft.path().to_owned(), form, limits, false)))
}

impl Sink for Parts {
    type Finished = PublishedParts;

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    fn rendering(&self) -> Rendering {
        self.framing.rendering()
    }

    fn max_record_bytes(&self) -> Option<u64> {
        Some(self.limits.max_record_bytes())
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        Ok(self.set_header(header)?)
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

/// Returns the manifest of a connection folder. Its totals count the users of this connection.
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
