//! Decompressed bytes from a file, standard input or any `Read`.
//!
//! Gzip data is detected by its first two bytes, never by the file name. It can be compressed several times over.
//! The end of the source is reported only if every checksum and length was correct; until then, the bytes that
//! were read are provisional. Data that is not gzip is passed through unchanged. [`foreign`] detects data that is
//! not an export.

mod buffer;
mod bytes_read;
mod error;
mod foreign;
mod gzip;
mod header;
mod raw;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::{fmt, mem};

pub use bytes_read::BytesRead;
pub use error::{GzipError, GzipFault, InputError};
pub use foreign::foreign;

use crate::error::{Error, ErrorKind, Result};
use buffer::Buffer;
use gzip::Gzip;
use raw::{Bytes, Raw};

/// The maximum number of nested gzip layers.
const MAX_LAYERS: u32 = 4;

/// The number of bytes that are read at a time to skip them.
const SKIPPED_AT_A_TIME: usize = 64 << 10;

/// One input and its decompressed bytes.
///
/// A source reads ahead at most 128 KiB of compressed data for each gzip layer. It starts no thread.
///
/// ```
/// use reimport::source::Source;
///
/// let mut source = Source::from_reader("users.ndjson", &b"{\"email\":\"a@example.com\"}\n"[..]);
/// let mut block = [0; 4096];
/// assert_eq!(source.read(&mut block)?, 26);
/// assert_eq!(source.read(&mut block)?, 0);
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct Source {
    name: Arc<str>,
    size: Option<u64>,
    progress: BytesRead,
    layers: u32,
    /// A read returns the bytes that are available, and does not wait until the buffer is full.
    eager: bool,
    state: SourceState,
}

enum SourceState {
    /// Nothing was read yet.
    Fresh(Raw),
    /// All gzip layers are open. This is the innermost one.
    Open(Buffer),
    /// The source has ended: at the verified end, or after an error, which is kept here until it is returned.
    Ended(Option<Error>),
}

impl Source {
    /// Opens a file. Messages name it by the path as given.
    ///
    /// The first [`read`](Self::read) detects the compression. A regular file must keep its length: if it is still
    /// being downloaded, or is truncated while it is read, there is an error at its end.
    ///
    /// # Errors
    /// If the file does not exist or cannot be opened, and if it is a folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name: Arc<str> = path.to_string_lossy().into();
        let open = || {
            // Check the path first: on some systems, opening a folder is an error of its own.
            if fs::metadata(path)?.is_dir() {
                return Ok(None);
            }
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok(Some((file, metadata.is_file().then_some(metadata.len()))))
        };
        match open() {
            Ok(Some((file, Some(size)))) => {
                let progress = BytesRead::default();
                let raw = Raw::file(file, size, progress.clone());
                Ok(Self { size: Some(size), ..Self::of(name, raw, progress) })
            }
            Ok(Some((file, None))) => Ok(Self::from_device(&name, file)),
            Ok(None) => Err(Error::new(InputError::Folder).in_source(&name)),
            Err(error) => Err(Error::io("cannot open", error).in_source(&name)),
        }
    }

    /// Opens standard input. Messages name it `standard input`.
    pub fn stdin() -> Self {
        let name = "standard input";
        // Bypass the buffer of the standard library: with it, the source could not see whether there is input to
        // read.
        #[cfg(unix)]
        if let Ok(own) = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned() {
            return Self::from_device(name, File::from(own));
        }
        Self::from_reader(name, io::stdin())
    }

    /// Creates a source from a pipe, a terminal or a device, any of which can be silent for a long time.
    fn from_device(name: &str, file: File) -> Self {
        let progress = BytesRead::default();
        Self::of(name.into(), Raw::from_device(file, progress.clone()), progress)
    }

    /// Creates a source from any reader. `name` is its name in messages.
    ///
    /// The reader need not be buffered: it is asked for 128 KiB, or for the size of the caller's buffer. If a read
    /// would block, it is repeated after a pause of at most 32 ms, without a limit on the number of attempts.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        let progress = BytesRead::default();
        Self::of(name.into().into(), Raw::new(Box::new(reader), progress.clone()), progress)
    }

    fn of(name: Arc<str>, raw: Raw, progress: BytesRead) -> Self {
        Self { name, size: None, progress, layers: 0, eager: false, state: SourceState::Fresh(raw) }
    }

    /// Makes reads return the bytes that are available, so that a caller that needs few bytes does not wait for a
    /// full buffer.
    pub(crate) fn set_eager(&mut self) {
        self.eager = true;
    }

    pub(crate) fn is_eager(&self) -> bool {
        self.eager
    }

    /// Returns its name in messages.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the size of a regular file in bytes, compressed or not.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Returns a handle on the number of bytes read so far, which any thread can use.
    pub fn progress(&self) -> BytesRead {
        self.progress.clone()
    }

    /// Returns the number of gzip layers. This is 0 for plain text, and before the first [`read`](Self::read).
    pub fn gzip_layers(&self) -> u32 {
        self.layers
    }

    /// Fills `buf` with the next decompressed bytes and returns their number.
    ///
    /// The number is smaller than the length of `buf` only before the end, or before an error, which the next call
    /// returns. It is 0 only at the end, after every checksum and length was correct, and for every call after
    /// that, or if `buf` is empty.
    ///
    /// # Errors
    /// If the input cannot be read ([`Io`](crate::error::Category::Io)), or if gzip data is damaged
    /// ([`Input`](crate::error::Category::Input)). An error is returned once. After it, the source is at its end,
    /// and a result of 0 does not mean that the data was correct.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && !(self.eager && filled > 0) {
            match self.read_some(&mut buf[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) => {
                    let error = error.in_source(&self.name);
                    if filled == 0 {
                        self.state = SourceState::Ended(None);
                        return Err(error);
                    }
                    self.state = SourceState::Ended(Some(error));
                    break;
                }
            }
        }
        Ok(filled)
    }

    /// Skips the next `count` decompressed bytes. A plain file is not read there, so its skipped bytes count as read.
    /// Returns how many bytes were skipped, which is less than `count` only at the end.
    ///
    /// # Errors
    /// The same as [`read`](Self::read).
    pub(crate) fn skip(&mut self, count: u64) -> Result<u64> {
        let mut left = count;
        let mut scratch = Vec::new();
        if matches!(self.state, SourceState::Fresh(_)) {
            self.open_layers().map_err(|error| error.in_source(&self.name))?;
        }
        while left > 0 {
            let skipped = match &mut self.state {
                SourceState::Open(plain) => {
                    plain.seek_ahead(left).map_err(|error| error.in_source(&self.name))?
                }
                _ => 0,
            };
            left -= skipped;
            if skipped == 0 {
                scratch.resize(usize::try_from(left).unwrap_or(usize::MAX).min(SKIPPED_AT_A_TIME), 0);
                match self.read(&mut scratch)? {
                    0 => break,
                    read => left -= read as u64,
                }
            }
        }
        Ok(count - left)
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        match &mut self.state {
            SourceState::Open(plain) => plain.read_some(out),
            SourceState::Ended(error) => error.take().map_or(Ok(0), Err),
            SourceState::Fresh(_) => {
                self.open_layers()?;
                self.read_some(out)
            }
        }
    }

    /// Opens all gzip layers, before the first byte is read.
    fn open_layers(&mut self) -> Result<()> {
        if let SourceState::Fresh(raw) = mem::replace(&mut self.state, SourceState::Ended(None)) {
            let (plain, layers) = unwrap_layers(raw)?;
            self.layers = layers;
            self.state = SourceState::Open(plain);
        }
        Ok(())
    }
}

/// Opens all gzip layers. Returns the decompressed bytes and the number of layers.
fn unwrap_layers(raw: Raw) -> Result<(Buffer, u32)> {
    let mut layers = 0;
    let mut inner = Buffer::new(Box::new(raw), layers);
    while inner.begins_with_magic()? {
        if layers == MAX_LAYERS {
            return Err(Error::new(InputError::GzippedTooOften));
        }
        layers += 1;
        inner = Buffer::new(Box::new(Gzip::new(inner)), layers);
    }
    Ok((inner, layers))
}

/// Reads the decompressed and verified bytes, as [`Source::read`] does, for use with other crates. The
/// [`io::Error`] contains the error of this library. For a `BufRead`, wrap the source in a
/// [`BufReader`](io::BufReader).
///
/// The bytes are provisional until a read has returned 0. Only then was every checksum and length correct.
///
/// ```
/// use std::io::{BufRead as _, BufReader};
///
/// use reimport::source::Source;
///
/// let source = Source::from_reader("users.ndjson", &b"{\"a\":1}\n{\"a\":2}\n"[..]);
/// assert_eq!(BufReader::new(source).lines().count(), 2);
///
/// let damaged = Source::from_reader("users.gz", &b"\x1f\x8b\x08"[..]);
/// let error = std::io::read_to_string(damaged).unwrap_err();
/// assert!(error.get_ref().is_some_and(|error| error.is::<reimport::Error>()));
/// ```
impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Self::read(self, buf).map_err(|error| io::Error::new(kind_of(&error), error))
    }
}

fn kind_of(error: &Error) -> io::ErrorKind {
    match error.kind() {
        ErrorKind::Io { error, .. } => error.kind(),
        _ => io::ErrorKind::InvalidData,
    }
}

impl fmt::Debug for Source {
    /// Shows the name and the number of bytes read, not the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("compressed_bytes", &self.progress.compressed_bytes())
            .field("gzip_layers", &self.layers)
            .finish_non_exhaustive()
    }
}
