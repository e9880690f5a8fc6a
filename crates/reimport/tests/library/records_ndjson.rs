//! Compares reading of NDJSON with a naive line reader, for every block size, plain and gzipped.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reimport::record::{Format, ReadOptions};

use crate::naive_lines::{naive, plainly};
use crate::reading::{self, Event, at, read_every_way};
use crate::texts;

fn ndjson(max_record_bytes: u64) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = Some(Format::Ndjson);
    options.any_records = true;
    options.max_record_bytes = max_record_bytes;
    options
}

/// Generates one line of any kind, without its line end.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let one_line = |text: String| text.replace(['\n', '\r'], " ").into_bytes();
    let blank = vec(select(&b" \t\r"[..]), 0..5);
    let strange = select(vec![
        &b"{\"a\":\"\xff\"}"[..],
        b"{\"a\":1}{\"a\":2}",
        b"{\"a\":1} {\"a\":2}",
        b"[]",
        b"null",
        b"\xef\xbb\xbf{}",
        b"\x0c{\"a\":1}",
        b"{\"a\":1}\x0b",
        b"\x0c",
        b"\0",
        b"\xe2\x82",
        b"{\"a\":\"\\ud800\"}",
        b"{",
    ]);
    prop_oneof![
        6 => texts::object().prop_map(one_line),
        2 => blank,
        2 => strange.prop_map(<[u8]>::to_vec),
        1 => texts::broken(texts::object()).prop_map(|mut bytes| {
            bytes.retain(|&byte| byte != b'\n');
            bytes
        }),
        1 => (10..200_usize).prop_map(|len| format!("{{\"a\":\"{}\"}}", "x".repeat(len)).into_bytes()),
        1 => (10..200_usize).prop_map(|len| vec![b' '; len]),
        1 => (1..30_usize, 1..90_usize).prop_map(|(lead, len)| {
            format!("{}{{\"a\":\"{}\"}} ", " ".repeat(lead), "x".repeat(len)).into_bytes()
        }),
    ]
}

/// Generates a file. It begins with a valid record, so that its format is detected.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let end = select(vec![&b"\n"[..], b"\r\n", b"\n\n", b"\r\n\r\n"]);
    let start = select(vec![&b""[..], b"\xef\xbb\xbf", b"\n\n", b"\xef\xbb\xbf \r\n\t"]);
    (start, vec((line(), end), 0..12), any::<bool>()).prop_map(|(start, lines, ended)| {
        let mut bytes = start.to_vec();
        bytes.extend_from_slice(b"{\"first\":true}\n");
        for (line, end) in &lines {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(end);
        }
        if !ended && bytes.ends_with(b"\n") {
            bytes.pop();
        }
        bytes
    })
}

proptest! {
    #![proptest_config(crate::cases::cases(192))]

    #[test]
    fn files_agree_with_naive_reader(
        bytes in file(),
        limit in prop_oneof![Just(16 << 20), 14..120_u64],
    ) {
        let events = read_every_way(&bytes, &ndjson(limit));
        prop_assert_eq!(plainly(events), naive(&bytes, limit));
    }

    #[test]
    fn arbitrary_bytes_agree_with_naive_reader(rest in vec(prop_oneof![
        2 => select(&b"{}[]\":,1 \n\r\x0c"[..]),
        1 => any::<u8>(),
    ], 0..80)) {
        let bytes = [b"{}\n", &rest[..]].concat();
        prop_assert_eq!(plainly(read_every_way(&bytes, &ndjson(20))), naive(&bytes, 20));
    }
}

fn read_events(bytes: &[u8]) -> Vec<Event> {
    read_every_way(bytes, &ReadOptions::default())
}

#[test]
fn non_object_lines_are_rejected_individually() {
    let mut file =
        b"{\"a\":1}\n[1]\n12\n{\"a\":1}{\"b\":2}\n{\"a\":\"\xff\"}\n\xef\xbb\xbf{}\n\x0c{}\n".to_vec();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
    file.extend_from_slice(deep.as_bytes());
    file.extend_from_slice(b"\r\n{\"z\":1}");
    let invalid = |sentence: &str, position| Event::invalid(sentence, position);
    assert_eq!(
        read_events(&file),
        [
            Event::record("{\"a\":1}", at(0, 1, 1)),
            invalid("expected an object, but found an array at column 1", at(8, 2, 2)),
            invalid("expected an object, but found a digit at column 1", at(12, 3, 3)),
            invalid("a second value begins at column 8; expected one object per line", at(15, 4, 4)),
            Event::rejected("not-utf8", "expected UTF-8, but found other bytes at column 7", at(30, 5, 5)),
            invalid("expected an object, but found another character at column 1", at(40, 6, 6)),
            invalid("expected an object, but found a control character at column 1", at(46, 7, 7)),
            invalid("nested deeper than 128 levels", at(50, 8, 8)),
            Event::record("{\"z\":1}", at(50 + deep.len() as u64 + 2, 9, 9)),
            Event::End,
        ]
    );
}

#[test]
fn record_can_nest_128_levels() {
    let deepest = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
    assert_eq!(read_events(deepest.as_bytes()), [Event::record(&deepest, at(0, 1, 1)), Event::End]);
}

#[test]
fn line_limit_is_exact() {
    let fits = "{\"a\":\"xxxxxxxxx\"}";
    let options = ndjson(fits.len() as u64);
    let sentence = "expected at most 17 bytes, but found 18";
    for end in ["", "\n"] {
        let long = format!("{fits}\n{fits} {end}");
        assert_eq!(
            read_every_way(long.as_bytes(), &options),
            [
                Event::record(fits, at(0, 1, 1)),
                Event::rejected("too-long-record", sentence, at(18, 2, 2)),
                Event::End
            ]
        );
    }
}

#[test]
fn long_line_without_utf8_is_reported_as_too_long() {
    let mut file = b"{}\n{\"a\":\"\xff\"}".to_vec();
    file.extend_from_slice(&[b' '; 40]);
    file.extend_from_slice(b"\n{}");
    assert_eq!(plainly(read_every_way(&file, &ndjson(20))), naive(&file, 20));
}

#[test]
fn long_white_space_takes_no_memory() {
    for blank in [" ", "\t\r", "\n", "\r\n"] {
        let blanks = blank.repeat(200_000 / blank.len());
        let ends = blanks.matches('\n').count() as u64;
        let file = format!("{blanks}{{\"a\":1}}\n{blanks}{{\"b\":2}}{blanks}");
        let mut options = ReadOptions::default();
        options.max_record_bytes = 1_000_000;
        options.block_bytes = 4096;
        let source = reimport::source::Source::from_reader("blank", std::io::Cursor::new(file.clone()));
        let len = blanks.len() as u64;
        assert_eq!(
            reading::read(source, &options),
            [
                Event::record("{\"a\":1}", at(len, 1 + ends, 1)),
                Event::record("{\"b\":2}", at(2 * len + 8, 2 + 2 * ends, 2)),
                Event::End
            ]
        );
    }
}

#[test]
fn empty_file_is_an_error() {
    for nothing in [&b""[..], b" \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"] {
        let sentence = "the input is empty: did a download fail, or the command before a pipe?";
        assert_eq!(read_events(nothing), [Event::failed(sentence, None)], "{nothing:?}");
    }
}

#[test]
fn block_size_zero_reads_everything() {
    let mut options = ReadOptions::default();
    options.block_bytes = 0;
    let source = reimport::source::Source::from_reader("x", &b"{\"a\":1}\n{\"b\":2}\n"[..]);
    assert_eq!(
        reading::read(source, &options),
        [Event::record("{\"a\":1}", at(0, 1, 1)), Event::record("{\"b\":2}", at(8, 2, 2)), Event::End]
    );
}

#[test]
fn read_error_follows_the_records_before_it() {
    struct Breaks(&'static [u8]);
    impl std::io::Read for Breaks {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("the disk is gone"));
            }
            let count = self.0.len().min(buf.len());
            buf[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    // The text is longer than what is read to detect the format, so that the error is in the middle.
    let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(999));
    let text: &'static str = Box::leak(line.repeat(100).into_boxed_str());
    let mut options = ReadOptions::default();
    options.block_bytes = 1000;
    let source = reimport::source::Source::from_reader("x", Breaks(text.as_bytes()));
    let mut events = reading::read(source, &options);
    assert_eq!(events.pop(), Some(Event::failed("cannot read: the disk is gone", None)));
    assert!(events.len() > 90, "{}", events.len());
    assert!(events.iter().all(|event| matches!(event, Event::Record { .. })));
}
