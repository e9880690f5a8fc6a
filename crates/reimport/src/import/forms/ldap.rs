//! Checks LDAP password values as in RFC 2307: a scheme in braces, then Base64.

use super::encoding::base64_length;

/// What is wrong with an LDAP password value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LdapFault {
    /// The form is wrong. Holds the message of the problem.
    Form(&'static str),
    /// The value encodes another number of bytes than its scheme produces.
    Length {
        /// The number of bytes of the digest.
        expected: usize,
        /// Whether a salt must follow the digest.
        salted: bool,
        /// The number of bytes found.
        found: usize,
    },
}

/// Checks a value such as `{SSHA}…`. Schemes are md5, smd5, and all kinds of sha and ssha, in any case.
pub(super) fn judge(text: &str) -> Result<(), LdapFault> {
    let (scheme, encoded) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or(
        LdapFault::Form("expected a scheme in braces, as in {SSHA}, and Base64, but found another form"),
    )?;
    let (expected, salted) = bytes_of(scheme).ok_or(if scheme.eq_ignore_ascii_case("crypt") {
        LdapFault::Form(
            "expected a scheme of md5, smd5, sha or ssha, but found {CRYPT}, which cannot be imported",
        )
    } else {
        LdapFault::Form("expected a scheme of md5, smd5, sha or ssha, but found another")
    })?;
    let found = base64_length(encoded)
        .ok_or(LdapFault::Form("expected Base64 after the scheme, but found another string"))?;
    let fits = if salted { found > expected } else { found == expected };
    if fits { Ok(()) } else { Err(LdapFault::Length { expected, salted, found }) }
}

/// Returns the number of bytes of a scheme's digest, and whether a salt follows it.
fn bytes_of(scheme: &str) -> Option<(usize, bool)> {
    const SCHEMES: [(&str, usize, bool); 14] = [
        ("MD5", 16, false),
        ("SMD5", 16, true),
        ("SHA", 20, false),
        ("SHA1", 20, false),
        ("SSHA", 20, true),
        ("SSHA1", 20, true),
        ("SHA224", 28, false),
        ("SSHA224", 28, true),
        ("SHA256", 32, false),
        ("SSHA256", 32, true),
        ("SHA384", 48, false),
        ("SSHA384", 48, true),
        ("SHA512", 64, false),
        ("SSHA512", 64, true),
    ];
    let known = SCHEMES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(scheme))?;
    Some((known.1, known.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_can_have_a_salt_only_in_salted_schemes() {
        let sextets = |bytes: usize| "A".repeat((bytes * 4).div_ceil(3));
        for (scheme, bytes) in [
            ("MD5", 16),
            ("SHA", 20),
            ("sha1", 20),
            ("SHA224", 28),
            ("sha256", 32),
            ("SHA384", 48),
            ("SHA512", 64),
        ] {
            assert_eq!(judge(&format!("{{{scheme}}}{}", sextets(bytes))), Ok(()), "{scheme}");
            assert_eq!(
                judge(&format!("{{{scheme}}}{}", sextets(bytes + 8))),
                Err(LdapFault::Length { expected: bytes, salted: false, found: bytes + 8 })
            );
            assert_eq!(judge(&format!("{{s{scheme}}}{}", sextets(bytes + 8))), Ok(()), "s{scheme}");
            assert_eq!(
                judge(&format!("{{s{scheme}}}{}", sextets(bytes))),
                Err(LdapFault::Length { expected: bytes, salted: true, found: bytes })
            );
        }
    }

    #[test]
    fn other_schemes_and_forms_do_not_pass() {
        for bad in
            ["", "{SSHA", "SSHA}AAAA", "{}AAAA", "{CRYPT}$1$x$y", "{crypt}x", "{MD5} AAAA", "{BLAKE2}AAAA"]
        {
            assert!(matches!(judge(bad), Err(LdapFault::Form(_))), "{bad}");
        }
    }
}
