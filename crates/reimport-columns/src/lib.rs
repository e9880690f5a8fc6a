//! Typed columns from the user exports of a tenant: Arrow record batches, and Parquet that every engine reads.
//!
//! An export is read once, from its first to its last byte. Each record becomes one typed row on the threads that read it
//! ([`TypedRows`]), and the sinks of this crate build the columns from these rows in the order of the input:
//! [`ParquetFile`] writes one Parquet file, [`ParquetFolder`] many in a folder, [`ArrowStream`] an Arrow IPC stream. [`Batches`] is an iterator for engines in the
//! same program.
//!
//! The columns are those of the [fixed schema](Layout::fixed), [chosen ones](Layout::chosen), or those of a [`Schema`] that a
//! [`SchemaSurvey`] has found in all records of some exports.
//!
//! No type is guessed from a sample. A value *fits* its column if the column gives back what was written. The column is null
//! for a value that does not fit, and the value is in the column `_rest` as it was written, so that nothing is lost.
//!
//! ```
//! # let home = tempfile::tempdir()?;
//! # let path = home.path().join("users.parquet");
//! use reimport::{Pipeline, source::Source};
//! use reimport_columns::{Layout, ParquetFile, ParquetOptions, TypedRows};
//!
//! let export = br#"{"user_id":"auth0|7","logins_count":3,"locale":"en"}"#;
//! let source = Source::from_reader("tenant.json", &export[..]);
//! let rows = TypedRows::new(Layout::fixed());
//! let file = ParquetFile::create(&path, rows.layout(), ParquetOptions::default())?;
//! let (summary, _) = Pipeline::new().run([source], &rows, file)?;
//! assert_eq!(summary.written, 1);
//! assert!(std::fs::read(&path)?.starts_with(b"PAR1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Types
//!
//! | type | Arrow and Parquet | a value fits if it is |
//! | --- | --- | --- |
//! | [`String`](ColumnType::String) | `Utf8` | a string without lone surrogates |
//! | [`Text`](ColumnType::Text) | `Utf8` | any value: strings decoded, all else as written, without white space between tokens |
//! | [`Json`](ColumnType::Json) | `Utf8` | any value: its JSON, without white space between tokens |
//! | [`Bool`](ColumnType::Bool) | `Boolean` | `true` or `false` |
//! | [`Int`](ColumnType::Int) | `Int64` | an integer of 64 bits in its only form: not `-0`, `5.0` or `5e0` |
//! | [`Double`](ColumnType::Double) | `Float64` | a number that the shortest decimal of the double equals |
//! | [`Decimal`](ColumnType::Decimal) | `Decimal128` | a number with at most these digits |
//! | [`Timestamp`](ColumnType::Timestamp) | `Timestamp(µs, UTC)` | a string `2025-06-01T08:00:00.000Z` |
#![forbid(unsafe_code)]

mod arrays;
mod arrow_stream;
mod batch;
mod batches;
mod column;
mod error;
mod fit;
mod layout;
mod parquet_file;
mod parquet_folder;
mod partition;
mod rest;
mod schema;
mod survey;
#[cfg(test)]
mod tests;
mod typed_rows;

pub use arrow_stream::ArrowStream;
pub use batches::Batches;
pub use column::{Column, ColumnError, ColumnType};
pub use error::ColumnsError;
pub use layout::{Layout, LayoutError};
pub use parquet_file::{Compression, ParquetFile, ParquetOptions};
pub use parquet_folder::{FolderOptions, ParquetFolder};
pub use partition::{Partition, PartitionError};
pub use schema::{Schema, SchemaColumn, SchemaError};
pub use survey::{SchemaSurvey, TypeTally};
pub use typed_rows::{TypedRows, TypedRowsScratch};
