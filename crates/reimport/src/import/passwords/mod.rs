//! Second files, which must be joined before the first import, or never: password hashes, and the secrets of TOTP
//! factors.
//!
//! What is joined is a login, by id and connection. Promises:
//! - A hash or secret reaches the login that its record names, or no user. If both sides name a connection, it is the
//!   same; if one side names none, the id is in the files once.
//! - The login of a user is its own: a linked login's hash never reaches the user it is linked to, unless that login is
//!   promoted to be the user.
//! - If several records may be meant, none is joined.
//! - By e-mail address only if asked for, only for users without any id, and only as [`by_email`] says.
//! - A user's own hash counts before any other.
//! - Of these files only the hashes and secrets themselves are kept; identifiers only as keyed hashes.

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
