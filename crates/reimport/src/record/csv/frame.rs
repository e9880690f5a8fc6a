//! Finds the ends of rows on the reading thread. Reads each byte once, in blocks of any size.
//!
//! `csv_core::Reader` is not used here. It counts lines, but reports neither the byte offset of a row nor a quote that is
//! never closed. It also accepts what RFC 4180 does not: text after a closing quote, a quote in an unquoted cell, a carriage
//! return as row end. Here, each of these is an error with its position, the rows around it are still records, and a row can
//! be discarded without being stored. The cells of a row are found by `cells`, in half the time (`benches/README.md`).

use super::super::step::{self, STEP};
use super::marks::{Before, Marks, Quotes};
use crate::position::Position;
use crate::record::block::Frame;
use crate::record::error::FormatError;
use crate::record::lines::line_ends;

/// A resumable framer of rows.
#[derive(Debug)]
pub(in crate::record) struct Rows {
    delimiter: u8,
    state: FrameState,
    /// The last byte of the previous call.
    previous: u8,
    /// The location of the last opening quote, relative to the start of the current row.
    quote: Place,
    /// The part of the current row that was discarded.
    passed: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameState {
    /// Outside quotes.
    Bare,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: either the closing quote, or the first of a doubled quote.
    Closing,
}

/// The number of bytes and line ends before a byte.
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

    /// Reads `bytes` from `from` on and frames the rows that end there, without their LF. Returns the start of the
    /// current row. The next call must pass the bytes from there on again, at the start.
    pub(in crate::record) fn cut(&mut self, bytes: &[u8], from: usize, frames: &mut Vec<Frame>) -> usize {
        let (mut start, mut at) = (0, from);
        let mut opened = None;
        loop {
            at = self.cut_steps(bytes, at, &mut start, &mut opened, frames);
            let Some(end) = self.row_end(bytes, at, &mut opened) else { break };
            add_row(bytes, &mut start, end, frames);
            at = start;
        }
        match opened {
            Some(at) if at >= start => self.quote.bytes = (at - start) as u64,
            _ => {}
        }
        start
    }

    /// Same as [`cut`](Self::cut), in steps. Stops at a step with a stray quote, or near the end of `bytes`. Returns the
    /// offset of the first byte that was not read.
    fn cut_steps(
        &mut self,
        bytes: &[u8],
        from: usize,
        start: &mut usize,
        opened: &mut Option<usize>,
        frames: &mut Vec<Frame>,
    ) -> usize {
        let (mut at, mut before) = (from, self.before(bytes, from));
        while let Some(step) = bytes[at..].first_chunk() {
            let marks = Marks::of(step, self.delimiter);
            let quotes = Quotes::of(&marks, before);
            if quotes.stray != 0 {
                break;
            }
            for position in step::positions(marks.line_feeds & !quotes.inside) {
                add_row(bytes, start, at + position, frames);
            }
            if quotes.opening != 0 {
                *opened = Some(at + quotes.opening.ilog2() as usize);
            }
            before = quotes.next;
            at += STEP;
        }
        self.state = match before {
            Before::CellStart | Before::Bare => FrameState::Bare,
            Before::Quoted => FrameState::Quoted,
            Before::Closing => FrameState::Closing,
        };
        at
    }

    /// Returns what the bytes before `at` mean for the byte there.
    fn before(&self, bytes: &[u8], at: usize) -> Before {
        let previous = if at == 0 { self.previous } else { bytes[at - 1] };
        match self.state {
            FrameState::Bare if previous == self.delimiter || previous == b'\n' => Before::CellStart,
            FrameState::Bare => Before::Bare,
            FrameState::Quoted => Before::Quoted,
            FrameState::Closing => Before::Closing,
        }
    }

    /// Begins to discard the current row, of which `held` was read. [`pass`](Self::pass) continues it.
    pub(in crate::record) fn begin_discard(&mut self, held: &[u8]) {
        self.quote.lines = line_ends(&held[..held.len().min(self.quote.bytes as usize)]);
        self.passed = Place { bytes: held.len() as u64, lines: line_ends(held) };
    }

    /// Continues a row that is being discarded. Returns the offset of its LF, if it is in `bytes`.
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

    /// At the end of the source, checks that the last quote was closed. The error has the position of the quote,
    /// relative to the start of the row. The line is correct only if the row was discarded.
    pub(in crate::record) fn end(&self) -> Result<(), (Position, FormatError)> {
        if self.state != FrameState::Quoted {
            return Ok(());
        }
        let place = Position { byte: self.quote.bytes, line: 1 + self.quote.lines, record: 1 };
        Err((place, FormatError::OpenQuote))
    }

    /// Returns the offset of the LF that ends the row. Sets `opened` to the offset of the last quote before it
    /// that opened a cell.
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
                    if self.before(bytes, at) == Before::CellStart {
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

/// Adds the row that ends with the LF at `end`, if it is not empty. The next row begins after it.
fn add_row(bytes: &[u8], start: &mut usize, end: usize, frames: &mut Vec<Frame>) {
    if !is_blank(&bytes[*start..end]) {
        frames.push(Frame::new(*start..end, 0));
    }
    *start = end + 1;
}

/// Returns `true` if a line, without its LF, is empty.
pub(in crate::record) fn is_blank(line: &[u8]) -> bool {
    matches!(line, [] | [b'\r'])
}
