//! Tests of the dialect detection and of the warnings about cells, compared with a naive implementation.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::naive::peer;
use super::{csv, good_with};
use crate::pipeline::Pipeline;
use crate::projection::Unchanged;
use crate::record::{CellWarning, CsvDialect, ReadOptions, RecordReader};
use crate::run::Summary;
use crate::sink::Nothing;
use crate::source::Source;

fn source(text: &str) -> Source {
    Source::from_reader("users.csv", std::io::Cursor::new(text.as_bytes().to_vec()))
}

fn dialect(text: &str) -> CsvDialect {
    RecordReader::open(source(text), &csv()).unwrap().csv_dialect().unwrap()
}

fn summary(source: Source, options: &ReadOptions, limit: Option<u64>) -> Summary {
    let mut pipeline = Pipeline::new().read_options(options.clone());
    if let Some(limit) = limit {
        pipeline = pipeline.limit(limit);
    }
    pipeline.run([source], &Unchanged, Nothing::new()).unwrap().0
}

/// Returns the warnings: kind, column, first line, number of cells.
fn warnings(summary: &Summary) -> Vec<(CellWarning, String, u64, u64)> {
    let warnings = summary.sources[0].warnings();
    warnings.map(|(kind, column, places)| (kind, column, places.first_line, places.cells)).collect()
}

fn warned(text: &str) -> Vec<(CellWarning, String, u64, u64)> {
    warnings(&summary(source(text), &csv(), None))
}

#[test]
fn one_string_without_apostrophe_makes_the_file_plain() {
    let text = "name,user_id,email\n't Hooft,auth0|1,g@example.com\n";
    assert_eq!(
        good_with(text, &ReadOptions::default()),
        [r#"{"name":"'t Hooft","user_id":"auth0|1","email":"g@example.com"}"#]
    );
    assert_eq!(warned(text), []);
    assert_eq!(
        dialect("email,name\n,42\ntrue,2024-12-31\n2024-12-31T10:00:00.5+01:00,'x\n'y,'z\n"),
        CsvDialect::Auth0
    );
    assert_eq!(dialect("email,name\n,42\ntrue,2024-12-31\n,x\n'y,'z\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n'y,'z\n'y,z\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n007a,'x\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n\"2024-12-31 \",'x\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n007,1\n"), CsvDialect::Plain, "nothing has an apostrophe");
    // A damaged row is not evidence. A file without evidence is read in the export job's dialect.
    assert_eq!(dialect("email,name\nx\nx,y\"\n'x,'y\n"), CsvDialect::Auth0);
    assert_eq!(dialect("email,name\n1,2\n"), CsvDialect::Auth0);
    assert_eq!(dialect("email,name\n"), CsvDialect::Auth0);
}

#[test]
fn values_reformatted_by_a_spreadsheet_are_a_warning() {
    let text = "email,email_verified,created_at,logins_count,user_metadata.crm,app_metadata.since\n\
                'a@example.com,WAHR,04.03.2021 09:15,1.000,\"9,00719925474099E+15\",3/4/21\n\
                'b@example.com,FALSCH,2021-03-04,1,9.0072E+15,\n";
    assert_eq!(
        good_with(text, &ReadOptions::default()),
        [
            r#"{"email":"a@example.com","email_verified":"WAHR","created_at":"04.03.2021 09:15","logins_count":1.000,"user_metadata":{"crm":"9,00719925474099E+15"},"app_metadata":{"since":"3/4/21"}}"#,
            r#"{"email":"b@example.com","email_verified":"FALSCH","created_at":"2021-03-04","logins_count":1,"user_metadata":{"crm":9.0072E+15}}"#,
        ]
    );
    for cell in ["\"1,5\"", "1.234.567", "007", "#NAME?", "NULL"] {
        let text = format!("user_id,email,app_metadata.n\n'auth0|1,'a@example.com,{cell}\n");
        let value = cell.trim_matches('"');
        assert_eq!(
            good_with(&text, &ReadOptions::default()),
            [format!(r#"{{"user_id":"auth0|1","email":"a@example.com","app_metadata":{{"n":"{value}"}}}}"#)]
        );
        assert_eq!(warned(&text), [(CellWarning::BareText, "app_metadata.n".to_owned(), 2, 1)], "{cell}");
    }
    let path = ToOwned::to_owned;
    assert_eq!(
        warned(text),
        [
            (CellWarning::BareText, path("email_verified"), 2, 2),
            (CellWarning::BareText, path("created_at"), 2, 1),
            (CellWarning::BareText, path("app_metadata.since"), 2, 1),
            (CellWarning::ShortenedNumber, path("user_metadata.crm"), 2, 2),
        ]
    );
    let plain = "email,user_metadata.crm\nx,1\ny,\"9,00719925474099E+15\"\n";
    assert_eq!(warned(plain), [(CellWarning::ShortenedNumber, path("user_metadata.crm"), 3, 1)]);
}

#[test]
fn late_string_without_apostrophe_is_a_warning() {
    let rows = "'a,'b\n".repeat(20_000);
    let text = format!("email,name\n{rows}'c,\"d\ne\"\n'f,\n'g,h\n");
    let expected = vec![(CellWarning::BareText, "name".to_owned(), 20_002, 2)];
    for block_bytes in [7, 64, 512 << 10] {
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let read = good_with(&text, &options);
        assert_eq!(read[20_000], r#"{"email":"c","name":"d\ne"}"#);
        assert_eq!(read[20_002], r#"{"email":"g","name":"h"}"#);
        assert_eq!(warnings(&summary(source(&text), &options, None)), expected);
    }
    // Only records that were read are counted.
    assert_eq!(warnings(&summary(source(&text), &csv(), Some(20_000))), []);
    assert_eq!(warnings(&summary(source(&text), &csv(), Some(20_001)))[0].3, 1);
    // The last row of the first 64 KiB is evidence.
    let rows = "'a,'b\n".repeat((64 << 10) / 6);
    assert_eq!(dialect(&format!("email,name\n{rows}'c,d\n{rows}")), CsvDialect::Plain);
    assert_eq!(dialect(&format!("email,name\n{rows}'c,'d\n'e,f\n{rows}")), CsvDialect::Auth0);
}

#[test]
fn apostrophes_kept_despite_most_cells_are_a_warning() {
    let text = "email,name\n'a,'b\n'c,d\n'e,'f\n";
    assert_eq!(warned(text), [(CellWarning::KeptApostrophes, "name".to_owned(), 3, 5)]);
    assert_eq!(good_with(text, &ReadOptions::default())[0], r#"{"email":"'a","name":"'b"}"#);
    assert_eq!(warned("sep=,\nemail,name\n'a,'b\n'c,d\n")[0].2, 4);
    // With an option there is no warning.
    let options = ReadOptions { csv_dialect: Some(CsvDialect::Plain), ..csv() };
    assert_eq!(warnings(&summary(source(text), &options, None)), []);
    let options = ReadOptions { csv_dialect: Some(CsvDialect::Auth0), ..csv() };
    assert_eq!(
        warnings(&summary(source(text), &options, None)),
        [(CellWarning::BareText, "name".to_owned(), 3, 1)]
    );
}

#[test]
fn few_records_of_a_pipe_are_read_without_waiting() {
    /// A pipe that is never closed.
    struct Pipe(std::io::Cursor<Vec<u8>>);
    impl std::io::Read for Pipe {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buf)? {
                0 => panic!("the reader waits for more data"),
                count => Ok(count),
            }
        }
    }
    let text = "email,name\n,1\n'a,'b\n'c,'d\n";
    let pipe = Source::from_reader("users.csv", Pipe(std::io::Cursor::new(text.as_bytes().to_vec())));
    let summary = summary(pipe, &ReadOptions::default(), Some(1));
    assert_eq!(summary.sources[0].csv_dialect, Some(CsvDialect::Auth0));
}

#[test]
fn a_limit_does_not_change_the_dialect_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    std::fs::write(&path, "email,name\n'a,'b\n'c,d\n").unwrap();
    for limit in [None, Some(1)] {
        let summary = summary(Source::open(&path).unwrap(), &ReadOptions::default(), limit);
        assert_eq!(summary.sources[0].csv_dialect, Some(CsvDialect::Plain), "{limit:?}");
    }
}

#[test]
fn csv_in_another_encoding_is_reported_once() {
    let latin = b"email,name\na,b\n'c,M\xfcller\nd,Ren\xe9\ne,\"Zo\xeb\n\xfc\"\n";
    let words = "users.csv: line 3 is not UTF-8, and neither is any other line with characters beyond ASCII: the file is \
                 in another encoding, probably Windows-1252 (Latin-1); save it as UTF-8, or convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 FILE`";
    for block_bytes in [1, 2, 7, 64, 512 << 10] {
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let read = |text: &[u8]| super::read_with(text, &options);
        assert_eq!(read(latin), (vec![], Some(words.to_owned())));
        assert_eq!(read(&super::gzipped(latin)), (vec![], Some(words.to_owned())));
        let refused = |text: &[u8]| read(text).0.iter().filter(|row| row.1.is_err()).count();
        assert_eq!(refused(b"email,name\na,b\nc,M\xfcller\nd,Ren\xe9\n"), 2);
        assert_eq!(refused(&[latin, "f,é\n".as_bytes()].concat()), 3);
        // With an option, the file is read in the given format.
        let options = ReadOptions { block_bytes, ..csv() };
        let (rows, end) = super::read_with(latin, &options);
        assert_eq!((rows.iter().filter(|row| row.1.is_err()).count(), end), (3, None));
    }
}

/// The evidence of a cell, as a person would see it.
#[derive(PartialEq)]
enum Shown {
    Apostrophe,
    Text,
    /// A form that only a spreadsheet writes.
    Spreadsheet,
}

fn shows(text: &str, path: &str) -> Option<Shown> {
    let parts = |separators: &[char]| text.split(separators).map(str::to_owned).collect::<Vec<_>>();
    let parts_of = |text: &str| text.split(['.', ',']).map(str::to_owned).collect::<Vec<_>>();
    let digits = |text: &str| !text.is_empty() && text.chars().all(|char| char.is_ascii_digit());
    let known = matches!(path, "email_verified" | "logins_count" | "created_at")
        || (matches!(path, "app_metadata") && text.starts_with(['{', '[']));
    let shortened = {
        let mantissa = |text: &str| {
            let text = text.strip_prefix('-').unwrap_or(text);
            let halves: Vec<&str> = text.split(['.', ',']).collect();
            halves.len() <= 2 && halves.iter().all(|half| digits(half)) && halves[0].len() == 1
        };
        text.split_once("E+").or(text.split_once("E-")).is_some_and(|(number, exponent)| {
            mantissa(number) && digits(exponent) && matches!(exponent.len(), 2 | 3)
        })
    };
    let number = {
        // Digits, with one separator between two digits.
        let text = text.strip_prefix('-').unwrap_or(text);
        parts_of(text).iter().all(|part| digits(part))
    };
    let error = matches!(text, "#NAME?" | "NULL");
    let local = {
        let numbers = parts(&[' ', '.', '/']);
        matches!(numbers.len(), 3..) && numbers.iter().take(3).all(|number| digits(number))
    };
    if text.starts_with('\'') {
        Some(Shown::Apostrophe)
    } else if text.is_empty() || known || typed(text) {
        None
    } else if shortened || local || number || error {
        Some(Shown::Spreadsheet)
    } else {
        Some(Shown::Text)
    }
}

/// Returns `true` for a number, a boolean or a date.
fn typed(text: &str) -> bool {
    let number = serde_json::from_str::<f64>(text).is_ok() && !text.starts_with(' ') && !text.ends_with(' ');
    let date = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.starts_with("20");
    number || date || matches!(&*text.to_lowercase(), "true" | "false")
}

const TEXTS: [&str; 24] = [
    "1,5",
    "1.234.567",
    "#NAME?",
    "NULL",
    "",
    "",
    "'",
    "'a",
    "''",
    "'1",
    "a",
    "a b",
    "00042",
    "+1",
    "1",
    "-1.5e3",
    "True",
    "2021-03-04",
    "WAHR",
    "9,00719925474099E+15",
    "9.0072E+15",
    "04.03.2021 09:15",
    "{\"a\":1}",
    "[",
];

proptest! {
    #[test]
    fn dialect_and_warnings_agree_with_naive_detection(
        // Mostly cells of the export job, so that both dialects are likely.
        rows in vec(vec(prop_oneof![9 => select(&["'a", "'b c", "", "1", "true"][..]), 1 => select(&TEXTS[..])], 6), 0..9),
        options in select(&[1_usize, 7, 512 << 10][..]),
    ) {
        const HEADER: [&str; 6] = ["email", "email_verified", "logins_count", "created_at", "user_metadata.a", "app_metadata"];
        let mut text = HEADER.join(",") + "\n";
        for row in &rows {
            let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text += &(cells.join(",") + "\n");
        }
        prop_assert_eq!(&peer(text.as_bytes(), b',')[1..], &rows[..]);
        let cells = || rows.iter().zip(2_u64..).flat_map(|(row, line)| {
            row.iter().zip(HEADER).map(move |(cell, path)| (*cell, path, line))
        });
        let shown: Vec<_> = cells().filter_map(|(cell, path, line)| Some((shows(cell, path)?, path, line))).collect();
        let all = |wanted: Shown| shown.iter().filter(|(shown, ..)| *shown == wanted).collect::<Vec<_>>();
        let (marked, bare) = (all(Shown::Apostrophe), all(Shown::Text));
        let auth0 = bare.is_empty() && (!marked.is_empty() || all(Shown::Spreadsheet).is_empty());

        let mut expected = std::collections::BTreeMap::new();
        let place = |path: &str| HEADER.iter().position(|column| *column == path).unwrap();
        if let Some((_, path, line)) = bare.first() && marked.len() > bare.len() {
            expected.insert((CellWarning::KeptApostrophes, place(path)), (*line, marked.len() as u64));
        }
        for (cell, path, line) in cells() {
            let shortened = cell.contains("E+");
            let json = path == "app_metadata" && cell.starts_with(['{', '[']);
            let text = !cell.is_empty() && !cell.starts_with('\'') && !typed(cell) && !json;
            let warning = match (shortened, auth0 && text) {
                (true, _) => CellWarning::ShortenedNumber,
                (false, true) => CellWarning::BareText,
                (false, false) => continue,
            };
            expected.entry((warning, place(path))).or_insert((line, 0)).1 += 1;
        }

        let summary = summary(source(&text), &ReadOptions { block_bytes: options, ..csv() }, None);
        let found = &summary.sources[0];
        let dialect = if auth0 { CsvDialect::Auth0 } else { CsvDialect::Plain };
        prop_assert_eq!(found.csv_dialect, Some(dialect), "{}", &text);
        let warnings: Vec<_> = found.cell_warnings.iter().map(|(key, places)| (*key, (places.first_line, places.cells))).collect();
        prop_assert_eq!(warnings, expected.into_iter().collect::<Vec<_>>(), "{}", &text);
    }
}
