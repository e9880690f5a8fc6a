//! A folder of parts that was uploaded: which files hold its users, and of which connection they are.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::import::is_exported;
use reimport::parts_folder::PartsFolder;
use reimport::record::ReadOptions;
use reimport::source::Source;
use reimport::{Category, RecordReader};
use serde_json::Value;

/// Files of users for an import.
#[derive(Default)]
pub(super) struct PartFiles {
    /// Each with the connection it is for, where that is known.
    pub(super) files: Vec<(PathBuf, Option<String>)>,
    /// Whether the users are to be kept apart by connection.
    pub(super) by_connection: bool,
    /// The options of the run that wrote them, where it is known.
    options: BTreeMap<String, Value>,
    /// What is known of the exports, as their manifests say it.
    pub(super) exports: Option<Value>,
}

impl PartFiles {
    /// Those of folders with a manifest, and files as they are.
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

    /// Those of a folder, by its manifest; those of its connections, where it has folders for them.
    pub(super) fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        ensure!(
            !folder.is_file(),
            "{}: expected the folder of parts, but this is a file; to take the users from an export, name it with --from",
            folder.display()
        );
        let mut parts = Self::default();
        parts.add_folder(&PartsFolder::open(folder)?)?;
        Ok(parts)
    }

    /// Exports in the place of parts.
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

    /// The names of the parts by the folder that holds them, and so what their uploads kept.
    pub(super) fn by_folder(&self) -> BTreeMap<&Path, Vec<String>> {
        let mut folders: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
        for (path, _) in &self.files {
            if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                folders.entry(folder).or_default().push(name.to_string_lossy().into_owned());
            }
        }
        folders
    }

    /// The options of a run that makes parts of them again, for its manifest.
    pub(super) fn described(&self, max_part_bytes: u64) -> BTreeMap<String, Value> {
        let mut options = self.options.clone();
        options.remove("max_part_users");
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

/// How many records are read to see that a file is an export.
const BEGINNING: usize = 100;

/// An error if a file is an export in the place of parts. What cannot be read is left to the command.
fn refuse_export(path: &Path) -> anyhow::Result<()> {
    // A pipe, which can be read only once, has no size.
    let opened = Source::open(path).ok().filter(|source| source.size().is_some());
    let reader = opened.and_then(|source| RecordReader::open(source, &ReadOptions::default()).ok());
    let Some(mut reader) = reader else { return Ok(()) };
    for _ in 0..BEGINNING {
        let exported = match reader.next_record() {
            Ok(Some(record)) => is_exported(record),
            Err(error) if error.category() == Category::Record => false,
            Ok(None) | Err(_) => break,
        };
        ensure!(
            !exported,
            "{}: expected parts of an import, but this is an export; name the folder that reimport convert wrote, or \
             compare two exports with `reimport delta`",
            path.display()
        );
    }
    Ok(())
}
