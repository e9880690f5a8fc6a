//! All side files of a published folder, byte for byte: with many blocks, and different numbers of threads.

use std::collections::BTreeMap;
use std::num::NonZero;

use reimport::record::ReadOptions;
use reimport::sink::{Parts, PartsOptions};
use reimport::source::Source;
use reimport::{Output, Pipeline, Record, Rendering, SideFile, SkipReason, Transform, Verdict};

/// A transform that writes, skips or rejects records by their number, and adds lines to side files.
struct ByNumber;

fn number(record: &str) -> u64 {
    record.trim_matches(|char: char| !char.is_ascii_digit()).parse().unwrap()
}

/// Returns the side file lines of a record.
fn lists(number: u64) -> Vec<(SideFile, String)> {
    let mut lists = Vec::new();
    for (place, list) in (2..).zip(SideFile::ALL) {
        // Some records have no line, some have several, with different lengths.
        for line in 0..number % place {
            let filler = "x".repeat((number % 40) as usize);
            lists.push(match list {
                SideFile::Links | SideFile::Promoted => {
                    (list, format!("{{\"n\":{number},\"{filler}\":{line}}}"))
                }
                _ => (list, format!("auth0|{number},{filler},{line}")),
            });
        }
    }
    lists
}

impl Transform for ByNumber {
    type Scratch = ();

    fn scratch(&self, _: Rendering) -> reimport::Result<()> {
        Ok(())
    }

    fn transform(&self, record: Record<'_>, (): &mut (), output: &mut Output<'_>) -> Verdict {
        let number = number(record.json());
        for (list, line) in lists(number) {
            output.side(list, line.as_bytes());
        }
        output.bytes.extend_from_slice(record.json().as_bytes());
        match number % 5 {
            3 => Verdict::Skipped(SkipReason::NotADatabaseUser),
            4 => Verdict::Rejected(vec![reimport::Problem::new("rule", "a", "expected b, but found c")]),
            _ => Verdict::Written,
        }
    }
}

/// Returns the side files as a naive loop writes them.
fn naive(records: u64) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut byte = 0;
    for number in 0..records {
        let (line, user) = (number + 1, format!("{{\"n\":{number}}}"));
        let (at, bytes) = (byte, user.len());
        byte += bytes + 1;
        match number % 5 {
            3 => files.entry("skipped.ndjson".to_owned()).or_default().extend([&*user, "\n"]),
            4 => files.entry("rejected.ndjson".to_owned()).or_default().extend([format!(
                "{{\"source\":\"x.ndjson\",\"line\":{line},\"byte\":{at},\"bytes\":{bytes},\
                 \"problems\":[{{\"rule\":\"rule\",\"path\":\"a\",\"message\":\"expected b, but found c\"}}],\
                 \"user\":{user}}}\n"
            )]),
            _ => {
                for (list, text) in lists(number) {
                    let header = list.header().map_or(String::new(), |header| format!("{header}\n"));
                    let file = files.entry(list.output_name().to_string()).or_insert(header);
                    if list.header().is_some() {
                        file.extend(["x.ndjson,", &line.to_string(), ","]);
                    }
                    file.extend([&*text, "\n"]);
                }
            }
        }
    }
    files
}

#[test]
fn side_files_agree_with_naive_loop() {
    for (records, block_bytes, threads) in
        [(7, 1 << 20, 1), (20_000, 64, 1), (20_000, 64, 4), (20_000, 4_096, 2), (20_000, 1 << 20, 4)]
    {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("parts");
        let mut text = String::new();
        (0..records).for_each(|number| text.extend(["{\"n\":", &number.to_string(), "}\n"]));
        let mut options = ReadOptions::default();
        options.block_bytes = block_bytes;
        let pipeline = Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap());
        let source = Source::from_reader("x.ndjson", std::io::Cursor::new(text));
        let parts = Parts::create(&out, PartsOptions::default()).unwrap();
        pipeline.run([source], &ByNumber, parts).unwrap();

        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(&out).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.starts_with("users-") && !["manifest.json", "lines.ndjson"].contains(&&*name) {
                found.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
        let expected = naive(records);
        assert_eq!(expected.len(), 7, "{:?}", expected.keys());
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, text) in expected {
            assert!(found[&name] == text, "{name} with {records} records, {block_bytes}, {threads} threads");
        }
    }
}
