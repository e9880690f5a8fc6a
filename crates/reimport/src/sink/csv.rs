//! CSV into any writer.

use std::io::Write;

use super::framed::Framing;
use super::stream::{Stream, stream_sink};
use crate::run::CsvEscape;

/// A header line, then one CSV line a record, each ended by LF. Finished, it gives the writer back.
///
/// The lines are rendered by the [`Transform`](crate::run::Transform), which this sink asks for
/// [`Rendering::Csv`](crate::run::Rendering::Csv).
pub struct Csv<W>(Stream<W>);

impl<W: Write> Csv<W> {
    /// CSV into `write`, values as the export holds them.
    pub fn new(write: W) -> Self {
        Self::escaped(write, CsvEscape::None)
    }

    /// CSV into `write`, with something done to strings that a spreadsheet would run.
    pub fn escaped(write: W, escape: CsvEscape) -> Self {
        Self(Stream::new(write, Framing::Csv(escape)))
    }
}

stream_sink!(Csv);
