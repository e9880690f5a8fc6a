//! Compares the counts with a naive implementation: one tally or several, below and above the limit of paths.

mod naive;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::num::NonZero;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::filter::{Filter, Filtered};
use crate::pipeline::Pipeline;
use crate::record::{Format, ReadOptions};
use crate::run::{Sink, Summary, Transform};
use crate::sink::Nothing;
use crate::source::Source;
use crate::survey::{Survey, Tally, ValueAt, ValueCounts, Values};

/// Returns the fields of a tally, one line each.
fn shown(tally: &Tally) -> Vec<String> {
    let line = |field: &crate::survey::FieldCount<'_>| {
        let kinds: Vec<String> = field.kinds().map(|(kind, records)| format!("{kind} {records}")).collect();
        format!("{}: {} ({})", field.path(), field.records(), kinds.join(", "))
    };
    tally.fields().iter().map(line).collect()
}

fn tally(users: &[String], most: usize) -> Tally {
    let mut tally = Tally::with_most(most);
    for user in users {
        tally.add_text(user).unwrap();
    }
    tally
}

fn value() -> impl Strategy<Value = String> {
    let scalar = select(&["null", "true", "1", "\"s\"", "{}", "[]"][..]).prop_map(str::to_owned);
    scalar.prop_recursive(3, 24, 4, |inner| {
        let array = vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        prop_oneof![3 => object(inner), 2 => array]
    })
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let name = select(&["a", "b", "c", "\\u0061", "user", "x.y", "0", "", "[]", "é"][..]);
    vec((name, value), 0..6).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(", "))
    })
}

proptest! {
    #[test]
    fn tally_agrees_with_naive_walk(users in vec(object(value()), 0..12)) {
        let counted = tally(&users, 10_000);
        prop_assert_eq!(shown(&counted), naive::count(&users));
        prop_assert_eq!(counted.other_values(), 0);
    }

    #[test]
    fn merged_tallies_equal_the_whole_tally(
        users in vec(object(value()), 0..12),
        cut in 0_usize..12,
        most in 1_usize..12,
    ) {
        let cut = cut.min(users.len());
        let whole = tally(&users, most);
        for (one, other) in [(&users[..cut], &users[cut..]), (&users[cut..], &users[..cut])] {
            let mut sum = tally(one, most);
            sum.merge(&tally(other, most));
            prop_assert_eq!(shown(&sum), shown(&whole));
            prop_assert_eq!((sum.records(), sum.other_values()), (whole.records(), whole.other_values()));
        }
    }

    #[test]
    fn kept_paths_have_exact_counts(users in vec(object(value()), 0..12), most in 1_usize..12) {
        let all = naive::count(&users);
        let kept = shown(&tally(&users, most));
        prop_assert!(kept.iter().all(|line| all.contains(line)), "{:?} of {:?}", kept, all);
    }
}

#[test]
fn shortest_paths_are_kept() {
    let users: Vec<String> =
        (0..100).map(|n| format!("{{\"m\":{{\"k{n:02}\":1}},\"z\":{n},\"é\":[{n}]}}")).collect();
    let tally = tally(&users, 6);
    assert_eq!(
        shown(&tally),
        [
            "m: 100 (an object 100)",
            "m.k00: 1 (a number 1)",
            "m.k01: 1 (a number 1)",
            "m.k02: 1 (a number 1)",
            "z: 100 (a number 100)",
            "é: 100 (an array 100)",
        ]
    );
    // The values at `m.k03` to `m.k99`, and the items of `é`.
    assert_eq!(tally.other_values(), 97 + 100);
}

#[test]
fn memory_is_limited_by_the_kept_paths() {
    let descending: Vec<String> = (0..5_000).rev().map(|n| format!("\"k{n:04}\":[{n}]")).collect();
    let user = format!("{{{}}}", descending.join(","));
    let tally = tally(&[user.clone(), user], 3);
    assert_eq!(shown(&tally), ["k0000: 2 (an array 2)", "k0001: 2 (an array 2)", "k0002: 2 (an array 2)"]);
    // Each record has 10 000 values. In the first record the three paths were read last, in the second they were
    // already known. Each time, these three values are counted separately.
    assert_eq!(tally.other_values(), 2 * 10_000 - 6);
    assert!(tally.places() <= 5, "{} places", tally.places());
}

#[test]
fn broken_record_is_not_counted() {
    let mut tally = Tally::new();
    tally.add_text("{\"a\":1}").unwrap();
    assert!(tally.add_text("{\"a\":1,\"b\":{\"c\":2}").is_err());
    assert!(tally.add_text("{\"a\":1} x").is_err());
    tally.add_text("{\"b\":null}").unwrap();
    assert_eq!(shown(&tally), ["a: 1 (a number 1)", "b: 1 (null 1)"]);
    assert_eq!((tally.records(), tally.other_values()), (2, 0));
}

#[test]
fn too_long_names_are_counted_together() {
    let tally = tally(&[format!("{{\"{}\":[1,2]}}", "n".repeat(257))], 100);
    assert_eq!((shown(&tally).len(), tally.other_values()), (0, 3));
}

fn users() -> String {
    let line = |n: u32| format!("{{\"id\":{n},\"m\":{{\"k{}\":\"{}\"}},\"p\":{}}}\n", n % 700, n % 13, n % 7);
    (0..4_000).map(line).collect()
}

fn pipeline(threads: usize) -> Pipeline {
    let options = ReadOptions { block_bytes: 2_048, ..ReadOptions::default() };
    Pipeline::new().read_options(options).threads(NonZero::new(threads).unwrap())
}

#[test]
fn survey_is_the_same_for_any_thread_count() {
    let surveys: Vec<Tally> = [1, 2, 4]
        .into_iter()
        .map(|threads| {
            let survey = Survey::new();
            let source = Source::from_reader("x", Cursor::new(users()));
            pipeline(threads).run([source], &survey, Nothing::new()).unwrap();
            survey.into_tally()
        })
        .collect();
    assert_eq!(surveys[0].records(), 4_000);
    assert_eq!(shown(&surveys[0]).len(), 703);
    assert_eq!(shown(&surveys[0]), shown(&surveys[1]));
    assert_eq!(shown(&surveys[0]), shown(&surveys[2]));
}

fn values(path: &str, text: &str, threads: usize, most: usize) -> ValueCounts {
    let source = Source::from_reader("x", Cursor::new(text.to_owned()));
    let transform = ValueAt::new(path.parse().unwrap());
    pipeline(threads).run([source], &transform, Values::with_most(most)).unwrap().1
}

fn listed(counts: &ValueCounts) -> Vec<(String, u64)> {
    counts.most_common().iter().map(|value| (value.text().to_owned(), value.records())).collect()
}

#[test]
fn values_are_counted_by_type_and_text() {
    let text = "{\"v\":\"pro\"}\n{\"v\":1}\n{\"v\":\"\\u0070ro\"}\n{\"v\":\"1\"}\n{\"v\":1.0}\n{\"v\":null}\n{}\n{\"v\":[ 1 ]}\n{\"v\":[1]}\n";
    let counts = values("v", text, 1, 100);
    let expected = [("\"pro\"", 2), ("[1]", 2), ("\"1\"", 1), ("1", 1), ("1.0", 1), ("null", 1)];
    assert_eq!(listed(&counts), expected.map(|(text, records)| (text.to_owned(), records)));
    assert_eq!((counts.records(), counts.missing(), counts.other()), (9, 1, 0));
}

#[test]
fn first_values_are_kept_for_any_thread_count() {
    let all: Vec<_> = [1, 2, 4]
        .into_iter()
        .map(|threads| {
            let counts = values("id", &users(), threads, 500);
            assert_eq!((counts.records(), counts.other()), (4_000, 3_500));
            listed(&counts)
        })
        .collect();
    assert_eq!(all[0].len(), 500);
    assert!(all[0].iter().all(|(text, _)| text.parse::<u32>().unwrap() < 500));
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[test]
fn long_value_is_truncated_between_characters() {
    let long = format!("a{}", "é".repeat(200));
    let counts = values("v", &format!("{{\"v\":\"{long}\"}}\n"), 1, 10);
    let most = counts.most_common();
    assert!(most[0].is_cut());
    assert_eq!(most[0].text(), format!("\"a{}", "é".repeat(127)));
}

/// Returns whether the filter of a [`LimitedRun`] takes a valid record.
fn is_taken(line: &str) -> bool {
    line.len().is_multiple_of(2)
}

/// A run over `lines` with a limit, a filter and small blocks.
#[derive(Debug, Clone)]
struct LimitedRun {
    lines: Vec<String>,
    limit: u64,
    threads: usize,
    block_bytes: usize,
}

impl LimitedRun {
    fn any() -> impl Strategy<Value = Self> {
        let broken = select(&["{", "{\"a\":1", "{\"a\":1}}"][..]).prop_map(str::to_owned);
        let lines = vec(prop_oneof![9 => object(value()), 1 => broken], 1..60);
        (lines, 0_u64..40, 1_usize..5, 16_usize..400).prop_map(|(lines, limit, threads, block_bytes)| Self {
            lines,
            limit,
            threads,
            block_bytes,
        })
    }

    /// The first records that the filter takes.
    fn expected(&self) -> Vec<String> {
        self.lines
            .iter()
            .filter(|line| naive::is_object(line) && is_taken(line))
            .take(self.limit as usize)
            .cloned()
            .collect()
    }

    fn run<T: Transform, S: Sink>(&self, transform: T, sink: S) -> (Summary, T, S::Finished) {
        let options = ReadOptions {
            block_bytes: self.block_bytes,
            format: Some(Format::Ndjson),
            any_records: true,
            ..ReadOptions::default()
        };
        let filter = Filter::new().by(|record| is_taken(record.json()));
        let filtered = Filtered::new(filter, transform);
        let source = Source::from_reader("x", Cursor::new(self.lines.join("\n")));
        let pipeline = Pipeline::new().read_options(options).threads(NonZero::new(self.threads).unwrap());
        let (summary, finished) = pipeline.limit(self.limit).run([source], &filtered, sink).unwrap();
        (summary, filtered.into_inner(), finished)
    }
}

proptest! {
    #[test]
    fn survey_with_a_limit_counts_the_first_records(run in LimitedRun::any()) {
        let (summary, survey, ()) = run.run(Survey::new(), Nothing::new());
        let (tally, expected) = (survey.into_tally(), run.expected());
        prop_assert_eq!((summary.written, tally.records()), (expected.len() as u64, expected.len() as u64));
        prop_assert_eq!(shown(&tally), naive::count(&expected));
    }

    #[test]
    fn values_with_a_limit_count_the_first_records(run in LimitedRun::any()) {
        let (_, _, counts) = run.run(ValueAt::new("a".parse().unwrap()), Values::new());
        let expected = run.expected();
        let mut values = BTreeMap::<String, u64>::new();
        for value in expected.iter().filter_map(|user| naive::member(user, "a")) {
            *values.entry(value.replace(", ", ",")).or_default() += 1;
        }
        prop_assert_eq!(counts.records(), expected.len() as u64);
        prop_assert_eq!(counts.missing(), expected.len() as u64 - values.values().sum::<u64>());
        prop_assert_eq!(listed(&counts).into_iter().collect::<BTreeMap<_, _>>(), values);
    }
}

#[test]
fn survey_stops_within_a_block_and_between_sources() {
    let source = |name: &str| Source::from_reader(name, Cursor::new(users()));
    // The users are in blocks of about 60. The limit is after 0 users, within the first block, near a block end, and
    // at the end of a source.
    for limit in [0, 1, 59, 60, 61, 2_345, 3_999, 4_000, 4_001, 7_999, 8_000, 8_001] {
        // An input that ends where the limit is. An empty one is an error.
        let text: String = (users() + &users()).split_inclusive('\n').take(limit as usize).collect();
        let whole = Survey::new();
        let ran = pipeline(1).run([Source::from_reader("z", Cursor::new(text))], &whole, Nothing::new());
        assert_eq!(ran.is_ok(), limit > 0);
        let expected = shown(&whole.into_tally());
        for threads in [1, 2, 4] {
            let survey = Survey::new();
            let (summary, ()) = pipeline(threads)
                .limit(limit)
                .run([source("x"), source("y")], &survey, Nothing::new())
                .unwrap();
            let tally = survey.into_tally();
            assert_eq!((summary.limited, tally.records()), (limit < 8_000, limit.min(8_000)), "{limit}");
            assert_eq!(shown(&tally), expected, "{limit} on {threads} threads");
        }
    }
}
