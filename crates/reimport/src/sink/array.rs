//! One JSON array into any writer.

use std::io::Write;

use super::framed::Framing;
use super::stream::{Stream, stream_sink};

/// One JSON array, laid out like a part; a run that fails leaves it without its `]`, so that it never passes for a
/// whole one. Finished, it gives the writer back.
///
/// ```
/// use reimport::Sink;
/// use reimport::sink::Array;
///
/// let bytes = Array::new(Vec::new()).finish(&reimport::Summary::default())?;
/// assert_eq!(bytes, b"[\n]");
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct Array<W>(Stream<W>);

impl<W: Write> Array<W> {
    /// An array into `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Array))
    }
}

stream_sink!(Array);
