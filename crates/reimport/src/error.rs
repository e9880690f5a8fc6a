//! The error type of the library: what went wrong, in which source and at which position.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::compare::CompareError;
use crate::connections::UnknownConnections;
use crate::filter::{IdsError, MistypedCondition, WhereError};
use crate::import::retry::RetryError;
use crate::import::{JoinError, RulesError};
use crate::parts_folder::FolderError;
use crate::path::PathError;
use crate::pipeline::RunError;
use crate::position::Position;
use crate::projection::{ProjectionError, RequestError};
use crate::record::{FormatError, RecordError, ShapeError};
use crate::run::TransformError;
use crate::sink::OutputError;
use crate::source::InputError;

/// A `Result` whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of this library, with its source and position if it has them.
///
/// The message is one sentence that names the source and the position. It never contains a value of a user.
///
/// ```
/// let mut reader = reimport::RecordReader::from_reader("users.ndjson", &b"{\"email\":1}\n{\"email\"}\n"[..])?;
/// reader.next_record()?;
/// let error = reader.next_record().unwrap_err();
/// assert_eq!(error.category(), reimport::Category::Record);
/// assert_eq!(
///     error.to_string(),
///     "users.ndjson: line 2 (record 2, byte 12): expected `:`, but found `}` at column 9"
/// );
/// // A `main` that returns an error prints it with its causes.
/// let error = reimport::RecordReader::from_path("none.json").err().expect("there is no such file");
/// assert!(error.to_string().starts_with("none.json: cannot open: "));
/// assert_eq!(format!("{error:?}"), error.to_string());
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    source: Option<Arc<str>>,
    position: Option<Position>,
}

/// What went wrong, by the part of the library that reports it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system reported an error when reading or writing.
    #[error("{doing}: {error}")]
    Io {
        /// What the library tried to do, such as "cannot read".
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        error: io::Error,
    },
    /// A source as a whole cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// One record cannot be read. The records after it can.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// One record cannot be deserialized as the requested type. The records after it can still be read.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The format of a source is damaged, or it is another kind of file.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The import rules cannot be applied to the run as a whole.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// No record is of any requested connection.
    #[error(transparent)]
    Connections(#[from] UnknownConnections),
    /// A condition of the filter does not fit any value.
    #[error(transparent)]
    Mistyped(#[from] MistypedCondition),
    /// A file given for password hashes or MFA secrets does not contain them.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A file is not an error list of an import job.
    #[error(transparent)]
    Retry(#[from] RetryError),
    /// A folder is not a folder of parts, or cannot be used in its current state.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The run as a whole must not be published.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A transform does not keep its contract.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// A string is not a valid field path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Fields cannot be projected as requested.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// Two sides cannot be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// An export request cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A string is not a valid condition.
    #[error(transparent)]
    Where(#[from] WhereError),
    /// A file is not a list of user ids.
    #[error(transparent)]
    Ids(#[from] IdsError),
    /// The output cannot be written as requested.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// An error of another crate: of a sink or a transform that is not part of this library.
    #[error(transparent)]
    Other(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// Converts an error of the operating system that has no further context.
impl From<io::Error> for ErrorKind {
    fn from(error: io::Error) -> Self {
        Self::Io { doing: "reading or writing failed", error }
    }
}

/// What a caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Category {
    /// One record cannot be used. The reader continues with the next one.
    Record,
    /// The source is damaged or is something else. Nothing more can be read from it.
    Input,
    /// The operating system reported an error.
    Io,
    /// The request is not possible: an option, a path, an export request.
    Usage,
    /// The run as a whole is refused, or was ended: what was read must not be published, a transform does not keep its
    /// contract, or transform, sink and inputs do not fit together.
    Run,
    /// The output cannot be written as requested.
    Output,
    /// An error of another crate: a sink or a transform that is not part of this library failed.
    Other,
}

impl Error {
    pub(crate) fn new(kind: impl Into<ErrorKind>) -> Self {
        Self(Box::new(Inner { kind: kind.into(), source: None, position: None }))
    }

    /// Creates an error from an error of another crate. The message is that of `error`, and its `source()` is
    /// kept.
    ///
    /// ```
    /// use reimport::{Category, Error};
    ///
    /// let error = Error::other("the database is gone");
    /// assert_eq!((error.to_string().as_str(), error.category()), ("the database is gone", Category::Other));
    ///
    /// let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    /// assert_eq!(Error::from(full).category(), Category::Io);
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Other(error.into()))
    }

    pub(crate) fn io(doing: &'static str, error: io::Error) -> Self {
        Self::new(ErrorKind::Io { doing, error })
    }

    /// Sets the name of the source, unless the error has one.
    #[must_use]
    pub fn in_source(mut self, name: &Arc<str>) -> Self {
        self.0.source.get_or_insert_with(|| Arc::clone(name));
        self
    }

    /// Sets the position, unless the error has one.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.0.position.get_or_insert(position);
        self
    }

    /// Replaces the position.
    pub(crate) fn moved_to(mut self, position: Option<Position>) -> Self {
        self.0.position = position;
        self
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns what a caller can do about the error.
    pub fn category(&self) -> Category {
        match self.0.kind {
            ErrorKind::Input(_)
            | ErrorKind::Format(_)
            | ErrorKind::Join(_)
            | ErrorKind::Retry(_)
            | ErrorKind::Folder(_)
            | ErrorKind::Ids(_) => Category::Input,
            ErrorKind::Record(_) | ErrorKind::Shape(_) => Category::Record,
            ErrorKind::Compare(CompareError::ReadOnce | CompareError::NoFile { .. }) => Category::Usage,
            ErrorKind::Run(_)
            | ErrorKind::Transform(_)
            | ErrorKind::Rules(_)
            | ErrorKind::Connections(_)
            | ErrorKind::Mistyped(_)
            | ErrorKind::Compare(_) => Category::Run,
            ErrorKind::Path(_) | ErrorKind::Projection(_) | ErrorKind::Request(_) | ErrorKind::Where(_) => {
                Category::Usage
            }
            ErrorKind::Io { .. } | ErrorKind::Output(OutputError::Io { .. }) => Category::Io,
            ErrorKind::Output(_) => Category::Output,
            ErrorKind::Other(_) => Category::Other,
        }
    }

    /// Returns the position of the record, if the error belongs to one.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// Returns the name of the source, if the error belongs to one.
    pub fn source_name(&self) -> Option<&str> {
        self.0.source.as_deref()
    }
}

impl<K: Into<ErrorKind>> From<K> for Error {
    fn from(kind: K) -> Self {
        Self::new(kind)
    }
}

/// The sentence of `Display` with its causes, because a `main` that returns this error prints it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sentence = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let words = error.to_string();
            if !sentence.contains(&words) {
                sentence.push_str(": ");
                sentence.push_str(&words);
            }
            cause = error.source();
        }
        f.write_str(&sentence)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.0.source {
            write!(f, "{source}: ")?;
        }
        if let Some(position) = self.0.position {
            write!(f, "{position}: ")?;
        }
        self.0.kind.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::Io { error, .. } => Some(error),
            ErrorKind::Input(error) => error.source(),
            ErrorKind::Record(error) => error.source(),
            ErrorKind::Shape(error) => error.source(),
            ErrorKind::Format(error) => error.source(),
            ErrorKind::Run(error) => error.source(),
            ErrorKind::Transform(error) => error.source(),
            ErrorKind::Rules(error) => error.source(),
            ErrorKind::Connections(error) => error.source(),
            ErrorKind::Mistyped(error) => error.source(),
            ErrorKind::Join(error) => error.source(),
            ErrorKind::Retry(error) => error.source(),
            ErrorKind::Folder(error) => error.source(),
            ErrorKind::Path(error) => error.source(),
            ErrorKind::Projection(error) => error.source(),
            ErrorKind::Compare(error) => error.source(),
            ErrorKind::Request(error) => error.source(),
            ErrorKind::Where(error) => error.source(),
            ErrorKind::Ids(error) => error.source(),
            ErrorKind::Output(error) => error.source(),
            ErrorKind::Other(error) => error.source(),
        }
    }
}
