//! Opening sources: files, folders and readers that fail.

use std::fs;
use std::io::Cursor;

use super::*;
use crate::error::Category;

#[test]
fn file_source_has_path_and_compressed_size() {
    let folder = tempfile::tempdir().unwrap();
    // Gzip is detected from the bytes. The file name suggests plain text.
    let path = folder.path().join("users.txt");
    let packed = gzip(b"abc");
    fs::write(&path, &packed).unwrap();
    let mut source = Source::open(&path).unwrap();
    assert_eq!(**source.name(), *path.to_string_lossy());
    assert_eq!(source.size(), Some(packed.len() as u64));
    let progress = source.progress();
    assert_eq!(progress.compressed_bytes(), 0);
    let (plain, end) = drain(&mut source, &[100]);
    end.unwrap();
    assert_eq!(plain, b"abc");
    drop(source);
    assert_eq!(progress.compressed_bytes(), packed.len() as u64);
}

#[test]
fn plain_text_with_gz_name_is_read_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json.gz");
    fs::write(&path, "{}\n").unwrap();
    let mut source = Source::open(&path).unwrap();
    assert_eq!(drain(&mut source, &[100]).0, b"{}\n");
    assert_eq!(source.gzip_layers(), 0);
}

#[test]
fn folder_and_missing_file_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let error = Source::open(folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: this is a folder: name the export file in it", folder.path().display())
    );
    assert_eq!(error.category(), Category::Input);

    let path = folder.path().join("missing.json");
    let error = Source::open(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{}: cannot open: ", path.display())), "{error}");
    assert_eq!(error.category(), Category::Io);
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn readers_have_no_size() {
    let source = Source::from_reader("x", Cursor::new(Vec::new()));
    assert_eq!(source.size(), None);
    assert_eq!(&**Source::stdin().name(), "standard input");
}

/// A reader that returns its bytes, then an error, then bytes again.
struct Failing(Option<&'static [u8]>);

impl Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(mut bytes) = self.0.take() else {
            self.0 = Some(b"again");
            return Err(io::Error::other("the disk is gone"));
        };
        let count = bytes.read(out)?;
        if !bytes.is_empty() {
            self.0 = Some(bytes);
        }
        Ok(count)
    }
}

#[test]
fn read_error_follows_data_and_ends_reading() {
    let mut source = Source::from_reader("x", Failing(Some(b"abc")));
    let (plain, end) = drain(&mut source, &[10]);
    assert_eq!(plain, b"abc");
    let error = end.unwrap_err();
    assert_eq!(error.to_string(), "x: cannot read: the disk is gone");
    assert_eq!(error.category(), Category::Io);
}

#[test]
fn would_block_and_interrupted_reads_are_retried() {
    // The first read would block. The others are interrupted.
    let mut source = Source::from_reader("x", Steps::new(b"abcd".to_vec(), vec![0, 2]));
    let (plain, end) = drain(&mut source, &[10]);
    end.unwrap();
    assert_eq!(plain, b"abcd");
}

/// A reader that returns an end and then more bytes, as a terminal does.
struct Resuming(bool);

impl Read for Resuming {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0 = !self.0;
        if self.0 {
            return Ok(0);
        }
        out[0] = b'x';
        Ok(1)
    }
}

#[test]
fn end_of_file_is_final() {
    let mut source = Source::from_reader("x", Resuming(true));
    let mut buf = [0; 8];
    assert_eq!(source.read(&mut buf).unwrap(), 1);
    assert_eq!(source.read(&mut buf).unwrap(), 0);
}

#[test]
fn debug_shows_no_content() {
    let mut source = Source::from_reader("x", &b"secret"[..]);
    source.read(&mut [0; 1]).unwrap();
    assert_eq!(
        format!("{source:?}"),
        "Source { name: \"x\", size: None, compressed_bytes: 2, gzip_layers: 0, .. }"
    );
}

#[test]
fn source_is_send_and_progress_is_sync() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_sync<T: Sync>(_: &T) {}
    let source = Source::from_reader("x", &b""[..]);
    assert_send(&source);
    assert_sync(&source.progress());
}

#[test]
fn file_whose_length_changes_is_not_read_as_complete() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.ndjson");
    for (change, expected) in [(0, None), (-5_i64, Some("became shorter")), (5, Some("grew while"))] {
        let length = 300_000;
        std::fs::write(&path, vec![b' '; length]).unwrap();
        let mut source = Source::open(&path).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len((length as u64).saturating_add_signed(change)).unwrap();
        let read =
            std::iter::repeat_with(|| source.read(&mut [0; 4096])).find(|read| !matches!(read, Ok(1..)));
        let found = read.unwrap().err().map(|error| error.to_string());
        match expected {
            None => assert_eq!(found, None),
            Some(words) => assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{found:?}"),
        }
    }
}
