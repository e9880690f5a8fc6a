//! Detects text in an 8-bit encoding, as written by spreadsheets and old editors.

/// If at least this many lines are in another encoding, the whole file is in it.
const SEVERAL: usize = 3;

/// Returns the offset of the first byte that is not UTF-8, if the text is in another encoding: at least three of
/// its lines are not UTF-8, and no line has a UTF-8 character beyond ASCII. Otherwise returns `None`:
/// the file is UTF-8, perhaps with damage in some places.
///
/// The text can be cut inside a character.
pub(super) fn other_than_utf8(text: &[u8]) -> Option<usize> {
    let (mut at, mut lines, mut first) = (0, 0, None);
    // Whether the current line was counted.
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
    fn several_lines_without_utf8_are_another_encoding() {
        let latin = b"name\nM\xfcller\nOK\nR\xf6\xdfler\nFran\xe7ois\n";
        assert_eq!(other_than_utf8(latin), Some(6));
        // Only two lines, although there are more characters.
        assert_eq!(other_than_utf8(b"M\xfcller \xe4\xf6\nR\xf6\xdfler\nx\n"), None);
        // UTF-8 that is cut inside a character, or damaged.
        assert_eq!(other_than_utf8("a\nb\nc\nM\u{fc}".as_bytes()), None);
        assert_eq!(other_than_utf8(&[&latin[..], "é".as_bytes()].concat()), None);
        assert_eq!(other_than_utf8(b"M\xfc\nR\xf6\nx\xe2\x82"), None);
        assert_eq!(other_than_utf8(b""), None);
    }
}
