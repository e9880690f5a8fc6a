//! What a source is, told by how it begins.

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

/// How records stand in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Array,
    /// One user a row, below a header; every row becomes a JSON object.
    Csv,
    /// `rejected.ndjson` as a run writes it: the record is what stands under `user`.
    Rejects,
}

/// How a source begins.
pub(super) struct Beginning {
    pub(super) format: Format,
    /// What was read so far, from `start` on.
    pub(super) bytes: Vec<u8>,
    /// Behind a byte order mark and leading white space.
    pub(super) start: Position,
    /// What the header says, which stands before `start`.
    pub(super) csv: Option<Csv>,
}

/// How much is read to tell a format.
const ENOUGH: usize = 64 << 10;

/// The longest white space before the first record, in its own line, that is kept.
const MOST_SPACE: usize = 1 << 10;

/// Reads until the format is told.
pub(super) fn recognise(source: &mut Source, options: &ReadOptions) -> Result<Beginning> {
    let mut start = Position::START;
    let mut bytes = vec![0; ENOUGH];
    let mut filled = 0;
    let mut ended = false;
    let mut first = true;
    let mut told = None;
    // White space of the line of the first record that was dropped.
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
        // White space before the first record is counted, not held. That of its own line may be cells of a header and is
        // kept, unless it is very long. What is kept must not depend on how the bytes arrive.
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
            && let Some(end) = told_by(&bytes[..filled])
        {
            told = Some(end);
            break;
        }
    }
    bytes.truncate(filled);
    // Who wants little is told by as much, however much came with it.
    let telling = &bytes[..told.unwrap_or(filled)];
    if let Some(error) = refused(telling, options) {
        return Err(error.in_source(source.name()));
    }
    match (options.format, bytes.get(lines::blank(&bytes))) {
        (Some(Format::Csv), _) => recognise_csv(source, bytes, told, start, options),
        (None, Some(first)) if !matches!(first, b'{' | b'[') => {
            recognise_csv(source, bytes, told, start, options)
        }
        _ => {
            let format =
                tell(telling, ended, start, options).map_err(|error| error.in_source(source.name()))?;
            Ok(Beginning { format, bytes, start, csv: None })
        }
    }
}

/// The error of text in another encoding than UTF-8, which begins at `start`.
pub(super) fn other_encoding(text: &[u8], start: Position) -> Option<FormatError> {
    let at = encoding::other_than_utf8(text)?;
    Some(FormatError::OtherEncoding { line: start.line + lines::line_ends(&text[..at]) })
}

/// What the beginning certainly is, where that is no export.
fn refused(bytes: &[u8], options: &ReadOptions) -> Option<Error> {
    if lines::blank(bytes) == bytes.len() {
        return Some(InputError::Empty.into());
    }
    match foreign(bytes)? {
        // A NUL byte damages one row of a CSV; whether it is one, its header tells.
        InputError::Binary if options.format.is_none_or(|format| format == Format::Csv) => None,
        other => Some(other.into()),
    }
}

/// Takes the header off, and tells by it whether this is a CSV of users. Where it is none, what was `told` so far says
/// what it is instead, not what happened to come with it.
fn recognise_csv(
    source: &mut Source,
    bytes: Vec<u8>,
    told: Option<usize>,
    mut start: Position,
    options: &ReadOptions,
) -> Result<Beginning> {
    let name = std::sync::Arc::clone(source.name());
    let mut ahead = csv::Ahead::new(source, bytes);
    let opened = csv::open(&mut ahead, start, options)?;
    let mut bytes = ahead.into_bytes();
    let mut move_to = |at: usize| {
        start.byte += at as u64;
        start.line += lines::line_ends(&bytes[..at]);
    };
    match opened {
        None => {
            let telling = &bytes[..told.unwrap_or(bytes.len())];
            let error = foreign(telling).map_or_else(|| FormatError::Unknown.into(), Error::from);
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

/// The format of what begins as JSON, or is said to.
fn tell(bytes: &[u8], ended: bool, start: Position, options: &ReadOptions) -> Result<Format> {
    let format = match (options.format, bytes.get(lines::blank(bytes))) {
        (Some(format), _) => format,
        (None, Some(b'[')) => Format::Array,
        (None, _) => Format::Ndjson,
    };
    let text = valid_prefix(bytes);
    // What it is comes before how it is written: a manifest or a job object often spans lines.
    if !options.any_records
        && let Some(reason) = misplaced::other_kind(text)
    {
        return Err(reason.into());
    }
    // An option that names the format says that the file is to be read as it is.
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

/// How much of the beginning tells what it is, whatever follows: one whole record or header.
fn told_by(bytes: &[u8]) -> Option<usize> {
    let blank = lines::blank(bytes);
    let line = blank + memchr::memchr(b'\n', &bytes[blank..])?;
    match bytes.get(blank)? {
        // An object over several lines, and an array, take more.
        b'{' => Scanner::new(valid_prefix(&bytes[blank..line])).value().is_ok().then_some(line + 1),
        b'[' => None,
        _ => Some(line + 1),
    }
}

/// As much of the beginning as is UTF-8.
fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

/// Whether the first line is an object that goes on in the second: a file that was pretty-printed.
fn spans_lines(text: &str, ended: bool) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let first = first.trim_end_matches([' ', '\t', '\r']);
    // A first line that is an object cut off; what is wrong before its end is wrong with one record.
    let cut = Scanner::new(first).value().is_err_and(|error| error.at() == first.len());
    let second = &rest[lines::blank(rest.as_bytes())..];
    let goes_on = if second.is_empty() { !ended } else { !second.starts_with('{') };
    cut && goes_on
}
