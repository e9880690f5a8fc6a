//! The jobs of an identity tenant: export its users, import parts of them, collect what failed.
#![forbid(unsafe_code)]

mod api_error;
mod auth;
mod client;
mod clock;
mod connection;
mod download;
mod error;
mod errors_of_job;
mod export;
#[cfg(feature = "fake-tenant")]
pub mod fake;
mod http;
mod import;
mod job;
mod open_enum;
mod random;
mod retry;
mod secret;
pub mod upload;
mod verification;
mod wait;

pub use api_error::ApiError;
pub use auth::SignIn;
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, ManualClock, SystemClock};
pub use connection::{Connection, Seen, is_connection_id};
pub use download::{Download, ExportRecord};
pub use error::{ConnectionError, DownloadError, Error, Result, SignInError, UploadError};
pub use errors_of_job::{JobErrors, UserError, UserErrors};
pub use export::UsersExport;
pub use http::Timeouts;
pub use import::{MAX_BODY_BYTES, UsersImport};
pub use job::{ExportField, Format, Job, JobType, Status, Summary};
pub use retry::Retry;
pub use secret::Secret;
pub use verification::{VerificationEmail, VerificationIdentity};
pub use wait::Wait;
