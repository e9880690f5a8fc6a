//! Uploaded parts: the files with users, and the connection of each file.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use reimport::import::is_exported;
use reimport::parts_folder::{PartsFolder, read_manifest};
use reimport::record::{Format, ReadOptions, Record};
use reimport::source::Source;
use reimport::{Category, OutputName, RecordReader};
use serde::Deserialize;
use serde_json::Value;

/// Files with users for an import.
#[derive(Default)]
pub(super) struct PartFiles {
    /// Each file with its connection, if that is known.
    pub(super) files: Vec<(PathBuf, Option<String>)>,
    /// Whether each connection gets its own folder.
    pub(super) by_connection: bool,
    /// The options of the run that wrote the files, if they are known.
    options: BTreeMap<String, Value>,
    /// The section about the exports in the manifest.
    pub(super) exports: Option<Value>,
}

impl PartFiles {
    /// Returns the parts of folders with a manifest, and the given files.
    pub(super) fn open(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut parts = Self::default();
        for path in paths {
            if path.is_dir() {
                parts.add_folder(&PartsFolder::open(path)?)?;
            } else {
                refuse_export(path)?;
                parts.files.push((path.clone(), None));
            }
        }
        let connections: HashSet<_> = parts.files.iter().map(|(_, connection)| connection).collect();
        parts.by_connection |= connections.len() > 1;
        Ok(parts)
    }

    /// Returns the parts that the manifest of a folder lists, and those of its folders of connections.
    pub(super) fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        ensure!(
            !folder.is_file(),
            "{}: expected the folder of parts, but this is a file; use --from to take the users from an export",
            folder.display()
        );
        let mut parts = Self::default();
        parts.add_folder(&PartsFolder::open(folder)?)?;
        Ok(parts)
    }

    /// Returns exports that are used instead of parts.
    pub(super) fn of_exports(exports: &[PathBuf]) -> Self {
        Self {
            files: exports.iter().map(|path| (path.clone(), None)).collect(),
            exports: super::origin::section(exports.iter().map(AsRef::as_ref)),
            ..Self::default()
        }
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Returns the names of the parts, by folder. The folder also has the files that their uploads kept.
    pub(super) fn by_folder(&self) -> BTreeMap<&Path, Vec<String>> {
        let mut folders: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
        for (path, _) in &self.files {
            if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                folders.entry(folder).or_default().push(name.to_string_lossy().into_owned());
            }
        }
        folders
    }

    /// Returns the options for the manifest of a run that writes these users again.
    pub(super) fn described(&self, max_part_bytes: u64) -> BTreeMap<String, Value> {
        let mut options = self.options.clone();
        options.remove("max_part_users");
        options.entry("by_connection".to_owned()).and_modify(|value| *value = self.by_connection.into());
        options.insert("max_part_bytes".to_owned(), max_part_bytes.into());
        options
    }

    fn add_folder(&mut self, folder: &PartsFolder) -> anyhow::Result<()> {
        let (before, manifest) = (self.files.len(), folder.manifest());
        let files = manifest.parts.iter().map(|part| (folder.part_path(part), manifest.connection.clone()));
        self.files.extend(files);
        for connection in folder.connections() {
            self.by_connection = true;
            self.add_folder(connection)?;
        }
        ensure!(
            self.files.len() > before,
            "{}: expected parts, but its manifest lists none",
            folder.path().display()
        );
        if self.options.is_empty() {
            self.options.clone_from(&manifest.options);
        }
        if self.exports.is_none() {
            self.exports = manifest.details.get("exports").cloned();
        }
        Ok(())
    }
}

/// Number of records that are read to detect the kind of a file.
const BEGINNING: usize = 100;

/// Evidence in the first records of a file about its kind.
#[derive(Default)]
struct Evidence {
    format: Option<Format>,
    /// Whether a record has a property that only exports have.
    exported: bool,
    /// Number of user ids that begin with `auth0|`, with another strategy, and with none.
    database: usize,
    other: usize,
    bare: usize,
}

impl Evidence {
    /// Reads the beginning of a file. Errors are ignored here: the command reports them when it reads the file.
    fn of(path: &Path) -> Self {
        let mut evidence = Self::default();
        // Only files are read: a pipe has no size, and can be read only once.
        let opened = Source::open(path).ok().filter(|source| source.size().is_some());
        let reader = opened.and_then(|source| RecordReader::open(source, &ReadOptions::default()).ok());
        let Some(mut reader) = reader else { return evidence };
        for _ in 0..BEGINNING {
            match reader.next_record() {
                Ok(Some(record)) => evidence.add(record),
                Err(error) if error.category() == Category::Record => {}
                Ok(None) | Err(_) => break,
            }
        }
        evidence.format = Some(reader.format());
        evidence
    }

    fn add(&mut self, record: Record<'_>) {
        self.exported |= is_exported(record);
        let Ok(id) = serde_json::from_str::<UserId>(record.json()) else { return };
        match id.user_id.as_deref() {
            Some(id) if id.starts_with("auth0|") => self.database += 1,
            Some(id) if id.contains('|') => self.other += 1,
            Some(_) => self.bare += 1,
            None => {}
        }
    }

    /// Returns why the file is not an import file, or `None` if it can be one.
    fn against_part(&self) -> Option<&'static str> {
        match self.format? {
            _ if self.exported => Some("it has properties that only exports have"),
            Format::Ndjson => Some("it is NDJSON, and an import file is one JSON array"),
            Format::Csv => Some("it is CSV, and an import file is one JSON array"),
            // A single id of an import file can begin with `auth0|` by chance, but not all ids.
            _ if self.database > 0 && self.bare == 0 => Some("its user_ids begin with auth0|"),
            _ => None,
        }
    }

    /// Whether the file is an import file. In an export, every id begins with a strategy.
    fn is_part(&self) -> bool {
        self.format == Some(Format::Array)
            && !self.exported
            && self.bare > 0
            && self.database + self.other == 0
    }
}

/// The user id of a record.
#[derive(Deserialize)]
struct UserId {
    user_id: Option<String>,
}

/// Returns an error if the file is an export and not a part.
fn refuse_export(path: &Path) -> anyhow::Result<()> {
    if is_listed(path) {
        return Ok(());
    }
    if let Some(why) = Evidence::of(path).against_part() {
        bail!(
            "{}: expected parts of an import, but this is an export ({why}); name the folder that reimport convert wrote, \
             or compare two exports with `reimport delta`",
            path.display()
        );
    }
    Ok(())
}

/// Returns what `path` is, if it is an import file or a folder of parts and not an export.
pub(super) fn not_an_export(path: &Path) -> Option<&'static str> {
    if path.join(OutputName::Manifest).is_file() {
        return Some("a folder of parts");
    }
    (is_listed(path) || Evidence::of(path).is_part()).then_some("a part of an import")
}

/// Whether the manifest next to a file lists it as a part.
fn is_listed(path: &Path) -> bool {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().and_then(|name| name.to_str());
    // A manifest that cannot be read is ignored.
    let manifest = read_manifest(folder).ok();
    manifest.is_some_and(|manifest| manifest.parts.iter().any(|part| Some(part.file.as_str()) == name))
}
