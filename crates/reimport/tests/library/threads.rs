//! Runs on several threads: the output is in input order, the first failure is returned, and a failed run writes
//! nothing.

use std::fmt::Write as _;
use std::io::Cursor;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use reimport::record::{Format, ReadOptions, Record};
use reimport::run::{Rejected, Sink, Skipped, Written};
use reimport::sink::{Array, FileOptions, Framing, OneFile};
use reimport::source::Source;
use reimport::{
    Category, Error, ErrorKind, MaxRejected, Output, Pipeline, Problem, Rendering, SkipReason, Summary,
    Topic, Transform, Verdict,
};

const THREADS: [usize; 4] = [1, 2, 4, 7];

/// Returns `{"n":0}`, `{"n":1}` and so on, one per line.
fn export(records: u64) -> String {
    (0..records).flat_map(|n| [format!("{{\"n\":{n}}}\n")]).collect()
}

fn source(text: impl Into<Vec<u8>>) -> Source {
    Source::from_reader("export", Cursor::new(text.into()))
}

fn pipeline(threads: usize) -> Pipeline {
    let mut options = ReadOptions::default();
    options.block_bytes = 64;
    options.format = Some(Format::Ndjson);
    options.any_records = true;
    Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap())
}

fn number(record: Record<'_>) -> u64 {
    record.json().trim_start_matches("{\"n\":").trim_end_matches('}').parse().unwrap()
}

/// A transform whose verdict for each number is given by a function.
struct Each<F>(F);

impl<F: Fn(u64) -> Verdict + Sync> Transform for Each<F> {
    type Scratch = ();

    fn scratch(&self, _: Rendering) -> reimport::Result<()> {
        Ok(())
    }

    fn transform(&self, record: Record<'_>, (): &mut (), output: &mut Output<'_>) -> Verdict {
        output.note(Topic::Fixed, "seen");
        output.bytes.extend_from_slice(record.json().as_bytes());
        (self.0)(number(record))
    }
}

/// Seven of ten records are written. The others have one verdict of each other kind.
fn mixed(n: u64) -> Verdict {
    match n % 10 {
        0..7 => Verdict::Written,
        7 => Verdict::Skipped(SkipReason::NotADatabaseUser),
        8 => Verdict::LeftOut,
        _ => Verdict::Rejected(vec![Problem::new("wrong-type", "n", "expected another number")]),
    }
}

/// Sleeps for a pseudorandom time of up to a millisecond.
fn delay() {
    static STATE: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    let random = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    let random = (random ^ random >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40;
    thread::sleep(Duration::from_micros(random % 1_000));
}

/// A sink that keeps the kind and the line of everything that it receives, in order.
#[derive(Default)]
struct Lines(Vec<(char, u64)>);

impl Sink for Lines {
    type Finished = Vec<(char, u64)>;

    fn write(&mut self, written: Written<'_>) -> reimport::Result<()> {
        let expected = format!("{{\"n\":{}}}", written.origin.position.line - 1);
        assert_eq!(String::from_utf8_lossy(written.bytes), expected);
        self.0.push(('w', written.origin.position.line));
        Ok(())
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> reimport::Result<()> {
        self.0.push(('s', skipped.origin.position.line));
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> reimport::Result<()> {
        self.0.push(('r', rejected.origin.position.line));
        Ok(())
    }

    fn finish(self, _: &Summary) -> reimport::Result<Self::Finished> {
        Ok(self.0)
    }
}

#[test]
fn output_has_the_order_of_the_input() {
    let text = export(1_000);
    let expected: Vec<_> = (0..1_000_u64)
        .filter_map(|n| match n % 10 {
            0..7 => Some(('w', n + 1)),
            7 => Some(('s', n + 1)),
            8 => None,
            _ => Some(('r', n + 1)),
        })
        .collect();
    // Checks that blocks are really processed out of order.
    let order = Mutex::new(Vec::new());
    for threads in THREADS {
        let transform = Each(|n| {
            if n % 8 == 0 {
                delay();
            }
            order.lock().unwrap().push(n);
            mixed(n)
        });
        let (summary, lines) =
            pipeline(threads).run([source(text.clone())], &transform, Lines::default()).unwrap();
        assert_eq!(lines, expected, "{threads} threads");
        assert_eq!((summary.read, summary.written, summary.left_out), (1_000, 700, 100));
        let fixed: Vec<_> = summary.of(Topic::Fixed).map(|(fact, count)| (fact.to_string(), count)).collect();
        assert_eq!(fixed, [("seen".to_owned(), 700)]);
        let order = std::mem::take(&mut *order.lock().unwrap());
        assert_eq!(order.is_sorted(), threads == 1, "{threads} threads");
    }
}

#[test]
fn several_sources_stay_separate_and_ordered() {
    for threads in THREADS {
        let sources = [source(export(300)), source(export(1)), source(export(200))];
        let transform = Each(|n| {
            if n % 16 == 0 {
                delay();
            }
            mixed(n)
        });
        let (summary, lines) = pipeline(threads).run(sources, &transform, Lines::default()).unwrap();
        let records: Vec<_> = summary.sources.iter().map(|source| (source.records, source.bytes)).collect();
        assert_eq!(records, [(300, 2_890), (1, 8), (200, 1_890)], "{threads} threads");
        assert_eq!(lines.iter().filter(|(_, line)| *line == 1).count(), 3);
    }
}

/// Runs `body` without the message of an expected panic.
fn silenced<T>(body: impl FnOnce() -> T) -> T {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = body();
    std::panic::set_hook(hook);
    answer
}

#[test]
fn panic_of_a_transform_fails_the_run() {
    for threads in THREADS {
        for bad in [0, 3, 70, 499] {
            let home = tempfile::tempdir().unwrap();
            let out = home.path().join("users.json");
            let sink = OneFile::create(&out, Framing::Array, FileOptions::default()).unwrap();
            let transform = Each(|n| {
                assert_ne!(n, bad, "simulated panic of the transform");
                Verdict::Written
            });
            let error =
                silenced(|| pipeline(threads).run([source(export(500))], &transform, sink)).unwrap_err();
            let byte = export(bad).len();
            assert_eq!(
                error.to_string(),
                format!(
                    "export: line {0} (record {0}, byte {byte}): the transform of this program panicked while it \
                     processed the record",
                    bad + 1
                ),
                "{threads} threads"
            );
            assert_eq!(error.category(), Category::Run);
            assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "{threads} threads, record {bad}");
        }
    }
}

#[test]
fn panic_after_the_limit_does_not_fail_the_run() {
    for threads in THREADS {
        let transform = Each(|n| {
            assert_ne!(n, 70, "simulated panic of the transform");
            Verdict::Written
        });
        let run = |limit| {
            let sink = Array::new(Vec::new());
            silenced(|| pipeline(threads).limit(limit).run([source(export(500))], &transform, sink))
        };
        assert_eq!(run(70).unwrap().0.written, 70, "{threads} threads");
        assert_eq!(
            run(71).unwrap_err().position().map(|position| position.line),
            Some(71),
            "{threads} threads"
        );
    }
}

/// A sink that fails at the record on this line, after a delay.
struct FailsAt(u64, Duration);

impl Sink for FailsAt {
    type Finished = ();

    fn write(&mut self, written: Written<'_>) -> reimport::Result<()> {
        if written.origin.position.line == self.0 {
            // Waits until all circulating blocks are filled.
            thread::sleep(self.1);
            return Err(no_room());
        }
        Ok(())
    }

    fn finish(self, _: &Summary) -> reimport::Result<()> {
        unreachable!("a sink that failed is not finished")
    }
}

/// Returns the error of a sink whose disk is full.
fn no_room() -> Error {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    Array::new(Full).finish(&Summary::default()).err().expect("the disk is full")
}

#[test]
fn failure_of_a_sink_is_returned() {
    for threads in THREADS {
        for line in [1, 20, 900] {
            let sink = FailsAt(line, Duration::from_millis(20));
            let error = pipeline(threads)
                .run([source(export(1_000))], &Each(|_| Verdict::Written), sink)
                .unwrap_err();
            assert_eq!(error.category(), Category::Io, "{threads} threads");
            assert_eq!(error.to_string(), no_room().to_string());
        }
    }
}

#[test]
fn first_failure_in_input_order_is_returned() {
    // A record on which the sink fails comes first, then one on which the transform panics, then a truncated gzip
    // member. The truncation must come late, because the beginning of a source is read before the first record.
    let text = export(30_000);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    packed.truncate(packed.len() - 6);
    for threads in THREADS {
        let run = |panics: u64, fails: u64| {
            let transform = Each(|n| {
                if n % 512 == 0 {
                    delay();
                }
                assert_ne!(n, panics);
                Verdict::Written
            });
            let sink = FailsAt(fails + 1, Duration::ZERO);
            silenced(|| pipeline(threads).run([source(packed.clone())], &transform, sink)).unwrap_err()
        };
        assert_eq!(run(1_000, 500).category(), Category::Io, "{threads} threads");
        assert!(matches!(run(500, 1_000).kind(), ErrorKind::Run(_)), "{threads} threads");
        assert_eq!(run(u64::MAX, 99_999).category(), Category::Input, "{threads} threads");
        assert_eq!(run(1_000, 99_999).category(), Category::Run, "{threads} threads");
    }
}

#[test]
fn limit_gives_same_summary_for_any_thread_count() {
    for limit in [0, 1, 6, 7, 8, 350, 699, 700, 701] {
        let mut first = None;
        for threads in THREADS {
            let (summary, lines) = pipeline(threads)
                .limit(limit)
                .run([source(export(500)), source(export(500))], &Each(mixed), Lines::default())
                .unwrap();
            assert_eq!(summary.written, limit.min(700));
            assert_eq!(summary.limited, limit < 700 || limit == 700 && summary.read < 1_000);
            let all = (format!("{summary:?}"), lines);
            assert_eq!(first.get_or_insert_with(|| all.clone()), &all, "{threads} threads, limit {limit}");
        }
    }
}

#[test]
fn limit_ends_at_same_byte_for_any_block_size() {
    for block_bytes in [1, 7, 64, 1 << 20] {
        for threads in THREADS {
            let mut options = ReadOptions::default();
            options.block_bytes = block_bytes;
            options.any_records = true;
            let pipeline =
                Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap()).limit(2);
            let all = Each(|_| Verdict::Written);
            let (summary, _) = pipeline.run([source(export(9))], &all, Array::new(Vec::new())).unwrap();
            let read = (summary.read, summary.limited, summary.sources[0].bytes);
            assert_eq!(read, (2, true, 2 * "{\"n\":0}\n".len() as u64), "{block_bytes}, {threads}");
        }
    }
}

#[test]
fn cell_warnings_are_the_same_for_any_thread_count() {
    use reimport::record::{CellWarning, CsvDialect};
    const ROWS: u64 = 3_000;
    let mut text = "email,app_metadata,name\n".to_owned();
    for row in 0..ROWS {
        // Every third row has a string without an apostrophe, every second has JSON text, and every tenth is
        // damaged.
        let name = if row % 3 == 1 { "bare" } else { "'marked" };
        let metadata = if row % 2 == 0 { "{}" } else { "" };
        let more = if row % 10 == 9 { ",x" } else { "" };
        writeln!(text, "'u{row}@example.com,{metadata},{name}{more}").unwrap();
    }
    for limit in std::iter::once(None).chain((100..110).map(Some)).chain([Some(1_001)]) {
        for threads in THREADS {
            let mut options = ReadOptions::default();
            options.block_bytes = 64;
            options.csv_dialect = Some(CsvDialect::Auth0);
            let pipeline = Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap());
            let pipeline = limit.map_or(pipeline.clone(), |limit| pipeline.limit(limit));
            let sink = reimport::sink::Nothing::new();
            let (summary, ()) = pipeline.run([source(text.clone())], &reimport::Rules::new(), sink).unwrap();

            let good = |row: &u64| row % 10 != 9;
            let bare: Vec<u64> = (0..summary.read).filter(|row| row % 3 == 1).filter(good).collect();
            let parsed = (0..summary.read).filter(|row| row % 2 == 0).filter(good).count() as u64;
            let warnings: Vec<_> = summary.sources[0]
                .warnings()
                .map(|(warning, column, places)| (warning, column, places.first_line, places.cells))
                .collect();
            let expected = (CellWarning::BareText, "name".to_owned(), bare[0] + 2, bare.len() as u64);
            assert_eq!(warnings, [expected], "{threads} threads, {limit:?}");
            let fixed: Vec<_> =
                summary.of(Topic::Fixed).map(|(fact, count)| (fact.kind, &*fact.subject, count)).collect();
            assert_eq!(fixed, [("json-text", "app_metadata", parsed)], "{threads} threads, {limit:?}");
            let written = limit.unwrap_or(ROWS / 10 * 9);
            assert_eq!((summary.written, summary.limited), (written, limit.is_some()));
        }
    }
}

#[cfg(unix)]
#[test]
fn limit_at_source_end_does_not_wait_for_next() {
    let home = tempfile::tempdir().unwrap();
    let quiet = home.path().join("quiet");
    assert!(std::process::Command::new("mkfifo").arg(&quiet).status().unwrap().success());
    // A pipe that is open and sends nothing.
    let _open = std::fs::File::options().read(true).write(true).open(&quiet).unwrap();
    for records in [3, 100_000] {
        for threads in THREADS {
            let (done, ended) = std::sync::mpsc::channel();
            let quiet = quiet.clone();
            std::thread::spawn(move || {
                let inputs = [source(export(records)), Source::open(quiet).unwrap()];
                let sink = reimport::sink::Nothing::new();
                let ran =
                    pipeline(threads).limit(records).run(inputs, &reimport::projection::Unchanged, sink);
                done.send(ran.unwrap().0).unwrap();
            });
            let summary = ended
                .recv_timeout(std::time::Duration::from_mins(1))
                .expect("the run must not wait for the pipe");
            assert_eq!((summary.written, summary.limited, summary.sources.len()), (records, true, 1));
        }
    }
}

#[test]
fn rejects_above_the_maximum_share_fail_the_run() {
    // Every fourth record is not an object.
    let text: String =
        (0..400).map(|n| if n % 4 == 0 { "7\n".into() } else { format!("{{\"n\":{n}}}\n") }).collect();
    let run = |limit| {
        let pipeline = pipeline(2).max_rejected(limit);
        pipeline.run([source(text.clone())], &reimport::projection::Unchanged, reimport::sink::Nothing::new())
    };
    for allowed in [MaxRejected::Percent(25.0), MaxRejected::Percent(25.01), MaxRejected::Records(100)] {
        assert_eq!(run(allowed).unwrap().0.rejected, 100, "{allowed:?}");
    }
    for exceeded in [MaxRejected::Percent(24.99), MaxRejected::Percent(0.0), MaxRejected::Records(99)] {
        let error = run(exceeded).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("100 of 400 records rejected, more than the limit of"), "{text}");
        assert_eq!(error.position().map(|position| position.line), Some(1));
    }
}

#[test]
fn first_positions_of_each_rule_are_kept_in_order() {
    let text: String = (0..30_000).map(|n| if n % 2 == 0 { "7\n" } else { "{\"a\"}\n" }).collect();
    for threads in THREADS {
        let sink = reimport::sink::Nothing::new();
        let (summary, ()) =
            pipeline(threads).run([source(text.clone())], &reimport::projection::Unchanged, sink).unwrap();
        let lines = |rule: &str| -> Vec<u64> {
            summary.rejected_places[rule].iter().map(|place| place.position.line).collect()
        };
        let most = reimport::run::MAX_PLACES as u64;
        assert_eq!(lines("not-an-object"), (0..most).map(|n| 2 * n + 1).collect::<Vec<_>>());
        assert_eq!(lines("invalid-json"), (0..most).map(|n| 2 * n + 2).collect::<Vec<_>>());
        assert_eq!(summary.rejected_by["not-an-object"].records, 15_000);
    }
}

#[test]
fn runs_inside_rayon_tasks_use_their_own_threads() {
    use rayon::prelude::*;
    let run = |threads: usize| {
        let sink = reimport::sink::Nothing::new();
        let inputs = [source(export(50_000))];
        let ran = pipeline(threads).run(inputs, &reimport::projection::Unchanged, sink);
        ran.map(|(summary, ())| summary.written).unwrap()
    };
    let (done, ended) = std::sync::mpsc::channel();
    thread::spawn(move || {
        // There are more runs than threads in the global pool. A second pool has a single thread, which waits for a
        // run.
        let written: Vec<u64> = (1..=16_usize).into_par_iter().map(|n| run(n % 4 + 1)).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let inside = pool.install(|| [2, 4].map(run));
        done.send((written, inside)).unwrap();
    });
    let (written, inside) = ended.recv_timeout(Duration::from_mins(2)).expect("the runs wait for each other");
    assert_eq!((written, inside), (vec![50_000; 16], [50_000; 2]));
}

#[test]
fn panic_of_a_reader_fails_the_run() {
    struct Panics(Cursor<Vec<u8>>);
    impl std::io::Read for Panics {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(out)?;
            assert!(read > 0, "a fault of the reader");
            Ok(read)
        }
    }
    for records in [3, 100_000] {
        for threads in THREADS {
            let reader = Panics(Cursor::new(export(records).into_bytes()));
            let input = Source::from_reader("export", reader);
            let sink = reimport::sink::Nothing::new();
            let ran = silenced(|| pipeline(threads).run([input], &reimport::projection::Unchanged, sink));
            assert!(
                matches!(ran.unwrap_err().kind(), ErrorKind::Run(reimport::pipeline::RunError::Panicked)),
                "{records} records, {threads} threads"
            );
        }
    }
}
