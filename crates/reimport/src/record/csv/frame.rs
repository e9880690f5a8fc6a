//! Where rows end: read byte by byte on the reading thread, each byte once, in blocks of any size.

use crate::position::Position;
use crate::record::block::Frame;
use crate::record::error::FormatError;
use crate::record::lines::line_ends;

/// A resumable framer of rows.
#[derive(Debug)]
pub(in crate::record) struct Rows {
    delimiter: u8,
    state: FrameState,
    /// The byte before those shown next.
    previous: u8,
    /// Where the last quote was opened, counted from the start of the row under way.
    quote: Place,
    /// What of the row under way is no longer held.
    passed: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameState {
    /// Outside quotes.
    Bare,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: the closing one, or the first of two.
    Closing,
}

/// Bytes and line ends before a byte.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    bytes: u64,
    lines: u64,
}

impl Rows {
    pub(in crate::record) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: FrameState::Bare,
            previous: b'\n',
            quote: Place::default(),
            passed: Place::default(),
        }
    }

    /// Reads `bytes` from `from` on and frames the rows that end there, without their LF. Answers where the row under way
    /// begins; it must stand first in the next bytes shown.
    pub(in crate::record) fn cut(&mut self, bytes: &[u8], from: usize, frames: &mut Vec<Frame>) -> usize {
        let (mut start, mut at) = (0, from);
        let mut opened = None;
        while let Some(end) = self.row_end(bytes, at, &mut opened) {
            if !is_blank(&bytes[start..end]) {
                frames.push(Frame::new(start..end, 0));
            }
            start = end + 1;
            at = start;
        }
        match opened {
            Some(at) if at >= start => self.quote.bytes = (at - start) as u64,
            _ => {}
        }
        start
    }

    /// What was held of the row under way is let go; [`pass`](Self::pass) reads on.
    pub(in crate::record) fn let_go(&mut self, held: &[u8]) {
        self.quote.lines = line_ends(&held[..held.len().min(self.quote.bytes as usize)]);
        self.passed = Place { bytes: held.len() as u64, lines: line_ends(held) };
    }

    /// Reads on through a row that is not held; answers where its LF stands, if it does in `bytes`.
    pub(in crate::record) fn pass(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut opened = None;
        let end = self.row_end(bytes, 0, &mut opened);
        if let Some(at) = opened {
            let lines = self.passed.lines + line_ends(&bytes[..at]);
            self.quote = Place { bytes: self.passed.bytes + at as u64, lines };
        }
        if end.is_some() {
            self.passed = Place::default();
        } else {
            self.passed.bytes += bytes.len() as u64;
            self.passed.lines += line_ends(bytes);
        }
        end
    }

    /// At the end of the source: whether the last quote was closed. Says where it was opened, counted from the start of
    /// the row; the line only where the row was let go.
    pub(in crate::record) fn end(&self) -> Result<(), (Position, FormatError)> {
        if self.state != FrameState::Quoted {
            return Ok(());
        }
        let place = Position { byte: self.quote.bytes, line: 1 + self.quote.lines, record: 1 };
        Err((place, FormatError::OpenQuote))
    }

    /// The place of the LF that ends the row, and of the last quote that opened a cell before it.
    fn row_end(&mut self, bytes: &[u8], mut at: usize, opened: &mut Option<usize>) -> Option<usize> {
        while at < bytes.len() {
            match self.state {
                FrameState::Bare => {
                    let Some(found) = memchr::memchr2(b'"', b'\n', &bytes[at..]) else { break };
                    at += found;
                    if bytes[at] == b'\n' {
                        self.previous = b'\n';
                        return Some(at);
                    }
                    let before = if at == 0 { self.previous } else { bytes[at - 1] };
                    if before == self.delimiter || before == b'\n' {
                        self.state = FrameState::Quoted;
                        *opened = Some(at);
                    }
                    at += 1;
                }
                FrameState::Quoted => {
                    let Some(found) = memchr::memchr(b'"', &bytes[at..]) else { break };
                    self.state = FrameState::Closing;
                    at += found + 1;
                }
                FrameState::Closing if bytes[at] == b'"' => {
                    self.state = FrameState::Quoted;
                    at += 1;
                }
                FrameState::Closing => self.state = FrameState::Bare,
            }
        }
        if let Some(last) = bytes.last() {
            self.previous = *last;
        }
        None
    }
}

/// Whether a line is empty, its LF left out.
pub(in crate::record) fn is_blank(line: &[u8]) -> bool {
    matches!(line, [] | [b'\r'])
}
