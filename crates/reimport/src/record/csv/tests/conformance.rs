//! Tests with the files of `testdata/csv`: those that follow RFC 4180 are accepted, all others are rejected.

use std::fs;
use std::path::Path;

use super::read_with;
use crate::record::ReadOptions;

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/csv");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .filter(|(name, path)| name.starts_with(kind) && path.extension().is_some_and(|end| end == "csv"))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn accepted_files_are_read_as_expected() {
    let files = files("accept_");
    assert!(files.len() >= 15, "{} files", files.len());
    for (name, bytes) in files {
        let (rows, end) = read_with(&bytes, &ReadOptions::default());
        assert_eq!(end, None, "{name}");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/csv");
        let expected = fs::read_to_string(folder.join(name.replace(".csv", ".ndjson"))).unwrap();
        let found: Vec<String> = rows.into_iter().map(|row| row.1.unwrap_or_else(|error| error)).collect();
        assert_eq!(found, expected.lines().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn rejected_files_have_the_expected_messages() {
    let files = files("reject_");
    assert!(files.len() >= 15, "{} files", files.len());
    for (name, bytes) in files {
        let (rows, end) = read_with(&bytes, &ReadOptions::default());
        let mut words: Vec<String> = rows.into_iter().filter_map(|row| row.1.err()).collect();
        words.extend(end);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/csv");
        let expected = fs::read_to_string(folder.join(name.replace(".csv", ".txt"))).unwrap();
        assert_eq!(words, expected.lines().collect::<Vec<_>>(), "{name}");
    }
}
