//! Compares two sets of users: whether all users of an import arrived, or what changed between two exports.
//!
//! [`Comparison::verify`] compares the parts of an import with an export made after it. [`Comparison::delta`]
//! compares two exports of the same tenant. The order of users does not matter. The first pass reads both sides and
//! computes keys and content hashes. Only those of the old side are kept, at most 48 bytes per user, and the records
//! of the new side that differ, if they are not too large ([`Comparison::held_bytes`]). If there are differences, a
//! second pass reads the records of the old side again, and if necessary those of the new side, so every input must
//! be a regular file.
//!
//! # What is not a difference
//!
//! Values are compared as JSON values. The order of keys, white space and escapes do not matter. The last of a
//! repeated key counts. Numbers are exact decimals: `1.0` equals `1`, but `9007199254740993` does not equal
//! `9007199254740992`.
//!
//! After an import, the following are not differences either:
//!
//! - Upper and lower case in `email` and `username`.
//! - `name`, `nickname` and `picture`, if the part does not have them.
//! - A boolean that is `false` on one side and absent on the other.
//! - A property that is `null` or an empty metadata object on one side and absent on the other.
//!
//! Only properties that an import brings and an export shows are compared. Password hashes and MFA factors are not.
//!
//! Between two exports, changes of `last_login`, `last_ip`, `logins_count` and `updated_at` are not differences.
//!
//! # How users are matched
//!
//! Users are matched by `user_id`. `auth0|13c6` in an export is `13c6` in a part. If several records of a side have
//! the same key, the first one is compared and the others are counted.
//!
//! After an import, users without a match by `user_id` are also matched by their e-mail address in lower case. Only
//! database users that have no match by `user_id` are candidates. A user whose `user_id` was not found, but whose
//! address was, is counted as having another ID. If the matched record has no `user_id`, the user is counted as
//! changed. If an address matches several database logins, the first record is used. If it matches several expected
//! users, none of them is matched.

mod canonical;
mod comparison;
mod differences;
mod digest;
mod error;
mod field_changes;
mod files;
mod first_pass;
mod folders;
mod kept;
mod pass;
mod picked_pieces;
mod report;
mod second_pass;
mod segments;
mod table;
#[cfg(test)]
mod tests;
mod user;

pub use comparison::Comparison;
pub use differences::{Differences, Differing};
pub use error::CompareError;
pub use folders::{DeltaFolder, PublishedVerify, VerifyFolder};
pub use report::{FieldChange, FieldChangeKind, Report, Side};
