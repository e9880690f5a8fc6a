//! Plain bytes from a file, standard input or any `Read`, whatever they are wrapped in.
//!
//! Gzip data are told by their first two bytes, never by a name, and unpacked as often as they were packed. Their end
//! is an end only when every checksum and length before it was right; what was read until then is provisional. What is
//! no gzip data passes as it is: [`foreign`] tells text from what is no export at all.

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

/// How often gzip data may be packed over.
const MAX_LAYERS: u32 = 4;

/// One input, and the plain bytes in it.
///
/// It reads ahead at most 128 KiB of compressed data for each layer of gzip, and starts no thread.
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
    /// A read comes back with what there is, rather than with a full buffer.
    eager: bool,
    state: SourceState,
}

enum SourceState {
    /// Nothing was read.
    Fresh(Raw),
    /// All layers are known; this is the innermost.
    Open(Buffer),
    /// At the end: the verified one, or after an error, which is kept here until it was told.
    Over(Option<Error>),
}

impl Source {
    /// Opens a file; its name in messages is the path as given.
    ///
    /// What it holds is looked at by the first [`read`](Self::read). A regular file must stay as long as it is:
    /// one that is still being downloaded, or cut meanwhile, is an error at its end.
    ///
    /// # Errors
    /// Where there is no such file, where it must not be read, and where it is a folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name: Arc<str> = path.to_string_lossy().into();
        let open = || {
            // Asked by path first: not every system opens a folder only to refuse reading it.
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
            Ok(Some((file, None))) => Ok(Self::quiet(&name, file)),
            Ok(None) => Err(Error::new(InputError::Folder).in_source(&name)),
            Err(error) => Err(Error::io("cannot open", error).in_source(&name)),
        }
    }

    /// Standard input; its name in messages is `standard input`.
    pub fn stdin() -> Self {
        let name = "standard input";
        // Past the buffer of the standard library, which would hide what there is to read.
        #[cfg(unix)]
        if let Ok(own) = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned() {
            return Self::quiet(name, File::from(own));
        }
        Self::from_reader(name, io::stdin())
    }

    /// A pipe, a terminal or a device.
    fn quiet(name: &str, file: File) -> Self {
        let progress = BytesRead::default();
        Self::of(name.into(), Raw::quiet(file, progress.clone()), progress)
    }

    /// Any reader, under the name it has in messages.
    ///
    /// It need not be buffered: it is asked for 128 KiB at a time, or as much as the caller's buffer takes. Where a
    /// read would block, it is asked again after a pause of at most 32 ms, for as long as it takes.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        let progress = BytesRead::default();
        Self::of(name.into().into(), Raw::new(Box::new(reader), progress.clone()), progress)
    }

    fn of(name: Arc<str>, raw: Raw, progress: BytesRead) -> Self {
        Self { name, size: None, progress, layers: 0, eager: false, state: SourceState::Fresh(raw) }
    }

    /// From now on a read comes back with what there is, so that one who wants little need not wait for much.
    pub(crate) fn be_eager(&mut self) {
        self.eager = true;
    }

    pub(crate) fn is_eager(&self) -> bool {
        self.eager
    }

    /// How messages call it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its size as it lies there, compressed or not, when it is a regular file.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// A handle on how far it has been read, for any thread.
    pub fn progress(&self) -> BytesRead {
        self.progress.clone()
    }

    /// How many times it was gzipped over: 0 for plain text, and before the first [`read`](Self::read).
    pub fn gzip_layers(&self) -> u32 {
        self.layers
    }

    /// Fills `buf` with the next plain bytes, as far as they go, and says how many there were.
    ///
    /// Fewer than `buf` takes come only before the end or before an error, which the next call tells. 0 comes only at
    /// the end, when every checksum and length was right, and stays; or where `buf` is empty.
    ///
    /// # Errors
    /// Where the input cannot be read ([`Io`](crate::error::Category::Io)), and where gzip data are damaged
    /// ([`Input`](crate::error::Category::Input)). Either is told once; the source is at its end after it, which is then no
    /// sign that the data were right.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && !(self.eager && filled > 0) {
            match self.read_some(&mut buf[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) => {
                    let error = error.in_source(&self.name);
                    if filled == 0 {
                        self.state = SourceState::Over(None);
                        return Err(error);
                    }
                    self.state = SourceState::Over(Some(error));
                    break;
                }
            }
        }
        Ok(filled)
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        match &mut self.state {
            SourceState::Open(plain) => plain.read_some(out),
            SourceState::Over(error) => error.take().map_or(Ok(0), Err),
            SourceState::Fresh(_) => {
                if let SourceState::Fresh(raw) = mem::replace(&mut self.state, SourceState::Over(None)) {
                    let (mut plain, layers) = unwrap_layers(raw)?;
                    self.layers = layers;
                    let count = plain.read_some(out);
                    self.state = SourceState::Open(plain);
                    return count;
                }
                Ok(0)
            }
        }
    }
}

/// The plain bytes within all layers of gzip data, and how many layers those are.
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

/// The decompressed and verified bytes, for any other crate; as [`Source::read`]. The errors of this library are inside of
/// the [`io::Error`]. For a `BufRead`, wrap it in a [`BufReader`](io::BufReader).
///
/// Until a read has returned 0, what was read is provisional: only then every checksum and length was right.
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
    /// Shows its name and how far it was read, and nothing it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("compressed_bytes", &self.progress.compressed_bytes())
            .field("gzip_layers", &self.layers)
            .finish_non_exhaustive()
    }
}
