//! Converts the rows of a block to records. This can run on any thread.

use super::Csv;
use super::cells::{Cell, cells};
use super::notes::{self, Note, NoteKind};
use super::render::Row;
use super::values;
use crate::record::block::{Block, Frame};
use crate::record::error::RecordError;

/// Renders each framed row as JSON. A row that cannot be read gets an error instead. Rows must end with LF; a CR
/// before it is removed here.
pub(in crate::record) fn split(csv: &Csv, block: &mut Block) {
    let mut frames = std::mem::take(&mut block.frames);
    let mut made = std::mem::take(&mut block.made);
    let mut notes = std::mem::take(&mut block.notes);
    let plain = block.plain();
    // Nearly every block is UTF-8 as a whole. Its rows are then not checked again.
    let whole = std::str::from_utf8(plain).ok();
    let mut found = Vec::new();
    for (record, frame) in frames.iter_mut().enumerate() {
        if frame.fault.is_some() {
            continue;
        }
        if plain[frame.plain.clone()].ends_with(b"\r") {
            frame.plain.end -= 1;
        }
        let start = made.len();
        let mut note = |column: usize, what| {
            notes.push(Note { record: record as u32, column: column as u16, what });
        };
        match render(csv, whole, plain, frame, &mut found, &mut made, &mut note) {
            Ok(()) => frame.made = Some(start..made.len()),
            Err(fault) => frame.fault = Some(Box::new(fault)),
        }
    }
    block.made = made;
    block.notes = notes;
    block.frames = frames;
}

fn render(
    csv: &Csv,
    whole: Option<&str>,
    plain: &[u8],
    frame: &Frame,
    found: &mut Vec<Cell>,
    made: &mut String,
    note: &mut impl FnMut(usize, NoteKind),
) -> Result<(), RecordError> {
    let text = match whole {
        Some(whole) => &whole[frame.plain.clone()],
        None => std::str::from_utf8(&plain[frame.plain.clone()])
            .map_err(|error| RecordError::NotUtf8 { at: error.valid_up_to() })?,
    };
    let expected = csv.column_kinds.len();
    let count = cells(text.as_bytes(), csv.delimiter, expected, found)
        .map_err(|fault| RecordError::Cell { cell: fault.cell, fault: fault.what })?;
    if count != expected {
        return Err(RecordError::UnevenRow { expected, found: count });
    }
    let mut nested = Vec::new();
    for &(column, property) in &csv.nested {
        if let Some(json) = values::nested(text, &found[column], property, csv.dialect) {
            nested.push((column, json));
            note(column, NoteKind::Parsed(property));
        }
    }
    notes::warn(csv, text, found, |column, warning| note(column, NoteKind::Warning(warning)));
    Row { csv, text, cells: found, nested: &nested }.write(made);
    Ok(())
}
