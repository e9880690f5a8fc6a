//! Every file of `testdata/gzip` is read or rejected as its name says, in one piece and one byte at a time.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use reimport::RecordReader;
use reimport::source::Source;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/gzip"))
}

fn files(verdict: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(verdict))
        .collect();
    files.sort();
    files
}

/// A reader that returns at most this many bytes per call.
struct SmallReads(io::Cursor<Vec<u8>>, usize);

impl Read for SmallReads {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(out.len());
        self.0.read(&mut out[..count])
    }
}

/// Returns the records, one per line, or the message of the error that ends the run.
fn read(bytes: &[u8], at_a_time: usize) -> Result<String, String> {
    let records = || -> reimport::Result<String> {
        let source = SmallReads(io::Cursor::new(bytes.to_vec()), at_a_time);
        let mut reader = RecordReader::from_reader("FILE", source)?;
        let mut records = String::new();
        while let Some(record) = reader.next_record()? {
            records += record.json();
            records.push('\n');
        }
        Ok(records)
    };
    records().map_err(|error| error.to_string())
}

#[test]
fn valid_gzip_files_are_read_as_expected() {
    let files = files("accept_");
    assert!(files.len() >= 25, "only {} files", files.len());
    for path in files {
        let (bytes, name) = (fs::read(&path).unwrap(), path.display());
        let expected = fs::read_to_string(path.with_extension("ndjson")).unwrap();
        for at_a_time in [usize::MAX, 1, 2, 7] {
            assert_eq!(read(&bytes, at_a_time).as_ref(), Ok(&expected), "{name}, {at_a_time} at a time");
        }
        // Read as plain bytes, into a buffer of one byte.
        let (mut source, mut plain, mut byte) =
            (Source::from_reader("x", io::Cursor::new(bytes)), Vec::new(), [0]);
        while source.read(&mut byte).unwrap() > 0 {
            plain.push(byte[0]);
        }
        assert_eq!(String::from_utf8(plain).unwrap(), expected, "{name}");
    }
}

#[test]
fn invalid_gzip_files_have_the_expected_messages() {
    let files = files("reject_");
    assert!(files.len() >= 30, "only {} files", files.len());
    for path in files {
        let (bytes, name) = (fs::read(&path).unwrap(), path.display());
        let words = read(&bytes, usize::MAX).expect_err(&name.to_string());
        let message_path = path.with_extension("txt");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&message_path, format!("{words}\n")).unwrap();
        }
        assert_eq!(format!("{words}\n"), fs::read_to_string(message_path).unwrap(), "{name}");
        for at_a_time in [1, 2, 7] {
            assert_eq!(read(&bytes, at_a_time).as_ref(), Err(&words), "{name}, {at_a_time} at a time");
        }
    }
}

/// Compares with another gzip reader, whose known differences are listed here.
#[test]
fn flate2_agrees_except_for_listed_files() {
    let laxer = ["reject_empty_member", "reject_gzipped_five_times", "reject_inner_crc_bad"];
    let stricter = ["accept_padding_one_zero", "accept_padding_zeros", "accept_no_gzip"];
    for path in files("") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let mut plain = Vec::new();
        let bytes = fs::read(&path).unwrap();
        let accepts = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).is_ok();
        let expected = name.starts_with("accept_") && !stricter.contains(&name) || laxer.contains(&name);
        assert_eq!(accepts, expected, "{name}");
    }
}
