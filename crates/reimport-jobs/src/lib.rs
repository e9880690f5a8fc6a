//! Client for the jobs of an Auth0 tenant: exports its users, imports parts, and collects the errors.
//!
//! [`Client`] has a method for every call about jobs, named as in the API:
//! [`users_exports`](Client::users_exports), [`users_imports`](Client::users_imports), [`job`](Client::job),
//! [`job_errors`](Client::job_errors), [`verification_email`](Client::verification_email). There are three
//! operations that use these calls: [`wait`](Client::wait) polls a job until it ends,
//! [`download`](Client::download) downloads an export as a whole or not at all, and [`upload`] sends the parts of a
//! conversion and can be killed at any moment.
//!
//! The client waits if a tenant asks for it, repeats only calls that are safe to repeat, has a timeout for
//! everything, and uses https only (except to loopback). No error and no `{:?}` output contains a secret. All calls
//! block: there is no async runtime.
//!
//! This example starts an export, polls it until it is done, and prints the summary (the complete program with
//! error handling is `examples/export_summary.rs`):
//!
//! ```
//! # let tenant = reimport_jobs::fake::FakeTenant::start()?;
//! # tenant.add_user(serde_json::json!({"email": "ada@example.com"}));
//! # let client = tenant.client();
//! use reimport_jobs::{Client, SignIn, UsersExport, Wait};
//! use std::ops::ControlFlow;
//!
//! # let _ = || -> reimport_jobs::Result<()> {
//! let client = Client::builder("acme.eu.auth0.com", SignIn::token_file("token.txt")).build()?;
//! # Ok(()) };
//! let export = UsersExport::default().field("user_id").field("email");
//! let job = client.users_exports(&export)?;
//! let job = client.wait(&job.id, &Wait::default(), |job| {
//!     println!("{}: {} %", job.status, job.percentage_done.unwrap_or(0));
//!     ControlFlow::Continue(())
//! })?;
//! println!("{} is {}: {:?}", job.id, job.status, job.summary);
//! # assert_eq!(job.status, reimport_jobs::Status::Completed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `fake-tenant`, the module `fake` provides a tenant on loopback that has the documented
//! behaviour and produces faults on request. Programs that use this library can be tested with it as well.
#![forbid(unsafe_code)]

mod api_call;
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
mod files;
mod http;
mod import;
mod job;
mod network;
mod open_enum;
mod retry;
mod secret;
mod sentences;
mod token;
pub mod upload;
mod verification;
mod wait;

pub use api_call::ApiCall;
pub use api_error::ApiError;
pub use auth::{SignIn, TOKEN_VARIABLE};
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, ManualClock, SystemClock, duration_text};
pub use connection::{Checked, Connection, Unchecked, is_connection_id};
pub use download::{Download, ExportRecord, Fetched};
pub use error::{ConnectionError, DownloadError, Error, ExportError, Result, SignInError, UploadError};
pub use errors_of_job::{GenericError, JobErrors, MAX_ERRORS_BYTES, UserError, UserErrors};
pub use export::{MAX_CSV_FIELDS, MAX_NAME_CHARS, UsersExport};
pub use http::Timeouts;
pub use import::{MAX_BODY_BYTES, UsersImport};
pub use job::{ExportField, Format, Job, JobType, Status, Summary};
pub use network::{NetworkError, NetworkErrorKind};
pub use retry::{Pause, Retry};
pub use secret::Secret;
pub use verification::{VerificationEmail, VerificationIdentity};
pub use wait::Wait;
