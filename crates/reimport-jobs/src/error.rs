//! Error kinds of this crate, and their messages.
//!
//! No message contains a token, a secret, a signed link or a value of a user.

use std::io;
use std::path::PathBuf;

use crate::api_call::ApiCall;
use crate::api_error::{ApiError, one_line};
use crate::connection::Unchecked;
use crate::job::{JobType, Status};
use crate::network::NetworkError;

/// A `Result` with the error type [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the tenant is not valid.
    #[error(
        "the base URL {0}; expected https and a host, as in https://acme.eu.auth0.com (http only for loopback)"
    )]
    BaseUrl(&'static str),
    /// Signing in failed: there is no token.
    #[error("cannot sign in: {0}")]
    SignIn(#[from] SignInError),
    /// There was no complete response.
    #[error("{call}: {reason}")]
    NoResponse {
        /// The call.
        call: ApiCall,
        /// What happened instead of a response.
        #[source]
        reason: NetworkError,
        /// True if the tenant may have carried out the call.
        may_have_acted: bool,
        /// True if retrying cannot help, for example because a certificate, an address or a header is wrong.
        is_permanent: bool,
    },
    /// The tenant returned an error.
    #[error("{0}")]
    Refused(Box<ApiError>),
    /// The response is not a documented one.
    #[error(
        "{call}: expected {expected}, but the answer is something else; is the base URL that of a tenant?"
    )]
    UnexpectedResponse {
        /// The call.
        call: ApiCall,
        /// What the documentation specifies.
        expected: &'static str,
    },
    /// The response is longer than any documented one.
    #[error(
        "{call}: the answer has more than {limit} bytes, and is not read; is the base URL that of a tenant?"
    )]
    TooLong {
        /// The call.
        call: ApiCall,
        /// The maximum number of bytes that are read.
        limit: u64,
    },
    /// No tenant would accept this export request.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The request body of an import is too large. The tenant would return 413.
    #[error(
        "{part}: the request would have {bytes} bytes, more than the {limit} a tenant accepts; convert again into smaller parts"
    )]
    TooLarge {
        /// The file name of the part.
        part: String,
        /// The exact length of the request body in bytes.
        bytes: u64,
        /// The maximum length that a tenant accepts.
        limit: u64,
    },
    /// A job did not end within the time limit.
    #[error(
        "job {job} is still {status} after {seconds} seconds; it continues without this program: check it again later"
    )]
    StillRunning {
        /// The ID of the job.
        job: String,
        /// The last known status.
        status: Status,
        /// How long the caller waited, in seconds.
        seconds: u64,
    },
    /// A job that should have a result does not have one.
    #[error("job {job} is {status}{}; {expected}", in_brackets(.details.as_deref()))]
    JobFailed {
        /// The ID of the job.
        job: String,
        /// Its status.
        status: Status,
        /// The reason that the tenant gives.
        details: Option<String>,
        /// What was expected of the job.
        expected: &'static str,
    },
    /// An export could not be downloaded completely.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The requested connection cannot be used.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// Parts cannot be sent.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// A file operation failed.
    #[error("{doing} {}: {error}", .path.display())]
    Io {
        /// The operation, for example "cannot read".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        error: io::Error,
    },
    /// The caller asked to stop.
    #[error("stopped on request; start again to continue")]
    Interrupted,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The token file cannot be read.
    #[error("cannot read the token file {}: {error}", .path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        error: io::Error,
    },
    /// The token command cannot be started, or its state cannot be read.
    #[error("cannot run the token command: {0}")]
    Command(#[source] io::Error),
    /// The token command failed. Contains its exit status.
    #[error("the token command failed ({0}); expected the token on its standard output")]
    CommandFailed(String),
    /// The token command did not end in time. Contains the time limit in seconds.
    #[error("the token command was still running after {0} seconds and was ended")]
    CommandTimeout(u64),
    /// The environment variable is not set.
    #[error("the environment has no {0}")]
    Variable(String),
    /// The environment variable is empty.
    #[error("{0} is set, but empty")]
    EmptyVariable(String),
    /// The token has expired. Contains when it did, and the time of the clock of this machine, both in UTC.
    #[error("the token expired at {0}, and the clock of this machine is at {1}; get a new token")]
    Expired(String, String),
    /// The token is from another tenant.
    #[error("the token is from the tenant {issuer}, not from {tenant}; get a token from {tenant}")]
    OtherTenant {
        /// The host of the tenant that issued the token.
        issuer: String,
        /// The host of the tenant of the client.
        tenant: String,
    },
    /// The content is not a token. Contains the name of the source.
    #[error("{0} does not hold a token; expected one line of visible ASCII characters")]
    NoToken(String),
}

/// Why an export could not be downloaded completely.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The job is completed but has no link.
    #[error("job {0} is completed, but has no location; its data may be older than 24 hours")]
    NoLink(String),
    /// The job is not an export.
    #[error("job {job} is not an export, but {job_type}; nothing was fetched")]
    NotAnExport {
        /// The ID of the job.
        job: String,
        /// The type of the job.
        job_type: JobType,
    },
    /// The link is not a valid URL.
    #[error("the link of job {0} is not a URL; nothing was fetched")]
    InvalidLink(String),
    /// The link is not https, so it must not be used.
    #[error("the link of job {0} is not https; nothing was fetched")]
    InsecureLink(String),
    /// The file server refused the request, also with a new link.
    #[error("the file of job {job} was refused with status {status}, also with a new link")]
    Refused {
        /// The ID of the job.
        job: String,
        /// The HTTP status.
        status: u16,
    },
    /// The transfer broke too often.
    #[error(
        "the file of job {job} stopped {times} times without a further byte ({reason}); {bytes} bytes were received"
    )]
    TooManyFailures {
        /// The ID of the job.
        job: String,
        /// The number of failures.
        times: u32,
        /// The number of bytes received.
        bytes: u64,
        /// The cause of the last failure.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is complete, but damaged.
    #[error("the file of job {job} is damaged and was not kept: {reason}")]
    Damaged {
        /// The ID of the job.
        job: String,
        /// The error that the check returned.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The transfer ended, but the file is not gzip data and cannot be verified as an export.
    #[error(
        "the file of job {job} could not be verified as a complete export: {reason}; it is kept as {} so that you can check it",
        .kept.display()
    )]
    Unverified {
        /// The ID of the job.
        job: String,
        /// The path under which the file is kept.
        kept: PathBuf,
        /// Why it cannot be verified.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The transfer is too slow.
    #[error(
        "the file of job {job} is received too slowly: fewer than {rate} bytes a second for {seconds} seconds; {bytes} bytes were received"
    )]
    TooSlow {
        /// The ID of the job.
        job: String,
        /// The number of bytes received.
        bytes: u64,
        /// How long it was too slow, in seconds.
        seconds: u64,
        /// The minimum rate in bytes per second.
        rate: u64,
    },
    /// The transfer took too long.
    #[error(
        "the file of job {job} was not received within {seconds} second{}; {bytes} bytes were received",
        if *seconds == 1 { "" } else { "s" }
    )]
    TimedOut {
        /// The ID of the job.
        job: String,
        /// The number of bytes received.
        bytes: u64,
        /// How long it took, in seconds.
        seconds: u64,
    },
    /// The target file exists.
    #[error("{} exists; choose another name or allow replacing it", .0.display())]
    Exists(PathBuf),
}

/// Why a connection cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// No connection has this name or ID.
    #[error("the tenant has no connection `{0}`")]
    Missing(String),
    /// The name cannot be looked up.
    #[error(
        "the connection `{name}` cannot be found by its name, because {reason}; give its id (con_…) instead"
    )]
    Unchecked {
        /// The requested name.
        name: String,
        /// Why it cannot be looked up.
        reason: Unchecked,
    },
}

/// Why no tenant would accept an export request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There are too many fields for CSV.
    #[error("a CSV export has at most {limit} fields, but {fields} are requested; request fewer, or json")]
    TooManyFields {
        /// The number of fields.
        fields: usize,
        /// The maximum number of fields.
        limit: usize,
    },
    /// A field cannot be exported to CSV.
    #[error(
        "field {number}: CSV cannot contain `{name}` as a whole; request its members, for example {name}{example}, or json"
    )]
    NotInCsv {
        /// The number of the field, from 1.
        number: usize,
        /// Its name.
        name: &'static str,
        /// What can follow the name to select a value in it.
        example: &'static str,
    },
    /// A name is too long.
    #[error("field {number}: {member} has {chars} characters; at most {limit} are accepted")]
    LongName {
        /// The number of the field, from 1.
        number: usize,
        /// `name` or `export_as`.
        member: &'static str,
        /// The number of characters.
        chars: usize,
        /// The maximum number of characters.
        limit: usize,
    },
    /// The limit is zero users.
    #[error("limit: expected a whole number from 1, but found 0")]
    NoUsers,
}

/// Why parts cannot be sent, or why sending stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// Another run has locked the journal.
    #[error("{} is in use: another upload to this target is running", .0.display())]
    Locked(PathBuf),
    /// The file is not a valid journal.
    #[error("{}, line {line}: this is not an upload journal of a version that this program reads; nothing was sent", .path.display())]
    Journal {
        /// The path of the journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The journal belongs to another target or mode.
    #[error("{} was started for {begun}, not for {requested}; nothing was sent", .path.display())]
    OtherTarget {
        /// The path of the journal.
        path: PathBuf,
        /// The target and mode in its first line.
        begun: String,
        /// The requested target and mode.
        requested: String,
    },
    /// The journal refers to an error list outside the folder of its error lists.
    #[error("{}, line {line}: the error list is not in the folder of the error lists; nothing was sent", .path.display())]
    ErrorListOutsideFolder {
        /// The path of the journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The name of a part is a path, not a file name.
    #[error("{0:?} is not the name of a part; expected the name of a file in the folder")]
    PartName(String),
    /// The content of a part has changed.
    #[error("{0} was changed since it was written or first sent; convert into a new folder and send that")]
    ChangedPart(String),
    /// A part that the journal contains is missing.
    #[error("{0} was sent before, but is no longer among the parts; put it back to continue")]
    MissingPart(String),
    /// Two parts have the same content.
    #[error("{0} and {1} are the same; remove one of them")]
    DuplicateParts(String, String),
    /// There was no response for a part after several tries.
    #[error("{part}: no answer after {times} tries; nothing is lost: start again to continue")]
    NoResponse {
        /// The file name of the part.
        part: String,
        /// The number of consecutive tries.
        times: u32,
        /// The last error.
        #[source]
        last: Box<Error>,
    },
}

impl Error {
    /// Returns true if the tenant may have carried out the call although it failed here. Such a call must not
    /// simply be repeated.
    pub fn may_have_acted(&self) -> bool {
        // If signing in failed, the call itself was not made.
        if self.call().is_some_and(ApiCall::is_sign_in) {
            return false;
        }
        match self {
            Self::NoResponse { may_have_acted, .. } => *may_have_acted,
            Self::Refused(refused) => refused.status >= 500 || refused.status == 408,
            Self::UnexpectedResponse { .. } | Self::TooLong { .. } => true,
            _ => false,
        }
    }

    /// Returns the failed call, if a call failed.
    pub fn call(&self) -> Option<&ApiCall> {
        match self {
            Self::NoResponse { call, .. }
            | Self::UnexpectedResponse { call, .. }
            | Self::TooLong { call, .. } => Some(call),
            Self::Refused(refused) => Some(&refused.call),
            _ => None,
        }
    }

    pub(crate) fn refused_mut(&mut self) -> Option<&mut ApiError> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// Returns the error response of the tenant, if there is one.
    pub fn refused(&self) -> Option<&ApiError> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, error: io::Error) -> Self {
        Self::Io { doing, path: path.into(), error }
    }
}

/// Formats text of a tenant in parentheses, in one line. Words that could be an e-mail address are replaced by `…`.
fn in_brackets(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| {
        let line = one_line(text);
        let words = line.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
        format!(" ({})", words.collect::<Vec<_>>().join(" "))
    })
}
