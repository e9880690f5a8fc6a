//! From the options of a tenant to a client that is signed in.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reimport_jobs::{
    Client, ClientBuilder, Job, Pause, Retry, Secret, SignIn, TOKEN_VARIABLE, Wait, duration_text,
};

use crate::args::{PollArgs, ProgressChoice, ReportArgs, TenantArgs};
use crate::event::Event;
use crate::terminal::say_line;

/// A client of the tenant that was named. It says what it waits for, unless it is to be quiet.
pub(super) fn client(args: &TenantArgs, poll: &PollArgs, report: &ReportArgs) -> anyhow::Result<Client> {
    Ok(builder(args, poll, report)?.build()?)
}

/// [`client`] before it is built.
pub(super) fn builder(
    args: &TenantArgs,
    poll: &PollArgs,
    report: &ReportArgs,
) -> anyhow::Result<ClientBuilder> {
    let Some(address) = args.tenant.as_ref().or(args.base_url.as_ref()) else {
        bail!("no tenant is named; say --tenant HOST, as in --tenant acme.eu.auth0.com")
    };
    let pauses = Pauses::new(report);
    let builder = Client::builder(address, sign_in(args)?).pausing(move |pause| pauses.say(pause));
    Ok(builder.retry(retry(poll)))
}

/// Says what is waited for: every longer pause, but not twice in a row with the same reason.
pub(super) struct Pauses {
    quiet: bool,
    as_events: bool,
    said: Mutex<String>,
}

/// Shorter pauses are not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(2);

impl Pauses {
    pub(super) fn new(report: &ReportArgs) -> Self {
        let as_events = report.progress == ProgressChoice::Json;
        Self { quiet: report.quiet, as_events, said: Mutex::default() }
    }

    pub(super) fn say(&self, pause: &Pause) {
        if (self.quiet && !self.as_events) || pause.time < WORTH_A_LINE {
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *said == pause.why {
            return;
        }
        if self.as_events {
            let (seconds, reason) = (pause.time.as_secs(), pause.why.clone());
            Event::Waiting { call: pause.call, seconds, reason }.print();
        } else {
            let time = duration_text(pause.time.as_secs());
            say_line(&format!("waiting {time}: {}", pause.why));
        }
        said.clone_from(&pause.why);
    }
}

/// How patient the client is.
fn retry(poll: &PollArgs) -> Retry {
    let mut retry = Retry::default();
    // Where jobs are short, so is the time until one of them makes place.
    if poll.poll < Wait::default().first {
        retry.turn_pause = poll.poll * 60;
    }
    retry
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
            .with_context(|| format!("cannot read the file of the client secret {}", file.display()))?;
        ensure!(
            !secret.expose().is_empty(),
            "the file of the client secret {} is empty; expected one line",
            file.display()
        );
        let sign_in = SignIn::client_credentials(id, secret);
        return Ok(match &args.audience {
            Some(audience) => sign_in.audience(audience),
            None => sign_in,
        });
    }
    // The environment is asked last, and only for a token: never for a tenant.
    if std::env::var_os(TOKEN_VARIABLE).is_none() {
        bail!(
            "no token; say --token-file FILE, --token-command COMMAND, or --client-id ID with \
             --client-secret-file FILE, or set {TOKEN_VARIABLE}"
        );
    }
    Ok(SignIn::token_variable(TOKEN_VARIABLE))
}

/// How jobs are looked at.
pub(super) fn wait(args: &PollArgs) -> Wait {
    let mut wait = Wait::default();
    wait.longest = wait.longest.max(args.poll);
    wait.first = args.poll;
    // A pause below the usual one is asked for where jobs are short: then it must not grow long either.
    if wait.first < Wait::default().first {
        wait.longest = wait.first * 10;
    }
    wait
}

/// How far a job is, for a program.
pub(super) fn event_of(job: &Job) -> Event {
    Event::Job {
        job: job.id.clone(),
        status: job.status.to_string(),
        percentage_done: job.percentage_done,
        seconds_left: job.time_left_seconds,
    }
}

/// How far a job is, for the line.
pub(super) fn so_far(job: &Job) -> String {
    let mut words = format!("job {} is {}", job.id, job.status);
    if let Some(done) = job.percentage_done {
        let _ = write!(words, ", {done} %");
    }
    if let Some(left) = job.time_left_seconds {
        let _ = write!(words, ", {} left", duration_text(left));
    }
    words
}
