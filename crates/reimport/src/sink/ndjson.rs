//! NDJSON into any writer.

use std::io::Write;

use super::framed::Framing;
use super::stream::{Stream, stream_sink};

/// One JSON object a line. Finished, it gives the writer back.
pub struct Ndjson<W>(Stream<W>);

impl<W: Write> Ndjson<W> {
    /// Lines into `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Ndjson))
    }
}

stream_sink!(Ndjson);
