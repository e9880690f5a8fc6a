//! JSON strings: finding the end (16 bytes at a time), decoding and writing.

use std::borrow::Cow;

use wide::u8x16;

use super::cursor::InvalidToken;
use super::error::Expected;

/// The number of bytes that [`stops`] checks at once.
const STEP: usize = 16;

/// Returns a bit mask of the bytes in `step` that end a plain run: quotes, backslashes and control characters.
#[expect(clippy::inline_always, reason = "reads most of a record, a few bytes per call")]
#[inline(always)]
fn stops(step: [u8; STEP]) -> u32 {
    let bytes = u8x16::new(step);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quote | backslash | control).to_bitmask()
}

/// Returns the offset of the closing quote of the string whose content begins at `at`, if the string is plain.
///
/// Otherwise returns an offset up to which the string is plain, and [`scan_rest`] continues from there. This is also
/// the result if the string ends so near the end of the text that the remaining bytes do not fill a step.
#[expect(clippy::inline_always, reason = "reads most of a record, a few bytes per call")]
#[inline(always)]
pub(super) fn plain_end(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let mut at = at;
    let Some(last) = bytes.len().checked_sub(STEP) else { return Err(at) };
    while at <= last
        && let Some(step) = bytes[at..].first_chunk()
    {
        let stops = stops(*step);
        if stops != 0 {
            at += stops.trailing_zeros() as usize;
            return if bytes.get(at) == Some(&b'"') { Ok(at) } else { Err(at) };
        }
        at += STEP;
    }
    Err(at)
}

/// Returns the offset of the next quote, backslash or control character, from `at` on. Returns the length if there
/// is none.
#[inline]
pub(crate) fn plain_run(bytes: &[u8], mut at: usize) -> usize {
    while let Some(step) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let stops = stops(*step);
        if stops != 0 {
            return at + stops.trailing_zeros() as usize;
        }
        at += STEP;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}

/// The result of scanning a string.
#[derive(Clone, Copy)]
pub(super) struct Scanned {
    /// The offset after the closing quote.
    pub(super) end: usize,
    /// Whether the string has an escape.
    pub(super) escaped: bool,
    /// The number of escaped lone surrogates.
    pub(super) lone_surrogates: u32,
}

/// Scans the rest of a string, from `at` on: a string that has an escape, is invalid, or ends near the end of the
/// text.
pub(super) fn scan_rest(text: &str, mut at: usize) -> Result<Scanned, InvalidToken> {
    let bytes = text.as_bytes();
    let (mut escaped, mut lone_surrogates) = (false, 0);
    // The end of a high surrogate. Its low surrogate must be the next escape, without anything in between.
    let mut high_ends_at = None;
    loop {
        at = plain_run(bytes, at);
        if high_ends_at.is_some_and(|end| end != at) {
            lone_surrogates += 1;
            high_ends_at = None;
        }
        match bytes.get(at) {
            Some(b'"') => {
                lone_surrogates += u32::from(high_ends_at.is_some());
                return Ok(Scanned { end: at + 1, escaped, lone_surrogates });
            }
            Some(b'\\') => escaped = true,
            Some(_) => return Err(InvalidToken { at, expected: Expected::EscapedControl }),
            None => return Err(InvalidToken { at, expected: Expected::Quote }),
        }
        match bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                lone_surrogates += u32::from(high_ends_at.take().is_some());
                at += 2;
            }
            Some(b'u') => {
                let unit =
                    hex4(bytes, at + 2).map_err(|at| InvalidToken { at, expected: Expected::HexDigits })?;
                at += 6;
                let waiting = high_ends_at.take().is_some();
                match unit {
                    0xd800..=0xdbff => {
                        lone_surrogates += u32::from(waiting);
                        high_ends_at = Some(at);
                    }
                    0xdc00..=0xdfff => lone_surrogates += u32::from(!waiting),
                    _ => lone_surrogates += u32::from(waiting),
                }
            }
            _ => return Err(InvalidToken { at: at + 1, expected: Expected::Escape }),
        }
    }
}

/// Returns the value of four hexadecimal digits at `at`, or the offset of the first byte that is not one.
fn hex4(bytes: &[u8], at: usize) -> Result<u32, usize> {
    let mut unit = 0;
    for place in at..at + 4 {
        let digit = bytes.get(place).and_then(|&byte| char::from(byte).to_digit(16)).ok_or(place)?;
        unit = unit * 16 + digit;
    }
    Ok(unit)
}

/// Returns the next character of a valid escaped string, and the rest of the string.
fn next_char(raw: &str) -> Option<(char, &str)> {
    let mut chars = raw.chars();
    let first = chars.next()?;
    if first != '\\' {
        return Some((first, chars.as_str()));
    }
    let escape = chars.next()?;
    let rest = chars.as_str();
    Some(match escape {
        'b' => ('\u{8}', rest),
        'f' => ('\u{c}', rest),
        'n' => ('\n', rest),
        'r' => ('\r', rest),
        't' => ('\t', rest),
        'u' => {
            let unit = hex4(rest.as_bytes(), 0).unwrap_or(0xfffd);
            let rest = rest.get(4..).unwrap_or("");
            let low = rest.strip_prefix("\\u").and_then(|low| hex4(low.as_bytes(), 0).ok());
            match (unit, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), &rest[6..])
                }
                _ => (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), rest),
            }
        }
        other => (other, rest),
    })
}

/// Decodes the content of a string (without its quotes) that a [`Scanner`](super::Scanner) has read.
///
/// The result is borrowed if there is no escape. A lone surrogate becomes U+FFFD. In text that was not validated,
/// an incomplete escape is dropped or becomes U+FFFD. Never panics.
///
/// ```
/// assert_eq!(reimport::json::decode(r"em\u0061il"), "email");
/// assert_eq!(reimport::json::decode(r"\ud83e\udd84\ud800"), "🦄\u{fffd}");
/// ```
pub fn decode(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut decoded = String::with_capacity(raw.len());
    decode_from(raw, first, &mut decoded);
    Cow::Owned(decoded)
}

/// Appends the decoded string to `out`, as [`decode`] does. The caller can reuse the allocation of `out`.
pub(crate) fn decode_into(raw: &str, out: &mut String) {
    match memchr::memchr(b'\\', raw.as_bytes()) {
        None => out.push_str(raw),
        Some(first) => decode_from(raw, first, out),
    }
}

/// Appends the decoded `raw`, whose first backslash is at offset `first`.
fn decode_from(raw: &str, first: usize, out: &mut String) {
    out.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some((next, after)) = next_char(rest) {
        out.push(next);
        rest = after;
    }
}

/// Returns `true` if the escaped `raw` decodes to `plain`.
pub(super) fn decoded_eq(raw: &str, plain: &str) -> bool {
    let (mut raw, mut plain) = (raw, plain.chars());
    loop {
        match (next_char(raw), plain.next()) {
            (Some((left, rest)), Some(right)) if left == right => raw = rest,
            (None, None) => return true,
            _ => return false,
        }
    }
}

/// Returns the rest of `raw` (escaped or plain, as written) after `prefix`. Returns `None` if the decoded string
/// does not begin with `prefix`.
pub(crate) fn strip_decoded_prefix<'a>(raw: &'a str, prefix: &str) -> Option<&'a str> {
    // A backslash in `raw` begins an escape, so a prefix with a backslash cannot be compared directly.
    if let Some(rest) = raw.strip_prefix(prefix)
        && !prefix.contains('\\')
    {
        return Some(rest);
    }
    let mut rest = raw;
    for expected in prefix.chars() {
        let (found, after) = next_char(rest)?;
        if found != expected {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// Appends `text` as a quoted JSON string. Escapes only the characters that JSON requires to be escaped.
///
/// ```
/// let mut out = Vec::new();
/// reimport::json::escape_into("é \"\n", &mut out);
/// assert_eq!(out, r#""é \"\n""#.as_bytes());
/// ```
pub fn escape_into(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.push(b'"');
    let mut from = 0;
    loop {
        let at = plain_run(bytes, from);
        out.extend_from_slice(&bytes[from..at]);
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let hex = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            }
        }
        from = at + 1;
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive_run(bytes: &[u8], at: usize) -> usize {
        bytes[at..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .map_or(bytes.len(), |found| at + found)
    }

    /// Checks that `plain_end` finds the same end as a loop over bytes, or leaves the rest to such a loop.
    fn assert_ends_alike(bytes: &[u8], from: usize) {
        let run = naive_run(bytes, from);
        let steps_end = from + (bytes.len() - from) / STEP * STEP;
        let expected = match bytes.get(run) {
            _ if run >= steps_end => Err(steps_end),
            Some(b'"') => Ok(run),
            _ => Err(run),
        };
        assert_eq!(plain_end(bytes, from), expected, "{bytes:x?} from {from}");
    }

    #[test]
    fn plain_run_agrees_with_byte_loop_at_every_alignment() {
        for filler in [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0x81, 0xa0, 0xa2, 0xdc, 0xff] {
            for byte in 0..=255 {
                for len in [1, 7, 15, 16, 17, 31, 32, 33] {
                    for place in 0..len {
                        let mut bytes = [filler; 33];
                        bytes[place] = byte;
                        let bytes = &bytes[..len];
                        for from in [0, 1, 7] {
                            let from = from.min(len);
                            assert_ends_alike(bytes, from);
                            assert_eq!(
                                plain_run(bytes, from),
                                naive_run(bytes, from),
                                "{bytes:x?} from {from}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn lone_surrogates_are_counted() {
        let cases = [
            (r"\ud800", 1),
            (r"\udc00", 1),
            (r"\ud83e\udd84", 0),
            (r"\uD83E\uDD84", 0),
            (r"\udd84\ud83e", 2),
            (r"\ud83ex\udd84", 2),
            (r"\ud83e\n\udd84", 2),
            (r"\ud83e\ud83e\udd84", 1),
            (r"\ud83e\udd84\udd84", 1),
            (r"\ud83e\u0041", 1),
            (r"\ud7ff\ue000", 0),
            (r"\\ud800", 0),
        ];
        for (inside, lone) in cases {
            let text = format!("\"{inside}\"");
            let scanned = scan_rest(&text, 1).unwrap();
            assert_eq!((scanned.lone_surrogates, scanned.end), (lone, text.len()), "{inside}");
            assert_eq!(decode(inside).matches('\u{fffd}').count(), lone as usize, "{inside}");
        }
    }

    #[test]
    fn broken_escapes_decode_without_panic() {
        for (raw, decoded) in
            [("a\\", "a"), ("\\u", "\u{fffd}"), ("\\u00é", "\u{fffd}"), ("\\ud83e\\u", "\u{fffd}\u{fffd}")]
        {
            assert_eq!(decode(raw), decoded, "{raw}");
        }
    }
}
