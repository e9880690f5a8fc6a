//! A JSON array of records, framed on the reading thread.
//!
//! Only the structure of the array is checked here: the brackets, and one comma between elements. The content of
//! an element is validated later, like a line of NDJSON. So an invalid element is one rejected record, and an
//! invalid array ends the run.

use super::block::Frame;
use super::error::{FormatError, RecordFault};
use super::nesting::{self, Passed};
use super::step::STEP;

/// A resumable framer that reads each byte once.
#[derive(Debug, Default)]
pub(super) struct Array {
    state: ArrayState,
    /// The start of the current element, as an offset in the bytes of the current call.
    start: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum ArrayState {
    /// Before `[`.
    #[default]
    Before,
    /// After `[`: expects an element or `]`.
    First,
    /// After a comma: expects an element.
    Next,
    /// In an element that is an object, an array or a string.
    Nested { depth: u32, string: bool, escape: bool },
    /// In an element that is a number or a word.
    Bare,
    /// After an element: expects a comma or `]`.
    After,
    /// After `]`: expects only white space.
    Done,
}

impl Array {
    /// Creates a framer that begins at an element of the array, instead of at its start.
    pub(super) fn at_element() -> Self {
        Self { state: ArrayState::Next, start: 0 }
    }

    /// Reads `bytes` from `from` on and frames the elements that end there. Returns the number of bytes that are
    /// done: up to the start of the current element, or all of them. The next call must pass the other bytes
    /// again, at the start.
    pub(super) fn cut(
        &mut self,
        bytes: &[u8],
        from: usize,
        frames: &mut Vec<Frame>,
    ) -> Result<usize, RecordFault> {
        self.read(bytes, from, frames, false)
    }

    /// Continues an element that is being discarded. Returns its end, if the end is in `bytes`.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<Option<usize>, RecordFault> {
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
    ) -> Result<usize, RecordFault> {
        let mut at = from;
        // Up to this offset, there are not enough bytes for a whole step, or there are escapes.
        let mut byte_by_byte = 0;
        while let Some(&byte) = bytes.get(at) {
            if one && !frames.is_empty() {
                return Ok(at);
            }
            let fault = |error| RecordFault { at, error };
            match self.state {
                ArrayState::Nested { depth, string, escape: false } if depth > 0 && at >= byte_by_byte => {
                    match nesting::pass(&bytes[at..], depth, string) {
                        Passed::End(length) => {
                            at += length;
                            self.element(at, frames);
                        }
                        Passed::Inside { length, depth, string } => {
                            at += length;
                            byte_by_byte = at + STEP;
                            self.state = ArrayState::Nested { depth, string, escape: false };
                        }
                    }
                    continue;
                }
                ArrayState::Nested { depth, string: true, escape: true } => {
                    self.state = ArrayState::Nested { depth, string: true, escape: false };
                }
                ArrayState::Nested { depth, string: true, .. } => {
                    match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
                        None => {
                            at = bytes.len();
                            continue;
                        }
                        Some(found) => {
                            at += found;
                            let quote = bytes[at] == b'"';
                            self.state = ArrayState::Nested { depth, string: !quote, escape: !quote };
                            if quote && depth == 0 {
                                self.element(at + 1, frames);
                            }
                        }
                    }
                }
                ArrayState::Nested { depth, .. } => match byte {
                    b'"' => self.state = ArrayState::Nested { depth, string: true, escape: false },
                    b'{' | b'[' => {
                        self.state = ArrayState::Nested {
                            depth: depth.saturating_add(1),
                            string: false,
                            escape: false,
                        };
                    }
                    b'}' | b']' if depth == 1 => self.element(at + 1, frames),
                    b'}' | b']' => {
                        self.state = ArrayState::Nested { depth: depth - 1, string: false, escape: false }
                    }
                    _ => {}
                },
                ArrayState::Bare if matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r') => {
                    self.element(at, frames);
                    continue; // read the same byte again, after the element
                }
                ArrayState::Bare => {}
                _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {}
                ArrayState::Before if byte == b'[' => self.state = ArrayState::First,
                ArrayState::Before => return Err(fault(FormatError::NoArray)),
                ArrayState::First | ArrayState::After if byte == b']' => self.state = ArrayState::Done,
                ArrayState::After if byte == b',' => self.state = ArrayState::Next,
                ArrayState::After => return Err(fault(FormatError::NoComma)),
                ArrayState::Next if byte == b']' => return Err(fault(FormatError::LastComma)),
                ArrayState::First | ArrayState::Next => {
                    if matches!(byte, b',' | b']' | b'}') {
                        return Err(fault(FormatError::NoElement));
                    }
                    self.start = at;
                    self.state = match byte {
                        b'{' | b'[' => ArrayState::Nested { depth: 1, string: false, escape: false },
                        b'"' => ArrayState::Nested { depth: 0, string: true, escape: false },
                        _ => ArrayState::Bare,
                    };
                }
                ArrayState::Done if byte == b'[' => return Err(fault(FormatError::SecondArray)),
                ArrayState::Done => return Err(fault(FormatError::AfterArray)),
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
        self.state = ArrayState::After;
    }

    fn in_element(&self) -> bool {
        matches!(self.state, ArrayState::Nested { .. } | ArrayState::Bare)
    }

    /// At the end of the source, checks that the array was closed.
    pub(super) fn end(&self, at: usize) -> Result<(), RecordFault> {
        if self.state == ArrayState::Done {
            Ok(())
        } else {
            Err(RecordFault { at, error: FormatError::OpenArray })
        }
    }
}
