//! Tests of the Parquet file: its row groups, its metadata, and its publication.

use std::fs::{self, File};
use std::num::NonZero;
use std::path::Path;

use arrow_array::RecordBatch;
use parquet::basic;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use reimport::source::Source;
use reimport::{Pipeline, Transform};

use super::*;
use crate::error::ColumnsError;
use crate::tests::{batches_of_file, users};
use crate::{Column, TypedRows};

fn write(path: &Path, export: &str, threads: usize, options: ParquetOptions) -> Result<Summary> {
    let rows = TypedRows::new(Layout::fixed());
    let file = ParquetFile::create(path, rows.layout(), options)?;
    let source = Source::from_reader("in/tenant.json", std::io::Cursor::new(export.to_owned().into_bytes()));
    Ok(Pipeline::new().threads(NonZero::new(threads).unwrap()).run([source], &rows, file)?.0)
}

fn metadata(path: &Path) -> ParquetMetaData {
    SerializedFileReader::new(File::open(path).unwrap()).unwrap().metadata().clone()
}

fn small_groups(max_rows: usize, max_bytes: usize) -> ParquetOptions {
    ParquetOptions { row_groups: RowGroups { max_rows, max_bytes }, ..ParquetOptions::default() }
}

#[test]
fn file_is_the_same_for_any_number_of_threads() {
    let home = tempfile::tempdir().unwrap();
    let export = users(20_000);
    let files: Vec<Vec<u8>> = [1, 2, 4]
        .map(|threads| {
            let path = home.path().join(format!("{threads}.parquet"));
            write(&path, &export, threads, small_groups(9000, 400_000)).unwrap();
            fs::read(path).unwrap()
        })
        .into();
    assert!(files[0] == files[1] && files[0] == files[2]);
}

#[test]
fn row_groups_end_at_their_limits() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    let export = users(40_000);
    write(&path, &export, 2, small_groups(10_000, usize::MAX)).unwrap();
    let groups = metadata(&path);
    let rows: Vec<i64> = groups.row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(rows.iter().sum::<i64>(), 40_000);
    assert!(rows.len() >= 4 && rows.iter().all(|rows| *rows <= 10_000), "{rows:?}");
    let options = small_groups(usize::MAX, 300_000).file(FileOptions::default().force(true));
    write(&path, &export, 2, options).unwrap();
    let sizes: Vec<i64> =
        metadata(&path).row_groups().iter().map(RowGroupMetaData::compressed_size).collect();
    assert!(sizes.len() > 2, "{sizes:?}");
    // Two batches more than the limit, at most.
    assert!(sizes.iter().all(|size| *size < 300_000 + 2 * 1024 * 1024), "{sizes:?}");
}

#[test]
fn metadata_describes_the_run_without_path_and_time() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    let export = format!("{}no record\n", users(3));
    let options = ParquetOptions::default().filters(["last_login < 2024-01-01".to_owned()]);
    write(&path, &export, 1, options).unwrap();
    let metadata = metadata(&path);
    let file = metadata.file_metadata();
    assert_eq!(file.created_by(), Some(concat!("reimport ", env!("CARGO_PKG_VERSION"))));
    let entries: Vec<String> = file
        .key_value_metadata()
        .unwrap()
        .iter()
        .filter(|entry| entry.key != "ARROW:schema")
        .map(|entry| format!("{} {}", entry.key, entry.value.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        entries,
        [
            "reimport.schema_version 1",
            "reimport.sources [\"tenant.json\"]",
            "reimport.filters [\"last_login < 2024-01-01\"]",
            "reimport.read 4",
            "reimport.written 3",
            "reimport.skipped 0",
            "reimport.rejected 1",
            "reimport.left_out 0",
        ]
    );
    let rejected = fs::read_to_string(home.path().join("users.parquet.rejected.ndjson")).unwrap();
    assert!(rejected.contains("\"line\":4") && rejected.contains("\"raw\":\"no record\""), "{rejected}");
}

#[test]
fn metadata_lists_the_sources_once_in_order() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    let rows = TypedRows::new(Layout::fixed());
    let options = ParquetOptions::default().filters(["a = 1", "b = \"2\""].map(str::to_owned));
    let file = ParquetFile::create(&path, rows.layout(), options).unwrap();
    let source = |name: &str| Source::from_reader(name, &br#"{"user_id":"auth0|1"}"#[..]);
    Pipeline::new().run([source("in/b.json"), source("a.json"), source("b.json")], &rows, file).unwrap();
    let metadata = metadata(&path);
    let entries = metadata.file_metadata().key_value_metadata().unwrap();
    let value =
        |key: &str| entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.as_deref());
    assert_eq!(value("reimport.sources"), Some(r#"["a.json","b.json"]"#));
    assert_eq!(value("reimport.filters"), Some(r#"["a = 1","b = \"2\""]"#));
}

#[test]
fn columns_are_encoded_for_what_they_hold() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    write(&path, &users(5000), 2, ParquetOptions::default()).unwrap();
    let metadata = metadata(&path);
    let column = |name: &str| {
        let columns = metadata.row_group(0).columns();
        columns.iter().find(|column| column.column_path().string() == name).unwrap()
    };
    for name in ["user_id", "user_metadata", "connection", "_line"] {
        assert_eq!(column(name).compression(), basic::Compression::SNAPPY, "{name}");
    }
    for (name, dictionary, statistics, bloom) in [
        ("user_id", false, true, true),
        ("email", false, true, true),
        ("connection", true, true, false),
        ("_source", true, true, false),
        ("created_at", false, true, false),
        ("user_metadata", false, false, false),
        ("_rest", false, false, false),
    ] {
        let column = column(name);
        let found = (
            column.dictionary_page_offset().is_some(),
            column.statistics().is_some_and(|statistics| statistics.min_bytes_opt().is_some()),
            column.bloom_filter_offset().is_some(),
        );
        assert_eq!(found, (dictionary, statistics, bloom), "{name}");
    }
}

#[test]
fn empty_export_has_a_file_with_all_columns() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    write(&path, "[]", 1, ParquetOptions::default()).unwrap();
    let metadata = metadata(&path);
    assert_eq!((metadata.num_row_groups(), metadata.file_metadata().schema_descr().num_columns()), (0, 28));
}

#[test]
fn failed_run_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    let rows = TypedRows::new(Layout::fixed());
    let file = ParquetFile::create(&path, rows.layout(), ParquetOptions::default()).unwrap();
    let export = users(30_000).into_bytes();
    let whole = {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&export).unwrap();
        gzip.finish().unwrap()
    };
    let cut = whole[..whole.len() - 20].to_vec();
    let source = Source::from_reader("tenant.json.gz", std::io::Cursor::new(cut));
    assert!(Pipeline::new().run([source], &rows, file).is_err());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn file_is_private_and_is_replaced_only_if_allowed() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    write(&path, &users(3), 1, ParquetOptions::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let error = write(&path, &users(4), 1, ParquetOptions::default()).unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
    let force = ParquetOptions::default().file(FileOptions::default().force(true));
    write(&path, &users(4), 1, force).unwrap();
    assert_eq!(batches_of_file(&path).iter().map(RecordBatch::num_rows).sum::<usize>(), 4);
}

#[test]
fn sink_refuses_rows_of_another_layout() {
    let home = tempfile::tempdir().unwrap();
    let refused = |transform: &dyn Fn(ParquetFile) -> Result<Summary>| {
        let path = home.path().join("users.parquet");
        let file = ParquetFile::create(path, Layout::fixed(), ParquetOptions::default()).unwrap();
        transform(file).unwrap_err().to_string()
    };
    let source = || Source::from_reader("x", &br#"{"user_id":"auth0|1"}"#[..]);
    let chosen = Layout::chosen(Column::list_from_argument("user_id").unwrap(), true).unwrap();
    let other =
        refused(&|file| Ok(Pipeline::new().run([source()], &TypedRows::new(chosen.clone()), file)?.0));
    let none = refused(&|file| {
        let unchanged = reimport::projection::Unchanged;
        assert!(unchanged.header(reimport::Rendering::Json).is_empty());
        Ok(Pipeline::new().run([source()], &unchanged, file)?.0)
    });
    let expected =
        "the sink takes the rows of another transform: use the layout of the transform for the sink";
    assert_eq!((other.as_str(), none.as_str()), (expected, expected));
}

#[test]
fn full_disk_is_an_error_that_names_the_file() {
    let error = ColumnsError::writing(
        Path::new("out/users.parquet"),
        parquet::errors::ParquetError::from(std::io::Error::from(std::io::ErrorKind::StorageFull)),
    );
    assert!(error.to_string().starts_with("cannot write out/users.parquet: "), "{error}");
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_has_the_same_rows_in_a_smaller_file() {
    let home = tempfile::tempdir().unwrap();
    let [snappy, zstd] = [Compression::Snappy, Compression::Zstd].map(|compression| {
        let path = home.path().join(format!("{compression:?}.parquet"));
        write(&path, &users(5000), 2, ParquetOptions::default().compression(compression)).unwrap();
        path
    });
    assert!(matches!(metadata(&zstd).row_group(0).column(0).compression(), basic::Compression::ZSTD(_)));
    assert_eq!(batches_of_file(&zstd), batches_of_file(&snappy));
    assert!(fs::metadata(&zstd).unwrap().len() < fs::metadata(&snappy).unwrap().len());
}
