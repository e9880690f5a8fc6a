//! Random files, compared with the `csv` crate and a naive implementation, for blocks of every size.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::naive::{naive, peer};
use super::{csv, gzipped, read_with};
use crate::record::{CsvDialect, CsvTypes, ReadOptions};

const SIZES: [usize; 5] = [1, 2, 7, 64, 512 << 10];

/// Columns without conflicts in any order, except that the items of one array must be in order.
pub(super) const COLUMNS: [&str; 14] = [
    "email",
    "email_verified",
    "logins_count",
    "user_metadata.a",
    "user_metadata.b c",
    "user_metadata.d.e",
    "user_metadata.d.f",
    "identities[0].provider",
    "identities[0].isSocial",
    "identities[1].provider",
    "tags[0]",
    "tags[1][0]",
    "app_metadata",
    "multifactor",
];

fn header() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(&COLUMNS[..], 1..=COLUMNS.len()).prop_shuffle().prop_filter_map(
        "arrays have gaps",
        |columns| {
            let place = |name: &str| columns.iter().position(|column| column.starts_with(name));
            let in_order = |first, second| match (place(first), place(second)) {
                (None, Some(_)) => false,
                (Some(first), Some(second)) => first < second,
                _ => true,
            };
            let whole = in_order("identities[0]", "identities[1]") && in_order("tags[0]", "tags[1]");
            whole.then(|| columns.into_iter().map(str::to_owned).collect())
        },
    )
}

fn cell() -> impl Strategy<Value = String> {
    const TEXTS: &[&str] = &[
        "",
        "",
        "",
        "'",
        "''",
        "'a",
        "'true",
        "true",
        "TRUE",
        "False",
        "0",
        "-0",
        "01",
        "1.0",
        "1.",
        "1e400",
        "-",
        "9007199254740993",
        "'42",
        "2024-12-31",
        "2021-03-04T09:15:27.481Z",
        "a",
        " ",
        "a;b",
        "a,b",
        "a\tb",
        "\"",
        "\"\"",
        "'\"q\"",
        "line\nbreak",
        "cr\r\nlf",
        "\r",
        "\n",
        "\\",
        "=1+1",
        "{}",
        "'{\"a\" : [1, \"x \\\" y\"]}",
        " {\"a\":\n{}} ",
        "{\"a\":}",
        "[\"a\"]",
        "'[1 ,2]",
        "9,00719925474099E+15",
        "04.03.2021 09:15",
        "晨\u{1f}",
        "\u{8}\u{c}",
        "é",
    ];
    prop_oneof![4 => select(TEXTS).prop_map(str::to_owned), 1 => "[^\0]{0,6}".prop_map(String::from)]
}

/// Returns a cell as written in a file, with quotes if they are necessary or requested.
fn spelt(text: &str, quotes: bool) -> String {
    if quotes || text.is_empty() || text.contains(['"', ',', ';', '\t', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

pub(super) fn file() -> impl Strategy<Value = String> {
    header().prop_flat_map(|header| {
        let columns = header.len();
        let row = (vec((cell(), any::<bool>()), columns), select(&["\n", "\r\n", "\n\n", "\r\n\n"][..]));
        (vec(row, 0..6), select(&[',', ';', '\t'][..]), any::<bool>()).prop_map(
            move |(rows, delimiter, last)| {
                let delimiter = delimiter.to_string();
                let mut text = header.join(&delimiter) + "\n";
                for (cells, end) in rows {
                    let cells: Vec<String> =
                        cells.iter().map(|(text, quotes)| spelt(text, *quotes)).collect();
                    text += &cells.join(&delimiter);
                    text += end;
                }
                if last {
                    text.truncate(text.trim_end_matches(['\r', '\n']).len());
                }
                text
            },
        )
    })
}

proptest! {
    #[test]
    fn rows_agree_with_csv_crate_and_naive_builder(
        text in file(),
        auth0 in any::<bool>(),
        infer in any::<bool>(),
    ) {
        let dialect = if auth0 { CsvDialect::Auth0 } else { CsvDialect::Plain };
        let types = if infer { CsvTypes::Infer } else { CsvTypes::Known };
        let delimiter = [b',', b';', b'\t'].into_iter()
            .max_by_key(|delimiter| peer(text.as_bytes(), *delimiter)[0].len()).unwrap();
        // A file of one column is read with a comma, whichever delimiter was meant.
        let delimiter = if peer(text.as_bytes(), delimiter)[0].len() == 1 { b',' } else { delimiter };
        let rows = peer(text.as_bytes(), delimiter);
        let expected: Vec<String> = rows[1..].iter().map(|row| naive(&rows[0], row, dialect, types)).collect();
        for block_bytes in SIZES {
            let options = ReadOptions {
                block_bytes, csv_dialect: Some(dialect), csv_types: types, format: Some(crate::record::Format::Csv),
                ..ReadOptions::default()
            };
            for bytes in [text.as_bytes().to_vec(), gzipped(text.as_bytes())] {
                let (read, end) = read_with(&bytes, &options);
                prop_assert_eq!(end, None);
                let found: Vec<String> = read.iter().map(|row| row.1.clone().unwrap()).collect();
                prop_assert_eq!(&found, &expected);
                for (place, (position, _)) in read.iter().enumerate() {
                    prop_assert_eq!(position.record, place as u64 + 1);
                    let before = &text[..position.byte as usize];
                    prop_assert_eq!(position.line, 1 + before.matches('\n').count() as u64);
                    // Put the row after another line, because the `csv` crate drops a byte order mark at the
                    // start.
                    let from_here = format!("x\n{}", &text[before.len()..]);
                    prop_assert_eq!(&peer(from_here.as_bytes(), delimiter)[1], &rows[place + 1]);
                }
            }
        }
    }

    #[test]
    fn any_text_splits_into_rows_like_the_csv_crate(
        tokens in vec(select(&["\"", "\"", "\"\"", ",", ",", "\n", "\r\n", "a", "'", "1", " ", "é", ",\"", "\","][..]), 0..40),
    ) {
        let text = format!("email,name\n{}", tokens.concat());
        let rows = peer(text.as_bytes(), b',');
        let mut seen = None;
        for block_bytes in SIZES {
            let options = ReadOptions { block_bytes, csv_dialect: Some(CsvDialect::Auth0), ..csv() };
            let (read, end) = read_with(text.as_bytes(), &options);
            // The last row of the `csv` crate is an open quote here.
            prop_assert_eq!(read.len() + usize::from(end.is_some()), rows.len() - 1, "{:?}", text);
            for ((_, found), row) in read.iter().zip(&rows[1..]) {
                match found {
                    Ok(json) => prop_assert_eq!(json, &naive(&rows[0], row, CsvDialect::Auth0, CsvTypes::Known)),
                    Err(words) if words.contains("expected 2 cells") => {
                        prop_assert!(words.ends_with(&format!("but found {}", row.len())), "{}", words);
                    }
                    Err(words) => prop_assert!(words.contains("quote"), "{}", words),
                }
            }
            let all = (read, end);
            prop_assert_eq!(seen.get_or_insert(all.clone()), &all);
        }
    }
}
