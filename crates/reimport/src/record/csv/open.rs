//! Reads the beginning of CSV input: finds the header, and detects the delimiter, the dialect and the encoding.

use super::Csv;
use super::cells::{self, Cell};
use super::column::ColumnKind;
use super::dialect::{EVIDENCE, Evidence};
use super::frame::Rows;
use super::header::{self, HeaderCellError};
use super::names;
use super::notes::CellPlaces;
use super::values::Reading;
use crate::error::Result;
use crate::position::Position;
use crate::record::error::FormatError;
use crate::record::format::{Format, other_encoding};
use crate::record::lines;
use crate::record::options::{ReadOptions, is_delimiter};
use crate::source::Source;

/// The delimiters that are tried, the most likely first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The maximum number of columns, which is that of the largest spreadsheet.
const MAX_COLUMNS: usize = 16_384;

/// The maximum length of a header in bytes.
const MAX_HEADER_BYTES: usize = 8 << 20;

/// The number of bytes read ahead at a time.
const STEP: usize = 64 << 10;

/// The beginning of a source. Reads more bytes as needed.
pub(in crate::record) struct ReadAhead<'s> {
    source: &'s mut Source,
    bytes: Vec<u8>,
}

impl<'s> ReadAhead<'s> {
    /// Creates a read-ahead that continues after `bytes`.
    pub(in crate::record) fn new(source: &'s mut Source, bytes: Vec<u8>) -> Self {
        Self { source, bytes }
    }

    pub(in crate::record) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns all bytes that were read.
    pub(in crate::record) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Returns `true` if more bytes than needed may be read without a long wait.
    fn can_read_ahead(&self) -> bool {
        // The caller of an eager source wants a few records, and must not wait until a pipe has 64 KiB. A file
        // always has its bytes.
        !self.source.is_eager() || self.source.size().is_some()
    }

    /// Returns at most `count` bytes from `from` on. Fewer are returned only at the end.
    fn region(&mut self, from: usize, count: usize) -> Result<&[u8]> {
        while self.bytes.len() - from < count && self.more()? {}
        Ok(&self.bytes[from..self.bytes.len().min(from + count)])
    }

    /// Reads more bytes. Returns `false` at the end.
    pub(super) fn more(&mut self) -> Result<bool> {
        let filled = self.bytes.len();
        self.bytes.resize(filled + STEP, 0);
        let count = self.source.read(&mut self.bytes[filled..])?;
        self.bytes.truncate(filled + count);
        Ok(count > 0)
    }
}

/// An error of the header, or of the file as a whole.
pub(in crate::record) struct HeaderFault {
    /// The offset of the error in the bytes read ahead. `None` if the error is about the whole file.
    pub(in crate::record) at: Option<usize>,
    pub(in crate::record) error: FormatError,
}

/// Reads the header and the first cells. Returns the settings and the offset of the first row. Returns `None` if
/// this is not a header of users and no option sets the format to CSV. `start` is the position of the bytes read
/// ahead.
pub(in crate::record) fn open(
    ahead: &mut ReadAhead<'_>,
    start: Position,
    options: &ReadOptions,
) -> Result<Option<std::result::Result<(Csv, usize), HeaderFault>>> {
    let hint = delimiter_hint(ahead)?;
    let (hinted, header) = hint.map_or((None, 0), |(delimiter, next)| (Some(delimiter), next));
    let given = options.delimiter.or(hinted);
    let mut best: Option<Candidate> = None;
    for &delimiter in given.as_ref().map_or(&DELIMITERS[..], std::slice::from_ref) {
        let candidate = Candidate::read(ahead, header, delimiter)?;
        if best.as_ref().is_none_or(|best| candidate.rank() > best.rank()) {
            best = Some(candidate);
        }
    }
    let forced = options.format == Some(Format::Csv);
    let Some(best) = best.filter(|best| forced || best.known > 0) else { return Ok(None) };
    let (tree, paths) = match best.judge(ahead.bytes()) {
        Ok(judged) => judged,
        Err(fault) => return Ok(Some(Err(fault))),
    };
    let read_ahead = ahead.can_read_ahead();
    let line_of = |bytes: &[u8], at: usize| start.line + lines::line_ends(&bytes[..at]);
    if !forced && read_ahead {
        let line = line_of(ahead.bytes(), best.next);
        let rows = ahead.region(best.next, EVIDENCE)?;
        if let Some(error) = other_encoding(rows, Position { line, ..start }) {
            return Ok(Some(Err(HeaderFault { at: None, error })));
        }
    }
    let column_kinds: Box<[ColumnKind]> = paths.iter().map(ColumnKind::of).collect();
    let mut kept_apostrophes = None;
    let dialect = if let Some(dialect) = options.csv_dialect {
        dialect
    } else {
        let evidence = Evidence::collect(ahead, best.next, best.delimiter, &column_kinds, read_ahead)?;
        kept_apostrophes = evidence.against_most().map(|(row, column)| {
            (column, CellPlaces { first_line: line_of(ahead.bytes(), row), cells: evidence.marked })
        });
        evidence.dialect()
    };
    let nested = column_kinds.iter().enumerate().filter_map(|(column, kind)| match kind {
        ColumnKind::Nested(property) => Some((column, *property)),
        _ => None,
    });
    let csv = Csv {
        delimiter: best.delimiter,
        dialect,
        types: options.csv_types,
        tree,
        readings: column_kinds.iter().map(|kind| Reading::of(*kind, dialect, options.csv_types)).collect(),
        nested: nested.collect(),
        read: column_kinds.iter().map(|_| true).collect(),
        column_kinds,
        columns: paths.into(),
        kept_apostrophes,
    };
    Ok(Some(Ok((csv, best.next))))
}

/// Returns the delimiter in a first line such as `sep=;`, and the start of the next line.
fn delimiter_hint(ahead: &mut ReadAhead<'_>) -> Result<Option<(u8, usize)>> {
    const LONGEST: usize = "\"sep=;\"\r\n".len();
    while ahead.bytes().len() < LONGEST && memchr::memchr(b'\n', ahead.bytes()).is_none() && ahead.more()? {}
    let first = &ahead.bytes()[..ahead.bytes().len().min(LONGEST)];
    let Some(end) = memchr::memchr(b'\n', first) else { return Ok(None) };
    let line = first[..end].strip_suffix(b"\r").unwrap_or(&first[..end]);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    Ok(match line {
        [name @ .., delimiter] if name.eq_ignore_ascii_case(b"sep=") && is_delimiter(*delimiter) => {
            Some((*delimiter, end + 1))
        }
        _ => None,
    })
}

/// The first row, read with one of the delimiters.
struct Candidate {
    delimiter: u8,
    /// The start of the row, its end without the line end, and the start of the next row.
    start: usize,
    end: usize,
    next: usize,
    cells: Vec<Cell>,
    names: Vec<String>,
    /// The number of names that are known in users.
    known: usize,
    fault: Option<HeaderFault>,
}

impl Candidate {
    /// Reads the row that begins at `start`.
    fn read(ahead: &mut ReadAhead<'_>, start: usize, delimiter: u8) -> Result<Self> {
        let mut rows = Rows::new(delimiter);
        let (mut seen, mut fault) = (start, None);
        let (end, next) = loop {
            let fresh = &ahead.bytes()[seen..];
            if let Some(end) = rows.pass(fresh) {
                break (seen + end, seen + end + 1);
            }
            seen = ahead.bytes().len();
            let too_long = seen - start > MAX_HEADER_BYTES;
            if too_long || !ahead.more()? {
                if too_long {
                    let error = FormatError::HeaderTooLong { limit: MAX_HEADER_BYTES };
                    fault = Some(HeaderFault { at: Some(start), error });
                } else if let Err((place, error)) = rows.end() {
                    fault = Some(HeaderFault { at: Some(start + place.byte as usize), error });
                }
                break (seen, seen);
            }
        };
        let row = &ahead.bytes()[start..end];
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        let mut cells = Vec::new();
        let counted = cells::cells(row, 0..row.len(), delimiter, MAX_COLUMNS, &mut cells);
        if fault.is_none() {
            fault = match counted {
                Ok(found) if found > MAX_COLUMNS => {
                    let error = FormatError::TooManyColumns { limit: MAX_COLUMNS, found };
                    Some(HeaderFault { at: Some(start), error })
                }
                Ok(_) => None,
                Err(damage) => {
                    let error = FormatError::HeaderCell { cell: damage.cell, fault: damage.what };
                    Some(HeaderFault { at: Some(start + damage.at), error })
                }
            };
        }
        let text = |cell: &Cell| String::from_utf8_lossy(&cells::undoubled(row, cell)).into_owned();
        let names: Vec<String> = cells.iter().map(text).collect();
        let known = names.iter().filter(|name| names::is_known(name)).count();
        Ok(Self { delimiter, start, end: start + row.len(), next, cells, names, known, fault })
    }

    /// Returns the rank of this delimiter: by the number of known names, then by the number of names.
    fn rank(&self) -> (usize, usize) {
        (self.known, self.names.len())
    }

    /// Compiles the header, or returns what is wrong with it.
    fn judge(
        &self,
        bytes: &[u8],
    ) -> std::result::Result<(super::Tree, Vec<crate::path::FieldPath>), HeaderFault> {
        if let Some(HeaderFault { at, error }) = &self.fault {
            return Err(HeaderFault { at: *at, error: error.clone() });
        }
        if let Err(error) = std::str::from_utf8(&bytes[self.start..self.end]) {
            let at = self.start + error.valid_up_to();
            return Err(HeaderFault { at: Some(at), error: FormatError::HeaderNotUtf8 });
        }
        header::compile(&self.names).map_err(|HeaderCellError { cell, error }| {
            let at = self.cells.get(cell - 1).map_or(0, |cell| cell.text.start);
            HeaderFault { at: Some(self.start + at), error }
        })
    }
}
