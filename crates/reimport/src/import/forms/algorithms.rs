//! The algorithms of `custom_password_hash`: the encodings and salts that each accepts, and the form of its value.

use super::bcrypt::{self, Bcrypt};
use super::encoding::{base64_length, hex_length};
use super::{argon2, ldap, pbkdf2};

/// One of the eleven algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Argon2,
    Bcrypt,
    Hmac,
    Ldap,
    Md4,
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Pbkdf2,
    Scrypt,
}

/// The encoding of a hash, a salt or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Base64,
    Hex,
    Utf8,
}

/// What is wrong with a hash value, with the message of the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AlgorithmFault {
    Form(&'static str),
    Length(String),
}

/// The names of algorithms, encodings, digests, positions and password encodings, in schema order.
pub(super) const ALGORITHMS: [&str; 11] =
    ["argon2", "bcrypt", "hmac", "ldap", "md4", "md5", "sha1", "sha256", "sha512", "pbkdf2", "scrypt"];
pub(super) const ENCODINGS: [&str; 3] = ["base64", "hex", "utf8"];
pub(super) const DIGESTS: [&str; 9] =
    ["md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"];
pub(super) const POSITIONS: [&str; 2] = ["prefix", "suffix"];
pub(super) const PASSWORD_ENCODINGS: [&str; 6] = ["ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"];

impl Algorithm {
    /// Returns the algorithm at this index in [`ALGORITHMS`].
    pub(super) fn at(place: usize) -> Option<Self> {
        use Algorithm::{Argon2, Bcrypt, Hmac, Ldap, Md4, Md5, Pbkdf2, Scrypt, Sha1, Sha256, Sha512};
        [Argon2, Bcrypt, Hmac, Ldap, Md4, Md5, Sha1, Sha256, Sha512, Pbkdf2, Scrypt].get(place).copied()
    }

    /// Returns whether the value is a string in the algorithm's own format, with the encoding `utf8` or none. The
    /// values of all other algorithms are bytes, with the encoding `hex` or `base64`.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Argon2 | Self::Bcrypt | Self::Ldap | Self::Pbkdf2)
    }

    /// Returns whether a salt may be given next to the hash.
    pub(super) fn takes_salt(self) -> bool {
        !matches!(self, Self::Argon2 | Self::Ldap | Self::Pbkdf2)
    }

    /// Returns the number of bytes of the hash, if the algorithm alone determines it.
    pub(super) fn bytes(self) -> Option<usize> {
        match self {
            Self::Md4 | Self::Md5 => Some(16),
            Self::Sha1 => Some(20),
            Self::Sha256 => Some(32),
            Self::Sha512 => Some(64),
            _ => None,
        }
    }

    /// Checks a value in the algorithm's own format, and returns its warning, if there is one. Accepts every value of
    /// the other algorithms.
    pub(super) fn judge_text(self, text: &str) -> Result<Option<&'static str>, AlgorithmFault> {
        match self {
            Self::Argon2 => argon2::judge(text).map_err(AlgorithmFault::Form)?,
            Self::Bcrypt => return bcrypt::read(text).map(Bcrypt::warning).map_err(AlgorithmFault::Form),
            Self::Ldap => ldap::judge(text).map_err(|fault| match fault {
                ldap::LdapFault::Form(message) => AlgorithmFault::Form(message),
                ldap::LdapFault::Length { expected, salted, found } => {
                    let more = if salted { " and a salt" } else { "" };
                    AlgorithmFault::Length(format!(
                        "expected a digest of {expected} bytes{more}, but found {found} bytes"
                    ))
                }
            })?,
            Self::Pbkdf2 => pbkdf2::judge(text).map_err(|fault| match fault {
                pbkdf2::Pbkdf2Fault::Form(message) => AlgorithmFault::Form(message),
                pbkdf2::Pbkdf2Fault::Length { l, found } => AlgorithmFault::Length(match l {
                    Some(l) => format!("expected a hash of {l} bytes (l), but found {found} bytes"),
                    None if found == 0 => "expected a hash, but found an empty one".to_owned(),
                    None => format!(
                        "expected a hash of {} bytes, as there is no l, but found {found} bytes: add l={found}",
                        pbkdf2::DEFAULT_LENGTH
                    ),
                }),
            })?,
            _ => {}
        }
        Ok(None)
    }
}

impl Encoding {
    /// Returns the encoding at this index in [`ENCODINGS`].
    pub(super) fn at(place: usize) -> Option<Self> {
        [Self::Base64, Self::Hex, Self::Utf8].get(place).copied()
    }

    /// Returns the number of bytes that `text` encodes; `None` if it is not in this encoding.
    pub(super) fn bytes(self, text: &str) -> Option<usize> {
        match self {
            Self::Base64 => base64_length(text),
            Self::Hex => hex_length(text),
            Self::Utf8 => Some(text.len()),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Utf8 => "utf8",
        }
    }
}

/// Returns the number of bytes of a digest, given its index in [`DIGESTS`].
pub(super) fn digest_bytes(place: usize) -> Option<usize> {
    [16, 16, 20, 20, 28, 32, 48, 64, 64].get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_of_names_match_the_enums() {
        for (place, name) in ALGORITHMS.iter().enumerate() {
            assert_eq!(format!("{:?}", Algorithm::at(place).unwrap()).to_lowercase(), *name);
        }
        for (place, name) in ENCODINGS.iter().enumerate() {
            assert_eq!(Encoding::at(place).unwrap().name(), *name);
        }
        assert!((0..DIGESTS.len()).all(|place| digest_bytes(place).is_some()));
        assert_eq!(digest_bytes(DIGESTS.len()), None);
    }
}
