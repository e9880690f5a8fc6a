//! The jobs of an identity tenant: export its users, import parts of them, collect what failed.
//!
//! [`Client`] has a method for every call about jobs, named as in the API: [`users_exports`](Client::users_exports),
//! [`users_imports`](Client::users_imports), [`job`](Client::job), [`job_errors`](Client::job_errors),
//! [`verification_email`](Client::verification_email). On top of it stand [`wait`](Client::wait), which looks at a job
//! until it ends, [`download`](Client::download), which fetches an export whole or not at all, and [`upload`], which
//! sends the parts of a conversion and can be killed at any moment.
//!
//! It waits when a tenant asks for it, repeats only what may be repeated, has a time-out for everything, speaks https
//! only (but to loopback), and shows no secret in any error or `{:?}`. It blocks: there is no async runtime.
//!
//! Start an export, look until it is done, print the summary (whole, with its errors: `examples/export_summary.rs`):
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
//! With the feature `fake-tenant` the module `fake` has a tenant on loopback that does what is documented, and breaks
//! on demand: programs that use this library can be tested with it too.
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
mod files;
mod http;
mod import;
mod job;
mod open_enum;
mod random;
mod retry;
mod secret;
mod sentences;
pub mod upload;
mod verification;
mod wait;

pub use api_error::ApiError;
pub use auth::{SignIn, TOKEN_VARIABLE};
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, ManualClock, SystemClock, duration_text};
pub use connection::{Connection, Seen, Unchecked, is_connection_id};
pub use download::{Download, ExportRecord, Fetched};
pub use error::{ConnectionError, DownloadError, Error, ExportError, Result, SignInError, UploadError};
pub use errors_of_job::{GenericError, JobErrors, MAX_ERRORS_BYTES, UserError, UserErrors};
pub use export::{MAX_CSV_FIELDS, MAX_NAME_CHARS, UsersExport};
pub use http::Timeouts;
pub use import::{MAX_BODY_BYTES, UsersImport};
pub use job::{ExportField, Format, Job, JobType, Status, Summary};
pub use retry::{Pause, Retry};
pub use secret::Secret;
pub use verification::{VerificationEmail, VerificationIdentity};
pub use wait::Wait;
