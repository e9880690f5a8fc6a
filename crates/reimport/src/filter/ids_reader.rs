//! Reads a list of ids: lines, or one column of a CSV.

use std::sync::Arc;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::error::IdsError;
use crate::csv_row::unescaped;
use crate::error::{Error, Result};
use crate::position::Position;
use crate::source::{Source, foreign};
use crate::user::spelling;
use crate::user::spelling::alias_of;

/// The maximum length of a line, and of a cell with an id. No id is nearly as long.
const MAX_BYTES: usize = 64 << 10;

/// The maximum number of columns that an error names.
const MAX_COLUMNS_NAMED: usize = 40;

/// The supported CSV delimiters.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// One line of a list.
pub(super) struct Listed<'l> {
    pub(super) id: &'l str,
    /// A second candidate for the id: the first cell, if the list has no header.
    pub(super) or: Option<&'l str>,
    /// The line number, from 1.
    pub(super) line: u64,
}

/// Calls `visit` with every id in `source`.
pub(super) fn read(mut source: Source, mut visit: impl FnMut(Listed<'_>)) -> Result<()> {
    let name = Arc::clone(source.name());
    let mut chunk = vec![0; 2 * MAX_BYTES];
    let mut filled = source.read(&mut chunk)?;
    let bom = if chunk[..filled].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut ids = Splitter::for_list(&chunk[bom..filled]).map_err(|error| error.in_source(&name))?;
    let mut from = bom;
    while filled > 0 {
        ids.push(&chunk[from..filled], &mut visit).map_err(|error| error.in_source(&name))?;
        from = 0;
        filled = source.read(&mut chunk)?;
    }
    ids.end(&mut visit).map_err(|error| error.in_source(&name))
}

/// The layout of the list, and the state of reading it.
enum Splitter {
    Lines {
        carry: Vec<u8>,
        position: Position,
    },
    Csv {
        reader: Box<Reader>,
        wanted: usize,
        column: usize,
        cell: Vec<u8>,
        filled: usize,
        /// The line on which the current cell begins.
        line: Option<u64>,
        header: bool,
    },
}

impl Splitter {
    /// Detects the layout from the first line.
    fn for_list(beginning: &[u8]) -> Result<Self> {
        if let Some(other) = foreign(beginning) {
            return Err(IdsError::Foreign(other).into());
        }
        if beginning.trim_ascii_start().starts_with(b"{") || beginning.trim_ascii_start().starts_with(b"[") {
            return Err(IdsError::Json.into());
        }
        let first = beginning.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let first = std::str::from_utf8(first).unwrap_or("");
        let header = SEPARATORS
            .into_iter()
            .find_map(|separator| Some((separator, first.split(separator).position(is_id_column)?)));
        if header.is_none()
            && let Some(columns) = columns_of_users(first)
        {
            return Err(IdsError::NoColumn { columns }.into());
        }
        Ok(match header {
            Some((separator, wanted)) => Self::Csv {
                reader: Box::new(ReaderBuilder::new().delimiter(separator as u8).build()),
                wanted,
                column: 0,
                cell: vec![0; MAX_BYTES],
                filled: 0,
                line: None,
                header: true,
            },
            None => Self::Lines { carry: Vec::new(), position: Position::START },
        })
    }

    fn push(&mut self, bytes: &[u8], visit: &mut impl FnMut(Listed<'_>)) -> Result<()> {
        match self {
            Self::Csv { .. } => self.push_csv(bytes, visit),
            Self::Lines { carry, position } => {
                let mut rest = bytes;
                while let Some(end) = memchr::memchr(b'\n', rest) {
                    if carry.is_empty() {
                        line(&rest[..end], *position, visit)?;
                    } else {
                        carry.extend_from_slice(&rest[..end]);
                        line(carry, *position, visit)?;
                        carry.clear();
                    }
                    position.line += 1;
                    position.record += 1;
                    position.byte += end as u64 + 1;
                    rest = &rest[end + 1..];
                }
                carry.extend_from_slice(rest);
                if carry.len() > MAX_BYTES {
                    return Err(Error::new(IdsError::TooLong { limit: MAX_BYTES }).at(*position));
                }
                Ok(())
            }
        }
    }

    fn end(&mut self, visit: &mut impl FnMut(Listed<'_>)) -> Result<()> {
        match self {
            // An empty input tells the reader that the last row has ended.
            Self::Csv { .. } => self.push_csv(&[], visit),
            Self::Lines { carry, position } => line(carry, *position, visit),
        }
    }

    fn push_csv(&mut self, mut bytes: &[u8], visit: &mut impl FnMut(Listed<'_>)) -> Result<()> {
        let Self::Csv { reader, wanted, column, cell, filled, line: began, header } = self else {
            return Ok(());
        };
        let ends = bytes.is_empty();
        // For the reader, an empty input is the end.
        while ends || !bytes.is_empty() {
            let line = *began.get_or_insert_with(|| {
                // The cell begins after blank lines and the rest of the previous line end.
                let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
                let before = if *column == 0 { ends.filter(|byte| **byte == b'\n').count() } else { 0 };
                reader.line() + before as u64
            });
            let (result, read, written) = reader.read_field(bytes, &mut cell[*filled..]);
            bytes = &bytes[read..];
            *filled += written;
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::End => {
                    if *filled == 0 {
                        *began = None;
                    }
                    return Ok(());
                }
                ReadFieldResult::OutputFull if column == wanted => {
                    let position = Position { byte: 0, line, record: line };
                    return Err(Error::new(IdsError::TooLong { limit: MAX_BYTES }).at(position));
                }
                ReadFieldResult::OutputFull => *filled = 0,
                ReadFieldResult::Field { record_end } => {
                    if column == wanted && !*header {
                        let position = Position { byte: 0, line, record: line };
                        let id = utf8(&cell[..*filled], position)?.trim();
                        // The CSV dialect of the export job puts an apostrophe before every string.
                        let id = id.strip_prefix('\'').unwrap_or(id);
                        if !id.is_empty() {
                            visit(Listed { id, or: None, line });
                        }
                    }
                    *filled = 0;
                    *began = None;
                    *column = if record_end { 0 } else { *column + 1 };
                    *header &= !record_end;
                }
            }
        }
        Ok(())
    }
}

/// Reads one line of a list without a header. An id that a spreadsheet would run as a formula may have an apostrophe
/// before it, as in the lists next to an output.
fn line(bytes: &[u8], position: Position, visit: &mut impl FnMut(Listed<'_>)) -> Result<()> {
    let text = utf8(bytes, position)?.trim();
    if text.is_empty() {
        return Ok(());
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').unwrap_or(quoted.len());
        let cell = &quoted[..end];
        visit(Listed { id: cell.strip_prefix('\'').unwrap_or(cell), or: None, line: position.line });
        return Ok(());
    }
    // An id may contain a comma itself, as the ids of directories do.
    let or = text.split_once(SEPARATORS).map(|(cell, _)| unescaped(cell.trim()));
    visit(Listed { id: unescaped(text), or, line: position.line });
    Ok(())
}

/// Returns a header cell without white space, quotes and the apostrophe of the export job.
fn bare(cell: &str) -> &str {
    let cell = cell.trim().trim_matches('"');
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// Returns the columns of a first line that names other properties of users, and so is a header.
fn columns_of_users(first: &str) -> Option<String> {
    let columns = |separator: char| first.split(separator).map(bare);
    let named = |cell: &str| spelling::is_known(cell);
    let separator = SEPARATORS.into_iter().find(|separator| columns(*separator).any(named))?;
    let mut list = String::new();
    for (index, column) in columns(separator).enumerate() {
        if index == MAX_COLUMNS_NAMED {
            list += " and others";
            break;
        }
        list += if index == 0 { "" } else { ", " };
        list.extend(column.escape_debug());
    }
    Some(list)
}

/// Returns whether a header cell names the column of ids.
fn is_id_column(cell: &str) -> bool {
    let cell = bare(cell);
    cell == "user_id" || alias_of(cell).is_some_and(|alias| alias.path == "user_id")
}

fn utf8(bytes: &[u8], position: Position) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::new(IdsError::NotUtf8).at(position))
}
