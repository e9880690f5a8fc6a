//! The parts to send: what they are, and where their bytes come from.

use std::io;
use std::path::PathBuf;

use serde::de::IgnoredAny;

use crate::files::read_regular;

/// One part: a file that an import job takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of its file, as in `users-00001.json`.
    pub file: String,
    /// How many users it holds.
    pub users: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Its checksum, by which the journal knows it.
    pub checksum: String,
}

/// Where parts come from: a folder with a manifest, or anything else.
pub trait Parts {
    /// All parts, in the order in which they are sent.
    fn parts(&self) -> &[Part];

    /// The bytes of a part.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn read(&self, part: &Part) -> io::Result<Vec<u8>>;

    /// The checksum of bytes, in the form in which [`parts`](Self::parts) tells it.
    fn checksum(&self, bytes: &[u8]) -> String {
        checksum(bytes)
    }
}

/// Parts that are files of a folder.
#[derive(Debug, Clone)]
pub struct PartFolder {
    folder: PathBuf,
    parts: Vec<Part>,
}

impl Part {
    /// The part of that name and content.
    ///
    /// # Errors
    /// Where the content is no JSON array.
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
    /// Those parts of that folder, as a manifest lists them.
    pub fn new(folder: impl Into<PathBuf>, parts: Vec<Part>) -> Self {
        Self { folder: folder.into(), parts }
    }

    /// All files `users-….json` of a folder, by name.
    ///
    /// # Errors
    /// Where one cannot be read, or is no JSON array.
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
            let bytes = read_regular(&folder.join(&name), LONGEST)?;
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
        read_regular(&self.folder.join(&part.file), LONGEST)
    }
}

/// The most bytes of a part that are read: far more than a tenant accepts, so that a larger one is refused by its size.
const LONGEST: u64 = 64 << 20;

/// XXH3, 128 bits, as 32 hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}
