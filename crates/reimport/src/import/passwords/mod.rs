//! Joined files: password hashes, and the secrets of TOTP factors. They must be joined before the first import, or
//! never.
//!
//! Their records are joined to logins, by id and connection. This module promises:
//! - A hash or secret is joined to the login that its record names, or to none. If both sides name a connection, the
//!   names are equal. If one side names none, the id is in the files once.
//! - The login of a user is its own. The hash of a linked login never reaches the user it is linked to, unless the
//!   linked login is promoted to be the user.
//! - If several records are possible, none is joined.
//! - Joining by e-mail address happens only if requested, only for users without any id, and only as described in
//!   [`by_email`].
//! - A user's own hash takes precedence over any joined hash.
//! - Of these files, only the hashes and secrets themselves are stored. Identifiers are stored only as keyed hashes.

mod by_email;
mod chunks;
mod error;
mod file;
mod hash_record;
mod hashes;
mod join;
mod login;
mod reason;
mod secrets;
mod table;
#[cfg(test)]
mod tests;

pub use error::JoinError;
pub use file::{BadLine, JoinedFile};
pub(super) use hashes::Wanted;
pub use hashes::{Orphan, PasswordTable};
pub(super) use join::Joined;
pub(super) use login::{Login, has_any_id};
pub(super) use reason::Reason;
pub use secrets::MfaSecrets;
