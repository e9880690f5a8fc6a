//! Writes rows of CSV with `csv_core`. This is the only place that quotes a cell or escapes a formula.
//!
//! A cell is quoted if RFC 4180 or the caller requires it.

use csv_core::{QuoteStyle, Writer, WriterBuilder};

/// Returns whether a spreadsheet treats a string as a formula: it begins with a character of OWASP's list, also in full
/// width. A number with a sign, such as the phone number `+15550100`, begins with one, but there is nothing to run.
pub(crate) fn runs_as_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) && !is_signed_number(text)
}

fn is_signed_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix(['+', '-']) else { return false };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.split_once('.').map_or(are_digits(number), |(whole, rest)| are_digits(whole) && are_digits(rest))
}

/// Returns the string that [`RowWriter::escaped`] has written as `cell`.
pub(crate) fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| runs_as_formula(text)).unwrap_or(cell)
}

/// The delimiter of CSV output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvDelimiter {
    /// A comma: CSV.
    #[default]
    Comma,
    /// A tab: TSV.
    Tab,
}

impl CsvDelimiter {
    /// Returns the delimiter as an ASCII character.
    ///
    /// ```
    /// assert_eq!(reimport::CsvDelimiter::Tab.as_byte(), b'\t');
    /// ```
    pub fn as_byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

/// When a cell is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// If the cell contains the delimiter, a quote or a line end.
    IfNeeded,
    Always,
}

/// Appends cells to a buffer. The delimiter follows each cell until [`end`](Self::end) ends the row.
///
/// Creating a writer fills two tables, so one is reused for all rows.
#[derive(Debug)]
pub(crate) struct RowWriter {
    /// Determines which cells must be quoted.
    deciding: Writer,
    /// Quotes every cell.
    quoting: Writer,
}

impl Default for RowWriter {
    fn default() -> Self {
        Self::new(CsvDelimiter::default())
    }
}

impl RowWriter {
    pub(crate) fn new(delimiter: CsvDelimiter) -> Self {
        let mut builder = WriterBuilder::new();
        builder.delimiter(delimiter.as_byte());
        Self { deciding: builder.build(), quoting: builder.quote_style(QuoteStyle::Always).build() }
    }

    /// Appends `before` and `text` as one cell. `before` must not contain a character that must be quoted.
    pub(crate) fn cell(&mut self, before: &str, text: &[u8], quotes: Quotes, out: &mut Vec<u8>) {
        if quotes == Quotes::IfNeeded && !self.deciding.should_quote(text) {
            out.extend_from_slice(before.as_bytes());
            out.extend_from_slice(text);
            out.push(self.deciding.get_delimiter());
            return;
        }
        let mut end = out.len();
        // The maximum size: two quotes, every byte a doubled quote, and the delimiter. So every call has enough room.
        out.resize(end + 2 * (before.len() + text.len()) + 3, 0);
        end += self.quoting.field(before.as_bytes(), &mut out[end..]).2;
        end += self.quoting.field(text, &mut out[end..]).2;
        end += self.quoting.delimiter(&mut out[end..]).1;
        out.truncate(end);
    }

    /// Appends a string, after an apostrophe if a spreadsheet would run it as a formula.
    pub(crate) fn escaped(&mut self, text: &str, out: &mut Vec<u8>) {
        let before = if runs_as_formula(text) { "'" } else { "" };
        self.cell(before, text.as_bytes(), Quotes::IfNeeded, out);
    }

    /// Ends the row that begins at `start`. A single empty cell is written as `""`, because a blank line is not a row.
    pub(crate) fn end(&mut self, start: usize, out: &mut Vec<u8>) {
        if out.len() == start + 1 {
            out.truncate(start);
            self.cell("", b"", Quotes::Always, out);
        }
        out.pop();
    }

    /// Appends a row of [escaped](Self::escaped) strings.
    pub(crate) fn escaped_row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>, out: &mut Vec<u8>) {
        let start = out.len();
        for cell in cells {
            self.escaped(cell, out);
        }
        self.end(start, out);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(cells: &[&str]) -> String {
        let mut out = Vec::new();
        RowWriter::default().escaped_row(cells.iter().copied(), &mut out);
        String::from_utf8(out).unwrap()
    }

    /// The quoting rules of RFC 4180.
    fn naive(before: &str, text: &str, quotes: Quotes, delimiter: char) -> String {
        let text = format!("{before}{text}");
        if quotes == Quotes::Always || text.contains([delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    }

    #[test]
    fn quotes_and_escapes_cells_only_if_needed() {
        for (text, expected) in [
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("", "\"\""),
            ("=1+1", "'=1+1"),
            ("+49", "+49"),
            ("+49 1", "'+49 1"),
            ("-", "'-"),
            ("@a,b", "\"'@a,b\""),
            ("\t=1", "'\t=1"),
            ("\r", "\"'\r\""),
            ("＝1", "'＝1"),
            ("'=1", "'=1"),
            ("a=1", "a=1"),
            ("a;b", "a;b"),
            ("#a", "#a"),
            (" a ", " a "),
        ] {
            assert_eq!(row(&[text]), expected, "{text:?}");
        }
    }

    #[test]
    fn row_of_one_empty_cell_is_quoted() {
        for (cells, expected) in [
            (&["", ""][..], ","),
            (&["a", ""], "a,"),
            (&["a,b", ""], "\"a,b\","),
            (&["", "\"", "", "b"], ",\"\"\"\",,b"),
        ] {
            assert_eq!(row(cells), expected);
        }
    }

    /// Strings with special characters of CSV and formulas, and long strings.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[=+@'a\"\n\r,;\t é-]{0,6}", "[a-c]{0,70}[\",a]?[a-c]{0,20}", any::<String>()]
    }

    proptest! {
        #[test]
        fn rows_equal_naive_rows_and_read_back(
            rows in prop::collection::vec(
                prop::collection::vec((text(), prop::bool::ANY, prop::bool::ANY), 1..5), 1..4),
            delimiter in prop::sample::select(&[CsvDelimiter::Comma, CsvDelimiter::Tab][..]),
        ) {
            let mut writer = RowWriter::new(delimiter);
            let between = char::from(delimiter.as_byte());
            let (mut out, mut expected) = (Vec::new(), String::new());
            for row in &rows {
                let start = out.len();
                let mut cells = Vec::new();
                for (text, always, marked) in row {
                    let before = if *marked { "'" } else { "" };
                    let quotes = if *always { Quotes::Always } else { Quotes::IfNeeded };
                    writer.cell(before, text.as_bytes(), quotes, &mut out);
                    cells.push(naive(before, text, quotes, between));
                }
                writer.end(start, &mut out);
                out.push(b'\n');
                let line = cells.join(&between.to_string());
                expected += if line.is_empty() { "\"\"" } else { &line };
                expected.push('\n');
            }
            prop_assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
            let mut builder = csv::ReaderBuilder::new();
            builder.delimiter(delimiter.as_byte()).has_headers(false).flexible(true);
            let mut reader = builder.from_reader(&out[..]);
            let read: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
            let cell = |(text, _, marked): &(String, bool, bool)| format!("{}{text}", if *marked { "'" } else { "" });
            let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            prop_assert_eq!(read, cells);
        }

        #[test]
        fn escaped_cell_reads_back_and_is_not_a_formula(text in "[=+@'a1.\"\n,\t-]{0,4}") {
            let line = format!("{}\n", row(&[&text]));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let row = reader.records().next().transpose().unwrap().unwrap_or_default();
            let read = row.get(0).unwrap_or_default();
            let number = read.parse::<f64>().is_ok();
            prop_assert!(number || !read.starts_with(['=', '+', '-', '@', '\t']));
            // `'=` can be read in two ways. The one without an apostrophe is meant.
            let expected = text.strip_prefix('\'').filter(|rest| runs_as_formula(rest)).unwrap_or(&text);
            prop_assert_eq!(unescaped(read), expected);
        }
    }
}
