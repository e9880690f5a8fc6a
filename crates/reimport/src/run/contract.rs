//! Checks that a transform keeps the contract of [`Transform`](super::Transform): what it renders, and its verdicts.
//!
//! The sinks write rendered records as they are, so a transform that renders anything else makes invalid files. The
//! renderings of this library need no check and get none, because it would cost time.

use super::{Rendering, SideFile, Verdict};
use crate::record::RecordError;
use crate::record::reader::validate;

/// The argument of a method that only the transforms of this library can implement: no other crate can name it.
#[derive(Debug, Clone, Copy)]
pub struct OfThisLibrary;

/// A transform does not keep the contract of [`Transform`](super::Transform). The run ends and publishes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformError {
    /// A rendered record is not what the sink takes.
    #[error("the transform must write {expected} for each record, but it wrote {found}")]
    Rendered {
        /// The form of a record.
        expected: OneLine,
        /// What is wrong with the bytes.
        found: LineFault,
    },
    /// A line of a side file does not have the form of the file.
    #[error("the transform must write {expected} as each line of {}, but it wrote {found}", list.output_name().as_str())]
    SideLine {
        /// The side file.
        list: SideFile,
        /// The form of a line.
        expected: OneLine,
        /// What is wrong with the bytes.
        found: LineFault,
    },
    /// The verdict is [`Verdict::Rejected`] without a problem.
    #[error("the transform must give at least one problem for each rejected record, but it gave none")]
    NoProblem,
}

/// The form in which a transform writes a record, or a line of a side file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OneLine {
    /// One JSON object.
    #[error("one JSON object on one line")]
    Json,
    /// One CSV line.
    #[error("one CSV line without its line end")]
    Csv,
}

/// What is wrong with the bytes that a transform wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// There are no bytes.
    #[error("nothing")]
    Empty,
    /// The bytes are not UTF-8.
    #[error("bytes that are not UTF-8")]
    NotUtf8,
    /// There is a line end, in CSV outside quotes.
    #[error("a line end")]
    LineEnd,
    /// A quote of a CSV line is not closed.
    #[error("a quote that is not closed")]
    OpenQuote,
    /// The bytes are not one JSON object.
    #[error("text that is not one JSON object: {0}")]
    NotAnObject(RecordError),
}

/// Checks a verdict.
pub(crate) fn check_verdict(verdict: &Verdict) -> Result<(), TransformError> {
    match verdict {
        Verdict::Rejected(problems) if problems.is_empty() => Err(TransformError::NoProblem),
        _ => Ok(()),
    }
}

/// Checks the bytes of a written record.
pub(crate) fn check_rendered(rendering: Rendering, bytes: &[u8]) -> Result<(), TransformError> {
    let expected = match rendering {
        Rendering::Json => OneLine::Json,
        Rendering::Csv(_) => OneLine::Csv,
    };
    expected.check(bytes).map_err(|found| TransformError::Rendered { expected, found })
}

/// Checks a line of a side file, given without the cells that the run writes.
pub(crate) fn check_side_line(list: SideFile, line: &[u8]) -> Result<(), TransformError> {
    let expected = if list.header().is_some() { OneLine::Csv } else { OneLine::Json };
    expected.check(line).map_err(|found| TransformError::SideLine { list, expected, found })
}

impl OneLine {
    fn check(self, bytes: &[u8]) -> Result<(), LineFault> {
        if bytes.is_empty() {
            return Err(LineFault::Empty);
        }
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| LineFault::NotUtf8)?;
        match self {
            Self::Json if memchr::memchr2(b'\n', b'\r', bytes).is_some() => Err(LineFault::LineEnd),
            Self::Json => validate(text).map_err(LineFault::NotAnObject),
            Self::Csv => check_row(bytes),
        }
    }
}

/// Checks that all line ends are in quotes, and that every quote is closed.
fn check_row(bytes: &[u8]) -> Result<(), LineFault> {
    let mut quoted = false;
    for at in memchr::memchr3_iter(b'"', b'\n', b'\r', bytes) {
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ if !quoted => return Err(LineFault::LineEnd),
            _ => {}
        }
    }
    if quoted { Err(LineFault::OpenQuote) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::CsvFormat;

    #[test]
    fn rendered_record_is_one_line() {
        let json = |bytes: &[u8]| check_rendered(Rendering::Json, bytes).map_err(|error| error.to_string());
        for valid in [&b"{}"[..], br#"{"a":[1,"\n"]}"#, br#"{ "a": 1 }"#] {
            assert_eq!(json(valid), Ok(()));
        }
        for (invalid, found) in [
            (&b""[..], "nothing"),
            (b"{\"a\":\"\xff\"}", "bytes that are not UTF-8"),
            (b"{\n}", "a line end"),
            (b"{}\r", "a line end"),
            (b"[]", "text that is not one JSON object: expected an object, but found an array at column 1"),
            (
                b"{} x",
                "text that is not one JSON object: expected nothing more, but found a letter at column 4",
            ),
            (
                b"{\"a\":1",
                "text that is not one JSON object: expected `,` or `}`, but found the end of the text at column 7",
            ),
        ] {
            let expected =
                "the transform must write one JSON object on one line for each record, but it wrote";
            assert_eq!(json(invalid), Err(format!("{expected} {found}")));
        }
        let csv = |bytes: &[u8]| {
            check_rendered(Rendering::Csv(CsvFormat::default()), bytes).map_err(|error| error.to_string())
        };
        for valid in [&b"a"[..], b",", b"\"a\nb\",\"\"\"\""] {
            assert_eq!(csv(valid), Ok(()));
        }
        for (invalid, found) in [
            (&b""[..], "nothing"),
            (b"a\n", "a line end"),
            (b"\"a\"\nb", "a line end"),
            (b"\"a\"\",b", "a quote that is not closed"),
        ] {
            let expected =
                "the transform must write one CSV line without its line end for each record, but it wrote";
            assert_eq!(csv(invalid), Err(format!("{expected} {found}")));
        }
    }

    #[test]
    fn side_line_has_the_form_of_its_file() {
        for list in SideFile::ALL {
            let (right, wrong) =
                if list.header().is_some() { (&b"a,b"[..], &b"a\n"[..]) } else { (&b"{}"[..], &b"a"[..]) };
            assert_eq!(check_side_line(list, right), Ok(()));
            assert!(check_side_line(list, wrong).is_err());
        }
        assert_eq!(
            check_side_line(SideFile::Links, b"{}\n").unwrap_err().to_string(),
            "the transform must write one JSON object on one line as each line of links.ndjson, but it wrote a line end"
        );
    }
}
