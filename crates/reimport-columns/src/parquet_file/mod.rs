//! [`ParquetFile`]: all records in one Parquet file, which appears complete or not at all.

mod encoder;
mod lane;
mod properties;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reimport::Result;
use reimport::run::{Rejected, Sink, Skipped, Summary, Written};
use reimport::sink::{AtomicFile, FileOptions};

use crate::batch::Batch;
use crate::layout::Layout;
pub(crate) use encoder::{Encoder, RowGroups};
pub use properties::Compression;
pub(crate) use properties::part_metadata;

/// Options of [`ParquetFile`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// Whether existing files may be replaced, and the maximum size of the file of rejected records.
    pub file: FileOptions,
    /// The filters of the run, for the metadata of the file. Empty if every record is in it.
    pub filters: Vec<String>,
    /// How pages are compressed. Default: Snappy.
    pub compression: Compression,
    pub(crate) row_groups: RowGroups,
}

impl ParquetOptions {
    /// Sets whether existing files may be replaced, and the maximum size of the file of rejected records.
    pub fn file(self, file: FileOptions) -> Self {
        Self { file, ..self }
    }

    /// Sets the filters of the run, for the metadata of the file.
    pub fn filters(self, filters: impl IntoIterator<Item = String>) -> Self {
        Self { filters: filters.into_iter().collect(), ..self }
    }

    /// Sets how pages are compressed.
    pub fn compression(self, compression: Compression) -> Self {
        Self { compression, ..self }
    }
}

/// Writes all records to one Parquet file. Rejected and skipped records are written next to it, as
/// [`OneFile`](reimport::sink::OneFile) does. The files are private (mode 0600), and appear complete or not at all.
///
/// The columns are built and encoded on two threads of their own. A row group has at most 122 880 rows, and little more than
/// 16 MiB. The bytes of the file depend only on the input, not on the number of threads. Its metadata has the version of the
/// schema, the names of the sources without folders, the counts of the run and its filters; no time and no path.
///
/// The memory that is needed does not depend on the input, except for the description of each row group at the end of the
/// file: some kilobytes for each 16 MiB.
pub struct ParquetFile {
    layout: Arc<Layout>,
    encoder: Encoder<AtomicFile>,
    batch: Batch,
    filters: Vec<String>,
    path: PathBuf,
}

impl ParquetFile {
    /// Makes all checks that are possible before the first record, creates the files under temporary names, and starts the
    /// threads.
    ///
    /// # Errors
    /// If the file or one of those next to it exists (without [`force`](FileOptions::force)), is not a regular file, or
    /// cannot be created; if a thread cannot be started.
    pub fn create(path: impl AsRef<Path>, layout: Arc<Layout>, options: ParquetOptions) -> Result<Self> {
        let file = AtomicFile::with_leftovers(path, options.file)?;
        let path = file.path().to_owned();
        let encoder =
            Encoder::start(file, &path, Arc::clone(&layout), options.row_groups, options.compression)?;
        Ok(Self { layout, encoder, batch: Batch::default(), filters: options.filters, path })
    }
}

impl Sink for ParquetFile {
    /// The path of the file.
    type Finished = PathBuf;

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.encoder.inner().refuse_inputs(inputs)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.layout.check(header)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        if let Some(batch) = self.batch.add(&written)? {
            self.encoder.add(batch)?;
        }
        Ok(())
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.encoder.inner_mut().skip(&skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.encoder.inner_mut().reject(&rejected)
    }

    fn finish(mut self, summary: &Summary) -> Result<PathBuf> {
        if let Some(batch) = self.batch.take() {
            self.encoder.add(batch)?;
        }
        self.encoder.finish(properties::metadata(summary, &self.filters))?.publish()?;
        Ok(self.path)
    }
}
