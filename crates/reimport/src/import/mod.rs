//! The import rules: what an import file may hold, and how each user of an export becomes a user of an import file.

mod bare;
mod check;
mod decide;
mod edit;
mod error;
mod exported;
pub(crate) mod forms;
pub(crate) mod identities;
mod joined_fields;
mod linked;
mod loss;
mod password_like;
mod passwords;
pub mod retry;
mod rules;
#[cfg(test)]
mod testing;
mod unique;
mod upload_time;
mod user;

pub use check::Scratch;
pub(crate) use edit::nest_flat;
pub use edit::{Edits, UnmadeEdit};
pub use error::RulesError;
pub use exported::is_exported;
pub use joined_fields::{JoinedFields, JoinedFieldsScratch, PASSWORD_FIELDS, SECRET_FIELDS};
pub use linked::Linked;
pub use loss::{Absent, export_only, lacks, mfa_lost};
pub use passwords::{BadLine, JoinError, JoinedFile, MfaSecrets, Orphan, PasswordTable};
pub use rules::{Connections, EmailPass, Purpose, Rules, StalePasswords, Unknown, importable_properties};
pub use upload_time::{BASIS, UploadTime};
pub(crate) use user::{Predicted, is_flat};
