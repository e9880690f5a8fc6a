//! NDJSON: one record per line. Lines end with LF or CRLF, blank lines are ignored, and the last line end is
//! optional.

use super::block::{Block, Frame};
use super::error::RecordError;

/// Returns the end of the last complete line in `bytes`, or 0 if no line ends there.
pub(super) fn cut(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1)
}

/// Returns the number of line ends in `bytes`.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Returns the approximate number of line ends in `bytes`, from samples at regular distances.
pub(super) fn estimate(bytes: &[u8]) -> u64 {
    const SAMPLES: usize = 16;
    const SAMPLE: usize = 256;
    let apart = bytes.len() / SAMPLES;
    if apart <= SAMPLE {
        return line_ends(bytes);
    }
    let counted: u64 = (0..SAMPLES).map(|at| line_ends(&bytes[at * apart..at * apart + SAMPLE])).sum();
    counted * apart as u64 / SAMPLE as u64
}

/// Returns the length of the white space at the start of `bytes`. White space is that of JSON, which does not
/// include the form feed.
pub(super) fn blank(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| !is_white(byte)).unwrap_or(bytes.len())
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Frames the lines of a block that are not blank. The length limit applies to the line with its white space, so
/// that the result does not depend on where blocks are cut.
pub(super) fn split(block: &mut Block, limit: u64) {
    let mut frames = std::mem::take(&mut block.frames);
    let plain = block.plain();
    let (mut start, mut line) = (0, 0);
    let mut frame = |start: usize, end: usize, line: u64| {
        let whole = &plain[start..end];
        let lead = blank(whole);
        // A blank line has only white space.
        let Some(last) = whole.iter().rposition(|&byte| !is_white(byte)) else { return };
        let mut frame = Frame::new(start + lead..start + last + 1, line);
        let bytes = whole.len() as u64;
        if bytes > limit {
            frame.fault = Some(Box::new(RecordError::TooLong { bytes, limit }));
        }
        frames.push(frame);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lines_are_counted_and_many_are_sampled() {
        assert_eq!(estimate(b"a\nb\n\nc"), 3);
        assert_eq!(estimate(&b"{}\n".repeat(100)), 100);
        let many = estimate(&b"{\"a\":12}\n".repeat(10_000));
        assert!((9_000..11_000).contains(&many), "{many}");
        assert_eq!(estimate(&b"x".repeat(100_000)), 0);
    }
}
