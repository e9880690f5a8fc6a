//! Everything that files of password hashes and MFA secrets can be told, on one page.

use super::file::BadLine;

/// A file to join that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No record of it holds what it was given for.
    #[error("expected an export of {what}, but found none in {}", found(*.records, .first.as_ref()))]
    NothingUsable {
        /// What was expected.
        what: &'static str,
        /// Records read.
        records: u64,
        /// The first that cannot be used.
        first: Option<BadLine>,
    },
}

/// Why one record of such a file cannot be used; the others can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("expected passwordHash or custom_password_hash, but found neither")]
    NoHash,
    #[error("expected _id.$oid, alt_id, or both email and connection, but found none of them")]
    NoKey,
    #[error("expected user_id, but found none")]
    NoUserId,
    #[error("expected otp_secret or mfa_factors with a totp secret, but found neither")]
    NoSecret,
    #[error("expected a secret in Base32 (A to Z and 2 to 7), but found another text")]
    NotBase32,
}

fn found(records: u64, first: Option<&BadLine>) -> String {
    match first {
        Some(bad) => format!("{records} records; line {}: {}", bad.line, bad.message),
        None => format!("{records} records"),
    }
}
