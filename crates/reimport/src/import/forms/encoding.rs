//! Computes how many bytes a string encodes, without decoding it.

/// Returns the number of bytes that a hexadecimal string of any case encodes; `None` if it is not hexadecimal.
pub(super) fn hex_length(text: &str) -> Option<usize> {
    (text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(text.len() / 2)
}

/// Returns the number of bytes that a Base64 string encodes; `None` if it is not Base64. The alphabet may be the
/// standard or the URL-safe one, and the string may be padded or not. Unused bits are not checked: the importer
/// decodes these values, and decoding ignores them.
pub(super) fn base64_length(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > 0 && (padding > 2 || !text.len().is_multiple_of(4)) {
        return None;
    }
    sextets_length(digits, |byte| matches!(byte, b'+' | b'/' | b'-' | b'_'))
}

/// The digits of Base64 in PHC strings.
pub(super) const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The digits of the Base64 variant that only bcrypt uses.
pub(super) const BCRYPT_BASE64: &[u8; 64] =
    b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns whether the unused bits of the last digit are 0. An encoder always writes 0. A verifier that compares
/// strings, or is strict, accepts only 0.
///
/// `digits` are digits of `alphabet`, without padding.
pub(super) fn is_canonical(digits: &str, alphabet: &[u8; 64]) -> bool {
    let unused_bits = match digits.len() % 4 {
        2 => 0b1111,
        3 => 0b0011,
        _ => return true,
    };
    let last = digits.as_bytes().last();
    alphabet.iter().position(|digit| Some(digit) == last).is_some_and(|value| value & unused_bits == 0)
}

/// Returns the number of bytes that Base64 in a PHC string encodes: the standard alphabet, never padded.
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

    /// Encodes in a slow and simple way.
    fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
        let bits: Vec<bool> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        bits.chunks(6)
            .map(|six| (0..6).fold(0, |sum, bit| sum * 2 + usize::from(six.get(bit) == Some(&true))))
            .map(|sextet| char::from(alphabet[sextet]))
            .collect()
    }

    const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    proptest! {
        #[test]
        fn every_encoding_gives_the_byte_count(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            let plain = base64(&bytes, BASE64);
            let padded = format!("{plain}{}", "=".repeat((4 - plain.len() % 4) % 4));
            let count = Some(bytes.len());
            prop_assert_eq!(base64_length(&plain), count);
            prop_assert_eq!(base64_length(&padded), count);
            prop_assert_eq!(base64_length(&base64(&bytes, URL_SAFE)), count);
            prop_assert_eq!(phc_base64_length(&plain), count);
            prop_assert!(is_canonical(&plain, BASE64));
            prop_assert!(is_canonical(&base64(&bytes, BCRYPT_BASE64), BCRYPT_BASE64));
            let hex: String = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect();
            prop_assert_eq!(hex_length(&hex), count);
            prop_assert_eq!(hex_length(&hex.to_uppercase()), count);
        }
    }

    /// Of all last digits, exactly those that the simple encoder writes are canonical.
    #[test]
    fn only_last_digits_of_an_encoder_are_canonical() {
        for alphabet in [BASE64, BCRYPT_BASE64] {
            for length in 1..=3 {
                let written: Vec<u8> = (0..=255)
                    .map(|last| base64(&vec![last; length], alphabet).into_bytes().pop().unwrap())
                    .collect();
                let digits = base64(&vec![0; length], alphabet);
                for &last in alphabet {
                    let changed = format!("{}{}", &digits[..digits.len() - 1], char::from(last));
                    assert_eq!(is_canonical(&changed, alphabet), written.contains(&last), "{changed}");
                }
            }
        }
        assert!(!is_canonical("A.", BASE64));
    }

    #[test]
    fn invalid_encoding_has_no_length() {
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
