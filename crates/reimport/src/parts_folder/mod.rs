//! Reading of a folder of parts, with its manifest and its line lists.
//!
//! The folder may come from another person, so it is checked before it is used. Part names in the manifest must be
//! names that a run writes. Folders of connections must be next to the manifest. Symbolic links are not followed.
//! Manifest, parts, lists and journals must be regular files, and are read up to a limit.

mod error;
mod lines;
mod manifest;
mod origins;
mod regular;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

pub use error::FolderError;
pub use lines::PartLines;
pub use manifest::{ConnectionFolder, Manifest, ManifestSource, PartInfo, Totals};
pub use origins::PartOrigins;
pub(crate) use regular::special_file;
pub use regular::{open_regular, read_lines, read_regular};

use crate::error::{Category, Error, ErrorKind, Result};
use crate::run::{OutputName, UploadName, is_part};

/// Maximum size of all manifests of a folder together. The manifests of 200 000 parts are smaller.
pub(crate) const MAX_MANIFEST_BYTES: u64 = 32 << 20;

/// Maximum size of a part that is read. This is 16 times the limit of an import job.
const MAX_PART_BYTES: u64 = 8_000_000;

/// A folder of parts, as written by [`Parts`](crate::sink::Parts).
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let (export, out) = (home.path().join("export.json"), home.path().join("parts"));
/// # std::fs::write(&export, "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n")?;
/// use reimport::parts_folder::PartsFolder;
///
/// reimport::convert([export.as_path()], &out)?;
/// let folder = PartsFolder::open(&out)?;
/// let part = &folder.manifest().parts[0];
/// assert_eq!(folder.read(part)?, std::fs::read(out.join("users-00001.json"))?);
/// assert_eq!(folder.origins([part])?.of("users-00001.json", 0), Some(("export.json", 1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PartsFolder {
    path: PathBuf,
    manifest: Manifest,
    connections: Vec<PartsFolder>,
}

impl PartsFolder {
    /// Reads the manifest of a folder and the manifests of its connection folders. Checks that everything they list
    /// exists and is a regular file or folder. `path` itself may be a symbolic link.
    ///
    /// # Errors
    /// [`FolderError`], or if something cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::of(path.as_ref(), &mut { MAX_MANIFEST_BYTES }, false)
    }

    /// Reads one folder. `left` is the number of bytes of manifests that may still be read.
    fn of(path: &Path, left: &mut u64, of_connection: bool) -> Result<Self> {
        let manifest_path = path.join(OutputName::Manifest);
        let text = read_regular(&manifest_path, *left).map_err(|error| missing(error, path))?;
        *left -= text.len() as u64;
        let manifest = parse(&manifest_path, &text)?;
        if of_connection && !manifest.connections.is_empty() {
            return Err(FolderError::Nested { path: manifest_path }.into());
        }
        check_parts(&manifest_path, &manifest.parts)?;
        for part in &manifest.parts {
            let path = path.join(&part.file);
            let missing = || FolderError::MissingPart { path: path.clone(), bytes: part.bytes };
            open_regular(&path).map_err(|error| if is_missing(&error) { missing().into() } else { error })?;
        }
        check_journals(path)?;
        let mut connections = Vec::new();
        let mut names = HashSet::new();
        for (index, connection) in manifest.connections.iter().enumerate() {
            let wrong =
                |what| FolderError::Connection { path: manifest_path.clone(), number: index + 1, what };
            if !is_plain(&connection.folder) {
                return Err(wrong("does not have the plain name of a folder next to the manifest").into());
            }
            // File systems that ignore case treat both as one folder.
            if !names.insert(connection.folder.to_lowercase()) {
                return Err(wrong("repeats the folder of an earlier one").into());
            }
            let folder = path.join(&connection.folder);
            regular::check_is_folder(&folder)?;
            connections.push(Self::of(&folder, left, true)?);
        }
        Ok(Self { path: path.to_owned(), manifest, connections })
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the manifest of the folder.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the folders of connections, in the order of the manifest.
    pub fn connections(&self) -> &[Self] {
        &self.connections
    }

    /// Returns the path of a part.
    pub fn part_path(&self, part: &PartInfo) -> PathBuf {
        self.path.join(&part.file)
    }

    /// Reads the bytes of a part. Does not compare them with the checksum in the manifest.
    ///
    /// # Errors
    /// If the part cannot be read, is not a regular file, or is larger than in the manifest or than 8 MB.
    pub fn read(&self, part: &PartInfo) -> Result<Vec<u8>> {
        read_regular(self.part_path(part), part.bytes.min(MAX_PART_BYTES))
    }

    /// Reads from `lines.ndjson` where the users of these parts come from. Without that file, the origins are
    /// empty.
    ///
    /// # Errors
    /// If the file cannot be read, is not a regular file, or is not valid.
    pub fn origins<'p>(&self, parts: impl IntoIterator<Item = &'p PartInfo>) -> Result<PartOrigins> {
        let users: HashMap<&str, u64> = parts.into_iter().map(|part| (&*part.file, part.users)).collect();
        let read = PartOrigins::read(&self.path.join(OutputName::Lines), |part| users.get(part).copied());
        match read {
            Err(error) if is_missing(&error) => Ok(PartOrigins::default()),
            read => read,
        }
    }
}

/// Reads only the manifest of a folder. Does not check what it lists.
///
/// # Errors
/// See [`PartsFolder::open`].
pub fn read_manifest(folder: impl AsRef<Path>) -> Result<Manifest> {
    let folder = folder.as_ref();
    let path = folder.join(OutputName::Manifest);
    let text = read_regular(&path, MAX_MANIFEST_BYTES).map_err(|error| missing(error, folder))?;
    parse(&path, &text)
}

/// Returns whether a name is the name of an entry of a folder: not the folder itself, a folder above it, or a path
/// with several names.
///
/// ```
/// use reimport::parts_folder::is_plain;
///
/// assert!(is_plain("Users") && is_plain("%2E%2E"));
/// assert!(!is_plain("") && !is_plain("..") && !is_plain("a/b") && !is_plain("/etc") && !is_plain("a/"));
/// ```
pub fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name)
}

fn parse(path: &Path, text: &[u8]) -> Result<Manifest> {
    use serde_json::error::Category;
    serde_json::from_slice(text).map_err(|error| {
        // The message of serde may contain a value.
        let what = match error.classify() {
            Category::Data => "a member is missing or has another type",
            Category::Eof => "it is cut off",
            Category::Syntax | Category::Io => "its JSON is damaged",
        };
        let (line, column) = (error.line(), error.column());
        FolderError::NotAManifest { path: path.to_owned(), what, line, column }.into()
    })
}

/// Checks the names and the numbers of the parts. A part has no more users than bytes, and the bytes are summed
/// without overflow. So the sums of the other numbers do not overflow either.
fn check_parts(manifest: &Path, parts: &[PartInfo]) -> Result<()> {
    let mut names = HashSet::new();
    let mut bytes: u64 = 0;
    for (index, part) in parts.iter().enumerate() {
        let sum = bytes.checked_add(part.bytes);
        let what = if !is_part(&part.file) {
            "does not have the name of a part, for example users-00001.json"
        } else if !names.insert(&*part.file) {
            "repeats the name of an earlier one"
        } else if part.users > part.bytes || part.password_hashes > part.users || sum.is_none() {
            "has invalid numbers"
        } else {
            bytes = sum.unwrap_or_default();
            continue;
        };
        return Err(FolderError::Part { path: manifest.to_owned(), number: index + 1, what }.into());
    }
    Ok(())
}

/// Checks that the entries of uploads in this folder are regular files or folders.
fn check_journals(folder: &Path) -> Result<()> {
    let failed = |error| regular::io_error("cannot list", folder, error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if UploadName::of(&entry.file_name().to_string_lossy()).is_some() && !kind.is_dir() {
            regular::check_is_file(&entry.path(), kind)?;
        }
    }
    Ok(())
}

fn missing(error: Error, folder: &Path) -> Error {
    let path = folder.to_owned();
    match is_missing(&error) {
        true if folder.exists() => FolderError::NoManifest { path }.into(),
        true => FolderError::NoFolder { path }.into(),
        false => error,
    }
}

fn is_missing(error: &Error) -> bool {
    error.category() == Category::Io
        && matches!(error.kind(), ErrorKind::Io { error, .. } if error.kind() == std::io::ErrorKind::NotFound)
}
