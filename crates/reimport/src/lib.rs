//! Converts bulk user exports of an identity tenant into files that its bulk import accepts, or extracts fields
//! from them.
//!
//! An export is the result of a `users-exports` job: gzipped NDJSON or CSV. The import, a `users-imports` job,
//! takes JSON arrays of at most 500 KB, whose users have 17 properties. This library reads exports and writes
//! import files. Each user that cannot be imported is kept, with its line and the reason. Values are written
//! exactly as they were read: `9007199254740993`, `1.0`, `"\u00e9"` and the order of keys survive.
//!
//! # The flow
//!
//! ```text
//! source      bytes from a file, standard input or any `Read`; every gzip member, checked to its end
//!   |
//! record      NDJSON, a JSON array, CSV -> one JSON object each, borrowed, with its position
//!   |
//! projection  fields by path       }  a Transform: pure, on any thread
//! import      the import rules     }
//!   |
//! sink        parts by exact bytes, one array, NDJSON, CSV; published whole or not at all
//! ```
//!
//! # Read an export
//!
//! ```no_run
//! use reimport::{Category, RecordReader};
//!
//! let mut reader = RecordReader::from_path("tenant.json.gz")?;
//! loop {
//!     match reader.next_record() {
//!         Ok(Some(record)) => println!("a user of {} bytes", record.json().len()),
//!         Ok(None) => break,
//!         // This record has an error. The next record can still be read.
//!         Err(error) if error.category() == Category::Record => eprintln!("{error}"),
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok::<(), reimport::Error>(())
//! ```
//!
//! If each record is to be a type of your own, [`RecordReader::records`] deserializes it. Errors name the field;
//! [`with_positions`](record::Records::with_positions) adds the position of each record.
//!
//! ```no_run
//! use reimport::RecordReader;
//!
//! #[derive(serde::Deserialize)]
//! struct User {
//!     email: Option<String>,
//! }
//!
//! let mut reader = RecordReader::from_path("tenant.json.gz")?;
//! for user in reader.records().with_positions() {
//!     let (position, User { email }) = user?;
//!     if email.is_none() {
//!         println!("line {}: a user without an e-mail address", position.line);
//!     }
//! }
//! # Ok::<(), reimport::Error>(())
//! ```
//!
//! # Make import files
//!
//! ```no_run
//! let summary = reimport::convert(["tenant.json.gz"], "parts")?;
//! println!("{} of {} users are in parts/", summary.written, summary.read);
//! # Ok::<(), reimport::Error>(())
//! ```
//!
//! # Extract fields
//!
//! ```no_run
//! use reimport::{Pipeline, Projection, sink::Csv};
//!
//! let projection =
//!     Projection::builder().field("email")?.field_as("identities[0].connection", "provider")?.build()?;
//! let (summary, file) =
//!     Pipeline::new().run(["tenant.json.gz"], &projection, Csv::new(std::fs::File::create("users.csv")?))?;
//! // A field that no record has is not an error, but its path is probably mistyped.
//! for path in projection.unseen() {
//!     eprintln!("no record has {path}");
//! }
//! # let _ = (summary, file);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Extension points
//!
//! A [`Transform`] decides what becomes of one record, and may run on any thread. [`Wrapped`](run::Wrapped) puts your
//! own rules around those of the library. A [`Sink`] receives the results
//! in input order. [`Rules`] and [`Projection`] are the main transforms of this library. The module [`sink`] has the
//! sinks, and any closure is a sink. Each record ends in exactly one place:
//! `read = written + skipped + rejected + left out` ([`Summary`]).
//!
//! # Errors
//!
//! There is one [`Error`] type. It has a [`Category`], which determines what a caller can do about it, and the
//! source and [`Position`]. Its text never contains a value of a user, so it can be logged.
//!
//! # Limits
//!
//! A record of up to 16 MiB is held in memory ([`record::ReadOptions`]) and may be nested 128 levels deep. A run of
//! [`Pipeline`] needs about 20 MB for any size of input, plus at most 40 bytes for each key that must be unique.
//! The crate has no cargo features and no unsafe code, and prints nothing.

#[cfg(test)]
#[path = "../tests/support/cases.rs"]
mod cases;
pub mod compare;
mod connections;
mod convert;
mod csv_row;
mod error;
pub mod filter;
pub mod import;
pub mod instant;
pub mod json;
pub mod parts_folder;
pub mod path;
pub mod pipeline;
mod position;
pub mod projection;
pub mod record;
pub mod run;
pub mod sink;
#[cfg(test)]
#[path = "../tests/support/skips.rs"]
mod skips;
pub mod source;
pub mod survey;
pub mod user;

pub use connections::{UnknownConnection, UnknownConnections, UnknownKind};
pub use convert::convert;
pub use error::{Category, Error, ErrorKind, Result};
pub use import::Rules;
pub use pipeline::{Input, MaxRejected, Pipeline};
pub use position::Position;
pub use projection::Projection;
pub use record::{Record, RecordReader};
pub use run::{
    CsvDelimiter, CsvEscape, CsvFormat, Output, OutputName, Problem, Rendering, SideFile, Sink, SkipReason,
    Summary, Topic, Transform, UploadName, Verdict,
};
