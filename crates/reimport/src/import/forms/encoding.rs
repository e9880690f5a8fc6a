//! How many bytes a text encodes, without decoding it.

/// The bytes that a hexadecimal text encodes, of any case; `None` where it is none.
pub(super) fn hex_length(text: &str) -> Option<usize> {
    (text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(text.len() / 2)
}

/// The bytes that a Base64 text encodes, of the standard or the url-safe alphabet, padded or not; `None` where it is
/// none. Bits that encode nothing are not looked at.
pub(super) fn base64_length(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 0 && (padding > 2 || !text.len().is_multiple_of(4)) {
        return None;
    }
    sextets_length(digits, |byte| matches!(byte, b'+' | b'/' | b'-' | b'_'))
}

/// The bytes that Base64 as PHC strings have it encodes: the standard alphabet, never padded.
pub(super) fn phc_base64_length(text: &str) -> Option<usize> {
    sextets_length(text, |byte| matches!(byte, b'+' | b'/'))
}

fn sextets_length(digits: &str, sign: impl Fn(u8) -> bool) -> Option<usize> {
    let valid =
        digits.len() % 4 != 1 && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || sign(byte));
    valid.then_some(digits.len() * 3 / 4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Encodes the slow and plain way.
    fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
        let bits: Vec<bool> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        bits.chunks(6)
            .map(|six| (0..6).fold(0, |sum, bit| sum * 2 + usize::from(six.get(bit) == Some(&true))))
            .map(|sextet| char::from(alphabet[sextet]))
            .collect()
    }

    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    proptest! {
        #[test]
        fn every_encoding_of_bytes_gives_their_count(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            let plain = base64(&bytes, STANDARD);
            let padded = format!("{plain}{}", "=".repeat((4 - plain.len() % 4) % 4));
            let count = Some(bytes.len());
            prop_assert_eq!(base64_length(&plain), count);
            prop_assert_eq!(base64_length(&padded), count);
            prop_assert_eq!(base64_length(&base64(&bytes, URL_SAFE)), count);
            prop_assert_eq!(phc_base64_length(&plain), count);
            let hex: String = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect();
            prop_assert_eq!(hex_length(&hex), count);
            prop_assert_eq!(hex_length(&hex.to_uppercase()), count);
        }
    }

    #[test]
    fn what_is_no_encoding_has_no_length() {
        for bad in ["a", "abcde", "ab=", "ab===", "a=b=", "abc==", "ab c", "abé", "====", "abc.", "="] {
            assert_eq!(base64_length(bad), None, "{bad}");
        }
        for bad in ["ab==", "a-b_", "a"] {
            assert_eq!(phc_base64_length(bad), None, "{bad}");
        }
        for bad in ["a", "abc", "0g", "0x00", " 00 "] {
            assert_eq!(hex_length(bad), None, "{bad}");
        }
    }
}
