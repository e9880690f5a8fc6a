//! Checks the PHC strings of pbkdf2.

use super::encoding::phc_base64_length;
use super::phc::parameters;

/// What is wrong with a pbkdf2 string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pbkdf2Fault {
    /// The form is wrong. Holds the message of the problem.
    Form(&'static str),
    /// The hash has another length than `l`.
    Length {
        /// The `l` of the string. Without it, [`DEFAULT_LENGTH`] applies.
        l: Option<u64>,
        /// The number of bytes found.
        found: usize,
    },
}

/// The number of bytes of a pbkdf2 hash without `l`, for every digest.
pub(super) const DEFAULT_LENGTH: u64 = 64;

/// Checks `$pbkdf2-sha256$i=1000,l=32$salt$hash`. The default of `i` is 100000, the default of `l` is
/// [`DEFAULT_LENGTH`].
pub(super) fn judge(text: &str) -> Result<(), Pbkdf2Fault> {
    const FORM: Pbkdf2Fault =
        Pbkdf2Fault::Form("expected $pbkdf2-DIGEST$i=…,l=…$salt$hash, but found another form");
    let mut parts = text.strip_prefix("$pbkdf2-").ok_or(FORM)?.split('$');
    let digest = parts.next().ok_or(FORM)?;
    let mut rest = parts.clone();
    let [i, l] = match parts.next().and_then(|part| parameters(part, ["i", "l"])) {
        Some(found) => {
            rest = parts;
            found
        }
        // The whole part with the parameters may be missing.
        None => [None, None],
    };
    let (salt, hash) = salt_and_hash(&mut rest).ok_or(FORM)?;
    if !DIGESTS.contains(&digest) {
        return Err(Pbkdf2Fault::Form(
            "expected a digest that pbkdf2 knows, as in pbkdf2-sha256, but found another",
        ));
    }
    if i == Some(0) || l == Some(0) {
        return Err(Pbkdf2Fault::Form("expected i and l of at least 1, but found 0"));
    }
    if salt == 0 {
        return Err(Pbkdf2Fault::Form("expected a salt in the pbkdf2 string, but found an empty one"));
    }
    if u64::try_from(hash) != Ok(l.unwrap_or(DEFAULT_LENGTH)) {
        return Err(Pbkdf2Fault::Length { l, found: hash });
    }
    Ok(())
}

/// The digests in the documentation, in its order.
const DIGESTS: [&str; 33] = [
    "RSA-MD4",
    "RSA-MD5",
    "RSA-MDC2",
    "RSA-RIPEMD160",
    "RSA-SHA1",
    "RSA-SHA1-2",
    "RSA-SHA224",
    "RSA-SHA256",
    "RSA-SHA384",
    "RSA-SHA512",
    "md4",
    "md4WithRSAEncryption",
    "md5",
    "md5WithRSAEncryption",
    "mdc2",
    "mdc2WithRSA",
    "ripemd",
    "ripemd160",
    "ripemd160WithRSA",
    "rmd160",
    "sha1",
    "sha1WithRSAEncryption",
    "sha224",
    "sha224WithRSAEncryption",
    "sha256",
    "sha256WithRSAEncryption",
    "sha384",
    "sha384WithRSAEncryption",
    "sha512",
    "sha512WithRSAEncryption",
    "ssl3-md5",
    "ssl3-sha1",
    "whirlpool",
];

/// Returns the lengths of the salt and the hash. Returns `None` if other parts follow.
fn salt_and_hash<'t>(parts: &mut impl Iterator<Item = &'t str>) -> Option<(usize, usize)> {
    let salt = phc_base64_length(parts.next()?)?;
    let hash = phc_base64_length(parts.next()?)?;
    parts.next().is_none().then_some((salt, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "A4/J2yyhaZmmGP+A823F4g";
    const HASH: &str = "6N4QmAvy3zKTUBCgowA55QZbyM93et5MHunmueyB8t0";

    fn of(template: &str) -> String {
        template.replace("SALT", SALT).replace("HASH", HASH)
    }

    #[test]
    fn strings_pass_with_default_parameters() {
        let long = "A".repeat(86);
        for (head, hash) in [
            ("$pbkdf2-sha256$i=1000,l=32", HASH),
            ("$pbkdf2-sha512$l=32,i=1", HASH),
            ("$pbkdf2-RSA-SHA256$l=32", HASH),
            ("$pbkdf2-sha1WithRSAEncryption$i=5,l=32", HASH),
            ("$pbkdf2-ssl3-sha1$i=5", &*long),
            ("$pbkdf2-md5", &*long),
        ] {
            assert_eq!(judge(&format!("{head}${SALT}${hash}")), Ok(()), "{head}");
        }
    }

    #[test]
    fn only_documented_digests_pass() {
        let judged = |digest: &str| judge(&of(&format!("$pbkdf2-{digest}$l=32$SALT$HASH")));
        for digest in DIGESTS {
            assert_eq!(judged(digest), Ok(()), "{digest}");
        }
        let message = "expected a digest that pbkdf2 knows, as in pbkdf2-sha256, but found another";
        for other in [
            "",
            "RSA-",
            "RSA-FOO",
            "RSA-SHA3-256",
            "RSA-md5",
            "WithRSA",
            "fooWithRSA",
            "sha256WithRSA",
            "mdc2WithRSAEncryption",
            "sha3",
            "sha3-256",
            "blake2b512",
            "SHA256",
            "sha-256",
        ] {
            assert_eq!(judged(other), Err(Pbkdf2Fault::Form(message)), "{other}");
        }
    }

    #[test]
    fn broken_strings_do_not_pass() {
        for bad in [
            "",
            "$pbkdf2$i=1,l=32$SALT$HASH",
            "$pbkdf2-$i=1,l=32$SALT$HASH",
            "$pbkdf2-sha256$i=1,l=0$SALT$",
            "$pbkdf2-sha256$i=0,l=32$SALT$HASH",
            "$pbkdf2-sha256$i=1,l=32,c=4$SALT$HASH",
            "$pbkdf2-sha256$i=1,l=32$SALT$HASH=",
            "$pbkdf2-sha256$i=1,l=32$$HASH",
            "$pbkdf2-sha256$i=1,l=32$SALT",
            "$pbkdf2-sha256$i=1,l=32$SALT$HASH$x",
            "$pbkdf2_sha256$1000$SALT$HASH",
        ] {
            assert!(matches!(judge(&of(bad)), Err(Pbkdf2Fault::Form(_))), "{bad}");
        }
    }

    #[test]
    fn hash_has_the_length_of_parameter_l() {
        let judged = |parameters: &str| judge(&of(&format!("$pbkdf2-sha256{parameters}$SALT$HASH")));
        assert_eq!(judged("$i=1,l=32"), Ok(()));
        assert_eq!(judged("$i=1,l=64"), Err(Pbkdf2Fault::Length { l: Some(64), found: 32 }));
        assert_eq!(judged("$i=1"), Err(Pbkdf2Fault::Length { l: None, found: 32 }));
        assert_eq!(judged(""), Err(Pbkdf2Fault::Length { l: None, found: 32 }));
    }
}
