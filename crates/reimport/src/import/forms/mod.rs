//! The forms that values of an import file must have: pure judgements of scanned values, without I/O.
//!
//! Each function takes what the scanner has passed and pushes one [`Problem`](crate::Problem) for each rule broken,
//! all at once; where nothing is broken, nothing is allocated. Paths hold names of the schema only, and `*` where a
//! user wrote the name. No message holds a value.

mod algorithms;
mod custom_password_hash;
mod email;
mod encoding;
mod ldap;
mod lengths;
mod members;
mod metadata;
mod mfa;
mod password_hash;
mod phc;
mod phone;
#[cfg(test)]
mod tests;
mod types;
mod username;

pub(crate) use custom_password_hash::check as check_custom_password_hash;
pub(crate) use email::check as check_email;
pub(crate) use lengths::{PROFILE_BYTES, longest, suits_any_length, suits_length};
pub(crate) use metadata::{Findings, Which, scan as scan_metadata};
pub(crate) use mfa::{check as check_mfa_factors, is_base32, normalise_totp, rewrite as rewrite_mfa_factors};
pub(crate) use password_hash::{
    BcryptForm, judge as judge_password_hash, write_custom as write_bcrypt_as_custom,
};
pub(crate) use phone::check as check_phone;
pub(crate) use types::expect_kind;
pub(crate) use username::suits_username;
