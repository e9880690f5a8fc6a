//! The outermost input: a `Read`, made to behave.
//!
//! Interrupted reads are taken up again, reads that would block are waited for, and an end stays an end.

use std::io::{ErrorKind, Read};
use std::thread;
use std::time::Duration;

use super::progress::Progress;
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
    progress: Progress,
    /// A terminal or a growing file may have more to say after an end; what was read until then is the source.
    ended: bool,
}

impl Raw {
    pub(super) fn new(reader: Box<dyn Read + Send>, progress: Progress) -> Self {
        Self { reader, progress, ended: false }
    }
}

impl Bytes for Raw {
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut pause = Duration::from_millis(1);
        while !self.ended {
            match self.reader.read(out) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    // A reader that claims more than it was given room for is not believed.
                    let count = count.min(out.len());
                    self.progress.add(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(Error::io("cannot read", error)),
            }
        }
        Ok(0)
    }
}
