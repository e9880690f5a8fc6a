//! Error kinds for a record and for the file that contains the records, and their messages.

use std::fmt;

use crate::json::{Expected, SyntaxError};
use crate::path::PathError;

/// One record cannot be read. The records after it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record is not a valid JSON object.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// The record is not UTF-8.
    #[error("expected UTF-8, but found other bytes at column {}", at + 1)]
    NotUtf8 {
        /// The offset of the first invalid byte, from 0.
        at: usize,
    },
    /// The record is longer than the limit and was not kept.
    #[error("expected at most {limit} bytes, but found {bytes}")]
    TooLong {
        /// The length of the record.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A CSV row has more or fewer cells than the header.
    #[error("expected {}, but found {found}", Cells(*expected))]
    UnevenRow {
        /// The number of cells in the header.
        expected: usize,
        /// The number of cells in the row.
        found: usize,
    },
    /// A CSV cell does not follow RFC 4180.
    #[error("cell {cell}: {fault}")]
    Cell {
        /// The number of the cell in the row, counted from 1.
        cell: usize,
        /// What is wrong with the cell.
        fault: CellFault,
    },
    /// A line of `rejected.ndjson` was not corrected.
    #[error("expected the fixed user under \"user\": replace \"raw\" by it in this line")]
    NotFixed,
}

impl RecordError {
    /// Returns the stable name of the rule that the record breaks.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Syntax(error) if error.expected() == Expected::Object => "not-an-object",
            Self::Syntax(_) => "invalid-json",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::TooLong { .. } => "too-long-record",
            Self::UnevenRow { .. } => "uneven-row",
            Self::Cell { .. } => "invalid-csv",
            Self::NotFixed => "not-fixed",
        }
    }
}

/// What is wrong with a CSV cell according to RFC 4180.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellFault {
    /// There is text between the closing quote and the end of the cell.
    #[error(
        "expected the end of the cell after its closing quote, but found more text; \
         write a quote that belongs to the text twice"
    )]
    AfterQuote,
    /// There is a quote in a cell that does not begin with one.
    #[error(
        "found a quote inside a cell without quotes; put the cell in quotes and write its own quotes twice"
    )]
    BareQuote,
    /// There is a carriage return without a line feed, outside quotes.
    #[error(
        "expected a line feed after the carriage return; end rows with LF or CRLF, and put a cell that contains a carriage return in quotes"
    )]
    BareReturn,
    /// There is a NUL byte.
    #[error("expected text, but found a NUL byte; export again, or remove the byte")]
    Nul,
}

/// Displays a number of cells.
struct Cells(usize);

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "cell" } else { "cells" })
    }
}

/// The file that contains the records is damaged, or is another kind of file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The format was set to array, but the file does not begin with `[`.
    #[error("expected `[`, the start of a JSON array")]
    NoArray,
    /// Two elements have no comma between them.
    #[error(
        "expected `,` or `]` after an element of the array; if each element is on its own line, remove the brackets: \
         without commas this is NDJSON"
    )]
    NoComma,
    /// There is another character in place of an element.
    #[error("expected an element of the array")]
    NoElement,
    /// There is a comma before the closing bracket.
    #[error("expected an element of the array, but found `]` after a comma: remove the last comma")]
    LastComma,
    /// Something follows the closing bracket.
    #[error("expected nothing after the `]` that closes the array")]
    AfterArray,
    /// Another array follows the closing bracket.
    #[error(
        "expected one array, but a second one begins here: write all of their elements as NDJSON, for example with `jq -c '.[]' FILE`"
    )]
    SecondArray,
    /// The source ends inside the array.
    #[error("expected `]`, but found the end: the file is cut off; download it again")]
    OpenArray,
    /// The first object spans lines.
    #[error(
        "the first object spans lines, but one object per line is expected: run it through `jq -c .` first"
    )]
    SpansLines,
    /// The file does not begin like any export.
    #[error(
        "this is not an export: expected NDJSON, a JSON array, or CSV whose header names a user property"
    )]
    Unknown,
    /// A hash export is given in place of users.
    #[error("this is an export of password hashes, but an export of users is expected")]
    Hashes,
    /// The error list of an import job is given in place of users.
    #[error("this is the error list of an import job, but an export of users is expected")]
    JobErrors,
    /// A manifest is given in place of users.
    #[error("this is a manifest of reimport: give the parts next to it")]
    Manifest,
    /// A job object is given in place of users.
    #[error("this is a job object, not what the job exported: download what its `location` points to")]
    Job,
    /// One or more objects have the users in an array: a page of GET users, or a bundle of another tool.
    #[error(
        "this object contains an array of users in its member \"{member}\", but one object for each user is expected: take \
         the users out, for example with `jq -c '{}.{member}[]' FILE`", items(*.in_array)
    )]
    Bundle {
        /// The member with the users.
        member: &'static str,
        /// Whether the objects are elements of an array.
        in_array: bool,
    },
    /// The elements of the array are arrays of users, such as several responses combined into one file.
    #[error(
        "each element of this array is an array, but one object for each user is expected: take the users out, for example with `jq -c '.[][]' FILE`"
    )]
    ArrayOfArrays,
    /// Each user is inside another object, in its member `user`.
    #[error(
        "each object has its user in its member \"user\", but the user itself is expected: take the users out, for example with `jq -c '{}.user' FILE`", items(*.in_array)
    )]
    Wrapped {
        /// Whether the objects are elements of an array.
        in_array: bool,
    },
    /// A response of the API that reports an error.
    #[error(
        "this is an error answer of the API, not users: its \"{reason}\" says why; correct that, and request the \
         users again"
    )]
    ApiError {
        /// The member with the reason.
        reason: &'static str,
    },
    /// Objects in the notation of a programming language.
    #[error("this is the notation of {language}, not JSON: write the file again, with `{writer}`")]
    Notation {
        /// The language.
        language: &'static str,
        /// Its function that writes JSON.
        writer: &'static str,
    },
    /// NDJSON with a comma after each line.
    #[error(
        "a comma follows the first object, but NDJSON has no commas between lines: remove them, for example with `sed 's/,[[:space:]]*$//' FILE`"
    )]
    CommaLines,
    /// Text in an 8-bit encoding.
    #[error(
        "line {line} is not UTF-8, and neither is any other line with characters beyond ASCII: the file is in \
         another encoding, probably Windows-1252 (Latin-1); save it as UTF-8, or convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 FILE`"
    )]
    OtherEncoding {
        /// The first line that is not UTF-8, counted from 1.
        line: u64,
    },
    /// A quote is never closed.
    #[error(
        "expected the quote that begins here to be closed, but found the end of the file; close it, or write it \
         twice in a cell in quotes if it belongs to the text"
    )]
    OpenQuote,
    /// A header cell does not follow RFC 4180.
    #[error("cell {cell} of the header: {fault}")]
    HeaderCell {
        /// The number of the cell, counted from 1.
        cell: usize,
        /// What is wrong with the cell.
        fault: CellFault,
    },
    /// A header cell is not UTF-8.
    #[error(
        "expected the header in UTF-8, but found other bytes: save the file as UTF-8, or convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 FILE`"
    )]
    HeaderNotUtf8,
    /// The header is too long.
    #[error("expected a header of at most {limit} bytes, but found no end of its line")]
    HeaderTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The header has more columns than any spreadsheet.
    #[error("expected at most {limit} cells in the header, but found {found}")]
    TooManyColumns {
        /// The maximum number of cells.
        limit: usize,
        /// The number of cells in the header.
        found: usize,
    },
    /// A column has no name.
    #[error("cell {cell} of the header: expected a name, but found nothing; name the column, or remove it")]
    EmptyColumn {
        /// The number of the cell, counted from 1.
        cell: usize,
    },
    /// Two columns have the same name, or two spellings of the same path.
    #[error("cells {first} and {second} of the header name the same field: rename one of them, or remove it")]
    RepeatedColumn {
        /// The number of the first cell, counted from 1.
        first: usize,
        /// The number of the other cell.
        second: usize,
    },
    /// The header has both `a` and `a.b`.
    #[error(
        "cell {outer} of the header names a field, and cell {inner} a part of it, as `a` and `a.b` do: remove one of them"
    )]
    ColumnInColumn {
        /// The number of the cell that names the whole field, counted from 1.
        outer: usize,
        /// The number of the cell that names a part of it.
        inner: usize,
    },
    /// The header has both `a[0]` and `a.b`.
    #[error(
        "cell {index} of the header makes a field an array, and cell {name} an object, as `a[0]` and `a.b` do: \
         rename one of them"
    )]
    ArrayAndObject {
        /// The number of a cell that names an item, counted from 1.
        index: usize,
        /// The number of a cell that names a member.
        name: usize,
    },
    /// The header has `a[1]` without `a[0]`.
    #[error(
        "cell {cell} of the header has the index [{index}], but no cell has [{missing}]: count the items of an \
         array from [0] on"
    )]
    IndexGap {
        /// The number of the cell, counted from 1.
        cell: usize,
        /// Its index.
        index: u32,
        /// The first missing index.
        missing: u32,
    },
    /// A header cell begins like a path, but is not a valid one.
    #[error("cell {cell} of the header: {error}")]
    ColumnPath {
        /// The number of the cell, counted from 1.
        cell: usize,
        /// What is wrong with the path.
        #[source]
        error: PathError,
    },
    /// The delimiter cannot be used in CSV.
    #[error("expected the delimiter to be one ASCII character other than a quote, a line end or NUL")]
    Delimiter,
    /// The limit of a record is too large for a block.
    #[error("the limit of one record may be at most {limit} bytes")]
    LimitTooLarge {
        /// The maximum limit.
        limit: u64,
    },
}

/// Returns the jq expression for the objects of a file: the elements of its array, or each of its values.
fn items(in_array: bool) -> &'static str {
    if in_array { ".[]" } else { "" }
}

/// A format error, at an offset in the bytes of the current call of a framer.
#[derive(Debug)]
pub(super) struct RecordFault {
    pub(super) at: usize,
    pub(super) error: FormatError,
}
