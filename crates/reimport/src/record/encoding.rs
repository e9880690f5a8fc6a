//! Text in an 8-bit encoding, as spreadsheets and old editors save it.

/// How many lines must be in another encoding before the file as a whole is.
const SEVERAL: usize = 3;

/// The first byte that is not UTF-8, if at least three lines of `text` are not, and no line holds a character of UTF-8 beyond
/// ASCII: then the file is not damaged here and there, but written in another encoding.
///
/// The text may be cut off in a character.
pub(super) fn other_than_utf8(text: &[u8]) -> Option<usize> {
    let (mut at, mut lines, mut first) = (0, 0, None);
    // Whether the line under way was counted.
    let mut counted = false;
    for chunk in text.utf8_chunks() {
        if !chunk.valid().is_ascii() {
            return None;
        }
        counted &= !chunk.valid().contains('\n');
        at += chunk.valid().len();
        let wrong = chunk.invalid();
        if !wrong.is_empty() && at + wrong.len() < text.len() {
            first.get_or_insert(at);
            lines += usize::from(!counted);
            counted = true;
        }
        at += wrong.len();
    }
    first.filter(|_| lines >= SEVERAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_of_another_encoding_and_no_character_of_utf8_make_another_encoding() {
        let latin = b"name\nM\xfcller\nOK\nR\xf6\xdfler\nFran\xe7ois\n";
        assert_eq!(other_than_utf8(latin), Some(6));
        // Two lines, however many characters are in them.
        assert_eq!(other_than_utf8(b"M\xfcller \xe4\xf6\nR\xf6\xdfler\nx\n"), None);
        // Cut off in a character of UTF-8, or damaged, but UTF-8.
        assert_eq!(other_than_utf8("a\nb\nc\nM\u{fc}".as_bytes()), None);
        assert_eq!(other_than_utf8(&[&latin[..], "é".as_bytes()].concat()), None);
        assert_eq!(other_than_utf8(b"M\xfc\nR\xf6\nx\xe2\x82"), None);
        assert_eq!(other_than_utf8(b""), None);
    }
}
