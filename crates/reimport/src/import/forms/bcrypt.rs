//! Reads bcrypt hashes, whose text contains all parameters.

use super::encoding::{BCRYPT_BASE64, is_canonical};
use crate::user::names;

/// The parameters of a bcrypt hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bcrypt {
    /// `a`, `b` or `y`.
    pub(super) version: u8,
    /// From 4 to 31.
    pub(super) cost: u8,
    /// Whether the unused bits of the salt and the hash are 0. The service's bcrypt computes the text again from the
    /// password and compares it as a whole, so it never verifies a hash with other bits.
    pub(super) canonical: bool,
}

impl Bcrypt {
    /// Returns the rule that only warns about the hash, if it applies.
    pub(super) fn warning(self) -> Option<&'static str> {
        (!self.canonical).then_some(names::BCRYPT_PADDING)
    }
}

/// Reads a prefix such as `$2a$10$` and the 53 characters after it.
pub(super) fn read(text: &str) -> Result<Bcrypt, &'static str> {
    let prefix = "expected a bcrypt hash of prefix $2a$, $2b$ or $2y$, but found another prefix";
    let (version, rest) = match text.as_bytes() {
        [b'$', b'2', version @ (b'a' | b'b' | b'y'), b'$', rest @ ..] => (*version, rest),
        _ => return Err(prefix),
    };
    let (cost, body) = match rest {
        [tens @ b'0'..=b'3', ones @ b'0'..=b'9', b'$', body @ ..] => {
            ((tens - b'0') * 10 + (ones - b'0'), body)
        }
        _ => (0, rest),
    };
    if !(4..=31).contains(&cost) {
        return Err("expected a bcrypt cost of two digits from 04 to 31, but found another");
    }
    if !body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/')) {
        return Err(
            "expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found others among them",
        );
    }
    match body.len() {
        53 => {
            let (salt, hash) = text[text.len() - 53..].split_at(22);
            let canonical = is_canonical(salt, BCRYPT_BASE64) && is_canonical(hash, BCRYPT_BASE64);
            Ok(Bcrypt { version, cost, canonical })
        }
        54 => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found 54"),
        0..53 => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found fewer"),
        _ => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found more"),
    }
}

/// Returns the cost, the salt (22 characters) and the checksum (31 characters) of a bcrypt hash. `None` if it is not one.
pub(crate) fn parts(text: &str) -> Option<(u8, &str, &str)> {
    let Bcrypt { cost, .. } = read(text).ok()?;
    let (salt, checksum) = text[text.len() - 53..].split_at(22);
    Some((cost, salt, checksum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_nonzero_unused_bits() {
        const SALT_AND_HASH: &str = "nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";
        let canonical = |body: &str| read(&format!("$2b$10${body}")).unwrap().canonical;
        assert!(canonical(SALT_AND_HASH));
        for (last, &digit) in BCRYPT_BASE64.iter().enumerate() {
            let digit = char::from(digit);
            let salt = format!("{}{digit}{}", &SALT_AND_HASH[..21], &SALT_AND_HASH[22..]);
            let hash = format!("{}{digit}", &SALT_AND_HASH[..52]);
            assert_eq!((canonical(&salt), canonical(&hash)), (last % 16 == 0, last % 4 == 0), "{digit}");
        }
    }
}
