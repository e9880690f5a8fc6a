//! A folder of parts that was uploaded: which files hold its users, and of which connection they are.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use reimport::sink::Manifest;
use serde_json::Value;

/// Files of users for an import.
#[derive(Default)]
pub(super) struct PartFiles {
    /// Each with the connection it is for, where that is known.
    pub(super) files: Vec<(PathBuf, Option<String>)>,
    /// Whether the users are to be kept apart by connection.
    pub(super) by_connection: bool,
    /// The options of the run that wrote them, where it is known.
    pub(super) options: BTreeMap<String, Value>,
}

impl PartFiles {
    /// Those of folders with a manifest, and files as they are.
    pub(super) fn open(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut parts = Self::default();
        for path in paths {
            if path.is_dir() {
                parts.add_folder(path)?;
            } else {
                parts.files.push((path.clone(), None));
            }
        }
        let connections: HashSet<_> = parts.files.iter().map(|(_, connection)| connection).collect();
        parts.by_connection |= connections.len() > 1;
        Ok(parts)
    }

    /// Those of a folder, by its manifest; those of its connections, where it has folders for them.
    pub(super) fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let mut parts = Self::default();
        parts.add_folder(folder)?;
        Ok(parts)
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }

    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let manifest = manifest_of(folder)?;
        let before = self.files.len();
        let files = manifest.parts.iter().map(|part| (folder.join(&part.file), manifest.connection.clone()));
        self.files.extend(files);
        for connection in &manifest.connections {
            self.by_connection = true;
            self.add_folder(&folder.join(&connection.folder))?;
        }
        ensure!(
            self.files.len() > before,
            "{}: expected parts, but its manifest lists none",
            folder.display()
        );
        if self.options.is_empty() {
            self.options = manifest.options;
        }
        Ok(())
    }
}

fn manifest_of(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join("manifest.json");
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("{}: expected a folder that reimport wrote, with a manifest", path.display())
    })?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: expected a manifest of reimport", path.display()))
}
