//! Detects data that is not an export, by its first bytes.
//!
//! Data is reported only if it is certainly not an export. Anything that can be JSON or CSV is left to their readers.

use super::error::InputError;

/// The number of bytes that are searched for a NUL byte.
const NUL_REACH: usize = 512;

/// The magic bytes of archives and compressed data.
const SIGNATURES: [(&[u8], InputError); 10] = [
    (b"PK\x03\x04", InputError::Zip),
    // An empty archive, and an archive in several volumes.
    (b"PK\x05\x06", InputError::Zip),
    (b"PK\x07\x08", InputError::Zip),
    (b"\x28\xb5\x2f\xfd", InputError::Zstd),
    (b"\xfd7zXZ\x00", InputError::Xz),
    (b"-----BEGIN PGP MESSAGE", InputError::Pgp),
    (b"\xff\xfe\x00\x00", InputError::WideText { encoding: "UTF-32" }),
    (b"\x00\x00\xfe\xff", InputError::WideText { encoding: "UTF-32" }),
    // Must follow UTF-32, whose byte order mark begins with the same bytes.
    (b"\xff\xfe", InputError::WideText { encoding: "UTF-16" }),
    (b"\xfe\xff", InputError::WideText { encoding: "UTF-16" }),
];

/// Returns what the decompressed data that begins with `prefix` is, if it is certainly not an export.
///
/// A longer prefix detects more cases, and 512 bytes detect all of them. An empty prefix, or one of white space
/// only, gives `None`, because more data can follow. A NUL byte counts only if the text does not begin like JSON,
/// where each record can be judged separately.
///
/// ```
/// use reimport::source::{InputError, foreign};
///
/// assert_eq!(foreign(b"<!DOCTYPE html><title>Expired</title>"), Some(InputError::HtmlPage));
/// assert_eq!(foreign(b"{\"email\":\"a@example.com\"}"), None);
/// ```
pub fn foreign(prefix: &[u8]) -> Option<InputError> {
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix).trim_ascii_start();
    let signed = |(signature, _): &&(&[u8], _)| prefix.starts_with(signature) || text.starts_with(signature);
    if let Some((_, error)) = SIGNATURES.iter().find(signed) {
        return Some(error.clone());
    }
    if is_bzip2(prefix) {
        Some(InputError::Bzip2)
    } else if is_encrypted(prefix) {
        Some(InputError::Pgp)
    } else if is_tar(prefix) {
        Some(InputError::Tar)
    } else if let Some(encoding) = wide_encoding(prefix) {
        Some(InputError::WideText { encoding })
    } else if text.starts_with(b"<") {
        page(text)
    } else if !text.starts_with(b"{")
        && !text.starts_with(b"[")
        && prefix.iter().take(NUL_REACH).any(|b| *b == 0)
    {
        Some(InputError::Binary)
    } else {
        None
    }
}

/// Returns `true` if the data begins with the magic bytes `BZh`, a level from 1 to 9, and the marker of a block (digits
/// of pi) or of the end (digits of the square root of pi).
fn is_bzip2(prefix: &[u8]) -> bool {
    matches!(
        prefix,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..]
    )
}

/// Returns `true` for a binary PGP message: a packet with a session key, encrypted for a public key or with a
/// passphrase.
///
/// The tag alone could also be text in an old 8-bit encoding, so the length and the version are checked, too.
fn is_encrypted(prefix: &[u8]) -> bool {
    // The offset of the version: after the tag and a length of one or two bytes.
    let version = match prefix {
        [0x84 | 0x8c, ..] | [0xc1 | 0xc3, 0..=0xbf, ..] => 2,
        [0x85 | 0x8d, ..] | [0xc1 | 0xc3, 0xc0..=0xdf, ..] => 3,
        _ => return false,
    };
    prefix.get(version).is_some_and(|version| matches!(version, 3..=6))
}

/// Checks the magic bytes in the first header and the checksum of the header. The magic bytes alone can also occur
/// at this offset of an export.
fn is_tar(prefix: &[u8]) -> bool {
    let Some(header) = prefix.get(..512) else { return false };
    let (sum, magic) = (&header[148..156], &header[257..]);
    // In the checksum, its own bytes count as spaces.
    let bytes = header.iter().chain(&[b' '; 8]).map(|byte| u32::from(*byte)).sum::<u32>()
        - sum.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    let octal = sum.iter().filter(|byte| byte.is_ascii_digit());
    let checksum =
        octal.fold(0_u32, |checksum, digit| checksum.wrapping_mul(8).wrapping_add(u32::from(digit - b'0')));
    magic.starts_with(b"ustar") && checksum == bytes
}

/// Returns the encoding of text without a byte order mark, by the zeros between its first characters.
fn wide_encoding(prefix: &[u8]) -> Option<&'static str> {
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match *prefix {
        [0, 0, 0, a, ..] if is_text(a) => Some("UTF-32BE"),
        [a, 0, 0, 0, ..] if is_text(a) => Some("UTF-32LE"),
        [0, a, 0, b, ..] if is_text(a) && is_text(b) => Some("UTF-16BE"),
        [a, 0, b, 0, ..] if is_text(a) && is_text(b) => Some("UTF-16LE"),
        _ => None,
    }
}

/// Returns the type of a page that begins with `<`.
fn page(text: &[u8]) -> Option<InputError> {
    let holds = |magic: &[u8]| text.windows(magic.len()).any(|here| here.eq_ignore_ascii_case(magic));
    match text.get(1)? {
        // Storage services answer with a document that begins with exactly this.
        b'?' if !holds(b"<html") => Some(InputError::XmlPage),
        b'E' if text.starts_with(b"<Error>") => Some(InputError::XmlPage),
        b'?' | b'!' | b'/' | b'a'..=b'z' | b'A'..=b'Z' => Some(InputError::HtmlPage),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_pages_are_detected() {
        for html in [
            "<!DOCTYPE html><html>",
            "\u{feff}\r\n  <html lang=en>",
            "<HTML><HEAD>",
            "<!-- error --><html>",
            "<head>",
            "<?xml version=\"1.0\"?><!DOCTYPE HTML><HTML xmlns=\"x\">",
        ] {
            assert_eq!(foreign(html.as_bytes()), Some(InputError::HtmlPage), "{html}");
        }
        for xml in
            ["<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>", "<Error><Code>ExpiredToken</Code>"]
        {
            assert_eq!(foreign(xml.as_bytes()), Some(InputError::XmlPage), "{xml}");
        }
    }

    #[test]
    fn archive_magic_in_a_value_is_not_an_archive() {
        let mut export = br#"{"user_metadata":{"about":""#.to_vec();
        export.resize(257, b'x');
        export.extend_from_slice(b"ustar\"}}\n");
        export.resize(600, b' ');
        assert_eq!(foreign(&export), None);
    }

    #[test]
    fn archives_and_compressed_data_are_detected() {
        let mut tar = [0; 512];
        tar[..5].copy_from_slice(b"a.csv");
        tar[257..262].copy_from_slice(b"ustar");
        tar[148..156].copy_from_slice(b"002412\0 ");
        let cases: [(&[u8], InputError); 8] = [
            (b"PK\x03\x04\x14\x00", InputError::Zip),
            (b"PK\x05\x06\x00\x00", InputError::Zip),
            (b"PK\x07\x08PK\x03\x04", InputError::Zip),
            (b"\x28\xb5\x2f\xfd\x04\x00", InputError::Zstd),
            (b"BZh91AY&SY\x00", InputError::Bzip2),
            (b"BZh9\x17\x72\x45\x38\x50\x90\x00", InputError::Bzip2),
            (b"\xfd7zXZ\x00\x00\x04", InputError::Xz),
            (&tar, InputError::Tar),
        ];
        for (prefix, error) in cases {
            assert_eq!(foreign(prefix), Some(error), "{prefix:?}");
        }
    }

    #[test]
    fn encrypted_messages_are_detected() {
        let cases: [&[u8]; 8] = [
            b"-----BEGIN PGP MESSAGE-----\n\nhQIM",
            b"\n-----BEGIN PGP MESSAGE-----\n",
            b"\x84\x5e\x03\x01\x02",
            b"\x85\x02\x0c\x03\x01\x02",
            b"\xc1\xc1\x4c\x03\x01\x02",
            b"\xc1\x5e\x03\x01\x02",
            b"\x8c\x0d\x04\x09\x03\x02",
            b"\xc3\x0d\x04\x09\x03\x02",
        ];
        for prefix in cases {
            assert_eq!(foreign(prefix), Some(InputError::Pgp), "{prefix:?}");
        }
    }

    #[test]
    fn utf16_and_utf32_are_detected() {
        let cases: [(&[u8], &str); 9] = [
            (b"\xff\xfe{\x00\"\x00", "UTF-16"),
            (b"\xfe\xff\x00{\x00\"", "UTF-16"),
            (b"\xff\xfe", "UTF-16"),
            (b"\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32"),
            (b"\x00\x00\xfe\xff\x00\x00\x00{", "UTF-32"),
            (b"{\x00\"\x00", "UTF-16LE"),
            (b"\x00{\x00\"", "UTF-16BE"),
            (b"{\x00\x00\x00", "UTF-32LE"),
            (b"\x00\x00\x00{", "UTF-32BE"),
        ];
        for (prefix, encoding) in cases {
            assert_eq!(foreign(prefix), Some(InputError::WideText { encoding }), "{prefix:?}");
        }
    }

    #[test]
    fn other_data_with_nul_bytes_are_binary() {
        for prefix in
            [&b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"[..], b"\x00", b"\x01\x00\x02\x00", b"email,name\x00\n"]
        {
            assert_eq!(foreign(prefix), Some(InputError::Binary), "{prefix:?}");
        }
        let mut text = vec![b'a'; NUL_REACH];
        text.push(0);
        assert_eq!(foreign(&text), None, "a NUL byte after this offset is an error of one row");
    }

    #[test]
    fn possible_exports_are_not_foreign() {
        let cases: [&[u8]; 17] = [
            b"",
            b" \r\n\t",
            b"{\"email\":\"a@example.com\"}\n",
            b"\xef\xbb\xbf{}",
            b"{\"broken\":\"\x00\"}",
            b"[\n{\"x\":\x00}]",
            b"Id,Email\n",
            b"user_id,\"email\"\n",
            b"PK,name\n",
            b"BZh9,name,and,more\n",
            b"<",
            b"<3,name\n",
            b"-----BEGIN,x\n",
            // Latin-1 and UTF-8 headers that begin with the tag byte of a PGP packet.
            b"\xc1lias,name\n",
            b"\xc3\x89tat,name\n",
            b"\x85tat,name\n",
            b"\xc1",
        ];
        for prefix in cases {
            assert_eq!(foreign(prefix), None, "{prefix:?}");
        }
    }
}
