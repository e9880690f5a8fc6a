//! Two sets of users side by side: did everybody arrive, and what happened between two exports.
//!
//! [`Comparison::verify`] holds the parts of an import against an export made afterwards, [`Comparison::delta`] two
//! exports of the same tenant. Users may stand in any order. Both sides are read once for keys and content hashes, of
//! which only those of the old side are kept: at most 48 bytes a user; only where somebody differs they are read again,
//! so every input must be a regular file.
//!
//! **What is no difference.** Values are compared as JSON values: the order of keys, white space and escapes do not
//! matter, the last of a repeated key counts, and numbers are exact decimals: `1.0` is `1`, but `9007199254740993` is
//! not `9007199254740992`.
//!
//! After an import, moreover: `email` and `username` in lower case; `name`, `nickname` and `picture` that the part had
//! not; a boolean that is absent, for `false`; `null` and an empty metadata object, for an absent one. Only what an
//! import brings and an export shows is compared: no password hashes, no MFA factors.
//!
//! Between two exports: `last_login`, `last_ip`, `logins_count` and `updated_at`.
//!
//! **Who is who.** By `user_id`: `auth0|13c6` in an export is `13c6` in a part. After an import also by e-mail address,
//! in lower case, among the database users that no `user_id` belongs to: such a user is counted as one whose address
//! belongs to another id, or as changed where the record found has no `user_id`. Of records with the same key the first takes part, and the others are counted. Where one address would
//! fit several database logins, the first record has it; where it would fit several expected users, none has.

mod canonical;
mod comparison;
mod differences;
mod digest;
mod error;
mod field_changes;
mod files;
mod first_pass;
mod folders;
mod pass;
mod report;
mod second_pass;
mod table;
#[cfg(test)]
mod tests;
mod user;

pub use comparison::Comparison;
pub use differences::{Differences, Differing};
pub use error::CompareError;
pub use folders::{DeltaFolder, PublishedVerify, VerifyFolder};
pub use report::{FieldChange, FieldChangeKind, Report, Side};
