//! From the options of a tenant to a client that is signed in.

use std::fmt::Write as _;

use anyhow::{Context, bail};
use reimport_jobs::{Client, Job, Secret, SignIn, Wait};

use crate::args::{PollArgs, TenantArgs};
use crate::line::duration;

/// The environment is asked last, and only for a token: never for a tenant.
const VARIABLE: &str = "REIMPORT_TOKEN";

/// A client of the tenant that was named.
pub(super) fn client(args: &TenantArgs) -> anyhow::Result<Client> {
    let Some(address) = args.tenant.as_ref().or(args.base_url.as_ref()) else {
        bail!("no tenant is named; say --tenant HOST, as in --tenant acme.eu.auth0.com")
    };
    Ok(Client::builder(address, sign_in(args)?).build()?)
}

fn sign_in(args: &TenantArgs) -> anyhow::Result<SignIn> {
    if let Some(file) = &args.token_file {
        return Ok(SignIn::token_file(file));
    }
    if let Some(command) = &args.token_command {
        return Ok(SignIn::token_command(command));
    }
    if let (Some(id), Some(file)) = (&args.client_id, &args.client_secret_file) {
        let secret = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the file of the client secret {}", file.display()))?;
        let sign_in = SignIn::client_credentials(id, Secret::new(secret.trim()));
        return Ok(match &args.audience {
            Some(audience) => sign_in.audience(audience),
            None => sign_in,
        });
    }
    if std::env::var_os(VARIABLE).is_none() {
        bail!(
            "no token; say --token-file FILE, --token-command COMMAND, or --client-id ID with \
             --client-secret-file FILE, or set {VARIABLE}"
        );
    }
    Ok(SignIn::token_variable(VARIABLE))
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

/// How far a job is, for the line.
pub(super) fn so_far(job: &Job) -> String {
    let mut words = format!("job {} is {}", job.id, job.status);
    if let Some(done) = job.percentage_done {
        let _ = write!(words, ", {done} %");
    }
    if let Some(left) = job.time_left_seconds {
        let _ = write!(words, ", {} left", duration(left));
    }
    crate::report::printable(&words)
}
