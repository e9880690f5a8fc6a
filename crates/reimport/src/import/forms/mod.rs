//! The forms that values of an import file must have: pure judgements of scanned values, without I/O.
//!
//! Each function takes what the scanner has passed and pushes one [`Problem`](crate::run::Problem) for each rule broken,
//! all at once; if nothing is broken, nothing is allocated. A rule that only warns is returned by its name. Paths hold
//! names of the schema only, and `*` where a user wrote the name. No message holds a value.

mod algorithms;
mod argon2;
mod bcrypt;
mod custom_password_hash;
mod email;
mod encoding;
mod ldap;
mod lengths;
mod metadata;
mod mfa;
mod password_hash;
mod pbkdf2;
mod phc;
mod phone;
mod scrypt;
#[cfg(test)]
mod tests;
mod types;
mod username;

pub(crate) use custom_password_hash::check as check_custom_password_hash;
pub(crate) use email::check as check_email;
pub(crate) use lengths::{PROFILE_BYTES, longest, suits_any_length, suits_length};
pub(crate) use metadata::{Findings, Which, scan as scan_metadata};
pub(crate) use mfa::{TotpSecret, check as check_mfa_factors, rewrite as rewrite_mfa_factors};
pub(crate) use password_hash::{HashForm, judge as judge_hash};
pub(crate) use phone::check as check_phone;
pub(crate) use types::expect_kind;
pub(crate) use username::suits_username;
