//! Downloads the file of an export. The file is published complete and checked under its name, or not at all.
//!
//! The data is written to a hidden temporary file next to the target. A broken transfer is resumed if the server
//! sends a strong entity tag, otherwise it starts again. If the link has expired, the job is requested again for a
//! new link. The token is never sent to the link. The file gets its name only if it is complete and passes the
//! check of the caller. A server cannot keep a transfer running forever: it must send new bytes, at a minimum rate.

use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use ureq::http::{HeaderMap, Uri};

use crate::client::Client;
use crate::clock::date_text;
use crate::error::{DownloadError, Error, Result};
use crate::files::{Publication, folder};
use crate::http::{header, is_loopback};
use crate::job::{ExportField, Format, Job, JobType, Status};
use crate::network::NetworkError;
use crate::secret::Secret;

mod partial_file;
mod rate_meter;

use partial_file::{PartialFile, range, strong_tag, unsatisfied};
use rate_meter::RateMeter;

type Check<'a> = dyn Fn(&Fetched<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 'a;

/// A complete file, before it gets its name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched<'f> {
    /// The path of the temporary file.
    pub path: &'f Path,
    /// True if the file begins like gzip data. Every export does, unless something on the way has decompressed it.
    pub is_gzip: bool,
    /// The export job of the file.
    pub job: &'f Job,
}

/// Downloads the file of a completed export.
pub struct Download<'a> {
    client: &'a Client,
    replace: bool,
    min_rate: u64,
    max_time: Option<Duration>,
    check: Box<Check<'a>>,
    progress: Box<dyn FnMut(u64, Option<u64>) + 'a>,
    temporary: Box<dyn FnMut(&Path) + 'a>,
}

/// What was exported and when. Written next to the export as `FILE.job.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportRecord {
    /// The host of the tenant.
    pub tenant: String,
    /// The ID of the job.
    pub job: String,
    /// When the job was created, as the tenant wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the file was downloaded.
    pub downloaded_at: String,
    /// The connection. `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The format of the export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The maximum number of users. `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The fields. `None`: the default fields of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ExportField>>,
    /// The length of the file in bytes.
    pub bytes: u64,
}

impl ExportRecord {
    /// Returns the path of the record of an export: `FILE.job.json`.
    pub fn path_of(export: &Path) -> PathBuf {
        let mut name = export.as_os_str().to_owned();
        name.push(".job.json");
        name.into()
    }
}

impl Client {
    /// Creates a download with default options.
    pub fn download(&self) -> Download<'_> {
        Download {
            client: self,
            replace: false,
            min_rate: 1_000,
            max_time: None,
            check: Box::new(|_| Ok(())),
            progress: Box::new(|_, _| {}),
            temporary: Box::new(|_| {}),
        }
    }
}

impl<'a> Download<'a> {
    /// Sets whether existing files are replaced.
    pub fn replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }

    /// Sets the minimum rate in bytes per second, measured over a minute. The default is 1 000; 0 allows any rate.
    pub fn min_rate(mut self, bytes: u64) -> Self {
        self.min_rate = bytes;
        self
    }

    /// Sets a time limit for the whole transfer. There is none by default. It is checked when bytes arrive and before each
    /// request, so a silent server delays its end.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.max_time = Some(time);
        self
    }

    /// Sets a check that a complete file must pass to get its name. It should check that the gzip data is intact to
    /// its end, or, if the file is not gzip data, that it is an export.
    pub fn check(
        mut self,
        check: impl Fn(&Fetched<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 'a,
    ) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Sets a function that receives the number of bytes so far and, if known, the length of the file.
    pub fn progress(mut self, progress: impl FnMut(u64, Option<u64>) + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Sets a function that receives the path of the temporary file when it is created. A program that exits on a
    /// signal can remove it.
    pub fn temporary(mut self, created: impl FnMut(&Path) + 'a) -> Self {
        self.temporary = Box::new(created);
        self
    }

    /// Downloads the file of a job to `target` and writes its record next to it as `FILE.job.json`. Both files are
    /// published, or neither.
    ///
    /// # Errors
    /// Returns an error if the job has no file, if one of the target files exists, or if the file is incomplete or
    /// fails the check. The target files are then unchanged. A file that is not gzip data, and cannot be verified
    /// as an export, is kept as `FILE.unverified` for inspection.
    pub fn fetch(mut self, job_id: &str, target: &Path) -> Result<ExportRecord> {
        let (record_path, unverified) = (ExportRecord::path_of(target), unverified_path(target));
        for path in [target, &record_path, &unverified] {
            if !self.replace && path.symlink_metadata().is_ok() {
                return Err(DownloadError::Exists(path.to_owned()).into());
            }
        }
        let mut file = PartialFile::next_to(target)?;
        (self.temporary)(file.temporary.path());
        let job = self.transfer(job_id, &mut file)?;
        let is_gzip = file.is_gzip()?;
        let checked = if file.bytes == 0 {
            return Err(
                DownloadError::Damaged { job: job_id.to_owned(), reason: "it is empty".into() }.into()
            );
        } else if is_gzip || file.is_complete {
            (self.check)(&Fetched { path: file.temporary.path(), is_gzip, job: &job })
        } else {
            Err("the server did not send its length, and it is not gzip data, whose end can be verified"
                .into())
        };
        match checked {
            Ok(()) => {}
            Err(reason) if is_gzip => {
                return Err(DownloadError::Damaged { job: job_id.to_owned(), reason }.into());
            }
            Err(reason) => {
                Publication::new(self.replace).add(file.temporary, &unverified).publish()?;
                return Err(
                    DownloadError::Unverified { job: job_id.to_owned(), kept: unverified, reason }.into()
                );
            }
        }
        let record = ExportRecord {
            tenant: self.client.host().to_owned(),
            job: job.id,
            created_at: job.created_at,
            downloaded_at: date_text(self.client.clock().now()),
            connection_id: job.connection_id,
            format: job.format,
            limit: job.limit,
            fields: job.fields,
            bytes: file.bytes,
        };
        // The record is published first: if the program is killed in between, there is no export without its
        // record.
        let publication =
            Publication::new(self.replace).add(write_record(&record, &record_path)?, &record_path);
        publication.add(file.temporary, target).publish()?;
        Ok(record)
    }

    fn transfer(&mut self, job_id: &str, file: &mut PartialFile) -> Result<Job> {
        let client = self.client;
        let started = client.clock().elapsed();
        let mut rate_meter = RateMeter::new(self.min_rate);
        let mut job = completed_job(client, job_id)?;
        let (mut refusals, mut failures) = (0, 0);
        loop {
            if let Some(seconds) = self.over_time(started) {
                let (job, bytes) = (job_id.to_owned(), file.bytes);
                return Err(DownloadError::TimedOut { job, bytes, seconds }.into());
            }
            let highest = file.highest;
            rate_meter.resume(client.clock().elapsed());
            let result = self.attempt(&job.link, file, &mut rate_meter, started)?;
            // Only bytes beyond the largest size so far count as progress.
            if file.highest > highest {
                (refusals, failures) = (0, 0);
            }
            match result {
                Attempt::Complete => return Ok(job.job),
                Attempt::TooSlow(seconds) => {
                    let (job, bytes, rate) = (job_id.to_owned(), file.bytes, self.min_rate);
                    return Err(DownloadError::TooSlow { job, bytes, seconds, rate }.into());
                }
                // The next pass ends the transfer.
                Attempt::TimedOut => {}
                Attempt::Refused(status) => {
                    refusals += 1;
                    if refusals > 2 {
                        return Err(DownloadError::Refused { job: job_id.to_owned(), status }.into());
                    }
                    rate_meter.pause(client.clock().elapsed());
                    job = completed_job(client, job_id)?;
                }
                Attempt::Broken(reason) => {
                    failures += 1;
                    if failures >= client.retry().attempts || file.restarts > MAX_RESTARTS {
                        let (job, bytes, times) =
                            (job_id.to_owned(), file.bytes, failures.max(file.restarts));
                        return Err(DownloadError::TooManyFailures { job, times, bytes, reason }.into());
                    }
                    client.clock().sleep(client.retry().backoff(failures));
                }
            }
        }
    }

    /// Returns the time of the transfer in seconds, if it exceeds the limit.
    fn over_time(&self, started: Duration) -> Option<u64> {
        let time = self.client.clock().elapsed().saturating_sub(started);
        self.max_time.is_some_and(|max| time > max).then_some(time.as_secs())
    }

    /// Makes one request, and reads as much of the file as it returns.
    fn attempt(
        &mut self,
        link: &Secret,
        file: &mut PartialFile,
        rate_meter: &mut RateMeter,
        started: Duration,
    ) -> Result<Attempt> {
        // Without a strong tag, the next bytes may be from a different file than the bytes received so far.
        if file.tag.is_none() {
            file.restart(&HeaderMap::new())?;
        }
        let mut response = match self.client.http().file(link, file.bytes, file.tag.as_deref()) {
            Ok(response) => response,
            Err(reason) => return Ok(Attempt::Broken(reason.into())),
        };
        let length = match response.status().as_u16() {
            200 => {
                file.restart(response.headers())?;
                header(response.headers(), "content-length").and_then(|text| text.parse().ok())
            }
            206 => match range(response.headers()) {
                Some((from, length)) if from == file.bytes && strong_tag(response.headers()) == file.tag => {
                    length
                }
                _ => {
                    file.restart(&HeaderMap::new())?;
                    return Ok(Attempt::Broken(
                        "the server sent another part of the file than requested".into(),
                    ));
                }
            },
            416 if unsatisfied(response.headers()) == Some(file.bytes) && file.bytes > 0 => {
                file.is_complete = true;
                return Ok(Attempt::Complete);
            }
            416 => {
                file.restart(&HeaderMap::new())?;
                return Ok(Attempt::Broken("the file is shorter than it was".into()));
            }
            status if status == 429 || status >= 500 => {
                return Ok(Attempt::Broken(format!("status {status}").into()));
            }
            status => return Ok(Attempt::Refused(status)),
        };
        // A body that ends when the connection closes may be incomplete.
        let is_chunked = header(response.headers(), "transfer-encoding").is_some();
        let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match read_uninterrupted(&mut body, &mut buffer) {
                Ok(0) => break,
                Ok(read) => file.append(buffer.get(..read).unwrap_or_default())?,
                Err(error) => {
                    let host = self.client.http().host(link.expose());
                    let reason = NetworkError::new(ureq::Error::from(error), &host);
                    return Ok(Attempt::Broken(reason.into()));
                }
            }
            if length.is_some_and(|length| file.bytes > length) {
                file.restart(&HeaderMap::new())?;
                return Ok(Attempt::Broken("the server sent more bytes than announced".into()));
            }
            (self.progress)(file.bytes, length);
            if self.over_time(started).is_some() {
                return Ok(Attempt::TimedOut);
            }
            if let Some(seconds) = rate_meter.too_slow(self.client.clock().elapsed(), file.appended) {
                return Ok(Attempt::TooSlow(seconds));
            }
        }
        file.is_complete = length.is_some() || is_chunked;
        match length {
            Some(length) if file.bytes != length => Ok(Attempt::Broken("it ended early".into())),
            _ => Ok(Attempt::Complete),
        }
    }
}

/// The maximum number of restarts. After each restart, the server may send the same bytes again.
const MAX_RESTARTS: u32 = 5;

/// The result of one request.
enum Attempt {
    Complete,
    /// Too slow for this number of seconds.
    TooSlow(u64),
    /// The time limit was exceeded.
    TimedOut,
    Refused(u16),
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// A completed job with its link.
struct CompletedJob {
    job: Job,
    link: Secret,
}

/// Returns true if the file may be downloaded from this link: https from anywhere, http only from loopback, and
/// only if the tenant is also on loopback.
fn may_follow(link: &Uri, tenant_is_loopback: bool) -> bool {
    match link.scheme_str() {
        Some("https") => true,
        Some("http") => tenant_is_loopback && is_loopback(link),
        _ => false,
    }
}

/// Requests the job, which returns a new link.
fn completed_job(client: &Client, job_id: &str) -> Result<CompletedJob> {
    let job = client.job(job_id)?;
    if job.job_type != JobType::UsersExport {
        return Err(DownloadError::NotAnExport { job: job.id, job_type: job.job_type }.into());
    }
    if job.status != Status::Completed {
        return Err(Error::JobFailed {
            job: job.id,
            status: job.status,
            details: job.status_details,
            expected: "expected a completed export",
        });
    }
    let Some(link) = job.location.clone() else {
        return Err(DownloadError::NoLink(job.id).into());
    };
    let Ok(uri) = link.expose().parse::<Uri>() else {
        return Err(DownloadError::InvalidLink(job.id).into());
    };
    if !may_follow(&uri, client.is_loopback()) {
        return Err(DownloadError::InsecureLink(job.id).into());
    }
    Ok(CompletedJob { job, link })
}

/// Returns the path for a file that could not be verified: `FILE.unverified`.
fn unverified_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".unverified");
    name.into()
}

/// Reads once, and again if a signal interrupted the call.
fn read_uninterrupted(body: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match body.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Writes the record to a temporary file next to `path`.
fn write_record(record: &ExportRecord, path: &Path) -> Result<NamedTempFile> {
    let failed = |error| Error::io("cannot write", path, error);
    let mut text = serde_json::to_vec_pretty(record).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    let mut file = tempfile::Builder::new().prefix(".reimport-").tempfile_in(folder(path)).map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is interrupted before each read.
    struct Interrupted<'b>(&'b [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(buffer) }
        }
    }

    #[test]
    fn a_signal_does_not_break_a_transfer() {
        let (mut body, mut buffer) = (Interrupted(b"ab", false), [0; 8]);
        assert_eq!(read_uninterrupted(&mut body, &mut buffer).unwrap(), 2);
        assert_eq!((read_uninterrupted(&mut body, &mut buffer).unwrap(), &buffer[..2]), (0, &b"ab"[..]));
    }

    #[test]
    fn http_links_are_followed_only_between_loopback_hosts() {
        for (link, on_loopback, elsewhere) in [
            ("https://files.example.com/x", true, true),
            ("https://127.0.0.1/x", true, true),
            ("http://127.0.0.1:80/x", true, false),
            ("http://[::1]/x", true, false),
            ("http://localhost/x", true, false),
            ("http://files.example.com/x", false, false),
            ("ftp://127.0.0.1/x", false, false),
            ("/x", false, false),
        ] {
            let link: Uri = link.parse().unwrap();
            assert_eq!(
                (may_follow(&link, true), may_follow(&link, false)),
                (on_loopback, elsewhere),
                "{link}"
            );
        }
    }
}
