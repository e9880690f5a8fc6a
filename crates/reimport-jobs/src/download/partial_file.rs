//! The temporary file of a download, and the response headers that identify the bytes that are sent.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use ureq::http::HeaderMap;

use crate::error::{Error, Result};
use crate::files::folder;
use crate::http::header;

/// The temporary file, and what it contains.
pub(super) struct PartialFile {
    pub(super) temporary: NamedTempFile,
    pub(super) bytes: u64,
    /// The largest size the file has had, and the total number of bytes received.
    pub(super) highest: u64,
    pub(super) appended: u64,
    /// The number of times that the content was discarded.
    pub(super) restarts: u32,
    /// The strong entity tag of the file that the bytes are from. A resumed transfer must have the same tag.
    pub(super) tag: Option<String>,
    /// True if the server marked the end of the file, by a length or by chunked encoding.
    pub(super) is_complete: bool,
}

impl PartialFile {
    pub(super) fn next_to(target: &Path) -> Result<Self> {
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(target.file_name().unwrap_or_default());
        prefix.push(".reimport-");
        // On Unix, the mode of the file is 0600.
        let created = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder(target));
        let temporary = created.map_err(|error| Error::io("cannot create a file next to", target, error))?;
        Ok(Self { temporary, bytes: 0, highest: 0, appended: 0, restarts: 0, tag: None, is_complete: false })
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.temporary.write_all(bytes);
        written.map_err(|error| Error::io("cannot write", self.temporary.path(), error))?;
        self.bytes += bytes.len() as u64;
        self.appended += bytes.len() as u64;
        self.highest = self.highest.max(self.bytes);
        Ok(())
    }

    pub(super) fn restart(&mut self, headers: &HeaderMap) -> Result<()> {
        let file = self.temporary.as_file_mut();
        let emptied = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| Error::io("cannot write", self.temporary.path(), error))?;
        self.restarts += u32::from(self.bytes > 0);
        self.bytes = 0;
        self.tag = strong_tag(headers);
        Ok(())
    }

    /// Returns true if the file begins like gzip data.
    pub(super) fn is_gzip(&self) -> Result<bool> {
        let path = self.temporary.path();
        let mut first = Vec::new();
        let read = File::open(path).and_then(|file| file.take(2).read_to_end(&mut first));
        read.map_err(|error| Error::io("cannot read", path, error))?;
        Ok(first == [0x1f, 0x8b])
    }
}

/// Returns the entity tag if it is strong, that is, if equal tags mean equal bytes.
pub(super) fn strong_tag(headers: &HeaderMap) -> Option<String> {
    header(headers, "etag").filter(|tag| tag.len() > 2 && tag.starts_with('"')).map(str::to_owned)
}

/// Parses `bytes 5-9/10`. Returns the offset of the first byte, and the length of the file if it is given.
pub(super) fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, length) = header(headers, "content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.parse().ok()?, length.parse().ok()))
}

/// Parses `bytes */10`, the header of a 416 response. Returns the length of the file.
pub(super) fn unsatisfied(headers: &HeaderMap) -> Option<u64> {
    header(headers, "content-range")?.strip_prefix("bytes */")?.parse().ok()
}
