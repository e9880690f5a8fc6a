//! Tests of the folder of Parquet files: its files, its manifest, and its publication.

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
    let source = Source::from_reader("in/tenant.json", std::io::Cursor::new(export.to_owned().into_bytes()));
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
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(out.join(MANIFEST)).unwrap()).unwrap();
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
            scope.spawn(move || write(out, &users(3000), 1, partition(&format!("tenant={number}"))).unwrap());
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
fn manifest_and_parts_have_the_filters() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("lake");
    let rows = TypedRows::new(Layout::fixed());
    let options = partition("tenant=acme").filters(["logins_count > 1".to_owned()]);
    let folder = ParquetFolder::create(&out, rows.layout(), options).unwrap();
    let inside = out.join("tenant=acme");
    assert_eq!((folder.path(), folder.rejected_path()), (&*inside, inside.join(REJECTED)));
    let source = Source::from_reader("x", &b"{\"user_id\":\"auth0|1\"}\nno record\n"[..]);
    Pipeline::new().run([source], &rows, folder).unwrap();
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(inside.join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(manifest["filters"], json!(["logins_count > 1"]));
    assert_eq!(
        ["read", "written", "skipped", "rejected", "left_out"].map(|count| &manifest[count]),
        [2, 1, 0, 1, 0]
    );
    assert_eq!(
        (&manifest["limited"], &manifest["version"], &manifest["schema_version"]),
        (&json!(false), &json!(1), &json!("1"))
    );
    assert_eq!(manifest["columns"][1], json!({"name": "email", "type": "Utf8"}));
    assert_eq!(manifest["parts"][0]["rows"], json!(1));
    let file = fs::File::open(inside.join("part-00000.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let of_part = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let values: Vec<_> = ["schema_version", "filters", "sources"]
        .map(|name| of_part.iter().find(|entry| entry.key == format!("reimport.{name}")))
        .map(|entry| entry.and_then(|entry| entry.value.as_deref()))
        .into();
    assert_eq!(values, [Some("1"), Some(r#"["logins_count > 1"]"#), None]);
}

#[test]
fn own_files_are_known_by_their_names() {
    let own = [MANIFEST, REJECTED, SKIPPED, "part-00000.parquet", "part-123456.parquet"];
    assert!(own.into_iter().all(is_own));
    let others =
        ["part-0000.parquet", "part-0000x.parquet", "part-.parquet", "part-00000", "00000.parquet", "x"];
    assert!(!others.into_iter().any(is_own));
}

#[test]
fn file_ends_shortly_before_its_size() {
    assert_eq!(enough(8 << 10), 7 << 10);
    assert_eq!(enough(256 << 20), 252 << 20);
}

#[test]
fn folder_refuses_rows_of_another_layout() {
    let home = tempfile::tempdir().unwrap();
    let folder = ParquetFolder::create(home.path().join("lake"), Layout::fixed(), FolderOptions::default());
    let source = Source::from_reader("x", &br#"{"user_id":"auth0|1"}"#[..]);
    let unchanged = reimport::projection::Unchanged;
    let error = Pipeline::new().run([source], &unchanged, folder.unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sink takes the rows of another transform: use the layout of the transform for the sink"
    );
}
