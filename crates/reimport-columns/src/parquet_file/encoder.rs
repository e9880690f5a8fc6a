//! Encodes batches of rows as a Parquet file, on one thread for each lane.
//!
//! The encoded size of the batch before the last [`IN_FLIGHT`] decides whether a row group ends before the next one. So the
//! row groups do not depend on how fast the threads are, and no batch waits for the one before it.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::writer::SerializedFileWriter;

use super::lane::{Done, Fault, Job, Lane, Placed};
use super::properties::{Compression, properties};
use crate::batch::Batch;
use crate::error::ColumnsError;
use crate::layout::{LANES, Layout};

/// The number of batches that the threads have at a time. If you change it, the row groups of all files change.
const IN_FLIGHT: usize = 2;

/// When a row group ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowGroups {
    pub(crate) max_rows: usize,
    /// A row group ends when it is known to have this many encoded bytes.
    pub(crate) max_bytes: usize,
}

impl Default for RowGroups {
    fn default() -> Self {
        Self { max_rows: 122_880, max_bytes: 16 * 1024 * 1024 }
    }
}

/// A job that the threads have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// Rows of the row group with this number.
    Rows(usize),
    End,
}

/// An encoder of one file.
pub(crate) struct Encoder<W: Write + Send> {
    layout: Arc<Layout>,
    lanes: Vec<Lane>,
    waiting: VecDeque<Waiting>,
    file: SerializedFileWriter<W>,
    columns: ArrowRowGroupWriterFactory,
    row_groups: RowGroups,
    /// The number of the current row group, from 0.
    group: usize,
    rows: usize,
    encoded: usize,
    /// For messages.
    path: PathBuf,
}

impl<W: Write + Send> Encoder<W> {
    pub(crate) fn start(
        write: W,
        path: &Path,
        layout: Arc<Layout>,
        row_groups: RowGroups,
        compression: Compression,
    ) -> Result<Self, ColumnsError> {
        let path = path.to_owned();
        let failed = |error| ColumnsError::writing(&path, error);
        let properties = properties(&layout, row_groups, compression);
        let writer = ArrowWriter::try_new(write, Arc::clone(layout.schema()), Some(properties));
        let (file, columns) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(failed)?;
        let lanes = (0..LANES)
            // Each batch and each end of a row group is a job, and each beginning.
            .map(|lane| Lane::start(Arc::clone(&layout), lane, 2 * IN_FLIGHT + 2))
            .collect::<std::io::Result<_>>()
            .map_err(ColumnsError::Thread)?;
        let waiting = VecDeque::new();
        Ok(Self { layout, lanes, waiting, file, columns, row_groups, group: 0, rows: 0, encoded: 0, path })
    }

    pub(crate) fn inner(&self) -> &W {
        self.file.inner()
    }

    pub(crate) fn inner_mut(&mut self) -> &mut W {
        self.file.inner_mut()
    }

    /// Returns the known size of the file, in bytes. The last batches do not count yet, and it does not depend on how fast the
    /// threads are.
    pub(crate) fn known_bytes(&self) -> u64 {
        (self.file.bytes_written() + self.encoded) as u64
    }

    /// Encodes a batch of at least one row.
    pub(crate) fn add(&mut self, batch: Batch) -> Result<(), ColumnsError> {
        while self.waiting.iter().filter(|job| **job != Waiting::End).count() >= IN_FLIGHT {
            self.take_oldest()?;
        }
        let full =
            self.encoded >= self.row_groups.max_bytes || self.rows + batch.rows() > self.row_groups.max_rows;
        if self.rows > 0 && full {
            self.end_row_group()?;
        }
        if self.rows == 0 {
            self.begin_row_group()?;
        }
        self.rows += batch.rows();
        for (lane, rows) in self.lanes.iter().zip(batch.lanes) {
            lane.give(Job::Rows(rows)).map_err(|fault| self.failed(fault))?;
        }
        self.waiting.push_back(Waiting::Rows(self.group));
        Ok(())
    }

    /// Encodes the last row group, and writes the end of the file. Returns the writer.
    pub(crate) fn finish(mut self, metadata: Vec<KeyValue>) -> Result<W, ColumnsError> {
        if self.rows > 0 {
            self.end_row_group()?;
        }
        while !self.waiting.is_empty() {
            self.take_oldest()?;
        }
        let Self { mut file, path, .. } = self;
        for entry in metadata {
            file.append_key_value_metadata(entry);
        }
        file.into_inner().map_err(|error| ColumnsError::writing(&path, error))
    }

    fn begin_row_group(&mut self) -> Result<(), ColumnsError> {
        let writers = self.columns.create_column_writers(self.group);
        let mut writers: Vec<_> =
            writers.map_err(|error| self.failed(error.into()))?.into_iter().map(Some).collect();
        for (number, lane) in self.lanes.iter().enumerate() {
            // The columns of the layout are flat, so each has one writer.
            let own = self.layout.places(number).filter_map(|place| Some((place, writers[place].take()?)));
            let own = own.collect();
            lane.give(Job::Begin(own)).map_err(|fault| self.failed(fault))?;
        }
        Ok(())
    }

    fn end_row_group(&mut self) -> Result<(), ColumnsError> {
        for lane in &self.lanes {
            lane.give(Job::End).map_err(|fault| self.failed(fault))?;
        }
        self.waiting.push_back(Waiting::End);
        self.group += 1;
        (self.rows, self.encoded) = (0, 0);
        Ok(())
    }

    /// Waits for the oldest job of all threads.
    fn take_oldest(&mut self) -> Result<(), ColumnsError> {
        let Some(job) = self.waiting.pop_front() else { return Ok(()) };
        let (mut encoded, mut chunks) = (0, Vec::new());
        for lane in &self.lanes {
            match lane.done().map_err(|fault| self.failed(fault))? {
                Done::Rows(bytes) => encoded += bytes,
                Done::Chunks(own) => chunks.extend(own),
            }
        }
        match job {
            Waiting::Rows(group) if group == self.group => self.encoded = encoded,
            Waiting::Rows(_) => {}
            Waiting::End => self.append(chunks).map_err(|error| self.failed(error.into()))?,
        }
        Ok(())
    }

    fn append(&mut self, mut chunks: Placed<ArrowColumnChunk>) -> Result<(), ParquetError> {
        chunks.sort_by_key(|(place, _)| *place);
        let mut group = self.file.next_row_group()?;
        for (_, chunk) in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    fn failed(&self, fault: Fault) -> ColumnsError {
        match fault {
            Fault::Columns(error) => error,
            Fault::Parquet(error) => ColumnsError::writing(&self.path, error),
        }
    }
}
