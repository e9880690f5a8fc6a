//! The parts to send, and where their bytes come from.

use std::io;
use std::path::PathBuf;

use serde::de::IgnoredAny;

use crate::files::read_regular;

/// One part: a file for one import job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file name, for example `users-00001.json`.
    pub file: String,
    /// The number of users in the part.
    pub users: u64,
    /// The number of bytes.
    pub bytes: u64,
    /// The checksum, by which the journal identifies the part.
    pub checksum: String,
}

/// A source of parts: a folder with a manifest, or anything else.
pub trait Parts {
    /// Returns all parts, in the order in which they are sent.
    fn parts(&self) -> &[Part];

    /// Returns the bytes of a part.
    ///
    /// # Errors
    /// Returns an error if they cannot be read.
    fn read(&self, part: &Part) -> io::Result<Vec<u8>>;

    /// Returns the checksum of bytes, in the same form as in [`parts`](Self::parts).
    fn checksum(&self, bytes: &[u8]) -> String {
        checksum(bytes)
    }
}

/// Parts that are files in a folder.
#[derive(Debug, Clone)]
pub struct PartFolder {
    folder: PathBuf,
    parts: Vec<Part>,
}

impl Part {
    /// Creates a part with this file name and content.
    ///
    /// # Errors
    /// Returns an error if the content is not a JSON array.
    pub fn of(file: impl Into<String>, bytes: &[u8]) -> io::Result<Self> {
        let users: Vec<IgnoredAny> = serde_json::from_slice(bytes)?;
        Ok(Self {
            file: file.into(),
            users: users.len() as u64,
            bytes: bytes.len() as u64,
            checksum: checksum(bytes),
        })
    }
}

impl PartFolder {
    /// Creates a source of these parts in a folder, as listed in a manifest.
    pub fn new(folder: impl Into<PathBuf>, parts: Vec<Part>) -> Self {
        Self { folder: folder.into(), parts }
    }

    /// Finds all files `users-….json` in a folder, sorted by name.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or is not a JSON array.
    pub fn scan(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder)? {
            if let Ok(name) = entry?.file_name().into_string()
                && name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("users-"))
            {
                names.push(name);
            }
        }
        names.sort();
        let part = |name: String| {
            let bytes = read_regular(&folder.join(&name), MAX_PART_BYTES)?;
            Part::of(name, &bytes)
        };
        let parts = names.into_iter().map(part).collect::<io::Result<_>>()?;
        Ok(Self { folder, parts })
    }
}

impl Parts for PartFolder {
    fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn read(&self, part: &Part) -> io::Result<Vec<u8>> {
        read_regular(&self.folder.join(&part.file), MAX_PART_BYTES)
    }
}

/// The maximum number of bytes to read of a part. It is much more than a tenant accepts, so that a part that is too
/// large is refused because of its size.
const MAX_PART_BYTES: u64 = 64 << 20;

/// Returns the 128-bit XXH3 hash as 32 hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}
