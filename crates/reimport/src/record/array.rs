//! A JSON array of records: framed byte by byte on the reading thread, judged elsewhere.
//!
//! Only the array's own structure is decided here: brackets, and one comma between elements. What an element holds is
//! judged like a line of NDJSON, so a broken element is one rejected record, and a broken array ends the run.

use super::block::Frame;
use super::error::{Fault, FormatError};

/// A resumable framer: every byte is shown to it once.
#[derive(Debug, Default)]
pub(super) struct Array {
    state: State,
    /// Where the element under way begins, in the bytes last shown.
    start: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before `[`.
    #[default]
    Before,
    /// After `[`: an element, or `]`.
    First,
    /// After a comma: an element.
    Next,
    /// In an element that is an object, an array or a string.
    Nested { depth: u32, string: bool, escape: bool },
    /// In an element that is a number or a word.
    Bare,
    /// After an element: a comma, or `]`.
    After,
    /// After `]`: white space only.
    Done,
}

impl Array {
    /// Reads `bytes` from `from` on and frames the elements that end there. Answers how many bytes are done with: up to
    /// the element under way, or all of them; the rest must stand first in the next bytes shown.
    pub(super) fn cut(&mut self, bytes: &[u8], from: usize, frames: &mut Vec<Frame>) -> Result<usize, Fault> {
        self.read(bytes, from, frames, false)
    }

    /// Reads on through an element that is not held, to its end, where that lies in `bytes`.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let mut passed = Vec::new();
        self.read(bytes, 0, &mut passed, true)?;
        Ok(passed.pop().map(|frame| frame.plain.end))
    }

    fn read(
        &mut self,
        bytes: &[u8],
        from: usize,
        frames: &mut Vec<Frame>,
        one: bool,
    ) -> Result<usize, Fault> {
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            if one && !frames.is_empty() {
                return Ok(at);
            }
            let fault = |error| Fault { at, error };
            match self.state {
                State::Nested { depth, string: true, escape: true } => {
                    self.state = State::Nested { depth, string: true, escape: false };
                }
                State::Nested { depth, string: true, .. } => match memchr::memchr2(b'"', b'\\', &bytes[at..])
                {
                    None => {
                        at = bytes.len();
                        continue;
                    }
                    Some(found) => {
                        at += found;
                        let quote = bytes[at] == b'"';
                        self.state = State::Nested { depth, string: !quote, escape: !quote };
                        if quote && depth == 0 {
                            self.element(at + 1, frames);
                        }
                    }
                },
                State::Nested { depth, .. } => match byte {
                    b'"' => self.state = State::Nested { depth, string: true, escape: false },
                    b'{' | b'[' => {
                        self.state =
                            State::Nested { depth: depth.saturating_add(1), string: false, escape: false };
                    }
                    b'}' | b']' if depth == 1 => self.element(at + 1, frames),
                    b'}' | b']' => {
                        self.state = State::Nested { depth: depth - 1, string: false, escape: false }
                    }
                    _ => {}
                },
                State::Bare if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r') => {
                    self.element(at, frames);
                    continue; // the same byte again, after the element
                }
                State::Bare => {}
                _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {}
                State::Before if byte == b'[' => self.state = State::First,
                State::Before => return Err(fault(FormatError::NoArray)),
                State::First | State::After if byte == b']' => self.state = State::Done,
                State::After if byte == b',' => self.state = State::Next,
                State::After => return Err(fault(FormatError::NoComma)),
                State::Next if byte == b']' => return Err(fault(FormatError::LastComma)),
                State::First | State::Next => {
                    if matches!(byte, b',' | b']' | b'}') {
                        return Err(fault(FormatError::NoElement));
                    }
                    self.start = at;
                    self.state = match byte {
                        b'{' | b'[' => State::Nested { depth: 1, string: false, escape: false },
                        b'"' => State::Nested { depth: 0, string: true, escape: false },
                        _ => State::Bare,
                    };
                }
                State::Done if byte == b'[' => return Err(fault(FormatError::SecondArray)),
                State::Done => return Err(fault(FormatError::AfterArray)),
            }
            at += 1;
        }
        if self.in_element() {
            let done = self.start;
            self.start = 0;
            return Ok(done);
        }
        Ok(bytes.len())
    }

    fn element(&mut self, end: usize, frames: &mut Vec<Frame>) {
        frames.push(Frame::new(self.start..end, 0));
        self.state = State::After;
    }

    fn in_element(&self) -> bool {
        matches!(self.state, State::Nested { .. } | State::Bare)
    }

    /// At the end of the source: whether the array was closed.
    pub(super) fn end(&self, at: usize) -> Result<(), Fault> {
        if self.state == State::Done { Ok(()) } else { Err(Fault { at, error: FormatError::OpenArray }) }
    }
}
