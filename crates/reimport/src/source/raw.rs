//! The outermost input: a `Read` with retries.
//!
//! Interrupted reads are repeated, reads that would block are retried until there is data, and an end is final. An
//! input that can be silent for a long time (a pipe, a terminal) is polled before it is read, so that a run that
//! has ended does not wait for it.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek as _, SeekFrom};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::bytes_read::BytesRead;
use super::error::InputError;
use crate::error::{Error, Result};

/// A source of bytes for the next layer or the reader.
pub(super) trait Bytes: Send {
    /// Writes some bytes to the start of `out`, which is not empty, and returns their number. It is 0 at the end,
    /// and only there.
    ///
    /// Must not be called again after an error.
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize>;

    /// Skips up to `count` bytes without reading them, and returns how many. 0 if the bytes must be read.
    fn seek_ahead(&mut self, count: u64) -> Result<u64> {
        let _ = count;
        Ok(0)
    }
}

/// The maximum pause before a non-blocking input is read again.
const MAX_PAUSE: Duration = Duration::from_millis(32);

/// Any `Read`, with a count of the bytes read.
pub(super) struct Raw {
    reader: Box<dyn Read + Send>,
    /// The same reader, if it is a file whose reads can block for a long time.
    device: Option<Arc<File>>,
    progress: BytesRead,
    /// The length of the file when it was opened.
    length: Option<u64>,
    /// The same reader, if it is a regular file.
    seekable: Option<Arc<File>>,
    /// The end was reached. A terminal or a growing file can return more bytes after it; these are not part of the
    /// source.
    ended: bool,
}

impl Raw {
    pub(super) fn new(reader: Box<dyn Read + Send>, progress: BytesRead) -> Self {
        Self { reader, device: None, progress, length: None, seekable: None, ended: false }
    }

    /// Creates an input from a regular file, whose length must not change.
    pub(super) fn file(file: File, length: u64, progress: BytesRead) -> Self {
        // Virtual files of the system report a length of 0.
        let length = (length > 0).then_some(length);
        let file = Arc::new(file);
        let seekable = length.map(|_| Arc::clone(&file));
        Self { length, seekable, ..Self::new(Box::new(file), progress) }
    }

    /// Checks the length at the end, so that a file that has changed is not treated as complete.
    fn check_length(&self) -> Result<()> {
        let read = self.progress.compressed_bytes();
        match self.length {
            Some(length) if read < length => Err(Error::new(InputError::Shrank)),
            Some(length) if read > length => Err(Error::new(InputError::Grew)),
            _ => Ok(()),
        }
    }

    /// Creates an input from a pipe, a terminal or a device.
    pub(super) fn from_device(file: File, progress: BytesRead) -> Self {
        let file = Arc::new(file);
        Self { device: Some(Arc::clone(&file)), ..Self::new(Box::new(file), progress) }
    }

    /// Waits until there is something to read. Returns an error if the run has ended meanwhile.
    fn wait(&self) -> Result<()> {
        while let Some(file) = &self.device
            && !is_ready(file)
        {
            self.check_not_stopped()?;
        }
        Ok(())
    }

    /// Returns an error if the run has ended. This error is not shown to anyone.
    fn check_not_stopped(&self) -> Result<()> {
        if self.progress.is_stopped() {
            return Err(Error::io("cannot read", ErrorKind::Interrupted.into()));
        }
        Ok(())
    }
}

impl Bytes for Raw {
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut pause = Duration::from_millis(1);
        while !self.ended {
            self.wait()?;
            match self.reader.read(out) {
                Ok(0) => {
                    self.ended = true;
                    self.check_length()?;
                }
                Ok(count) => {
                    // Do not trust a reader that reports more bytes than fit in the buffer.
                    let count = count.min(out.len());
                    self.progress.add(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.check_not_stopped()?;
                    thread::sleep(pause);
                    pause = (pause * 2).min(MAX_PAUSE);
                }
                Err(error) => return Err(Error::io("cannot read", error)),
            }
        }
        Ok(0)
    }

    fn seek_ahead(&mut self, count: u64) -> Result<u64> {
        let (Some(mut file), Some(length)) = (self.seekable.as_deref(), self.length) else { return Ok(0) };
        // Not beyond the end: the next read then finds it, and checks the length.
        let left = length.saturating_sub(self.progress.compressed_bytes());
        let count = count.min(left).min(isize::MAX as u64);
        file.seek(SeekFrom::Current(count.cast_signed())).map_err(|error| Error::io("cannot read", error))?;
        self.progress.add(count as usize);
        Ok(count)
    }
}

/// Waits up to a tenth of a second. Returns `true` if a read would not block: there are bytes, an end or an error.
#[cfg(unix)]
fn is_ready(file: &File) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let pause = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&pause)) {
        Ok(ready) => ready > 0,
        Err(rustix::io::Errno::INTR) => false,
        // If the file cannot be polled, read it.
        Err(_) => true,
    }
}

/// Other systems cannot poll a file, so it is read directly.
#[cfg(not(unix))]
fn is_ready(_: &File) -> bool {
    true
}
