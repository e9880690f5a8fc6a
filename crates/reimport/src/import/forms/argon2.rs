//! Checks the PHC strings of argon2.

use super::encoding::{BASE64, is_canonical, phc_base64_length};
use super::phc::parameters;

/// Checks `$argon2id$v=19$m=65536,t=2,p=1$salt$hash` as strictly as libsodium, with which the service verifies it. No
/// part is optional, and each part can be written in one way only.
pub(super) fn judge(text: &str) -> Result<(), &'static str> {
    const FORM: &str = "expected $argon2id$v=19$m=…,t=…,p=…$salt$hash (or argon2i), but found another form";
    let mut parts = text.strip_prefix("$argon2").ok_or(FORM)?.split('$');
    match parts.next() {
        Some("i" | "id") => {}
        Some("d") => return Err("expected argon2id or argon2i, but found argon2d, which cannot be verified"),
        _ => return Err(FORM),
    }
    let part = parts.next().ok_or(FORM)?;
    match part.strip_prefix("v=") {
        Some("19") => {}
        Some(_) => return Err("expected version 19 of argon2, but found another, which cannot be verified"),
        None => return Err("expected v=19 after the name of argon2, but found no version"),
    }
    let part = parts.next().ok_or(FORM)?;
    let [Some(m), Some(t), Some(p)] = parameters(part, ["m", "t", "p"]).ok_or(FORM)? else {
        return Err(FORM);
    };
    if !part.split(',').filter_map(|parameter| parameter.bytes().next()).eq(*b"mtp") {
        return Err("expected the parameters of argon2 in the order m, t, p, but found another order");
    }
    let (salt, hash) = (parts.next().ok_or(FORM)?, parts.next().ok_or(FORM)?);
    let lengths = (phc_base64_length(salt), phc_base64_length(hash));
    let ((Some(salt_length), Some(hash_length)), None) = (lengths, parts.next()) else { return Err(FORM) };
    // The maximum number of lanes in libsodium.
    if p >= 1 << 24 {
        return Err("expected p below 16777216, but found more, which cannot be verified");
    }
    if t == 0 || p == 0 || m / 8 < p {
        return Err("expected m of at least 8 times p, t and p of at least 1, but found less");
    }
    if salt_length < 8 || hash_length < 16 {
        return Err("expected a salt of at least 8 and a hash of at least 16 bytes, but found fewer");
    }
    if !is_canonical(salt, BASE64) || !is_canonical(hash, BASE64) {
        return Err(
            "expected Base64 whose unused last bits are 0, but found others, which cannot be verified",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const SALT: &str = "A4/J2yyhaZmmGP+A823F4g";
    const HASH: &str = "6N4QmAvy3zKTUBCgowA55QZbyM93et5MHunmueyB8t0";

    fn of(template: &str) -> String {
        template.replace("SALT", SALT).replace("HASH", HASH)
    }

    #[test]
    fn verifiable_strings_pass() {
        let bytes_64 = "A".repeat(86);
        for (head, hash) in [
            ("$argon2id$v=19$m=65536,t=2,p=1", HASH),
            ("$argon2i$v=19$m=4096,t=3,p=1", HASH),
            ("$argon2id$v=19$m=1048576,t=1,p=4", HASH),
            ("$argon2id$v=19$m=4294967295,t=4294967295,p=1", &bytes_64),
            ("$argon2id$v=19$m=8,t=1,p=1", "aI/sRNvyqDndzcL1xoU9Sw"),
        ] {
            assert_eq!(judge(&format!("{head}${SALT}${hash}")), Ok(()), "{head}");
        }
    }

    #[test]
    fn strings_unsupported_by_libsodium_state_the_reason() {
        let version = "expected version 19 of argon2, but found another, which cannot be verified";
        let order = "expected the parameters of argon2 in the order m, t, p, but found another order";
        let short = "expected a salt of at least 8 and a hash of at least 16 bytes, but found fewer";
        let bits = "expected Base64 whose unused last bits are 0, but found others, which cannot be verified";
        for (template, message) in [
            (
                "$argon2d$v=19$m=64,t=1,p=1$SALT$HASH",
                "expected argon2id or argon2i, but found argon2d, which cannot be verified",
            ),
            (
                "$argon2id$m=64,t=1,p=1$SALT$HASH",
                "expected v=19 after the name of argon2, but found no version",
            ),
            (
                "$argon2id$v=19$m=4294967295,t=1,p=16777216$SALT$HASH",
                "expected p below 16777216, but found more, which cannot be verified",
            ),
            ("$argon2id$v=16$m=64,t=1,p=1$SALT$HASH", version),
            ("$argon2id$v=019$m=64,t=1,p=1$SALT$HASH", version),
            ("$argon2id$v=19$t=2,m=65536,p=1$SALT$HASH", order),
            ("$argon2id$v=19$p=1,m=65536,t=2$SALT$HASH", order),
            ("$argon2id$v=19$m=64,t=1,p=1$SALT$aI/sRNvyqDndzcL1xoU9", short),
            ("$argon2id$v=19$m=64,t=1,p=1$c2hvcnQ$HASH", short),
            ("$argon2id$v=19$m=64,t=1,p=1$SALT$aI/sRNvyqDndzcL1xoU9Sx", bits),
            ("$argon2id$v=19$m=64,t=1,p=1$A4/J2yyhaZmmGP+A823F4h$HASH", bits),
        ] {
            assert_eq!(judge(&of(template)), Err(message), "{template}");
        }
    }

    #[test]
    fn broken_strings_do_not_pass() {
        for bad in [
            "",
            "$argon2",
            "$argon2id",
            "$argon2x$v=19$m=65536,t=2,p=1$SALT$HASH",
            "argon2id$v=19$m=65536,t=2,p=1$SALT$HASH",
            "$argon2id$v=18$m=65536,t=2,p=1$SALT$HASH",
            "$argon2id$v=19$m=65536,t=2$SALT$HASH",
            "$argon2id$v=19$m=65536,t=2,p=1,x=1$SALT$HASH",
            "$argon2id$v=19$m=65536,m=65536,t=2,p=1$SALT$HASH",
            "$argon2id$v=19$m=065536,t=2,p=1$SALT$HASH",
            "$argon2id$v=19$m=99999999999,t=2,p=1$SALT$HASH",
            "$argon2id$v=19$m=65536,t=0,p=1$SALT$HASH",
            "$argon2id$v=19$m=65536,t=1,p=0$SALT$HASH",
            "$argon2id$v=19$m=15,t=1,p=2$SALT$HASH",
            "$argon2id$v=19$m=65536,t=2,p=1$SALT",
            "$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH$",
            "$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH=",
            "$argon2id$v=19$m=65536,t=2,p=1$SALT$abc",
            "$argon2id$v=19$m=+5536,t=2,p=1$SALT$HASH",
        ] {
            assert!(judge(&of(bad)).is_err(), "{bad}");
        }
    }

    /// Returns one of `texts`, and whether it is valid: mostly the first one, which is valid, else one that is not.
    fn part(texts: &'static [&'static str]) -> impl Strategy<Value = (&'static str, bool)> {
        prop_oneof![
            6 => Just((texts[0], true)),
            1 => select(&texts[1..]).prop_map(|text| (text, false)),
        ]
    }

    proptest! {
        /// Combines parts that are known to be valid or not. Most strings have no more than one bad part.
        #[test]
        fn string_passes_if_each_part_is_valid(
            kind in part(&["id", "d", "ID", ""]),
            version in part(&["v=19$", "v=16$", "", "v=$", "v=19$v=19$"]),
            order in part(&["mtp", "mpt", "tpm", "tmp", "mt", "mtpp"]),
            (m, t, p) in (6_u32..80, prop_oneof![1 => Just(0_u32), 9 => 1..5_u32], prop_oneof![1 => Just(0_u32), 9 => 1..3_u32]),
            (salt, hash) in (vec(any::<u8>(), 7..20), vec(any::<u8>(), 13..40)),
            // Only a few of the bits may be other than 0.
            (salt_bits, hash_bits) in (part(&["", "x"]), part(&["", "x"])),
            bits in 1_usize..16,
        ) {
            let parameters: Vec<_> = order.0.chars().map(|name| format!("{name}={}", match name {
                'm' => m,
                't' => t,
                _ => p,
            })).collect();
            let (salt_text, salt_good) = encoded(&salt, if salt_bits.1 { 0 } else { bits });
            let (hash_text, hash_good) = encoded(&hash, if hash_bits.1 { 0 } else { bits });
            let text = format!("$argon2{}${}{}${salt_text}${hash_text}", kind.0, version.0, parameters.join(","));
            let good = kind.1
                && version.1
                && order.1
                && (t >= 1 && p >= 1 && m >= 8 * p)
                && (salt.len() >= 8 && hash.len() >= 16)
                && (salt_good && hash_good);
            prop_assert_eq!(judge(&text).is_ok(), good, "{}", text);
        }
    }

    /// Encodes bit by bit, with `bits` as the unused bits. Also returns whether the unused bits are 0.
    fn encoded(bytes: &[u8], bits: usize) -> (String, bool) {
        let mut all: Vec<bool> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        let used = all.len();
        while !all.len().is_multiple_of(6) {
            all.push(bits >> (all.len() - used) & 1 == 1);
        }
        let digits = all.chunks(6).map(|six| six.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit)));
        (digits.map(|digit| char::from(BASE64[digit])).collect(), !all[used..].contains(&true))
    }
}
