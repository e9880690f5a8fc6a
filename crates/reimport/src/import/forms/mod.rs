//! Checks the values of an import file: pure functions over scanned values, without I/O.
//!
//! Each function takes a value that the scanner has read, and pushes one [`Problem`](crate::run::Problem) for each
//! broken rule. It reports all broken rules at once, and allocates nothing if there are none. A rule that only warns
//! is returned by its name. Paths contain only names of the schema, and `*` in place of names that users choose. No
//! message contains a value.

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

pub(crate) use bcrypt::parts as bcrypt_parts;
pub(crate) use custom_password_hash::check as check_custom_password_hash;
pub(crate) use email::check as check_email;
pub(crate) use lengths::{PROFILE_BYTES, longest, suits_any_length, suits_length};
pub(crate) use metadata::{Findings, MetadataKind, scan as scan_metadata};
pub(crate) use mfa::{TotpSecret, check as check_mfa_factors, rewrite as rewrite_mfa_factors};
pub(crate) use password_hash::{HashForm, judge as judge_hash};
pub(crate) use phone::check as check_phone;
pub(crate) use types::expect_kind;
pub(crate) use username::suits_username;
