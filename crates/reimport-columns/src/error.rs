//! Errors of building and writing columns.

use std::io;
use std::path::PathBuf;

use arrow_schema::ArrowError;
use parquet::errors::ParquetError;

/// Columns cannot be built or written. The run ends and publishes nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnsError {
    /// The operating system reported an error.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        error: io::Error,
    },
    /// The operating system reported an error for an output without a name.
    #[error("cannot write the output: {0}")]
    Stream(#[source] io::Error),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
    /// A thread has ended before its work.
    #[error("a thread that builds columns has ended")]
    ThreadEnded,
    /// The transform of the run has another layout than the sink, or is not [`TypedRows`](crate::TypedRows).
    #[error("the sink takes the rows of another transform: use the layout of the transform for the sink")]
    OtherLayout,
    /// Arrow refuses a column.
    #[error("cannot build a column: {0}")]
    Arrow(#[source] ArrowError),
    /// Parquet cannot be written.
    #[error("cannot write Parquet: {0}")]
    Parquet(#[source] ParquetError),
}

impl ColumnsError {
    /// Returns the error of writing Parquet to `path`: that of the operating system if it is one.
    pub(crate) fn writing(path: &std::path::Path, error: ParquetError) -> Self {
        let path = path.to_owned();
        match error {
            ParquetError::External(error) => match error.downcast::<io::Error>() {
                Ok(error) => Self::Write { path, error: *error },
                Err(error) => Self::Parquet(ParquetError::External(error)),
            },
            error => Self::Parquet(error),
        }
    }
}

impl From<ColumnsError> for reimport::Error {
    fn from(error: ColumnsError) -> Self {
        match error {
            ColumnsError::Stream(error) => error.into(),
            error => Self::other(error),
        }
    }
}
