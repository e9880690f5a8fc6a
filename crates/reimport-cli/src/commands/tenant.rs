//! The HTTP client of a tenant, from the options.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reimport_jobs::{
    Client, ClientBuilder, Job, Pause, Retry, Secret, SignIn, TOKEN_VARIABLE, Wait, duration_text,
};

use super::next;
use crate::args::{PollArgs, ProgressChoice, ReportArgs, TenantArgs};
use crate::event::Event;
use crate::line::shortened;
use crate::report::interrupted_text;
use crate::signals::{PrintOnSignal, print_on_signal};
use crate::style::Styled;
use crate::terminal::printable;

/// Returns a client of the tenant. It prints its pauses, unless it is quiet.
pub(super) fn client(args: &TenantArgs, poll: &PollArgs, report: &ReportArgs) -> anyhow::Result<Client> {
    Ok(builder(args, poll, report)?.build()?)
}

/// Returns the address of the tenant, as given.
pub(super) fn address(args: &TenantArgs) -> anyhow::Result<&str> {
    let Some(address) = args.tenant.as_ref().or(args.base_url.as_ref()) else {
        bail!("no tenant; add --tenant HOST, for example --tenant acme.eu.auth0.com")
    };
    Ok(address)
}

/// Returns the builder of [`client`].
pub(super) fn builder(
    args: &TenantArgs,
    poll: &PollArgs,
    report: &ReportArgs,
) -> anyhow::Result<ClientBuilder> {
    let address = address(args)?;
    let pauses = Pauses::new(report);
    let builder = Client::builder(address, sign_in(args)?).pausing(move |pause| pauses.print(pause));
    Ok(builder.retry(retry(poll)))
}

/// Prints how to continue if a signal ends the command before the returned guard is dropped: by the same command.
pub(super) fn continue_with(words: &str, report: &ReportArgs) -> Option<PrintOnSignal> {
    let text = || interrupted_text(words, &next::again(std::env::args_os()));
    (!report.quiet).then(|| print_on_signal(text()))
}

/// Prints pauses with their reason: those [worth a line](is_worth_a_line), and not the same reason twice in a row.
pub(super) struct Pauses {
    quiet: bool,
    as_events: bool,
    last_reason: Mutex<String>,
}

/// Returns whether a pause is long enough to be printed: two seconds or more.
fn is_worth_a_line(pause: Duration) -> bool {
    pause >= Duration::from_secs(2)
}

impl Pauses {
    pub(super) fn new(report: &ReportArgs) -> Self {
        let as_events = report.progress == ProgressChoice::Json;
        Self { quiet: report.quiet, as_events, last_reason: Mutex::default() }
    }

    pub(super) fn print(&self, pause: &Pause) {
        if (self.quiet && !self.as_events) || !is_worth_a_line(pause.time) {
            return;
        }
        let mut last_reason = self.last_reason.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last_reason == pause.reason {
            return;
        }
        if self.as_events {
            let (seconds, reason) = (pause.time.as_secs(), pause.reason.clone());
            Event::Waiting { call: pause.call, seconds, reason }.print();
        } else {
            let time = duration_text(pause.time.as_secs());
            crate::write_stderr(&Styled::line(&format!("waiting {time}: {}", pause.reason)));
        }
        last_reason.clone_from(&pause.reason);
    }
}

/// Returns how the client repeats requests.
fn retry(poll: &PollArgs) -> Retry {
    let mut retry = Retry::default();
    // A short --poll means short jobs, so a running job also ends soon.
    if poll.poll < Wait::default().first {
        retry.job_limit_pause = poll.poll * 60;
    }
    retry
}

/// Whether neither the options nor the environment say where the token comes from. The environment is used last, and only
/// for a token, never for a tenant.
pub(super) fn lacks_token(args: &TenantArgs) -> bool {
    let credentials = args.client_id.is_some() && args.client_secret_file.is_some();
    let is_given = args.token_file.is_some() || args.token_command.is_some() || credentials;
    !is_given && std::env::var_os(TOKEN_VARIABLE).is_none()
}

fn sign_in(args: &TenantArgs) -> anyhow::Result<SignIn> {
    if let Some(file) = &args.token_file {
        return Ok(SignIn::token_file(file));
    }
    if let Some(command) = &args.token_command {
        return Ok(SignIn::token_command(command));
    }
    if let (Some(id), Some(file)) = (&args.client_id, &args.client_secret_file) {
        let secret = Secret::from_file(file)
            .with_context(|| format!("cannot read the client secret file {}", file.display()))?;
        ensure!(
            !secret.expose().is_empty(),
            "the client secret file {} is empty; expected one line",
            file.display()
        );
        let sign_in = SignIn::client_credentials(id, secret);
        return Ok(match &args.audience {
            Some(audience) => sign_in.audience(audience),
            None => sign_in,
        });
    }
    if lacks_token(args) {
        bail!(
            "no token; use --token-file FILE, --token-command COMMAND, or --client-id ID with \
             --client-secret-file FILE, or set {TOKEN_VARIABLE}"
        );
    }
    Ok(SignIn::token_variable(TOKEN_VARIABLE))
}

/// Returns how often the status of a job is requested.
pub(super) fn wait(args: &PollArgs) -> Wait {
    let mut wait = Wait::default();
    wait.longest = wait.longest.max(args.poll);
    wait.first = args.poll;
    // A --poll below the default means short jobs, so the longest pause is also short.
    if wait.first < Wait::default().first {
        wait.longest = wait.first * 10;
    }
    wait
}

/// Returns the status of a job for programs.
pub(super) fn event_of(job: &Job) -> Event {
    Event::Job {
        job: job.id.clone(),
        status: job.status.to_string(),
        percentage_done: job.percentage_done,
        seconds_left: job.time_left_seconds,
    }
}

/// Returns texts with the status of a job for the progress line, the most detailed first. A tenant reports 0 seconds for
/// a job that is still running, which is not known to end at once.
pub(super) fn so_far(job: &Job) -> [String; 2] {
    let mut rest = format!(" is {}", job.status);
    if let Some(done) = job.percentage_done {
        let _ = write!(rest, ", {done} %");
    }
    if let Some(left) = job.time_left_seconds.filter(|left| *left > 0 && !job.status.is_final()) {
        let _ = write!(rest, ", {} left", duration_text(left));
    }
    with_job(&job.id, &rest)
}

/// Maximum number of columns of the id of a job in the shorter text.
const ID_COLUMNS: usize = 24;

/// Returns texts for the progress line: `job ID` and the rest, with the whole id, and with a shortened one.
pub(super) fn with_job(id: &str, rest: &str) -> [String; 2] {
    [format!("job {id}{rest}"), format!("job {}{rest}", shortened(&printable(id), ID_COLUMNS))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_printed_from_two_seconds() {
        assert!(is_worth_a_line(Duration::from_secs(2)));
        assert!(!is_worth_a_line(Duration::from_millis(1999)));
    }
}
