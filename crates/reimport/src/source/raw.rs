//! The outermost input: a `Read`, made to behave.
//!
//! Interrupted reads are taken up again, reads that would block are waited for, and an end stays an end. What may be
//! quiet for long (a pipe, a terminal) is asked whether it has something to say before it is read, so that a run that
//! is over does not wait for it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::bytes_read::BytesRead;
use super::error::InputError;
use crate::error::{Error, Result};

/// Bytes on their way to the reader, from one layer to the next.
pub(super) trait Bytes: Send {
    /// Writes some bytes to the front of `out`, which is not empty, and says how many: 0 at the end, and only there.
    ///
    /// After an error it is not called again.
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize>;
}

/// The longest pause before a non-blocking input is asked again.
const LONGEST_PAUSE: Duration = Duration::from_millis(32);

/// Any `Read`, counted.
pub(super) struct Raw {
    reader: Box<dyn Read + Send>,
    /// The same, where it is a file that may keep a read waiting.
    quiet: Option<Arc<File>>,
    progress: BytesRead,
    /// How long the file was when it was opened.
    length: Option<u64>,
    /// A terminal or a growing file may have more to say after an end; what was read until then is the source.
    ended: bool,
}

impl Raw {
    pub(super) fn new(reader: Box<dyn Read + Send>, progress: BytesRead) -> Self {
        Self { reader, quiet: None, progress, length: None, ended: false }
    }

    /// A regular file, which must stay as long as it is.
    pub(super) fn file(file: File, length: u64, progress: BytesRead) -> Self {
        // Files that the system makes up while they are read call themselves empty.
        let length = (length > 0).then_some(length);
        Self { length, ..Self::new(Box::new(file), progress) }
    }

    /// At the end: a file that changed is not read as if it had been whole.
    fn is_as_long(&self) -> Result<()> {
        let read = self.progress.compressed_bytes();
        match self.length {
            Some(length) if read < length => Err(Error::new(InputError::Shrank)),
            Some(length) if read > length => Err(Error::new(InputError::Grew)),
            _ => Ok(()),
        }
    }

    /// A pipe, a terminal or a device.
    pub(super) fn quiet(file: File, progress: BytesRead) -> Self {
        let file = Arc::new(file);
        Self { quiet: Some(Arc::clone(&file)), ..Self::new(Box::new(file), progress) }
    }

    /// Waits until there is something to read, or nobody wants it any more.
    fn wait(&self) -> Result<()> {
        while let Some(file) = &self.quiet
            && !is_ready(file)
        {
            self.go_on()?;
        }
        Ok(())
    }

    /// An error, which nobody will see, where the run is over.
    fn go_on(&self) -> Result<()> {
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
                    self.is_as_long()?;
                }
                Ok(count) => {
                    // A reader that claims more than it was given room for is not believed.
                    let count = count.min(out.len());
                    self.progress.add(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.go_on()?;
                    thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(Error::io("cannot read", error)),
            }
        }
        Ok(0)
    }
}

/// Whether a read would come back, with bytes, an end or an error; asked for a tenth of a second.
#[cfg(unix)]
fn is_ready(file: &File) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let pause = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&pause)) {
        Ok(ready) => ready > 0,
        Err(rustix::io::Errno::INTR) => false,
        // What cannot be asked is read.
        Err(_) => true,
    }
}

/// Elsewhere there is no asking.
#[cfg(not(unix))]
fn is_ready(_: &File) -> bool {
    true
}
