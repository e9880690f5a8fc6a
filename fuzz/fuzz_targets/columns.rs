//! Compares typed columns with a naive reader: every member of every record comes back, for generated records and for any
//! text, and what chosen columns do not hold is in `_rest`.
//!
//! Input: the number of records, or 0 for text, and options. Then seeds of eight bytes each, or a line of columns and an
//! export.
#![no_main]

use std::fs::File;
use std::io::Cursor;
use std::num::NonZero;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use libfuzzer_sys::fuzz_target;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::strategy::Strategy as _;
use reimport::record::{Format, ReadOptions};
use reimport::source::Source;
use reimport::{Pipeline, Summary};
use reimport_columns::{ArrowStream, Column, Layout, ParquetFile, ParquetOptions, TypedRows};
use reimport_fuzz::{draw, head, is_readable};

#[path = "../../crates/reimport-columns/src/tests/oracle.rs"]
mod oracle;
#[path = "../../crates/reimport-columns/src/tests/random.rs"]
mod random;

use oracle::{assert_comes_back, cells, members, text_of};

fn pipeline(threads: usize) -> Pipeline {
    let mut options = ReadOptions::default();
    options.format = Some(Format::Ndjson);
    options.any_records = true;
    Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap())
}

fn source(export: &str) -> Source {
    Source::from_reader("x", Cursor::new(export.to_owned().into_bytes()))
}

/// Returns the bytes of an Arrow stream, or the message of the error that ended the run: not an export at all.
fn stream(rows: &TypedRows, export: &str, threads: usize) -> Result<(Summary, Vec<u8>), String> {
    let sink = ArrowStream::new(Vec::new(), rows.layout()).unwrap();
    pipeline(threads).run([source(export)], rows, sink).map_err(|error| error.to_string())
}

fn in_parquet(rows: &TypedRows, export: &str) -> Vec<RecordBatch> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.parquet");
    let file = ParquetFile::create(&path, rows.layout(), ParquetOptions::default()).unwrap();
    pipeline(2).run([source(export)], rows, file).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

fn check(layout: &Arc<Layout>, export: &str, threads: usize, parquet: bool) {
    let rows = TypedRows::new(Arc::clone(layout));
    let streamed = stream(&rows, export, 1);
    let other = if threads == 1 { streamed.clone() } else { stream(&rows, export, threads) };
    let (Ok((summary, bytes)), Ok((_, other))) = (&streamed, &other) else {
        return assert_eq!(streamed.err(), other.err());
    };
    assert_eq!(bytes, other);
    let batches: Vec<RecordBatch> =
        StreamReader::try_new(&bytes[..], None).unwrap().map(Result::unwrap).collect();
    assert_eq!(summary.read, summary.written + summary.rejected);
    let rows_of = |batches: &[RecordBatch]| batches.iter().map(RecordBatch::num_rows).sum::<usize>();
    assert_eq!(rows_of(&batches) as u64, summary.written);
    if parquet {
        let read = in_parquet(&rows, export);
        assert_eq!(rows_of(&read), rows_of(&batches));
        for (one, other) in read.iter().zip(&batches) {
            assert_eq!(one.columns(), other.columns());
        }
    }
    let lines: Vec<&str> = export.split('\n').collect();
    let mut without_place = lines.iter().filter(|line| is_readable(line));
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let cells = cells(batch, row);
            if layout.is_whole() {
                let line: usize = cells["_line"].parse().unwrap();
                if is_readable(lines[line - 1]) {
                    assert_comes_back(lines[line - 1], &cells);
                }
            } else if summary.rejected == 0
                && lines.iter().all(|line| line.trim().is_empty() || is_readable(line))
            {
                let Some(line) = without_place.next() else { return };
                assert_chosen(layout, line, &cells);
            }
        }
    }
}

/// Asserts that each chosen member at the top of the record is in its column, or in `_rest`.
fn assert_chosen(layout: &Layout, line: &str, cells: &std::collections::BTreeMap<String, String>) {
    let members = members(line);
    let rest = text_of(cells, "_rest").unwrap_or_else(|| "{}".to_owned());
    for column in layout.columns().iter().filter(|column| column.constant_value().is_none()) {
        if let Some(value) = members.get(&column.path().to_string())
            && !cells.contains_key(column.name())
        {
            assert_eq!(self::members(&rest).get(column.name()), Some(value), "{} in {line}", column.name());
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let ([count, options], rest) = head(data);
    let (threads, parquet) = (if options % 4 == 1 { 3 } else { 1 }, options % 8 == 0);
    let fixed = Layout::fixed();
    if count > 0 {
        let records: Vec<String> = rest
            .chunks(8)
            .take(1 + usize::from(count % 6))
            .filter_map(|seed| draw(&random::record().no_shrink(), seed))
            .collect();
        return check(&fixed, &records.join("\n"), threads, parquet);
    }
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let Some((columns, export)) = text.split_once('\n') else { return };
    if export.starts_with('\u{feff}') {
        return;
    }
    check(&fixed, export, threads, parquet);
    if let Ok(columns) = Column::list_from_argument(columns)
        && let Ok(layout) = Layout::chosen(columns, true)
    {
        check(&layout, export, threads, parquet);
    }
});
