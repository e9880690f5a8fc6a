//! A batch of typed rows, as a sink collects them.

use std::mem;
use std::sync::Arc;

use reimport::run::Written;

use crate::error::ColumnsError;
use crate::layout::LANES;

/// A batch is full with this many rows, or this many bytes of rows.
const MAX_ROWS: usize = 8192;
const MAX_BYTES: usize = 1024 * 1024;

/// Rows in the order of the input, one piece per lane.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) lanes: [LaneRows; LANES],
}

/// The pieces of the rows of a batch that one lane builds columns from.
#[derive(Debug, Default)]
pub(crate) struct LaneRows {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: usize,
    /// In the first lane: the sources, each with its number of rows.
    pub(crate) sources: Vec<(Arc<str>, usize)>,
    /// In the last lane: the line of each row.
    pub(crate) lines: Vec<i64>,
}

impl Batch {
    /// Adds a row that [`TypedRows`](crate::TypedRows) has rendered. Returns the batch if it is full with this row.
    pub(crate) fn add(&mut self, written: &Written<'_>) -> Result<Option<Self>, ColumnsError> {
        self.push(written)?;
        Ok(if self.is_full() { self.take() } else { None })
    }

    /// Returns the rows since the last full batch, if there are any, and leaves an empty batch.
    pub(crate) fn take(&mut self) -> Option<Self> {
        (self.rows() > 0).then(|| mem::take(self))
    }

    pub(crate) fn rows(&self) -> usize {
        self.lanes[0].rows
    }

    fn is_full(&self) -> bool {
        self.rows() >= MAX_ROWS || self.lanes.iter().map(|lane| lane.bytes.len()).sum::<usize>() >= MAX_BYTES
    }

    /// Adds the pieces of a row: for each lane, its length and its bytes.
    fn push(&mut self, written: &Written<'_>) -> Result<(), ColumnsError> {
        let mut rest = written.bytes;
        for lane in &mut self.lanes {
            let (length, after) = rest.split_first_chunk().ok_or(ColumnsError::OtherLayout)?;
            let piece = after.get(..u32::from_le_bytes(*length) as usize).ok_or(ColumnsError::OtherLayout)?;
            lane.bytes.extend_from_slice(piece);
            lane.rows += 1;
            rest = &after[piece.len()..];
        }
        let sources = &mut self.lanes[0].sources;
        match sources.last_mut() {
            Some((source, rows)) if Arc::ptr_eq(source, written.origin.source) => *rows += 1,
            _ => sources.push((Arc::clone(written.origin.source), 1)),
        }
        let line = i64::try_from(written.origin.position.line).unwrap_or(i64::MAX);
        self.lanes[LANES - 1].lines.push(line);
        Ok(())
    }
}
