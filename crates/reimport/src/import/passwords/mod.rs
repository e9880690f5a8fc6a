//! What stands in a second file and must be joined before the first import, or never: password hashes, and the
//! secrets of TOTP factors.
//!
//! Promises: a user is joined by id, by a database identity, or by connection and e-mail address, in this order, and
//! never by an address alone. A user's own hash counts before any other. Nothing of these files is kept but the hashes
//! themselves: identifiers only as keyed hashes.

mod error;
mod file;
mod hash_record;
mod hashes;
mod join;
mod secrets;
mod table;
#[cfg(test)]
mod tests;

pub use error::JoinError;
pub use file::{BadLine, JoinedFile};
pub use hashes::{Orphan, PasswordTable};
pub(super) use join::{Joined, Wanted};
pub use secrets::MfaSecrets;
