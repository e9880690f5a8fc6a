//! Removing the white space between tokens. This is the only change ever made to a value that is kept.

/// Appends `text`, which must be valid JSON in UTF-8, to `out` without the white space between tokens. Strings are
/// copied as written.
///
/// ```
/// let mut out = Vec::new();
/// reimport::json::compact_into("{ \"a b\" : [ 1.0 , 2 ] }", &mut out);
/// assert_eq!(out, br#"{"a b":[1.0,2]}"#);
/// ```
pub fn compact_into(text: impl AsRef<[u8]>, out: &mut Vec<u8>) {
    let bytes = text.as_ref();
    let mut from = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            b' ' | b'\t' | b'\n' | b'\r' => {
                out.extend_from_slice(&bytes[from..at]);
                while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                    at += 1;
                }
                from = at;
            }
            _ => at += 1,
        }
    }
    out.extend_from_slice(&bytes[from..]);
}

/// Returns the offset after the closing quote of the string whose content begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at.min(bytes.len())..]) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}
