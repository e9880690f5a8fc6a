//! [`ParquetFolder`]: all records in a folder of Parquet files, which appears complete or not at all.

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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::num::NonZero;

    use reimport::Pipeline;
    use reimport::source::Source;

    use super::*;
    use crate::TypedRows;
    use crate::tests::{batches_of_file, users};

    fn write(path: &Path, export: &str, threads: usize, options: FolderOptions) -> Result<Summary> {
        let rows = TypedRows::new(Layout::fixed());
        let folder = ParquetFolder::create(path, rows.layout(), options)?;
        let source =
            Source::from_reader("in/tenant.json", std::io::Cursor::new(export.to_owned().into_bytes()));
        Ok(Pipeline::new().threads(NonZero::new(threads).unwrap()).run([source], &rows, folder)?.0)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn partition(text: &str) -> FolderOptions {
        FolderOptions::default().partitions([text.parse().unwrap()])
    }

    #[test]
    fn files_end_at_their_size_and_hold_all_rows_in_order() {
        let home = tempfile::tempdir().unwrap();
        let export = users(60_000);
        let options = || FolderOptions {
            row_groups: RowGroups { max_rows: 10_000, ..RowGroups::default() },
            ..FolderOptions::default()
        };
        for threads in [1, 3] {
            let out = home.path().join(threads.to_string());
            write(&out, &export, threads, options().max_part_bytes(300_000)).unwrap();
        }
        let out = home.path().join("1");
        let names = names(&out);
        assert!(names.len() > 3 && names[0] == MANIFEST && names[1] == "part-00000.parquet", "{names:?}");
        let mut line = 0;
        for name in &names[1..] {
            let path = out.join(name);
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.len() < 300_000 + 700_000, "{name} has {} bytes", bytes.len());
            assert!(bytes == fs::read(home.path().join("3").join(name)).unwrap(), "{name}");
            for batch in batches_of_file(&path) {
                use arrow_array::cast::AsArray as _;
                for found in batch["_line"].as_primitive::<arrow_array::types::Int64Type>().values() {
                    line += 1;
                    assert_eq!(*found, line);
                }
            }
        }
        assert_eq!(line, 60_000);
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join(MANIFEST)).unwrap()).unwrap();
        assert_eq!((&manifest["written"], &manifest["sources"]), (&json!(60_000), &json!(["tenant.json"])));
        for part in manifest["parts"].as_array().unwrap() {
            let bytes = fs::metadata(out.join(part["file"].as_str().unwrap())).unwrap().len();
            assert_eq!(part["bytes"], bytes);
        }
    }

    #[test]
    fn partition_of_an_earlier_run_is_replaced_alone() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("users");
        write(&out, &users(5), 1, partition("tenant=acme")).unwrap();
        write(&out, &users(6), 1, partition("tenant=b c")).unwrap();
        write(&out, &format!("{}no record\n", users(7)), 1, partition("tenant=acme")).unwrap();
        assert_eq!(names(&out), ["tenant=acme", "tenant=b%20c"]);
        assert_eq!(names(&out.join("tenant=acme")), [MANIFEST, REJECTED, "part-00000.parquet"]);
        let rows = |inside: &str| {
            let batches = batches_of_file(&out.join(inside).join("part-00000.parquet"));
            batches.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>()
        };
        assert_eq!((rows("tenant=acme"), rows("tenant=b%20c")), (7, 6));
        fs::write(out.join("tenant=acme/notes.md"), "mine").unwrap();
        let error = write(&out, &users(8), 1, partition("tenant=acme")).unwrap_err();
        assert!(error.to_string().contains("notes.md"), "{error}");
        assert_eq!((rows("tenant=acme"), names(home.path())), (7, vec!["users".to_owned()]));
    }

    #[test]
    fn runs_for_different_partitions_write_at_once() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("users");
        std::thread::scope(|scope| {
            for number in 0..4 {
                let out = &out;
                scope.spawn(move || {
                    write(out, &users(3000), 1, partition(&format!("tenant={number}"))).unwrap()
                });
            }
        });
        assert_eq!(names(&out), ["tenant=0", "tenant=1", "tenant=2", "tenant=3"]);
    }

    #[test]
    fn failed_run_leaves_nothing_and_an_empty_one_leaves_the_columns() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("users");
        assert!(write(&out, "", 1, partition("tenant=acme")).is_err());
        assert_eq!(names(home.path()), Vec::<String>::new());
        write(&out, "[]", 1, FolderOptions::default()).unwrap();
        assert_eq!(names(&out), [MANIFEST, "part-00000.parquet"]);
        assert_eq!(batches_of_file(&out.join("part-00000.parquet")).len(), 0);
        assert!(write(&out, &users(1), 1, FolderOptions::default()).is_err(), "it exists");
        let force = FolderOptions::default().file(FileOptions::default().force(true));
        write(&out, &users(1), 1, force).unwrap();
    }

    #[test]
    fn file_ends_shortly_before_its_size() {
        assert_eq!(enough(8 << 10), 7 << 10);
        assert_eq!(enough(256 << 20), 252 << 20);
    }

    #[test]
    fn folder_refuses_rows_of_another_layout() {
        let home = tempfile::tempdir().unwrap();
        let folder =
            ParquetFolder::create(home.path().join("lake"), Layout::fixed(), FolderOptions::default());
        let source = Source::from_reader("x", &br#"{"user_id":"auth0|1"}"#[..]);
        let unchanged = reimport::projection::Unchanged;
        let error = Pipeline::new().run([source], &unchanged, folder.unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the sink takes the rows of another transform: use the layout of the transform for the sink"
        );
    }
}
