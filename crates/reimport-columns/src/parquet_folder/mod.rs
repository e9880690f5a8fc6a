//! [`ParquetFolder`]: all records in a folder of Parquet files, which appears complete or not at all.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reimport::Result;
use reimport::run::{Rejected, Sink, Skipped, Summary, Written};
use reimport::sink::{AtomicFolder, FileOptions, FolderFile};
use serde_json::json;

use crate::arrays::file_name;
use crate::batch::Batch;
use crate::error::ColumnsError;
use crate::layout::{Layout, SCHEMA_VERSION};
use crate::parquet_file::{Compression, Encoder, RowGroups, part_metadata};
use crate::partition::Partition;

const MANIFEST: &str = "_manifest.json";
const REJECTED: &str = "_rejected.ndjson";
const SKIPPED: &str = "_skipped.ndjson";

/// Options of [`ParquetFolder`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FolderOptions {
    /// Whether an earlier output may be replaced, and the maximum size of the file of rejected records.
    pub file: FileOptions,
    /// The size of a file, in bytes: a file ends shortly before it. Default: 256 MiB.
    pub max_part_bytes: u64,
    /// The partitions, the outermost first. Default: none.
    pub partitions: Vec<Partition>,
    /// The filters of the run, for the metadata. Empty if every record is in the output.
    pub filters: Vec<String>,
    /// How pages are compressed. Default: Snappy.
    pub compression: Compression,
    pub(crate) row_groups: RowGroups,
}

impl Default for FolderOptions {
    fn default() -> Self {
        Self {
            file: FileOptions::default(),
            max_part_bytes: 256 * 1024 * 1024,
            partitions: Vec::new(),
            filters: Vec::new(),
            compression: Compression::default(),
            row_groups: RowGroups::default(),
        }
    }
}

impl FolderOptions {
    /// Sets whether an earlier output may be replaced, and the maximum size of the file of rejected records.
    pub fn file(self, file: FileOptions) -> Self {
        Self { file, ..self }
    }

    /// Sets the size of a file, in bytes.
    pub fn max_part_bytes(self, max_part_bytes: u64) -> Self {
        Self { max_part_bytes, ..self }
    }

    /// Sets the partitions, the outermost first.
    pub fn partitions(self, partitions: impl IntoIterator<Item = Partition>) -> Self {
        Self { partitions: partitions.into_iter().collect(), ..self }
    }

    /// Sets the filters of the run, for the metadata.
    pub fn filters(self, filters: impl IntoIterator<Item = String>) -> Self {
        Self { filters: filters.into_iter().collect(), ..self }
    }

    /// Sets how pages are compressed.
    pub fn compression(self, compression: Compression) -> Self {
        Self { compression, ..self }
    }
}

/// Writes all records to a folder of files `part-00000.parquet` and so on, each as [`ParquetFile`](crate::ParquetFile) writes
/// one. The other files begin with `_`, which engines ignore: `_manifest.json` with sources, counts and files, and
/// `_rejected.ndjson` and `_skipped.ndjson` if there are such records. There is always one file, so that engines find the
/// columns.
///
/// With partitions, the files are in `FOLDER/tenant=acme`. Such a folder of an earlier run is replaced alone, and only if it
/// has no other files. Several runs can write different partitions at the same time.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let users = home.path().join("users");
/// use reimport::{Pipeline, source::Source};
/// use reimport_columns::{FolderOptions, Layout, ParquetFolder, TypedRows};
///
/// let source = Source::from_reader("tenant.json", &br#"{"user_id":"auth0|7"}"#[..]);
/// let rows = TypedRows::new(Layout::fixed());
/// let options = FolderOptions::default().partitions(["tenant=acme".parse()?]);
/// let folder = ParquetFolder::create(&users, rows.layout(), options)?;
/// Pipeline::new().run([source], &rows, folder)?;
/// assert!(users.join("tenant=acme/part-00000.parquet").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ParquetFolder {
    layout: Arc<Layout>,
    // Before the folder, because its file is in the folder.
    encoder: Option<Encoder<FolderFile>>,
    folder: AtomicFolder,
    batch: Batch,
    /// The rows of the current file.
    rows: u64,
    parts: Vec<Part>,
    options: FolderOptions,
}

/// A finished file.
struct Part {
    name: String,
    bytes: u64,
    rows: u64,
}

impl ParquetFolder {
    /// Makes all checks that are possible before the first record, and creates the folder under a temporary name.
    ///
    /// # Errors
    /// If the folder has content and may not be replaced, or cannot be created; if a partition is not possible.
    pub fn create(path: impl AsRef<Path>, layout: Arc<Layout>, options: FolderOptions) -> Result<Self> {
        let folder = if options.partitions.is_empty() {
            AtomicFolder::create(path, is_own, options.file)?
        } else {
            let inside = Partition::folder(&options.partitions, &layout).map_err(reimport::Error::other)?;
            AtomicFolder::create_inside(path, inside, is_own, options.file)?
        };
        let folder = folder.with_leftovers(REJECTED, SKIPPED);
        Ok(Self {
            layout,
            encoder: None,
            folder,
            batch: Batch::default(),
            rows: 0,
            parts: Vec::new(),
            options,
        })
    }

    /// Returns the path of the folder with the files.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the file of rejected records.
    pub fn rejected_path(&self) -> PathBuf {
        self.folder.path().join(REJECTED)
    }

    fn encode(&mut self, batch: Batch) -> Result<()> {
        let enough = enough(self.options.max_part_bytes);
        if self.encoder.as_ref().is_some_and(|encoder| encoder.known_bytes() >= enough) {
            self.end_part()?;
        }
        self.rows += batch.rows() as u64;
        Ok(self.encoder()?.add(batch)?)
    }

    /// Returns the encoder of the current file.
    fn encoder(&mut self) -> Result<&mut Encoder<FolderFile>> {
        match &mut self.encoder {
            Some(encoder) => Ok(encoder),
            none => {
                let file = self.folder.file(&part_name(self.parts.len()))?;
                let path = file.path().to_owned();
                let layout = Arc::clone(&self.layout);
                let FolderOptions { row_groups, compression, .. } = self.options;
                Ok(none.insert(Encoder::start(file, &path, layout, row_groups, compression)?))
            }
        }
    }

    fn end_part(&mut self) -> Result<()> {
        let Some(encoder) = self.encoder.take() else { return Ok(()) };
        let name = part_name(self.parts.len());
        let file = encoder.finish(part_metadata(&self.options.filters))?;
        let bytes = file.bytes();
        file.finish()?;
        let rows = std::mem::take(&mut self.rows);
        self.parts.push(Part { name, bytes, rows });
        Ok(())
    }

    /// Writes the manifest. It has no path and no time.
    fn write_manifest(&self, summary: &Summary) -> Result<()> {
        let sources: BTreeSet<&str> = summary.sources.iter().map(|source| file_name(&source.name)).collect();
        let columns = self.layout.schema().fields().iter();
        let columns: Vec<_> = columns
            .map(|field| json!({"name": field.name(), "type": field.data_type().to_string()}))
            .collect();
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|Part { name, bytes, rows }| json!({"file": name, "bytes": bytes, "rows": rows}))
            .collect();
        let manifest = json!({
            "version": 1,
            "schema_version": SCHEMA_VERSION,
            "sources": sources,
            "filters": self.options.filters,
            "limited": summary.limited,
            "read": summary.read,
            "written": summary.written,
            "skipped": summary.skipped,
            "rejected": summary.rejected,
            "left_out": summary.left_out,
            "columns": columns,
            "parts": parts,
        });
        let mut file = self.folder.file(MANIFEST)?;
        let path = file.path().to_owned();
        writeln!(file, "{manifest:#}").map_err(|error| ColumnsError::Write { path, error })?;
        file.finish()
    }
}

fn part_name(number: usize) -> String {
    format!("part-{number:05}.parquet")
}

/// Returns whether it is the name of a file that this sink writes.
fn is_own(name: &str) -> bool {
    let digits = name.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet"));
    let is_part =
        digits.is_some_and(|digits| digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_part || [MANIFEST, REJECTED, SKIPPED].contains(&name)
}

/// Returns the known size at which a file ends. The rest is for what the threads have then, and for the end of the file.
fn enough(max_part_bytes: u64) -> u64 {
    max_part_bytes - (max_part_bytes / 8).min(4 << 20)
}

impl Sink for ParquetFolder {
    /// The path of the folder with the files.
    type Finished = PathBuf;

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.folder.refuse_inputs(inputs)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.layout.check(header)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self.batch.add(&written)?.map_or(Ok(()), |batch| self.encode(batch))
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.folder.skip(&skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.folder.reject(&rejected)
    }

    fn finish(mut self, summary: &Summary) -> Result<PathBuf> {
        if let Some(batch) = self.batch.take() {
            self.encode(batch)?;
        }
        if self.parts.is_empty() {
            self.encoder()?;
        }
        self.end_part()?;
        self.write_manifest(summary)?;
        let path = self.folder.path().to_owned();
        self.folder.publish()?;
        Ok(path)
    }
}
