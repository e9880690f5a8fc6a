//! Bulk user exports of an identity tenant in; files that its bulk import accepts, or any fields, out.
//!
//! An export (the result of a `users-exports` job) is gzipped NDJSON or CSV; the import (a `users-imports` job) takes
//! JSON arrays of at most 500 KB with 17 properties. This library reads the one, writes the other, and keeps every user
//! that cannot make it, with the line and the reason. What it keeps it keeps as it was written: `9007199254740993`,
//! `1.0`, `"\u00e9"` and the order of keys survive.
//!
//! # The flow
//!
//! ```text
//! source      bytes from a file, standard input or any `Read`; every gzip member, checked to its end
//!   |
//! record      NDJSON, a JSON array, CSV -> one JSON object each, lent, with its position
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
//!         Ok(Some(record)) => println!("{}: {} bytes", record.position(), record.json().len()),
//!         Ok(None) => break,
//!         // One record is spent; the reader goes on with the next.
//!         Err(error) if error.category() == Category::Record => eprintln!("{error}"),
//!         Err(error) => return Err(error),
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
//! # Take some fields
//!
//! ```no_run
//! use reimport::{Pipeline, Projection, sink::Csv};
//!
//! let projection =
//!     Projection::builder().field("email")?.field_as("identities[0].connection", "provider")?.build()?;
//! let (summary, file) =
//!     Pipeline::new().run(["tenant.json.gz"], &projection, Csv::new(std::fs::File::create("users.csv")?))?;
//! # let _ = (summary, file);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to plug in
//!
//! A [`Transform`] says what becomes of one record, and may run on any thread; a [`Sink`] takes what becomes of all of
//! them, in the order of the input. [`Rules`] and [`Projection`] are the transforms that come with the library, the
//! module [`sink`] has the sinks, and any closure is a sink. Every record read ends in exactly one place:
//! `read = written + skipped + rejected + left out` ([`Summary`]).
//!
//! # Errors
//!
//! There is one [`Error`], with a [`Category`] that says what a caller can do about it, the source and the
//! [`Position`]. Its text never repeats a value of a user, so it can be logged.
//!
//! # Limits
//!
//! A record is held in memory up to 16 MiB ([`record::ReadOptions`]) and may nest 128 levels deep. A
//! run of [`Pipeline`] needs some 10 MB whatever the size of the input, and at most 40 bytes for each key that must be
//! unique. There is no feature to switch on, no unsafe code, and nothing is printed.

#[cfg(test)]
#[path = "../tests/support/cases.rs"]
mod cases;
pub mod compare;
mod connections;
mod convert;
mod csv_cell;
mod error;
pub mod filter;
pub mod import;
mod instant;
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
    CsvEscape, Output, OutputName, Problem, Rendering, SideFile, Sink, SkipReason, Summary, Topic, Transform,
    UploadName, Verdict,
};
