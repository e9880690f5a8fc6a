//! Error kinds for files of password hashes and MFA secrets, and their messages.

use super::file::BadLine;

/// The error for a file that cannot be joined at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No record of the file has what the file was given for.
    #[error("expected an export of {what}, but found none in {}", found(*.records, .first.as_ref()))]
    NothingUsable {
        /// What was expected.
        what: &'static str,
        /// The number of records read.
        records: u64,
        /// The first record that cannot be used.
        first: Option<BadLine>,
    },
}

/// The reason why one record of a joined file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("expected passwordHash or custom_password_hash, but found neither")]
    NoHash,
    #[error("expected alt_id or _id.$oid, but found neither")]
    NoId,
    #[error("expected the connection to be a string, but found another type")]
    OddConnection,
    #[error("expected at most 10 factors, but found more")]
    TooManyFactors,
    #[error("expected user_id, but found none")]
    NoUserId,
    #[error("expected otp_secret or mfa_factors with a totp secret, but found neither")]
    NoSecret,
    #[error("expected a secret in Base32 (A to Z and 2 to 7), but found other characters")]
    NotBase32,
}

impl Unusable {
    /// Returns whether the record would be usable with an id.
    pub(super) fn lacks_id(self) -> bool {
        matches!(self, Self::NoId | Self::NoUserId)
    }
}

fn found(records: u64, first: Option<&BadLine>) -> String {
    match first {
        Some(bad) => format!("{records} records; line {}: {}", bad.line, bad.message),
        None => format!("{records} records"),
    }
}
