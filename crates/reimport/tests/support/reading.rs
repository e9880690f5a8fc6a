//! Reads the same bytes with every block size, plain and gzipped, and checks that the results are equal.

use std::io::{Cursor, Write};

use reimport::record::ReadOptions;
use reimport::source::Source;
use reimport::{Category, ErrorKind, Position, RecordReader};

/// One result of a reader.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Record {
        json: String,
        position: Position,
    },
    /// A record that cannot be read: the rule, and the message without source and position.
    Rejected {
        rule: &'static str,
        sentence: String,
        position: Option<Position>,
    },
    /// An error that ends the reading.
    Failed {
        sentence: String,
        position: Option<Position>,
    },
    End,
}

impl Event {
    pub(crate) fn record(json: impl Into<String>, position: Position) -> Self {
        Self::Record { json: json.into(), position }
    }

    /// Returns the event for a line or element that is not a valid JSON object. The message determines which of the
    /// two rules it breaks.
    pub(crate) fn invalid(sentence: impl Into<String>, position: Position) -> Self {
        let sentence = sentence.into();
        let rule = if sentence.starts_with("expected an object") { "not-an-object" } else { "invalid-json" };
        Self::rejected(rule, sentence, position)
    }

    pub(crate) fn rejected(rule: &'static str, sentence: impl Into<String>, position: Position) -> Self {
        Self::Rejected { rule, sentence: sentence.into(), position: Some(position) }
    }

    pub(crate) fn failed(sentence: impl Into<String>, position: Option<Position>) -> Self {
        Self::Failed { sentence: sentence.into(), position }
    }
}

pub(crate) fn at(byte: u64, line: u64, record: u64) -> Position {
    Position { byte, line, record }
}

/// The block sizes with which every test reads.
pub(crate) const BLOCK_BYTES: [usize; 5] = [1, 2, 7, 64, 512 << 10];

/// Returns all events of `source`.
pub(crate) fn read(source: Source, options: &ReadOptions) -> Vec<Event> {
    let mut reader = match RecordReader::open(source, options) {
        Ok(reader) => reader,
        Err(error) => {
            return vec![Event::Failed { sentence: error.kind().to_string(), position: error.position() }];
        }
    };
    let mut events = Vec::new();
    loop {
        let event = match reader.next_record() {
            Ok(Some(record)) => {
                let position = record.position().expect("a record of a reader has a position");
                let shown = format!("{record:?}");
                assert_eq!(shown, format!("Record({position}, {} bytes)", record.json().len()));
                Event::Record { json: record.json().to_owned(), position }
            }
            Ok(None) => Event::End,
            Err(error) => {
                assert!(error.source_name().is_some(), "an error names its source");
                let (sentence, position) = (error.kind().to_string(), error.position());
                match error.kind() {
                    ErrorKind::Record(fault) => {
                        assert_eq!(error.category(), Category::Record);
                        Event::Rejected { rule: fault.rule(), sentence, position }
                    }
                    _ => Event::Failed { sentence, position },
                }
            }
        };
        let over = matches!(event, Event::End | Event::Failed { .. });
        events.push(event);
        if over {
            break;
        }
    }
    for _ in 0..3 {
        assert!(matches!(reader.next_record(), Ok(None)), "nothing follows the end");
    }
    events
}

/// Returns all events of `bytes`. They must not depend on the block size or on compression.
pub(crate) fn read_every_way(bytes: &[u8], options: &ReadOptions) -> Vec<Event> {
    let mut options = options.clone();
    let mut answer: Option<Vec<Event>> = None;
    let gzipped = gzipped(bytes);
    for block_bytes in BLOCK_BYTES {
        options.block_bytes = block_bytes;
        let plain = Source::from_reader("plain", Cursor::new(bytes.to_vec()));
        for (encoding, source) in [("plain", plain), ("gzipped", Source::open(gzipped.path()).unwrap())] {
            let events = read(source, &options);
            match &answer {
                None => answer = Some(events),
                Some(answer) => assert_eq!(&events, answer, "blocks of {block_bytes} bytes, {encoding}"),
            }
        }
    }
    answer.unwrap()
}

fn gzipped(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".gz").tempfile().unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    file.write_all(&encoder.finish().unwrap()).unwrap();
    file
}
