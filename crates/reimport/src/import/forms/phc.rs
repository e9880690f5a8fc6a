//! Hashes whose text holds everything: bcrypt, and the PHC strings of argon2 and pbkdf2.
//!
//! Each is judged by its form. Padding bits are not looked at: many encoders leave them in any state.
//! What is wrong comes back as the sentence of the problem.

use super::encoding::phc_base64_length;

type Judged<T> = Result<T, &'static str>;

/// What a bcrypt text says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bcrypt {
    /// `a`, `b` or `y`.
    pub(super) version: u8,
    /// From 4 to 31.
    pub(super) cost: u8,
}

/// Reads `$2a$10$` and its 53 characters.
pub(super) fn bcrypt(text: &str) -> Judged<Bcrypt> {
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
        53 => Ok(Bcrypt { version, cost }),
        54 => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found 54"),
        0..53 => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found fewer"),
        _ => Err("expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found more"),
    }
}

/// Judges `$argon2id$v=19$m=65536,t=2,p=1$salt$hash`.
///
/// Without `v` it is version 16, as encoders before 2015 wrote it. The parameters stand in any order.
pub(super) fn argon2(text: &str) -> Judged<()> {
    const FORM: &str =
        "expected $argon2id$v=19$m=…,t=…,p=…$salt$hash (or argon2i, argon2d), but found another form";
    const RANGE: &str = "expected m of at least 8 times p, t and p of at least 1, but found less";
    let mut parts = text.strip_prefix("$argon2").ok_or(FORM)?.split('$');
    if !matches!(parts.next(), Some("i" | "d" | "id")) {
        return Err(FORM);
    }
    let mut part = parts.next().ok_or(FORM)?;
    if let Some(version) = part.strip_prefix("v=") {
        if !matches!(version, "16" | "19") {
            return Err("expected version 19 or 16 of argon2, but found another");
        }
        part = parts.next().ok_or(FORM)?;
    }
    let [m, t, p] = parameters(part, ["m", "t", "p"]).ok_or(FORM)?;
    let (Some(m), Some(t), Some(p)) = (m, t, p) else { return Err(FORM) };
    let (salt, hash) = salt_and_hash(&mut parts).ok_or(FORM)?;
    if t == 0 || p == 0 || m / 8 < p {
        return Err(RANGE);
    }
    if salt < 8 || hash < 4 {
        return Err("expected a salt of at least 8 and a hash of at least 4 bytes, but found fewer");
    }
    Ok(())
}

/// What is wrong with a pbkdf2 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pbkdf2Fault {
    /// Its form, with the sentence of the problem.
    Form(&'static str),
    /// Its hash has not the length that it says itself.
    Length {
        /// The bytes that `l` says.
        expected: u64,
        /// The bytes there are.
        found: usize,
    },
}

/// Judges `$pbkdf2-sha256$i=1000,l=32$salt$hash`; without `i` it is 100000, without `l` 64.
pub(super) fn pbkdf2(text: &str) -> Result<(), Pbkdf2Fault> {
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
        // The part with the parameters may be missing whole.
        None => [None, None],
    };
    let (salt, hash) = salt_and_hash(&mut rest).ok_or(FORM)?;
    if !is_pbkdf2_digest(digest) {
        return Err(Pbkdf2Fault::Form(
            "expected a digest that pbkdf2 knows, as in pbkdf2-sha256, but found another",
        ));
    }
    let expected = l.unwrap_or(64);
    if i == Some(0) || expected == 0 {
        return Err(Pbkdf2Fault::Form("expected i and l of at least 1, but found 0"));
    }
    if salt == 0 {
        return Err(Pbkdf2Fault::Form("expected a salt in the pbkdf2 string, but found an empty one"));
    }
    if u64::try_from(hash) != Ok(expected) {
        return Err(Pbkdf2Fault::Length { expected, found: hash });
    }
    Ok(())
}

/// The names that the documentation lists, and its two families of longer ones.
fn is_pbkdf2_digest(name: &str) -> bool {
    let longer = |part: Option<&str>| part.is_some_and(|part| !part.is_empty());
    matches!(
        name,
        "sha1"
            | "sha224"
            | "sha256"
            | "sha384"
            | "sha512"
            | "md4"
            | "md5"
            | "mdc2"
            | "whirlpool"
            | "ripemd"
            | "ripemd160"
            | "rmd160"
            | "ssl3-md5"
            | "ssl3-sha1"
    ) || longer(name.strip_prefix("RSA-").filter(|rest| is_identifier(rest)))
        || longer(
            name.strip_suffix("WithRSAEncryption")
                .or_else(|| name.strip_suffix("WithRSA"))
                .filter(|rest| is_identifier(rest)),
        )
}

fn is_identifier(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/'))
}

/// Reads `a=1,b=2`: each of `names` at most once, in any order, nothing else.
fn parameters<const N: usize>(text: &str, names: [&str; N]) -> Option<[Option<u64>; N]> {
    let mut found = [None; N];
    for part in text.split(',') {
        let (name, number) = part.split_once('=')?;
        let slot = names.iter().zip(&mut found).find(|(known, _)| **known == name)?.1;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit())
            && !(number.len() > 1 && number.starts_with('0'));
        let number = number.parse::<u64>().ok().filter(|number| plain && u32::try_from(*number).is_ok())?;
        if slot.replace(number).is_some() {
            return None;
        }
    }
    Some(found)
}

/// The lengths of the last two parts, and that they are the last.
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

    #[test]
    fn argon2_strings_of_every_kind_pass() {
        for head in [
            "$argon2id$v=19$m=65536,t=2,p=1",
            "$argon2i$v=19$m=4096,t=3,p=1",
            "$argon2d$v=16$m=8,t=1,p=1",
            "$argon2id$m=64,t=1,p=8",
            "$argon2id$v=19$t=2,p=1,m=65536",
        ] {
            assert_eq!(argon2(&format!("{head}${SALT}${HASH}")), Ok(()), "{head}");
        }
    }

    #[test]
    fn broken_argon2_strings_do_not() {
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
            "$argon2id$v=19$m=65536,t=2,p=1$c2hvcnQ$HASH",
            "$argon2id$v=19$m=65536,t=2,p=1$SALT$abc",
            "$argon2id$v=19$m=+5536,t=2,p=1$SALT$HASH",
        ] {
            let text = bad.replace("SALT", SALT).replace("HASH", HASH);
            assert!(argon2(&text).is_err(), "{bad}");
        }
    }

    #[test]
    fn pbkdf2_strings_pass_with_their_defaults() {
        let long = "A".repeat(86);
        for (head, hash) in [
            ("$pbkdf2-sha256$i=1000,l=32", HASH),
            ("$pbkdf2-sha512$l=32,i=1", HASH),
            ("$pbkdf2-RSA-SHA256$l=32", HASH),
            ("$pbkdf2-sha1WithRSAEncryption$i=5,l=32", HASH),
            ("$pbkdf2-ssl3-sha1$i=5", &*long),
            ("$pbkdf2-md5", &*long),
        ] {
            assert_eq!(pbkdf2(&format!("{head}${SALT}${hash}")), Ok(()), "{head}");
        }
    }

    #[test]
    fn broken_pbkdf2_strings_do_not() {
        for bad in [
            "",
            "$pbkdf2$i=1,l=32$SALT$HASH",
            "$pbkdf2-$i=1,l=32$SALT$HASH",
            "$pbkdf2-sha3$i=1,l=32$SALT$HASH",
            "$pbkdf2-RSA-$i=1,l=32$SALT$HASH",
            "$pbkdf2-sha256$i=0,l=32$SALT$HASH",
            "$pbkdf2-sha256$i=1,l=32,c=4$SALT$HASH",
            "$pbkdf2-sha256$i=1,l=32$SALT$HASH=",
            "$pbkdf2-sha256$i=1,l=32$$HASH",
            "$pbkdf2-sha256$i=1,l=32$SALT",
            "$pbkdf2-sha256$i=1,l=32$SALT$HASH$x",
            "$pbkdf2_sha256$1000$SALT$HASH",
        ] {
            let text = bad.replace("SALT", SALT).replace("HASH", HASH);
            assert!(matches!(pbkdf2(&text), Err(Pbkdf2Fault::Form(_))), "{bad}");
        }
        let wrong = pbkdf2(&format!("$pbkdf2-sha256$i=1${SALT}${HASH}"));
        assert_eq!(wrong, Err(Pbkdf2Fault::Length { expected: 64, found: 32 }));
    }
}
