//! Implementations of [`Sink`](crate::run::Sink), and the publication of their output.
//!
//! [`Parts`] writes a folder of import files. [`OneFile`] writes one file. [`Array`], [`Ndjson`] and [`Csv`] write
//! to any `Write`. [`PartBytes`] passes each part to a function. [`Nothing`] writes nothing. [`Estimate`] measures
//! what [`Parts`] would write. Any closure is a sink too.
//!
//! An output appears under its name complete or not at all. It is built under a temporary name next to the target,
//! synced, and renamed. The temporary name starts with a dot and contains `.reimport-`. If the process is killed,
//! either the old or the new state is there, and possibly a temporary file or folder. No run reads it, and it can
//! be deleted. A program that exits on a signal calls [`discard_drafts`], which removes everything temporary.

mod atomic_file;
mod atomic_folder;
mod connections;
mod disk;
mod document;
mod error;
mod estimate;
mod folder;
mod frame;
mod framed;
mod gzip;
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
pub use atomic_folder::{AtomicFolder, FolderFile};
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
pub use publish::{discard_drafts, same_file};
pub use rejected::{RejectedProblem, RejectedRecord};
pub use stream::{Array, Csv, LeftoverOptions, Ndjson};
