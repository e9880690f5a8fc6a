//! The second of the two places to plug in: where records end, in input order.
//!
//! [`Parts`] is the folder of import-ready parts, [`OneFile`] one file, [`Array`], [`Ndjson`] and [`Csv`] write to any
//! `Write`, [`PartBytes`] hands parts out, [`Nothing`] writes nothing, [`Estimate`] measures what [`Parts`] would write,
//! and any closure is a sink.
//!
//! Output appears under its name complete or not at all: it is built under a temporary name beside it (a name that
//! starts with a dot and holds `.reimport-`), synced, and renamed. A killed process leaves the old state or the new
//! one, and at most such a temporary name, which no run reads and which can be deleted. A program that leaves on a
//! signal calls [`discard_drafts`] and leaves nothing.

mod atomic_file;
mod connections;
mod disk;
mod document;
mod error;
mod estimate;
mod folder;
mod framed;
mod lazy;
mod leftover;
mod lines;
mod nothing;
mod one_file;
mod part;
mod part_bytes;
mod parts;
mod publish;
mod rejected;
mod series;
mod side_files;
mod stream;
mod syncer;
#[cfg(test)]
mod tests;

pub use atomic_file::AtomicFile;
pub use connections::MAX_CONNECTIONS;
pub use document::Document;
pub use error::OutputError;
pub use estimate::{Estimate, Estimated, LargestUser, SIZE_BOUNDS, Sizes};
pub(crate) use folder::Folder;
pub use framed::Framing;
pub use nothing::Nothing;
pub use one_file::{FileOptions, OneFile};
pub use part_bytes::PartBytes;
pub use parts::{MAX_PART_BYTES, Parts, PartsOptions, PublishedParts};
pub use publish::discard_drafts;
pub use rejected::{RejectedProblem, RejectedRecord};
pub use stream::{Array, Csv, LeftoverOptions, Ndjson};
