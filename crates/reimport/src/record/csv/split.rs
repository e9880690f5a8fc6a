//! Converts the rows of a block to records. This can run on any thread.

use std::ops::Range;
use std::sync::Arc;

use super::Csv;
use super::cells::{Cell, cells};
use super::notes::{self, Note, NoteKind};
use super::render::Row;
use super::values;
use crate::record::block::Block;
use crate::record::error::RecordError;

/// Renders each framed row as JSON. A row that cannot be read gets an error instead. Rows must end with LF; a CR
/// before it is removed here.
pub(in crate::record) fn split(csv: &Arc<Csv>, block: &mut Block) {
    let mut frames = std::mem::take(&mut block.frames);
    let mut made = std::mem::take(&mut block.made);
    let mut notes = std::mem::take(&mut block.notes);
    let plain = block.plain();
    let mut rows = RowRenderer::new(csv, plain);
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
        match rows.render(frame.plain.clone(), false, &mut made, &mut note) {
            Ok(()) => frame.made = Some(start..made.len()),
            Err(fault) => frame.fault = Some(Box::new(fault)),
        }
    }
    block.made = made;
    block.notes = notes;
    block.frames = frames;
    block.partial = csv.is_partial().then(|| Arc::clone(csv));
}

/// Returns the record of a row with all its properties, also those that are not read. The row must be one that was
/// rendered without an error.
pub(in crate::record) fn complete(csv: &Csv, row: &[u8]) -> String {
    let mut made = String::new();
    // A row is rendered as a whole or not at all.
    _ = RowRenderer::new(csv, row).render(0..row.len(), true, &mut made, &mut |_, _| {});
    made
}

/// Renders the rows in a piece of text.
struct RowRenderer<'r> {
    csv: &'r Csv,
    bytes: &'r [u8],
    /// The bytes as text. Nearly every block is UTF-8 as a whole. Its rows are then not checked again.
    text: Option<&'r str>,
    found: Vec<Cell>,
}

impl<'r> RowRenderer<'r> {
    fn new(csv: &'r Csv, bytes: &'r [u8]) -> Self {
        Self { csv, bytes, text: simdutf8::basic::from_utf8(bytes).ok(), found: Vec::new() }
    }

    /// Appends the JSON of the row at `range`: with all properties, or with those that are read.
    fn render(
        &mut self,
        range: Range<usize>,
        all: bool,
        made: &mut String,
        note: &mut impl FnMut(usize, NoteKind),
    ) -> Result<(), RecordError> {
        let csv = self.csv;
        let text = match self.text {
            Some(text) => &text[range.clone()],
            None => std::str::from_utf8(&self.bytes[range.clone()])
                .map_err(|error| RecordError::NotUtf8 { at: error.valid_up_to() })?,
        };
        let expected = csv.column_kinds.len();
        let count = cells(self.bytes, range, csv.delimiter, expected, &mut self.found)
            .map_err(|fault| RecordError::Cell { cell: fault.cell, fault: fault.what })?;
        if count != expected {
            return Err(RecordError::UnevenRow { expected, found: count });
        }
        let cells = &self.found;
        // Whether a record is nested too deeply must not depend on the properties that are read.
        let is_deep =
            |(column, _): &(usize, _)| values::may_be_deep(&text.as_bytes()[cells[*column].text.clone()]);
        let all = all || (csv.is_partial() && csv.nested.iter().any(is_deep));
        let mut nested = Vec::new();
        for &(column, property) in csv.nested.iter().filter(|(column, _)| all || csv.read[*column]) {
            if let Some(json) = values::nested(text, &cells[column], property, csv.dialect) {
                nested.push((column, json));
                note(column, NoteKind::Parsed(property));
            }
        }
        notes::warn(csv, text, cells, |column, warning| note(column, NoteKind::Warning(warning)));
        Row { csv, text, cells, nested: &nested }.write(if all { 0 } else { csv.tree.read }, made);
        Ok(())
    }
}
