//! Everything that can go wrong with the jobs of a tenant, in words, on one page.
//!
//! No message holds a token, a secret, a signed link or a value of a user.

use std::io;
use std::path::PathBuf;

use crate::api_error::{ApiError, one_line};
use crate::connection::Unchecked;
use crate::job::{JobType, Status};

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the tenant cannot be used.
    #[error(
        "the base URL {0}; expected https and a host, as in https://acme.eu.auth0.com (http only for loopback)"
    )]
    BaseUrl(&'static str),
    /// No token could be had.
    #[error("cannot sign in: {0}")]
    SignIn(#[from] SignInError),
    /// No complete answer came.
    #[error("{call}: {reason}")]
    Unanswered {
        /// The call, as in `GET jobs/{id}`.
        call: &'static str,
        /// What happened instead of an answer.
        reason: String,
        /// Whether the tenant may have carried out the call all the same.
        may_have_acted: bool,
        /// Whether no further try can help: a certificate, an address or a header is wrong.
        is_permanent: bool,
    },
    /// The tenant refused the call.
    #[error("{0}")]
    Refused(Box<ApiError>),
    /// The answer is not the documented one.
    #[error(
        "{call}: expected {expected}, but the answer is something else; is the base URL that of a tenant?"
    )]
    Answer {
        /// The call, as in `GET jobs/{id}`.
        call: &'static str,
        /// What is documented.
        expected: &'static str,
    },
    /// The answer is longer than any documented one.
    #[error(
        "{call}: the answer has more than {limit} bytes, and is not read; is the base URL that of a tenant?"
    )]
    TooLong {
        /// The call, as in `GET jobs/{id}`.
        call: &'static str,
        /// How many bytes are read at most.
        limit: u64,
    },
    /// A request for an export that no tenant would accept.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// An import's body would be refused with 413.
    #[error(
        "{part}: the request would have {bytes} bytes, more than the {limit} a tenant accepts; convert again into smaller parts"
    )]
    TooLarge {
        /// The name of the part.
        part: String,
        /// The exact length of the request body.
        bytes: u64,
        /// The most a tenant accepts.
        limit: u64,
    },
    /// A job did not end within the limit of the wait.
    #[error(
        "job {job} is still {status} after {seconds} seconds; it goes on without this program: look again later"
    )]
    StillRunning {
        /// The job.
        job: String,
        /// Its status when last seen.
        status: Status,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A job that should have a result has none.
    #[error("job {job} is {status}{}; {expected}", in_brackets(.details.as_deref()))]
    JobFailed {
        /// The job.
        job: String,
        /// Its status.
        status: Status,
        /// The tenant's own reason.
        details: Option<String>,
        /// What was expected of it.
        expected: &'static str,
    },
    /// An export could not be fetched whole.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The connection that was named is not to be had.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// Parts cannot be sent.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The operating system refused.
    #[error("{doing} {}: {error}", .path.display())]
    Io {
        /// What was being done, as in "cannot read".
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The system's own reason.
        #[source]
        error: io::Error,
    },
    /// The caller asked to stop.
    #[error("stopped as asked; start again to go on")]
    Interrupted,
}

/// Why no token could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The file cannot be read.
    #[error("cannot read the token file {}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's own reason.
        #[source]
        error: io::Error,
    },
    /// The command cannot be started or watched.
    #[error("cannot run the token command: {0}")]
    Command(#[source] io::Error),
    /// The command failed.
    #[error("the token command failed ({0}); expected the token on its standard output")]
    CommandFailed(String),
    /// The command did not end.
    #[error("the token command was still running after {0} seconds and was ended")]
    CommandTimeout(u64),
    /// The variable is not there.
    #[error("the environment has no {0}")]
    Variable(String),
    /// What was found is no token.
    #[error("{0} does not hold a token; expected one line of visible ASCII characters")]
    NoToken(&'static str),
}

/// Why an export could not be fetched whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The job has ended without a link.
    #[error("job {0} is completed, but has no location; its data may be older than 24 hours")]
    NoLink(String),
    /// The job is not an export.
    #[error("job {job} is not an export, but {job_type}; nothing was fetched")]
    NotAnExport {
        /// The job.
        job: String,
        /// Its type.
        job_type: JobType,
    },
    /// The link cannot be read.
    #[error("the link of job {0} is not a URL; nothing was fetched")]
    LinkUnreadable(String),
    /// The link leads somewhere it must not.
    #[error("the link of job {0} is not https; nothing was fetched")]
    LinkScheme(String),
    /// The server of the file refused, and a new link did not help.
    #[error("the file of job {job} was refused with status {status}, also by a new link")]
    Refused {
        /// The job.
        job: String,
        /// The HTTP status.
        status: u16,
    },
    /// The file broke off too often.
    #[error(
        "the file of job {job} broke off {times} times without a byte more ({reason}); {bytes} bytes had come"
    )]
    BrokenOff {
        /// The job.
        job: String,
        /// How often.
        times: u32,
        /// How many bytes there were.
        bytes: u64,
        /// What happened the last time.
        reason: String,
    },
    /// The file came whole, but is damaged.
    #[error("the file of job {job} is damaged and was not kept: {reason}")]
    Damaged {
        /// The job.
        job: String,
        /// The check's own error.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file came to its end, but is neither gzip data nor known to be an export.
    #[error(
        "the file of job {job} is not known to be a whole export: {reason}; it is kept as {} for you to look at",
        .kept.display()
    )]
    Unverified {
        /// The job.
        job: String,
        /// Where it is kept.
        kept: PathBuf,
        /// Why not.
        #[source]
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file comes too slowly.
    #[error(
        "the file of job {job} comes too slowly: fewer than {rate} bytes a second for {seconds} seconds; {bytes} bytes \
         had come"
    )]
    TooSlow {
        /// The job.
        job: String,
        /// How many bytes there were.
        bytes: u64,
        /// For how long it was too slow.
        seconds: u64,
        /// The bytes a second that must come.
        rate: u64,
    },
    /// The transfer took too long.
    #[error("the file of job {job} did not come within {seconds} seconds; {bytes} bytes had come")]
    TooLate {
        /// The job.
        job: String,
        /// How many bytes there were.
        bytes: u64,
        /// How long it took.
        seconds: u64,
    },
    /// The target is there.
    #[error("{} exists; choose another name or allow replacing it", .0.display())]
    Exists(PathBuf),
}

/// Why a connection is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// None has that name or id.
    #[error("the tenant has no connection `{0}`")]
    Missing(String),
    /// The name cannot be looked up.
    #[error(
        "the connection `{name}` cannot be looked up by its name, since {reason}; give its id (con_…) instead"
    )]
    Unchecked {
        /// The name that was asked for.
        name: String,
        /// Why not.
        reason: Unchecked,
    },
}

/// Why no tenant would accept a request for an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Too many fields for CSV.
    #[error(
        "an export in CSV has at most {limit} fields, and {fields} are asked for; ask for fewer, or for json"
    )]
    TooManyFields {
        /// How many there are.
        fields: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A field that no CSV can hold.
    #[error(
        "field {number}: a CSV cannot hold `{name}` as a whole; name what is in it, as in {name}{example}, or ask for json"
    )]
    NotInCsv {
        /// The number of the field, from 1.
        number: usize,
        /// Its name.
        name: &'static str,
        /// What may follow the name.
        example: &'static str,
    },
    /// A name that is too long.
    #[error("field {number}: {member} has {chars} characters; at most {limit} are accepted")]
    LongName {
        /// The number of the field, from 1.
        number: usize,
        /// `name` or `export_as`.
        member: &'static str,
        /// How many characters it has.
        chars: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A limit of no users.
    #[error("limit: expected a whole number from 1, but found 0")]
    NoUsers,
}

/// Why parts cannot be sent, or no more of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// Another run writes the journal.
    #[error("{} is in use: another upload to this target is running", .0.display())]
    Locked(PathBuf),
    /// The journal is no journal.
    #[error("{}, line {line}: this is no upload journal of a version this program reads; nothing was sent", .path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The journal speaks of another target or mode.
    #[error("{} was begun for {begun}, not for {asked}; nothing was sent", .path.display())]
    OtherTarget {
        /// The journal.
        path: PathBuf,
        /// What its first line says.
        begun: String,
        /// What is asked now.
        asked: String,
    },
    /// The journal names an error list that is not in the folder of its error lists.
    #[error("{}, line {line}: the error list is not in the folder of the error lists; nothing was sent", .path.display())]
    ForeignList {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The name of a part is a path.
    #[error("{0:?} is not the name of a part; expected the name of a file in the folder")]
    PartName(String),
    /// A part is not what it was.
    #[error("{0} was changed since it was written or first sent; convert into a new folder and send that")]
    Edited(String),
    /// A part the journal knows is gone.
    #[error("{0} was sent before, but is no longer among the parts; put it back to go on")]
    Vanished(String),
    /// Two parts hold the same.
    #[error("{0} and {1} are the same; remove one of them")]
    Twins(String, String),
    /// A part stays without an answer.
    #[error("{part}: no answer after {times} tries; nothing is lost: start again to go on")]
    NoAnswer {
        /// The part.
        part: String,
        /// How often it was tried in a row.
        times: u32,
        /// The last error.
        #[source]
        last: Box<Error>,
    },
}

/// The call that signs in.
pub(crate) const TOKEN_CALL: &str = "POST oauth/token";

impl Error {
    /// Whether the tenant may have carried out the call although it failed here: then it must not simply be repeated.
    pub fn may_have_acted(&self) -> bool {
        // Without a token the call itself was not made.
        if self.call() == Some(TOKEN_CALL) {
            return false;
        }
        match self {
            Self::Unanswered { may_have_acted, .. } => *may_have_acted,
            Self::Refused(refused) => refused.status >= 500 || refused.status == 408,
            Self::Answer { .. } | Self::TooLong { .. } => true,
            _ => false,
        }
    }

    /// The call that failed, where it is one.
    pub(crate) fn call(&self) -> Option<&'static str> {
        match self {
            Self::Unanswered { call, .. } | Self::Answer { call, .. } | Self::TooLong { call, .. } => {
                Some(call)
            }
            Self::Refused(refused) => Some(refused.call),
            _ => None,
        }
    }

    pub(crate) fn refused_mut(&mut self) -> Option<&mut ApiError> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// The tenant's refusal, where it is one.
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

/// The words of a tenant: one line, without what could be an address of a user.
fn in_brackets(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| {
        let line = one_line(text);
        let words = line.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
        format!(" ({})", words.collect::<Vec<_>>().join(" "))
    })
}
