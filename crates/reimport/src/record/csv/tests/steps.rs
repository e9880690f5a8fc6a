//! Reading in steps of 64 bytes, compared with reading byte by byte.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::cells::{bytewise, cells, in_steps};
use super::super::frame::Rows;

/// Pieces of rows. The long ones move the others over the ends of steps.
const PIECES: &[&str] = &[
    "\"",
    "\"",
    "\"\"",
    "\"\"\"",
    ",",
    ",",
    ",",
    ",\"",
    "\",",
    "\",\"",
    "\n",
    "\r\n",
    "\r",
    "a",
    "'",
    "é",
    "\0",
    "1234567",
    "a cell of exactly thirty-two bytes",
    "\",\"a quoted cell that is longer than one step of sixty-four bytes in all\",\"",
];

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(select(PIECES), 0..most).prop_map(|pieces| pieces.concat().into_bytes())
}

/// The ends of the rows in `bytes`, by RFC 4180: a quote opens a cell only at its start.
fn naive_rows(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut rows, mut start, mut quoted, mut closing, mut cell_start) = (Vec::new(), 0, false, false, true);
    for (at, &byte) in bytes.iter().enumerate() {
        if quoted {
            (quoted, closing) = (byte != b'"', byte == b'"');
            continue;
        }
        if byte == b'"' && (cell_start || closing) {
            quoted = true;
        } else if byte == b'\n' {
            if !matches!(&bytes[start..at], [] | [b'\r']) {
                rows.push((start, at));
            }
            start = at + 1;
        }
        closing = false;
        cell_start = matches!(byte, b',' | b'\n');
    }
    rows
}

proptest! {
    #[test]
    fn rows_in_steps_are_those_of_a_naive_reader(bytes in text(60), cuts in vec(0..400_usize, 0..4)) {
        let mut ends: Vec<usize> = cuts.into_iter().filter(|cut| *cut < bytes.len()).collect();
        ends.sort_unstable();
        ends.push(bytes.len());
        let (mut rows, mut found) = (Rows::new(b','), Vec::new());
        let (mut start, mut seen) = (0, 0);
        for end in ends {
            let mut frames = Vec::new();
            let done = rows.cut(&bytes[start..end], seen - start, &mut frames);
            found.extend(frames.iter().map(|frame| (start + frame.plain.start, start + frame.plain.end)));
            start += done;
            seen = end;
        }
        prop_assert_eq!(found, naive_rows(&bytes));
    }

    #[test]
    fn cells_in_steps_are_those_of_the_bytewise_reader(bytes in text(40), before in 0..70_usize, keep in 0..12_usize) {
        let text = [&b"x".repeat(before)[..], &bytes, b"\n\"", &b"y,".repeat(before)].concat();
        let range = before..before + bytes.len();
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let expected = bytewise(&bytes, b',', keep, &mut other);
        prop_assert_eq!(cells(&text, range.clone(), b',', keep, &mut one), expected);
        prop_assert_eq!(&one, &other);
        // Steps may leave a row to the bytewise reader, but only one with a carriage return, an open quote or an error.
        let mut steps = Vec::new();
        if let Some(count) = in_steps(&text, range, b',', keep, &mut steps) {
            prop_assert_eq!((Ok(count), steps), (expected, other));
        } else {
            let open = bytes.split(|byte| *byte == b'"').count() % 2 == 0;
            prop_assert!(expected.is_err() || open || bytes.contains(&b'\r') || bytes.contains(&b'\n'));
        }
    }
}

#[test]
fn a_row_of_an_export_is_read_in_steps() {
    let row = br#""'auth0|1","'a ""name"" with quotes",true,,"'https://example.com/avatars/0123456789abcdef?d=https%3A%2F%2F""#;
    let mut found = Vec::new();
    assert_eq!(in_steps(row, 0..row.len(), b',', 9, &mut found), Some(5));
    let shown: Vec<_> = found
        .iter()
        .map(|cell| (std::str::from_utf8(&row[cell.text.clone()]).unwrap(), cell.doubled))
        .collect();
    assert_eq!(
        shown,
        [
            ("'auth0|1", false),
            ("'a \"\"name\"\" with quotes", true),
            ("true", false),
            ("", false),
            ("'https://example.com/avatars/0123456789abcdef?d=https%3A%2F%2F", false)
        ]
    );
}
