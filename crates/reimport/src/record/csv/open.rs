//! The beginning of a CSV: the header found, its delimiter and dialect told.

use super::cells::{self, Cell};
use super::frame::Rows;
use super::header::{self, Flaw};
use super::names;
use super::values::Reading;
use super::{Csv, dialect};
use crate::error::Result;
use crate::record::error::FormatError;
use crate::record::options::ReadOptions;
use crate::source::Source;

/// The delimiters that are tried, the likeliest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The most columns: as many as the widest sheet of a spreadsheet has.
const MAX_COLUMNS: usize = 16_384;

/// How long a header may be.
const MAX_HEADER_BYTES: usize = 8 << 20;

/// How much is read ahead at a time.
const STEP: usize = 64 << 10;

/// The beginning of a source, read on as far as it takes.
pub(in crate::record) struct Ahead<'s> {
    source: &'s mut Source,
    bytes: Vec<u8>,
    ended: bool,
}

impl<'s> Ahead<'s> {
    /// Reads on behind `bytes`, unless the source has ended.
    pub(in crate::record) fn new(source: &'s mut Source, bytes: Vec<u8>, ended: bool) -> Self {
        Self { source, bytes, ended }
    }

    pub(in crate::record) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All that was read.
    pub(in crate::record) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Reads on; `false` at the end.
    pub(super) fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let filled = self.bytes.len();
        self.bytes.resize(filled + STEP, 0);
        let count = self.source.read(&mut self.bytes[filled..])?;
        self.bytes.truncate(filled + count);
        self.ended = count == 0;
        Ok(count > 0)
    }
}

/// A fault of the header, at a byte of what was read ahead.
pub(in crate::record) struct HeaderFault {
    pub(in crate::record) at: usize,
    pub(in crate::record) error: FormatError,
}

/// What the header and the first cells tell, and where the rows begin; nothing where it is no header of users and
/// nobody says that it is one.
pub(in crate::record) fn open(
    ahead: &mut Ahead<'_>,
    options: &ReadOptions,
    forced: bool,
) -> Result<Option<std::result::Result<(Csv, usize), HeaderFault>>> {
    let mut best: Option<Candidate> = None;
    let delimiters = options.delimiter.as_ref().map_or(&DELIMITERS[..], std::slice::from_ref);
    for &delimiter in delimiters {
        let candidate = Candidate::read(ahead, delimiter)?;
        if best.as_ref().is_none_or(|best| candidate.rank() > best.rank()) {
            best = Some(candidate);
        }
    }
    let Some(best) = best.filter(|best| forced || best.known > 0) else { return Ok(None) };
    let (tree, paths) = match best.judge(ahead.bytes()) {
        Ok(judged) => judged,
        Err(fault) => return Ok(Some(Err(fault))),
    };
    let dialect = match options.csv_dialect {
        Some(dialect) => dialect,
        None => dialect::tell(ahead, best.next, best.delimiter, best.names.len())?,
    };
    let readings = paths.iter().map(|path| Reading::of(path, dialect, options.csv_types)).collect();
    Ok(Some(Ok((
        Csv { delimiter: best.delimiter, dialect, tree, readings, columns: paths.into() },
        best.next,
    ))))
}

/// The first row, read with one of the delimiters.
struct Candidate {
    delimiter: u8,
    /// Where the row ends, without its line end, and where the next one begins.
    end: usize,
    next: usize,
    cells: Vec<Cell>,
    names: Vec<String>,
    /// How many of them users are known to have.
    known: usize,
    fault: Option<HeaderFault>,
}

impl Candidate {
    fn read(ahead: &mut Ahead<'_>, delimiter: u8) -> Result<Self> {
        let mut rows = Rows::new(delimiter);
        let (mut seen, mut fault) = (0, None);
        let (end, next) = loop {
            let fresh = &ahead.bytes()[seen..];
            if let Some(end) = rows.pass(fresh) {
                break (seen + end, seen + end + 1);
            }
            seen = ahead.bytes().len();
            let too_long = seen > MAX_HEADER_BYTES;
            if too_long || !ahead.more()? {
                if too_long {
                    let error = FormatError::HeaderTooLong { limit: MAX_HEADER_BYTES };
                    fault = Some(HeaderFault { at: 0, error });
                } else if let Err((place, error)) = rows.end() {
                    fault = Some(HeaderFault { at: place.byte as usize, error });
                }
                break (seen, seen);
            }
        };
        let row = &ahead.bytes()[..end];
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        let mut cells = Vec::new();
        let counted = cells::cells(row, delimiter, MAX_COLUMNS, &mut cells);
        if fault.is_none() {
            fault = match counted {
                Ok(found) if found > MAX_COLUMNS => {
                    let error = FormatError::TooManyColumns { limit: MAX_COLUMNS, found };
                    Some(HeaderFault { at: 0, error })
                }
                Ok(_) => None,
                Err(damage) => {
                    let error = FormatError::HeaderCell { cell: damage.cell, fault: damage.what };
                    Some(HeaderFault { at: damage.at, error })
                }
            };
        }
        let text = |cell: &Cell| String::from_utf8_lossy(&cells::undoubled(row, cell)).into_owned();
        let names: Vec<String> = cells.iter().map(text).collect();
        let known = names.iter().filter(|name| names::is_known(name)).count();
        Ok(Self { delimiter, end: row.len(), next, cells, names, known, fault })
    }

    /// The more known names the better, and then the more names.
    fn rank(&self) -> (usize, usize) {
        (self.known, self.names.len())
    }

    /// The compiled header, or what is wrong with it.
    fn judge(
        &self,
        bytes: &[u8],
    ) -> std::result::Result<(super::Tree, Vec<crate::path::FieldPath>), HeaderFault> {
        if let Some(HeaderFault { at, error }) = &self.fault {
            return Err(HeaderFault { at: *at, error: error.clone() });
        }
        if let Err(error) = std::str::from_utf8(&bytes[..self.end]) {
            return Err(HeaderFault { at: error.valid_up_to(), error: FormatError::HeaderNotUtf8 });
        }
        header::compile(&self.names).map_err(|Flaw { cell, error }| {
            let at = self.cells.get(cell - 1).map_or(0, |cell| cell.text.start);
            HeaderFault { at, error }
        })
    }
}
