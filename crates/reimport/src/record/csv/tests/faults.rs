//! Tests of the errors that damage a row and that end a run: exact messages and correct lines.

use std::io::Read;

use super::{good, read, read_with};
use crate::error::ErrorKind;
use crate::record::{ReadOptions, RecordError, RecordReader};
use crate::source::Source;
use crate::user;

/// Returns the only error of these rows, without the name of the source.
fn fault(row: &[u8]) -> String {
    let text = [b"email,user_metadata.a\n'x,\"'two\nlines\"\n", row, b"\n'y,'z\n"].concat();
    let (rows, end) = read_with(&text, &ReadOptions::default());
    assert_eq!(end, None);
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(rows[2].1.as_deref(), Ok(r#"{"email":"y","user_metadata":{"a":"z"}}"#));
    rows[1].1.clone().unwrap_err()
}

#[test]
fn damaged_row_is_rejected_and_reading_continues() {
    let at = "users.csv: line 4 (record 2, byte 38): ";
    assert_eq!(fault(b"'x"), format!("{at}expected 2 cells, but found 1"));
    assert_eq!(fault(b"'x,'y,"), format!("{at}expected 2 cells, but found 3"));
    assert_eq!(
        fault(b"'x,'a\0b"),
        format!("{at}cell 2: expected text, but found a NUL byte; export again, or remove the byte")
    );
    assert_eq!(fault(b"'x,'\xff"), format!("{at}expected UTF-8, but found other bytes at column 5"));
    assert_eq!(
        fault(b"\"'x\"y,'z"),
        format!(
            "{at}cell 1: expected the end of the cell after its closing quote, but found more text; write a quote \
             that belongs to the text twice"
        )
    );
    assert_eq!(
        fault(b"'x,'y \"z\""),
        format!(
            "{at}cell 2: found a quote inside a cell without quotes; put the cell in quotes and write its own quotes \
             twice"
        )
    );
    assert_eq!(
        fault(b"'x,'y\rz"),
        format!(
            "{at}cell 2: expected a line feed after the carriage return; end rows with LF or CRLF, and put a cell that contains a carriage return in quotes"
        )
    );
    assert_eq!(
        read("email\n'x,'y\n").0[0].1.clone().unwrap_err(),
        "users.csv: line 2 (record 1, byte 6): expected 1 cell, but found 2"
    );
}

#[test]
fn every_row_error_has_a_rule_of_the_table() {
    for (row, rule) in
        [("x", "uneven-row"), ("x,y\"", "invalid-csv"), ("x,\"y\"z", "invalid-csv"), ("x,\0", "invalid-csv")]
    {
        let source = Source::from_reader("users.csv", std::io::Cursor::new(format!("email,name\n{row}\n")));
        let error = RecordReader::open(source, &ReadOptions::default()).unwrap().next_record().unwrap_err();
        let ErrorKind::Record(fault) = error.kind() else { panic!("{error}") };
        assert_eq!(fault.rule(), rule, "{row}");
        assert!(user::rule(rule).is_some(), "{rule}");
    }
    assert_eq!(RecordError::NotUtf8 { at: 0 }.rule(), "not-utf8");
}

#[test]
fn unclosed_quote_is_an_error_at_its_first_line() {
    let text = "email,name\na,b\n\"c\nd\",x\ne,\"\"\"f\ng\nh";
    let words = "expected the quote that begins here to be closed, but found the end of the file; close it, or write it \
                 twice in a cell in quotes if it belongs to the text";
    for block_bytes in [1, 2, 7, 64, 512 << 10] {
        for max_record_bytes in [7, 1 << 20] {
            let options = ReadOptions { max_record_bytes, block_bytes, ..ReadOptions::default() };
            let (rows, end) = read_with(text.as_bytes(), &options);
            assert_eq!(rows.len(), 2, "{rows:?}");
            assert_eq!(
                end.unwrap(),
                format!("users.csv: line 5 (record 3, byte 25): {words}"),
                "{block_bytes}"
            );
        }
    }
}

#[test]
fn row_above_the_limit_is_rejected() {
    // The bytes up to the line feed count, so a carriage return is one of them.
    for (row, bytes) in [("'a,\"'\n\n\n\n\n\n\n\n\"", 14), ("'a,'bbbbbbb", 11), ("'a,'bbbbbb\r", 11)] {
        let text = format!("email,name\n'a,'bbbbbb\r\n{row}\n\n\"'c\",'d\r\n");
        let text = text.replacen("'a,'bbbbbb\r\n", "'a,'bbbbb\r\n", 1);
        let line = 4 + row.matches('\n').count() as u64 + 1;
        for block_bytes in [1, 2, 7, 64, 512 << 10] {
            let options = ReadOptions { block_bytes, max_record_bytes: 10, ..ReadOptions::default() };
            let (rows, end) = read_with(text.as_bytes(), &options);
            assert_eq!(end, None);
            assert_eq!(rows.len(), 3, "{row:?} {block_bytes}: {rows:?}");
            assert_eq!(
                rows[1].1.clone().unwrap_err(),
                format!(
                    "users.csv: line 3 (record 2, byte 22): expected at most 10 bytes, but found \
                     {bytes}"
                )
            );
            assert_eq!((rows[2].0.line, rows[2].1.as_deref()), (line, Ok(r#"{"email":"c","name":"d"}"#)));
        }
    }
}

#[test]
fn discarded_row_ends_like_a_buffered_row() {
    for length in 1..150 {
        let long = "x".repeat(length);
        for row in [format!("{long}\",y"), format!("{long},\"y\n\"\"\n\""), format!("\"{long}\"\"\n\"\"\",y")]
        {
            let text = format!("email,name\n{row}\nz,z\n");
            let whole = read_with(text.as_bytes(), &ReadOptions::default());
            assert_eq!(whole.0.len(), 2, "{text:?}");
            for block_bytes in [1, 512 << 10] {
                let options = ReadOptions { block_bytes, max_record_bytes: 3, ..ReadOptions::default() };
                let (rows, end) = read_with(text.as_bytes(), &options);
                assert_eq!((rows.len(), end), (2, None), "{text:?}");
                assert_eq!(rows[1], whole.0[1], "{text:?}");
            }
        }
    }
}

#[test]
fn unclosed_quote_in_a_discarded_row_has_its_line() {
    for length in 1..150 {
        let text = format!(
            "email,name\n\"{}\n\n\",\"\n\"\n\"{}\",\"y\n\nz",
            "x".repeat(length),
            "x\n".repeat(length)
        );
        for (block_bytes, max_record_bytes) in [(1, 3), (512 << 10, 3), (1, 1 << 20), (512 << 10, 1 << 20)] {
            let options = ReadOptions { max_record_bytes, block_bytes, ..ReadOptions::default() };
            let (rows, end) = read_with(text.as_bytes(), &options);
            assert_eq!(rows.len(), 1, "{rows:?}");
            let (line, byte) = (6 + length, 24 + 3 * length - 1);
            let words = format!("users.csv: line {line} (record 2, byte {byte}): expected the quote");
            assert!(end.as_ref().is_some_and(|end| end.starts_with(&words)), "{end:?} {words}");
        }
    }
}

#[test]
fn empty_line_is_not_a_record_with_any_limit() {
    for block_bytes in [1, 512 << 10] {
        let options = ReadOptions { block_bytes, max_record_bytes: 0, ..ReadOptions::default() };
        let (rows, end) = read_with(b"email\n\r\n\r\nx\n\r\n", &options);
        assert_eq!((rows.len(), end), (1, None), "{rows:?}");
        assert_eq!((rows[0].0.line, rows[0].0.record), (4, 1));
    }
}

/// A reader that returns this many bytes.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let count = buf.len().min(usize::try_from(self.0).unwrap());
        buf[..count].fill(b'x');
        buf[..count].iter_mut().step_by(100).for_each(|byte| *byte = b'\n');
        self.0 -= count as u64;
        Ok(count)
    }
}

#[test]
fn unclosed_quote_does_not_consume_memory() {
    let beginning = b"email,name\n'a,'b\n'c,\"'d ".to_vec();
    let source = Source::from_reader("users.csv", std::io::Cursor::new(beginning).chain(Endless(40 << 20)));
    let options = ReadOptions { max_record_bytes: 1 << 20, ..ReadOptions::default() };
    let mut reader = RecordReader::open(source, &options).unwrap();
    assert!(reader.next_record().unwrap().is_some());
    let error = reader.next_record().unwrap_err();
    assert_eq!(error.position().map(|position| (position.line, position.byte)), Some((3, 20)));
    assert!(reader.held() <= 3 << 20, "{} bytes are held", reader.held());
}

#[test]
fn quoted_row_that_spans_others_is_rejected() {
    let (rows, end) = read("email,name\na,\"b\nc,\"d\"\ne,f\n");
    assert_eq!(end, None);
    assert!(rows[0].1.as_ref().unwrap_err().contains("closing quote"), "{rows:?}");
    assert_eq!(rows[1].1.as_deref(), Ok(r#"{"email":"e","name":"f"}"#));
    assert_eq!(good("email,name\ne,f\n").len(), 1);
}
