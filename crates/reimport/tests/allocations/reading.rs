//! Reading does not allocate per record, after its buffers have grown.

use std::io::Cursor;

use reimport::RecordReader;
use reimport::record::ReadOptions;
use reimport::source::Source;

const USER: &str =
    r#"{"user_id":"auth0|1","em\u0061il":"ada@example.com","user_metadata":{"a":[1,{"b":null}]}}"#;

/// Returns the number of allocations while the second half of `text` is read. `text` has `records` users.
fn allocations(text: String, records: u64) -> u64 {
    let mut options = ReadOptions::default();
    options.block_bytes = 4096;
    allocations_with(&options, text, records)
}

fn allocations_with(options: &ReadOptions, text: String, records: u64) -> u64 {
    let mut reader = RecordReader::open(Source::from_reader("x", Cursor::new(text)), options).unwrap();
    let mut read = |count: u64| {
        for _ in 0..count {
            let record = reader.next_record().unwrap().unwrap();
            assert!(record.json().ends_with(&USER[1..]));
        }
    };
    read(records / 2);
    let counted = allocation_counter::measure(|| read(records / 2)).count_total;
    assert!(reader.next_record().unwrap().is_none());
    counted
}

#[test]
fn ndjson_records_are_read_without_allocation() {
    assert_eq!(allocations(format!("{USER}\r\n\n").repeat(20_000), 20_000), 0);
}

#[test]
fn array_records_are_read_without_allocation() {
    let text = format!("[{}{USER}\n]", format!("{USER},\n").repeat(19_999));
    assert_eq!(allocations(text, 20_000), 0);
}

#[test]
fn rejected_records_are_read_without_allocation() {
    let line =
        format!("{{\"source\":\"x\",\"line\":1,\"byte\":0,\"bytes\":9,\"problems\":[],\"user\":{USER}}}\n");
    assert_eq!(allocations(line.repeat(20_000), 20_000), 0);
}

#[test]
fn blocks_of_default_size_are_reused() {
    // The text has about 20 MB. The second half is about ten blocks.
    let text = format!("{USER}\n").repeat(250_000);
    assert_eq!(allocations_with(&ReadOptions::default(), text, 250_000), 0);
}

#[test]
fn counter_counts_one_allocation() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(USER.to_owned()))).count_total;
    assert_eq!(counted, 1);
}
