//! Record framing: any bytes with any block sizes and read sizes. NDJSON is compared with a naive line reader,
//! arrays with `serde_json`.
//!
//! Input: the format, the limit, the block size and the read sizes, one byte each, then the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reimport::record::{Format, ReadOptions};
use reimport::source::Source;
use reimport_fuzz::{Steps, head, sizes};
use serde_json::value::RawValue;

#[path = "../../crates/reimport/tests/support/naive_lines.rs"]
mod naive_lines;
#[path = "../../crates/reimport/tests/support/reading.rs"]
#[allow(dead_code, reason = "uses only the reader of this module, not its sizes")]
mod reading;

use naive_lines::{naive, plainly};
use reading::{Event, read};

fn events(bytes: &[u8], steps: Vec<usize>, options: &ReadOptions) -> Vec<Event> {
    read(Source::from_reader("x", Steps::new(bytes, steps)), options)
}

fuzz_target!(|data: &[u8]| {
    let ([kind, limit, block, arriving], bytes) = head(data);
    let mut options = ReadOptions::default();
    options.any_records = kind & 8 == 0;
    if limit > 0 {
        options.max_record_bytes = u64::from(limit);
    }
    // If there is an oracle, the text begins with a valid record or bracket, so that its format is detected.
    let mut whole = Vec::new();
    match kind % 4 {
        0 => {
            options.format = Some(Format::Ndjson);
            whole.extend(b"{}\n");
        }
        1 => {
            options.format = Some(Format::Array);
            whole.extend(b"[");
        }
        2 => options.format = Some(Format::Rejects),
        _ => {}
    }
    whole.extend(bytes);
    let once = events(&whole, vec![1 << 20], &options);
    options.block_bytes = usize::from(block);
    let again = events(&whole, sizes(arriving), &options);
    assert_eq!(once, again);
    match kind % 4 {
        0 if options.any_records => assert_eq!(plainly(once), naive(&whole, options.max_record_bytes)),
        1 if options.any_records => {
            let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(&whole) else {
                // A single record may be broken. But if the array is broken, not all results can be good.
                let broken = |event: &Event| !matches!(event, Event::Record { .. } | Event::End);
                let deep = std::str::from_utf8(&whole).is_ok_and(|text| text.contains("\\u"));
                assert!(deep || once.iter().any(broken), "no fault found");
                return;
            };
            let mut found = once.iter();
            for item in items {
                let event = found.next();
                let text = item.get();
                match event {
                    Some(Event::Record { json, .. }) => assert_eq!(json, text),
                    Some(Event::Rejected { rule, .. }) => {
                        let long = text.len() as u64 > options.max_record_bytes;
                        let other = !text.starts_with('{');
                        let deep = text.matches(['{', '[']).count() > 128;
                        assert!(long || other || deep, "{rule}: {text}");
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(found.next(), Some(&Event::End));
        }
        _ => {}
    }
});
