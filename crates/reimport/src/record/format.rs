//! Detects the format of a source from its beginning.

use super::csv::{self, Csv};
use super::encoding;
use super::error::FormatError;
use super::lines;
use super::misplaced;
use super::options::ReadOptions;
use crate::error::{Error, Result};
use crate::json::Scanner;
use crate::position::Position;
use crate::source::{InputError, Source, foreign};

/// The format of the records in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// One JSON object per line.
    Ndjson,
    /// One JSON array of objects.
    Array,
    /// One user per row, after a header. Each row becomes a JSON object.
    Csv,
    /// `rejected.ndjson` as written by a run. The record is the value of `user`.
    Rejects,
}

/// The beginning of a source.
pub(super) struct Beginning {
    pub(super) format: Format,
    /// The bytes read so far, from `start` on.
    pub(super) bytes: Vec<u8>,
    /// The position after a byte order mark and leading white space. For CSV, also after the header.
    pub(super) start: Position,
    /// The header of CSV input and the settings detected from it.
    pub(super) csv: Option<Csv>,
}

/// The maximum number of bytes read to detect the format.
const ENOUGH: usize = 64 << 10;

/// The maximum length of the white space before the first record, in the same line, that is kept.
const MOST_SPACE: usize = 1 << 10;

/// Reads the beginning of `source` until its format is known.
pub(super) fn detect(source: &mut Source, options: &ReadOptions) -> Result<Beginning> {
    let mut start = Position::START;
    let mut bytes = vec![0; ENOUGH];
    let mut filled = 0;
    let mut ended = false;
    let mut first = true;
    let mut first_end = None;
    // The number of dropped bytes of white space in the line of the first record.
    let mut dropped = 0;
    while !ended && filled < ENOUGH {
        let count = source.read(&mut bytes[filled..])?;
        ended = count == 0;
        filled += count;
        if first && (filled >= 3 || ended) {
            first = false;
            if bytes[..filled].starts_with(b"\xef\xbb\xbf") {
                start.byte += 3;
                bytes.copy_within(3..filled, 0);
                filled -= 3;
            }
        }
        if first {
            continue;
        }
        // White space before the first record is counted but not kept. White space in the line of that record is
        // kept unless it is very long, because it can be cells of a header. The result must not depend on the
        // sizes of the reads.
        let space = &bytes[..lines::blank(&bytes[..filled])];
        let own_line = memchr::memrchr(b'\n', space).map(|at| at + 1);
        let of_own_line = space.len() - own_line.unwrap_or(0) + own_line.map_or(dropped, |_| 0);
        let is_long = of_own_line > MOST_SPACE;
        let blank = if is_long { space.len() } else { own_line.unwrap_or(0) };
        dropped = if is_long { of_own_line } else { 0 };
        start.byte += blank as u64;
        start.line += lines::line_ends(&bytes[..blank]);
        bytes.copy_within(blank..filled, 0);
        filled -= blank;
        if source.is_eager()
            && let Some(end) = first_record_end(&bytes[..filled])
        {
            first_end = Some(end);
            break;
        }
    }
    bytes.truncate(filled);
    // For an eager source, only the first record or header decides, even if more bytes were read with it.
    let decisive = &bytes[..first_end.unwrap_or(filled)];
    if let Some(error) = refused(decisive, options) {
        return Err(error.in_source(source.name()));
    }
    match (options.format, bytes.get(lines::blank(&bytes))) {
        (Some(Format::Csv), _) => detect_csv(source, bytes, first_end, start, options),
        (None, Some(first)) if !matches!(first, b'{' | b'[') => {
            detect_csv(source, bytes, first_end, start, options)
        }
        _ => {
            let format = detect_format(decisive, ended, start, options)
                .map_err(|error| error.in_source(source.name()))?;
            Ok(Beginning { format, bytes, start, csv: None })
        }
    }
}

/// Returns an error if the text, which begins at `start`, is in an encoding other than UTF-8.
pub(super) fn other_encoding(text: &[u8], start: Position) -> Option<FormatError> {
    let at = encoding::other_than_utf8(text)?;
    Some(FormatError::OtherEncoding { line: start.line + lines::line_ends(&text[..at]) })
}

/// Returns an error if the beginning is certainly not an export.
fn refused(bytes: &[u8], options: &ReadOptions) -> Option<Error> {
    if lines::blank(bytes) == bytes.len() {
        return Some(InputError::Empty.into());
    }
    match foreign(bytes)? {
        // In CSV, a NUL byte is an error of one row. Whether this is CSV is decided later, by the header.
        InputError::Binary if options.format.is_none_or(|format| format == Format::Csv) => None,
        other => Some(other.into()),
    }
}

/// Reads the header and checks whether this is a CSV of users. If it is not, the error depends only on the first
/// `first_end` bytes, not on bytes that happened to be read with them.
fn detect_csv(
    source: &mut Source,
    bytes: Vec<u8>,
    first_end: Option<usize>,
    mut start: Position,
    options: &ReadOptions,
) -> Result<Beginning> {
    let name = std::sync::Arc::clone(source.name());
    let mut ahead = csv::ReadAhead::new(source, bytes);
    let opened = csv::open(&mut ahead, start, options)?;
    let mut bytes = ahead.into_bytes();
    let mut move_to = |at: usize| {
        start.byte += at as u64;
        start.line += lines::line_ends(&bytes[..at]);
    };
    match opened {
        None => {
            let decisive = &bytes[..first_end.unwrap_or(bytes.len())];
            let error = foreign(decisive).map_or_else(|| FormatError::Unknown.into(), Error::from);
            Err(error.in_source(&name))
        }
        Some(Err(fault)) => {
            let error = Error::new(fault.error).in_source(&name);
            let Some(at) = fault.at else { return Err(error) };
            move_to(at);
            Err(error.at(Position { record: 0, ..start }))
        }
        Some(Ok((csv, next))) => {
            move_to(next);
            bytes.drain(..next);
            Ok(Beginning { format: Format::Csv, bytes, start, csv: Some(csv) })
        }
    }
}

/// Determines the format of a source that begins like JSON, or for which the options set a format.
fn detect_format(bytes: &[u8], ended: bool, start: Position, options: &ReadOptions) -> Result<Format> {
    let format = match (options.format, bytes.get(lines::blank(bytes))) {
        (Some(format), _) => format,
        (None, Some(b'[')) => Format::Array,
        (None, _) => Format::Ndjson,
    };
    let text = valid_prefix(bytes);
    // Check the kind of file before its layout, because manifests and job objects often span lines.
    if !options.any_records
        && let Some(reason) = misplaced::other_kind(text)
    {
        return Err(reason.into());
    }
    // If an option sets the format, the file is read in this format, and the checks below are left out.
    if options.format.is_none() {
        if let Some(error) = other_encoding(bytes, start).or_else(|| misplaced::notation(text)) {
            return Err(error.into());
        }
        if misplaced::has_comma_lines(text) {
            return Err(FormatError::CommaLines.into());
        }
    }
    if format == Format::Ndjson {
        if spans_lines(text, ended) {
            return Err(FormatError::SpansLines.into());
        }
        if misplaced::is_rejects(text) {
            return Ok(Format::Rejects);
        }
    }
    Ok(format)
}

/// Returns the length of the first complete record or header. It is enough to determine the format.
fn first_record_end(bytes: &[u8]) -> Option<usize> {
    let blank = lines::blank(bytes);
    let line = blank + memchr::memchr(b'\n', &bytes[blank..])?;
    match bytes.get(blank)? {
        // Objects that span lines and arrays need more bytes.
        b'{' => Scanner::new(valid_prefix(&bytes[blank..line])).value().is_ok().then_some(line + 1),
        b'[' => None,
        _ => Some(line + 1),
    }
}

/// Returns the beginning of `bytes`, up to the first byte that is not UTF-8.
fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

/// Returns `true` if the first line has an object that continues on the second line, as in a pretty-printed file.
fn spans_lines(text: &str, ended: bool) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let first = first.trim_end_matches([' ', '\t', '\r']);
    // The object must be cut at the end of the line. An error before that is an error of one record.
    let cut = Scanner::new(first).value().is_err_and(|error| error.at() == first.len());
    let second = &rest[lines::blank(rest.as_bytes())..];
    let continues = if second.is_empty() { !ended } else { !second.starts_with('{') };
    cut && continues
}
