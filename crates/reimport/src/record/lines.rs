//! NDJSON: one record a line. LF or CRLF; blank lines are passed over; the last line end is optional.

use super::block::{Block, Frame};
use super::error::RecordError;

/// The end of the last whole line in `bytes`; 0 where no line ends.
pub(super) fn cut(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1)
}

/// Frames the lines of a block that are not blank. A line is too long by all its bytes, however a block was cut.
pub(super) fn split(block: &mut Block, limit: u64) {
    let mut frames = std::mem::take(&mut block.frames);
    let plain = block.plain();
    let (mut start, mut line) = (0, 0);
    let mut frame = |start: usize, end: usize, line: u64| {
        let trimmed = plain[start..end].trim_ascii();
        if !trimmed.is_empty() {
            let lead = plain[start..end].len() - plain[start..end].trim_ascii_start().len();
            let mut frame = Frame::new(start + lead..start + lead + trimmed.len(), line);
            let bytes = (end - start) as u64;
            if bytes > limit {
                frame.fault = Some(Box::new(RecordError::TooLong { bytes, limit }));
            }
            frames.push(frame);
        }
    };
    for end in memchr::memchr_iter(b'\n', plain) {
        line += 1;
        frame(start, end, line);
        start = end + 1;
    }
    frame(start, plain.len(), line + 1);
    block.line_ends += line;
    block.frames = frames;
}
