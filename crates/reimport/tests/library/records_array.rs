//! Reading of JSON arrays: the elements, and errors of the array at their positions. For every block size, plain
//! and gzipped.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reimport::Position;
use reimport::record::{Format, ReadOptions};

use crate::reading::{Event, at, read_every_way};
use crate::texts;

fn array(max_record_bytes: u64) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = Some(Format::Array);
    options.any_records = true;
    options.max_record_bytes = max_record_bytes;
    options
}

/// An element whose end can be found, and the rule that it breaks, if any, when it is not above the size limit.
type Element = (Vec<u8>, Option<&'static str>);

fn element() -> impl Strategy<Value = Element> {
    let good = prop_oneof![
        texts::object(),
        select(&["{\"a\":\"]}[{,\\\"\"}", "{\"a\":[[{}],\"\\\\\"]}", "{\n\"a\":\r\n1\n}"][..])
            .prop_map(str::to_owned),
    ];
    let json = select(vec![
        &b"1"[..],
        b"null",
        b"-1.5e3",
        b"\"a,]\\\"\"",
        b"[]",
        b"[{},[1]]",
        b"{\"a\":}",
        b"{]",
        b"nul",
        b"{\"a\" 1}",
        b"abc{\"a\":1}",
        b"\x0c{}",
    ]);
    prop_oneof![
        5 => good.prop_map(|text| (text.into_bytes(), None)),
        2 => json.prop_map(|text| {
            let rule = if text.starts_with(b"{") { "invalid-json" } else { "not-an-object" };
            (text.to_vec(), Some(rule))
        }),
        1 => Just((b"{\"a\":\"\xff\"}".to_vec(), Some("not-utf8"))),
        1 => (10..200_usize).prop_map(|len| (format!("{{\"a\":\n\"{}\"}}", "x".repeat(len)).into_bytes(), None)),
    ]
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![4 => texts::space(), 1 => Just("\n".to_owned()), 1 => (0..150_usize).prop_map(|n| " ".repeat(n))]
}

/// The end of the array.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Closed,
    MissingComma,
    TrailingComma,
    DoubledComma,
    Open,
    OpenAfterComma,
    OpenInElement,
    Garbage,
    SecondArray,
    StrayBrace,
}

/// Builds the text of an array together with the expected events.
struct Builder {
    text: Vec<u8>,
    events: Vec<Event>,
    limit: u64,
}

impl Builder {
    fn position(&self) -> Position {
        let lines = self.text.split(|&byte| byte == b'\n').count() as u64;
        // The byte order mark counts as 3 bytes.
        at(self.text.len() as u64, lines, self.events.len() as u64 + 1)
    }

    fn element(&mut self, element: &[u8], rule: Option<&'static str>) {
        let position = self.position();
        let rule = if element.len() as u64 > self.limit { Some("too-long-record") } else { rule };
        self.events.push(match rule {
            None => Event::record(String::from_utf8(element.to_vec()).unwrap(), position),
            Some(rule) => Event::rejected(rule, "", position),
        });
        self.text.extend_from_slice(element);
    }

    fn fail(&mut self, sentence: &str) {
        let position = self.position();
        self.events.push(Event::failed(sentence, Some(position)));
    }
}

fn without_sentences(events: Vec<Event>) -> Vec<Event> {
    let strip = |event| match event {
        Event::Rejected { rule, position, .. } => Event::Rejected { rule, sentence: String::new(), position },
        other => other,
    };
    events.into_iter().map(strip).collect()
}

const NO_COMMA: &str = "expected `,` or `]` after an element of the array; if each element is on its own line, remove \
                        the brackets: without commas this is NDJSON";
const NO_ELEMENT: &str = "expected an element of the array";
const LAST_COMMA: &str =
    "expected an element of the array, but found `]` after a comma: remove the last comma";
const SECOND: &str = "expected one array, but a second one begins here: write all of their elements as NDJSON, for example with `jq -c '.[]' FILE`";
const AFTER: &str = "expected nothing after the `]` that closes the array";
const OPEN: &str = "expected `]`, but found the end: the file is cut off; download it again";

fn build(start: &str, elements: &[(String, Element, String)], ending: Ending, limit: u64) -> Builder {
    let mut built = Builder { text: start.as_bytes().to_vec(), events: Vec::new(), limit };
    built.text.push(b'[');
    for (index, (before, (element, rule), after)) in elements.iter().enumerate() {
        if index > 0 {
            built.text.push(b',');
        }
        built.text.extend_from_slice(before.as_bytes());
        built.element(element, *rule);
        built.text.extend_from_slice(after.as_bytes());
    }
    let any = !elements.is_empty();
    let text = |built: &mut Builder, text: &str| built.text.extend_from_slice(text.as_bytes());
    match ending {
        Ending::Closed => {
            text(&mut built, "] \n");
            built.events.push(Event::End);
        }
        Ending::MissingComma if any => {
            text(&mut built, "\n ");
            built.fail(NO_COMMA);
            text(&mut built, "{\"b\":1}]");
        }
        Ending::TrailingComma if any => {
            text(&mut built, ",\n");
            built.fail(LAST_COMMA);
            text(&mut built, "]");
        }
        Ending::DoubledComma => {
            text(&mut built, if any { "\n, \n" } else { " " });
            built.fail(NO_ELEMENT);
            text(&mut built, ",{}]");
        }
        Ending::StrayBrace if any => {
            text(&mut built, ",");
            built.fail(NO_ELEMENT);
            text(&mut built, "}]");
        }
        Ending::OpenAfterComma if any => {
            text(&mut built, " ,\n");
            built.fail(OPEN);
        }
        Ending::OpenInElement => {
            text(&mut built, if any { ",{\"b\":[\n1" } else { "\n{\"b" });
            built.fail(OPEN);
        }
        Ending::Garbage => {
            text(&mut built, "]\n \n");
            built.fail(AFTER);
            text(&mut built, "x");
        }
        Ending::SecondArray => {
            text(&mut built, "]\r\n");
            built.fail(SECOND);
            text(&mut built, "[{}]");
        }
        _ => {
            text(&mut built, "\n");
            built.fail(OPEN);
        }
    }
    built
}

proptest! {
    #![proptest_config(crate::cases::cases(192))]

    #[test]
    fn elements_are_read_before_an_error_of_the_array(
        start in select(&["", "\u{feff}", " \n", "\u{feff}\r\n"][..]),
        elements in vec((space(), element(), space()), 0..8),
        ending in prop_oneof![
            3 => Just(Ending::Closed),
            7 => select(&[
                Ending::MissingComma,
                Ending::TrailingComma,
                Ending::DoubledComma,
                Ending::Open,
                Ending::OpenAfterComma,
                Ending::OpenInElement,
                Ending::Garbage,
                Ending::SecondArray,
                Ending::StrayBrace,
            ][..]),
        ],
        limit in prop_oneof![Just(16 << 20), 20..120_u64],
    ) {
        let mut built = build(start, &elements, ending, limit);
        // A bare word ends at white space, so there must be some before anything that is not a comma.
        if matches!(ending, Ending::StrayBrace) && elements.is_empty() {
            built = build(start, &elements, Ending::Closed, limit);
        }
        let events = read_every_way(&built.text, &array(limit));
        prop_assert_eq!(without_sentences(events), built.events, "{}", String::from_utf8_lossy(&built.text));
    }

    #[test]
    fn broken_array_gives_same_events_at_every_block_size(
        bytes in texts::broken(vec(texts::object(), 0..5).prop_map(|objects| format!("[{}]", objects.join(",")))),
        limit in 10..60_u64,
    ) {
        // Checks that the result is the same for all block sizes.
        read_every_way(&bytes, &array(limit));
    }

    #[test]
    fn a_valid_array_gives_its_elements(text in vec((texts::space(), texts::object(), texts::space()), 0..6)) {
        let whole = text.iter().map(|(a, object, b)| format!("{a}{object}{b}")).collect::<Vec<_>>().join(",");
        let expected: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(Box::leak(format!("[{whole}]").into_boxed_str())).unwrap();
        let mut events = read_every_way(format!("[{whole}]").as_bytes(), &array(16 << 20));
        prop_assert_eq!(events.pop(), Some(Event::End));
        let read: Vec<_> = events.into_iter().map(|event| match event {
            Event::Record { json, .. } => json,
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(read, expected.iter().map(|value| value.get().to_owned()).collect::<Vec<_>>());
    }
}

fn read_events(text: &str) -> Vec<Event> {
    read_every_way(text.as_bytes(), &ReadOptions::default())
}

#[test]
fn empty_array_is_an_empty_export() {
    for text in ["[]", "[ \n ]\n", "\u{feff}\n[\n]"] {
        assert_eq!(read_events(text), [Event::End], "{text:?}");
    }
}

#[test]
fn non_object_elements_are_rejected_individually() {
    let invalid = |sentence: &str, position| Event::invalid(sentence, position);
    assert_eq!(
        read_events("[{\"a\":1},\n 12, \"x]\",[{}],{\"a\":},\n{\"b\":[\"]\"]}]"),
        [
            Event::record("{\"a\":1}", at(1, 1, 1)),
            invalid("expected an object, but found a digit at column 1", at(11, 2, 2)),
            invalid("expected an object, but found a string at column 1", at(15, 2, 3)),
            invalid("expected an object, but found an array at column 1", at(20, 2, 4)),
            invalid("expected a value, but found `}` at column 6", at(25, 2, 5)),
            Event::record("{\"b\":[\"]\"]}", at(33, 3, 6)),
            Event::End,
        ]
    );
}

#[test]
fn truncated_long_element_is_reported_at_end_of_file() {
    let text = format!("[{{\"a\":1}},\n{{\"b\":\n\"{}", "x".repeat(50));
    let expected =
        [Event::record("{\"a\":1}", at(1, 1, 1)), Event::failed(OPEN, Some(at(text.len() as u64, 3, 2)))];
    assert_eq!(read_every_way(text.as_bytes(), &array(20)), expected);
    assert_eq!(read_every_way(text.as_bytes(), &array(2000)), expected);
}

#[test]
fn forced_array_without_bracket_is_an_error() {
    let sentence = "expected `[`, the start of a JSON array";
    assert_eq!(read_every_way(b"\n{\"a\":1}", &array(100)), [Event::failed(sentence, Some(at(1, 2, 1)))]);
}
