//! Sinks that create no file: [`Nothing`], and closures.

use crate::error::Result;
use crate::run::{Rendering, Sink, Summary, Written};

/// A sink that writes nothing. A run into it shows what a run into another sink would do, except that what a transform of
/// another crate renders is not checked.
///
/// ```
/// use reimport::Sink;
/// use reimport::sink::Nothing;
///
/// let sink = Nothing::new().max_record_bytes(499_996);
/// assert_eq!(Sink::max_record_bytes(&sink), Some(499_996));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing {
    rendering: Rendering,
    max_record_bytes: Option<u64>,
}

impl Nothing {
    /// Returns a sink for JSON records of any length.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the form of the records, for example to that of another sink.
    pub fn rendering(self, rendering: Rendering) -> Self {
        Self { rendering, ..self }
    }

    /// Sets the maximum size of a record, in bytes, for example to that of another sink.
    pub fn max_record_bytes(self, bytes: u64) -> Self {
        Self { max_record_bytes: Some(bytes), ..self }
    }
}

impl Sink for Nothing {
    type Finished = ();

    fn rendering(&self) -> Rendering {
        self.rendering
    }

    fn max_record_bytes(&self) -> Option<u64> {
        self.max_record_bytes
    }

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn write(&mut self, _: Written<'_>) -> Result<()> {
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<()> {
        Ok(())
    }
}

/// Any closure is a sink of JSON records. It receives written records; skipped and rejected records are only
/// counted.
///
/// ```
/// use reimport::run::{Origin, Sink, Written};
///
/// fn fill(mut sink: impl Sink) -> reimport::Result<()> {
///     let origin = Origin { source: &"a.ndjson".into(), position: reimport::Position::START };
///     sink.write(Written { bytes: b"{}", origin, connection: None, password: false })
/// }
///
/// let mut bytes = 0;
/// fill(|written: Written<'_>| {
///     bytes += written.bytes.len();
///     Ok(())
/// })?;
/// assert_eq!(bytes, 2);
/// # Ok::<(), reimport::Error>(())
/// ```
impl<F: FnMut(Written<'_>) -> Result<()>> Sink for F {
    type Finished = ();

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self(written)
    }

    fn finish(self, _: &Summary) -> Result<()> {
        Ok(())
    }
}
