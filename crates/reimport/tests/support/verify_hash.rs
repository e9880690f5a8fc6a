//! Verifies a password against a `custom_password_hash`, as described in the documentation of the importer.

use argon2::{Argon2, Params, Version};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};
use pbkdf2::pbkdf2_hmac;
use ripemd::Ripemd160;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use whirlpool::Whirlpool;

fn text<'h>(hash: &'h Value, path: &str) -> Option<&'h str> {
    hash.pointer(path).map(|value| value.as_str().unwrap())
}

/// Returns a number as JavaScript reads it: `64.0` is 64.
fn number(hash: &Value, name: &str, default: u32) -> u32 {
    hash.get(name).map_or(default, |value| u32::try_from(value.as_f64().unwrap() as i64).unwrap())
}

/// Decodes base64 in either alphabet, with or without padding.
fn base64(text: &str) -> Vec<u8> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = text.replace('-', "+").replace('_', "/");
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(text).unwrap()
}

fn decoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf8" => text.as_bytes().to_vec(),
        "base64" => base64(text),
        "hex" => {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        }
        other => panic!("{other}"),
    }
}

/// Decodes a value with its encoding.
fn bytes(object: &Value) -> Vec<u8> {
    decoded(text(object, "/value").unwrap(), text(object, "/encoding").unwrap_or("utf8"))
}

fn password_bytes(hash: &Value, password: &str) -> Vec<u8> {
    match text(hash, "/password/encoding").unwrap_or("utf8") {
        "utf8" => password.as_bytes().to_vec(),
        "utf16le" | "ucs2" => password.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        // As in JavaScript: one byte per character.
        "ascii" | "latin1" | "binary" => password.chars().map(|char| u32::from(char) as u8).collect(),
        other => panic!("{other}"),
    }
}

/// Returns the salt and the password in their order.
fn salted(hash: &Value, password: &[u8]) -> Vec<u8> {
    let Some(salt) = hash.get("salt") else { return password.to_vec() };
    let salt = bytes(salt);
    match text(hash, "/salt/position").unwrap_or("prefix") {
        "prefix" => [&salt, password].concat(),
        _ => [password, &salt].concat(),
    }
}

fn digest(name: &str, data: &[u8]) -> Vec<u8> {
    match name {
        "md4" => Md4::digest(data).to_vec(),
        "md5" => Md5::digest(data).to_vec(),
        "sha1" => Sha1::digest(data).to_vec(),
        "sha224" => Sha224::digest(data).to_vec(),
        "sha256" => Sha256::digest(data).to_vec(),
        "sha384" => Sha384::digest(data).to_vec(),
        "sha512" => Sha512::digest(data).to_vec(),
        other => panic!("{other}"),
    }
}

/// Returns the OpenSSL name of a digest, which may have an older name.
fn plain_name(digest: &str) -> String {
    let lower = digest.to_lowercase();
    let name = lower.trim_start_matches("rsa-").trim_start_matches("ssl3-");
    let name = name.trim_end_matches("withrsaencryption").trim_end_matches("withrsa");
    match name {
        "sha1-2" => "sha1",
        "ripemd" | "rmd160" => "ripemd160",
        name => name,
    }
    .to_owned()
}

/// Calls `$function::<D>` with the digest of this name.
macro_rules! with_digest {
    ($name:expr, $function:ident $arguments:tt) => {
        match $name {
            "md4" => $function::<Md4> $arguments,
            "md5" => $function::<Md5> $arguments,
            "ripemd160" => $function::<Ripemd160> $arguments,
            "sha1" => $function::<Sha1> $arguments,
            "sha224" => $function::<Sha224> $arguments,
            "sha256" => $function::<Sha256> $arguments,
            "sha384" => $function::<Sha384> $arguments,
            "sha512" => $function::<Sha512> $arguments,
            "whirlpool" => $function::<Whirlpool> $arguments,
            other => panic!("{other}"),
        }
    };
}

fn mac<D: hmac::EagerHash>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<D>>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// Returns a parameter of `a=1,b=2`. `None` if it is missing.
fn parameter(parameters: &str, name: &str) -> Option<u32> {
    parameters.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

/// Returns the memory of an argon2 hash, in KiB.
pub(crate) fn argon2_kib(hash: &Value) -> Option<u64> {
    let parameters = text(hash, "/hash/value")?.strip_prefix("$argon2")?.split('$').nth(2)?;
    parameter(parameters, "m").map(u64::from)
}

fn argon2(value: &str, password: &[u8]) -> bool {
    let parts: Vec<&str> = value.split('$').collect();
    let ["", kind, "v=19", parameters, salt, hash] = parts[..] else { panic!("{value}") };
    let [m, t, p] = ["m", "t", "p"].map(|name| parameter(parameters, name).unwrap());
    let (salt, expected) = (base64(salt), base64(hash));
    let params = Params::new(m, t, p, Some(expected.len())).unwrap();
    let mut made = vec![0; expected.len()];
    let argon2 = Argon2::new(kind.parse().unwrap(), Version::V0x13, params);
    argon2.hash_password_into(password, &salt, &mut made).unwrap();
    made == expected
}

fn pbkdf2(value: &str, password: &[u8]) -> bool {
    let mut parts: Vec<&str> = value.strip_prefix("$pbkdf2-").unwrap().split('$').collect();
    if parts.len() == 3 {
        parts.insert(1, "");
    }
    let [name, parameters, salt, hash] = parts[..] else { panic!("{value}") };
    let (salt, expected) = (base64(salt), base64(hash));
    let (rounds, length) =
        (parameter(parameters, "i").unwrap_or(100_000), parameter(parameters, "l").unwrap_or(64));
    let mut made = vec![0; length as usize];
    with_digest!(&*plain_name(name), pbkdf2_hmac(password, &salt, rounds, &mut made));
    made == expected
}

fn ldap(value: &str, password: &[u8]) -> bool {
    let (scheme, data) = value.strip_prefix('{').unwrap().split_once('}').unwrap();
    let scheme = scheme.to_lowercase();
    let name = scheme.strip_prefix('s').filter(|name| name.starts_with(['s', 'm'])).unwrap_or(&scheme);
    let name = if name == "sha" { "sha1" } else { name };
    let data = base64(data);
    let (expected, salt) = data.split_at(digest(name, b"").len());
    digest(name, &[password, salt].concat()) == expected
}

fn scrypt(hash: &Value, password: &[u8]) -> Vec<u8> {
    let salt = hash.get("salt").map(bytes).unwrap_or_default();
    let log_n = number(hash, "cost", 16384).ilog2() as u8;
    let (r, p) = (number(hash, "blockSize", 8), number(hash, "parallelization", 1));
    let params = scrypt::Params::new(log_n, r, p).unwrap();
    let mut made = vec![0; number(hash, "keylen", 0) as usize];
    scrypt::scrypt(password, &salt, &params, &mut made).unwrap();
    made
}

/// Returns whether the hash is a hash of this password.
pub(crate) fn verifies(hash: &Value, password: &str) -> bool {
    let password = password_bytes(hash, password);
    let value = text(hash, "/hash/value").unwrap();
    let algorithm = text(hash, "/algorithm").unwrap();
    let made = match algorithm {
        "argon2" => return argon2(value, &password),
        "bcrypt" => return bcrypt::verify(salted(hash, &password), value).unwrap(),
        "ldap" => return ldap(value, &password),
        "pbkdf2" => return pbkdf2(value, &password),
        "scrypt" => scrypt(hash, &password),
        "hmac" => {
            let key = bytes(&hash["hash"]["key"]);
            with_digest!(text(hash, "/hash/digest").unwrap(), mac(&key, &password))
        }
        _ => digest(algorithm, &salted(hash, &password)),
    };
    made == bytes(&hash["hash"])
}
