//! A naive line reader for NDJSON.

use reimport::Position;
use serde_json::value::RawValue;

use crate::reading::{Event, at};

/// A position with either the record, or the rule and the message.
pub(crate) type Naive = (Position, Result<String, (&'static str, String)>);

/// Returns the records of `bytes`. The messages of syntax errors are empty, because the tests of the scanner check
/// them.
pub(crate) fn naive(bytes: &[u8], limit: u64) -> Vec<Naive> {
    let white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut records = Vec::new();
    for (number, line) in bytes[start..].split(|&byte| byte == b'\n').enumerate() {
        let lead = line.iter().take_while(|byte| white(byte)).count();
        let trail = line[lead..].iter().rev().take_while(|byte| white(byte)).count();
        let record = &line[lead..line.len() - trail];
        let position = at((start + lead) as u64, number as u64 + 1, records.len() as u64 + 1);
        start += line.len() + 1;
        if record.is_empty() {
            continue;
        }
        let judged = if line.len() as u64 > limit {
            let sentence = format!("expected at most {limit} bytes, but found {}", line.len());
            Err(("too-long-record", sentence))
        } else {
            match std::str::from_utf8(record) {
                Err(error) => {
                    let column = error.valid_up_to() + 1;
                    Err(("not-utf8", format!("expected UTF-8, but found other bytes at column {column}")))
                }
                Ok(text) if text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok() => {
                    Ok(text.to_owned())
                }
                Ok(text) if text.starts_with('{') => Err(("invalid-json", String::new())),
                Ok(_) => Err(("not-an-object", String::new())),
            }
        };
        records.push((position, judged));
    }
    records
}

/// Converts the events of the reader to the type of the naive reader.
pub(crate) fn plainly(events: Vec<Event>) -> Vec<Naive> {
    let mut events = events.into_iter();
    assert_eq!(events.next_back(), Some(Event::End));
    events
        .map(|event| match event {
            Event::Record { json, position } => (position, Ok(json)),
            Event::Rejected { rule, sentence, position } => {
                let sentence =
                    if matches!(rule, "invalid-json" | "not-an-object") { String::new() } else { sentence };
                (position.unwrap(), Err((rule, sentence)))
            }
            other => panic!("{other:?}"),
        })
        .collect()
}
