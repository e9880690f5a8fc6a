//! Writes CSV cells as defined by RFC 4180, and escapes formulas.

/// Returns `true` if a spreadsheet would run the string as a formula. The characters are those of OWASP's list,
/// including their full-width forms.
pub(crate) fn runs_as_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// Appends a string as a cell. If a spreadsheet would run it as a formula, it gets a leading apostrophe.
pub(crate) fn write_disarmed(text: &str, out: &mut Vec<u8>) {
    let before = if runs_as_formula(text) { "'" } else { "" };
    write_where_needed(before, text.as_bytes(), out);
}

/// Removes the apostrophe that [`write_disarmed`] has added, if any.
pub(crate) fn without_disarming(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| runs_as_formula(text)).unwrap_or(cell)
}

/// Appends `before` and `text` as one cell. The cell is quoted only if CSV requires it.
pub(crate) fn write_where_needed(before: &str, text: &[u8], out: &mut Vec<u8>) {
    if text.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        write_quoted(before, text, out);
    } else {
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(text);
    }
}

/// Appends `before` and `text` as one quoted cell.
pub(crate) fn write_quoted(before: &str, text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(before.as_bytes());
    let mut from = 0;
    for quote in memchr::memchr_iter(b'"', text) {
        out.extend_from_slice(&text[from..=quote]);
        out.push(b'"');
        from = quote + 1;
    }
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        write_disarmed(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_and_escaped_only_if_necessary() {
        for (text, expected) in [
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-", "'-"),
            ("@a,b", "\"'@a,b\""),
            ("\t=1", "'\t=1"),
            ("\r", "\"'\r\""),
            ("＝1", "'＝1"),
            ("'=1", "'=1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn escaped_cell_reads_back_and_is_not_a_formula(text in "[=+@'a\"\n,\t-]{0,4}") {
            let line = format!("{}\n", cell(&text));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let row = reader.records().next().transpose().unwrap().unwrap_or_default();
            let read = row.get(0).unwrap_or_default();
            prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t']));
            // A cell that begins with `'=` can be read in two ways. It is read as an escaped formula.
            let expected = text.strip_prefix('\'').filter(|rest| runs_as_formula(rest)).unwrap_or(&text);
            prop_assert_eq!(without_disarming(read), expected);
        }
    }
}
