//! Folder of parts for an upload: its manifest, and the check that its files exist.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use reimport::OutputName;
use reimport::import::lacks;
use reimport::parts_folder::{self, Manifest, is_plain, read_manifest};
use reimport::record::UserIds;
use reimport_jobs::upload::{Facts, Part, Parts};
use serde_json::{Map, Value};

use super::origin;
use crate::report;

/// A folder that `reimport convert` has written.
pub(super) struct PartsFolder {
    pub(super) manifest: Manifest,
    /// The manifest of the whole run, if this is the folder of one connection.
    whole: Option<Manifest>,
    /// The parts to send.
    pub(super) parts: PartsToSend,
    /// The records of the exports that are known.
    exports: Vec<Map<String, Value>>,
}

/// The parts of a folder, read by [`parts_folder::PartsFolder`].
pub(super) struct PartsToSend {
    folder: parts_folder::PartsFolder,
    parts: Vec<Part>,
}

impl Parts for PartsToSend {
    fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn read(&self, part: &Part) -> io::Result<Vec<u8>> {
        let known = self.folder.manifest().parts.iter().find(|known| known.file == part.file);
        let known = known.ok_or(io::ErrorKind::NotFound)?;
        self.folder.read(known).map_err(io::Error::other)
    }
}

impl PartsFolder {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let shown = folder.display();
        if let Some(parent) = folder_of_part(folder) {
            bail!(
                "{shown} is one part; give the folder that contains all parts: {}",
                report::quoted(&parent.display().to_string())
            );
        }
        ensure!(
            !folder.is_file(),
            "{shown}: expected the folder of parts, but this is a file; convert an export first: reimport convert {} -o parts",
            report::quoted(&shown.to_string())
        );
        let opened = parts_folder::PartsFolder::open(folder)?;
        let manifest = opened.manifest().clone();
        if !manifest.connections.is_empty() {
            let folders: Vec<_> = manifest
                .connections
                .iter()
                .filter(|each| each.users > 0)
                .map(|each| folder.join(&each.folder).display().to_string())
                .collect();
            bail!(
                "{shown} has a folder for each connection; upload one at a time, each to its own connection: {}",
                folders.join(", ")
            );
        }
        ensure!(
            manifest.version == Manifest::VERSION,
            "{shown}/{} has version {}, but this program supports version {}",
            OutputName::Manifest,
            manifest.version,
            Manifest::VERSION
        );
        let mut parts = Vec::new();
        for part in &manifest.parts {
            let there = std::fs::symlink_metadata(opened.part_path(part))?.len();
            ensure!(
                there == part.bytes,
                "{shown}/{}: the manifest lists it with {} bytes, but it has {there}; convert again, into a new folder",
                part.file,
                part.bytes,
            );
            parts.push(Part {
                file: part.file.clone(),
                users: part.users,
                bytes: part.bytes,
                checksum: part.xxh3_128.clone(),
            });
        }
        let whole = match (&manifest.connection, parent(folder)) {
            (Some(_), Some(parent)) => read_manifest(parent).ok(),
            _ => None,
        };
        let exports = exports(folder, whole.as_ref().unwrap_or(&manifest));
        Ok(Self { parts: PartsToSend { folder: opened, parts }, manifest, whole, exports })
    }

    /// Whether existing users are updated. The manifest of the parts decides; `asked` must agree with it.
    pub(super) fn upsert(&self, asked: bool) -> anyhow::Result<bool> {
        match self.manifest.options.get("for").and_then(Value::as_str) {
            Some("update") => Ok(true),
            Some("insert") if asked => bail!(
                "--upsert: these parts were converted for insert jobs, and an upsert would remove what they do not \
                 contain; convert with --for update first"
            ),
            Some("insert") => Ok(false),
            Some(_) => bail!(
                "{} has an unknown value of `for`; use a newer version of reimport",
                OutputName::Manifest
            ),
            None => Ok(asked),
        }
    }

    /// Returns the facts about the parts that an upload shows and checks.
    pub(super) fn facts(&self, upsert: bool) -> Facts {
        let whole = self.whole.as_ref().unwrap_or(&self.manifest);
        let mut missing_data: Vec<String> =
            lacks(whole.totals.written, &whole.present).into_iter().map(str::to_owned).collect();
        for limit in self.exports.iter().filter_map(|export| export.get("limit")?.as_u64()) {
            missing_data.push(format!("the export was limited to {limit} users: there may be more"));
        }
        if self.manifest.limited {
            missing_data
                .push("the conversion stopped at --limit: the rest of the export is not included".to_owned());
        }
        if self.manifest.user_ids != UserIds::Bare && !self.manifest.parts.is_empty() {
            missing_data.push(
                "the user ids have the form of an export, and the import adds another auth0| to each; convert without --rules none"
                    .to_owned(),
            );
        }
        missing_data.extend(unusable_hashes(whole));
        missing_data.extend(self.rejected(whole));
        Facts {
            exported_from: None,
            parts: self.manifest.parts.len() as u64,
            users: self.manifest.parts.iter().map(|part| part.users).sum(),
            with_password: self.manifest.parts.iter().map(|part| part.password_hashes).sum(),
            upsert,
            missing_data,
        }
    }

    /// Describes the rejected records of the run, which may not be fixed yet.
    fn rejected(&self, whole: &Manifest) -> Option<String> {
        let count = whole.totals.rejected;
        let folder = self.parts.folder.path();
        let folder = if self.whole.is_some() { folder.join("..") } else { folder.to_owned() };
        let file = folder.join(OutputName::Rejected);
        let records = if count == 1 { "record is" } else { "records are" };
        (count > 0 && file.is_file()).then(|| {
            format!(
                "{} rejected {records} not in the parts: fix and convert {}, if this is not done yet",
                report::grouped(count),
                file.display()
            )
        })
    }

    /// Returns the known hosts of the tenants of the exports.
    pub(super) fn tenants(&self) -> BTreeSet<String> {
        self.exports
            .iter()
            .filter_map(|export| Some(export.get("tenant")?.as_str()?.to_ascii_lowercase()))
            .collect()
    }
}

/// Describes the hashes that no password matches: their users cannot sign in, and a second import does not replace them.
fn unusable_hashes(whole: &Manifest) -> Option<String> {
    let hashes = *whole.facts.get("warned")?.get("bcrypt-padding")?;
    let hashes = match hashes {
        1 => "1 password hash matches".to_owned(),
        _ => format!("{} password hashes match", report::grouped(hashes)),
    };
    Some(format!("{hashes} no password (bcrypt-padding): the users must set a new one"))
}

/// Returns the folder of a part, if the path is one.
fn folder_of_part(path: &Path) -> Option<&Path> {
    let parent = path.parent().filter(|_| path.is_file())?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let name = path.file_name()?.to_str()?;
    let is_listed = read_manifest(parent).ok()?.parts.iter().any(|part| part.file == name);
    is_listed.then_some(parent)
}

/// Returns the parent of `folder`, with links resolved.
fn parent(folder: &Path) -> Option<PathBuf> {
    Some(folder.canonicalize().ok()?.parent()?.to_owned())
}

/// Returns the records of the exports: those in the manifest, else those in the parent folder or the current folder.
fn exports(folder: &Path, manifest: &Manifest) -> Vec<Map<String, Value>> {
    if let Some(Value::Object(section)) = manifest.details.get("exports") {
        return section.values().filter_map(Value::as_object).cloned().collect();
    }
    let near: Vec<PathBuf> = parent(folder).into_iter().chain([PathBuf::from(".")]).collect();
    let of_source = |name: &str| {
        let record = format!("{name}.job.json");
        near.iter().find_map(|near| origin::read(&near.join(&record)))
    };
    let names = manifest.sources.iter().map(|source| &*source.name);
    names.filter(|name| is_plain(name)).filter_map(of_source).collect()
}
