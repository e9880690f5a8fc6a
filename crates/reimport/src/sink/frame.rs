//! The bytes before, between and after records, for a stream and for each part.

use super::framed::Framing;

/// The bytes around records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) open: Vec<u8>,
    pub(super) between: &'static [u8],
    pub(super) close: Vec<u8>,
    /// The output without records.
    empty: Vec<u8>,
}

/// The frame of an import file.
impl Default for Frame {
    fn default() -> Self {
        Self::of(&Framing::Array, b"")
    }
}

impl Frame {
    /// Returns the frame of a framing. `header` is that of a CSV, without its line end.
    pub(super) fn of(framing: &Framing, header: &[u8]) -> Self {
        match framing {
            Framing::Array => Self::array(b"[\n", b"\n]"),
            Framing::Wrapped(name) => {
                let mut open = vec![b'{'];
                crate::json::escape_into(name, &mut open);
                open.extend_from_slice(b":[\n");
                Self::array(&open, b"\n]}")
            }
            Framing::Csv(_) if !header.is_empty() => Self::lines(&[header, b"\n"].concat()),
            Framing::Ndjson | Framing::Csv(_) => Self::lines(b""),
        }
    }

    fn array(open: &[u8], close: &[u8]) -> Self {
        // Without records, the line end before the first one is also that before the end.
        let empty = [open, &close[1..]].concat();
        Self { open: open.to_vec(), between: b",\n", close: close.to_vec(), empty }
    }

    fn lines(header: &[u8]) -> Self {
        Self { open: header.to_vec(), between: b"\n", close: b"\n".to_vec(), empty: header.to_vec() }
    }

    /// Returns the bytes before the next record. `begun` says whether there are records before it.
    #[inline]
    pub(super) fn before(&self, begun: bool) -> &[u8] {
        if begun { self.between } else { &self.open }
    }

    /// Returns the bytes after the last record. If no record was written, returns the whole output.
    pub(super) fn end(&self, begun: bool) -> &[u8] {
        if begun { &self.close } else { &self.empty }
    }
}
