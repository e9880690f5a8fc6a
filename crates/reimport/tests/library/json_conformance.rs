//! Every file of `testdata/json` is accepted or rejected as its name says.

use std::fs;
use std::path::PathBuf;

use reimport::json::Scanner;
use serde_json::value::RawValue;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/json"))
}

/// Returns the files whose names begin with `verdict`, sorted by name.
fn files(verdict: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .filter(|(name, _)| name.starts_with(verdict))
        .collect();
    files.sort();
    files
}

fn accepts(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let mut scanner = Scanner::new(text);
        scanner.value().and_then(|_| scanner.end()).is_ok()
    })
}

#[test]
fn valid_json_is_accepted() {
    let files = files("accept_");
    assert!(files.len() >= 30, "only {} files", files.len());
    for (name, bytes) in files {
        assert!(accepts(&bytes), "{name} is refused");
    }
}

#[test]
fn invalid_json_is_rejected() {
    let files = files("reject_");
    assert!(files.len() >= 60, "only {} files", files.len());
    for (name, bytes) in files {
        assert!(!accepts(&bytes), "{name} is accepted");
    }
}

#[test]
fn serde_json_agrees_except_for_depth() {
    for (name, bytes) in files("") {
        let serde =
            std::str::from_utf8(&bytes).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok());
        assert_eq!(serde, name.starts_with("accept_") || name.starts_with("reject_nesting_"), "{name}");
    }
}
