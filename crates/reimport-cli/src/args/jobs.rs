//! `reimport download`, `reimport upload` and `reimport job`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use reimport_jobs::upload::MaxFailed;

use super::common::ReportArgs;

/// Where the token comes from; the environment is asked last.
const SIGNING_IN: &str = "Signing in (else: the environment's REIMPORT_TOKEN)";

/// Which tenant is spoken to, and with which token.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("address"))]
pub(crate) struct TenantArgs {
    /// The tenant's host, as in acme.eu.auth0.com
    #[arg(long, value_name = "HOST", group = "address", help_heading = "Tenant")]
    pub(crate) tenant: Option<String>,
    /// The base URL in its place, for other hosts: https, or http on this machine
    #[arg(hide_short_help = true, long, value_name = "URL", group = "address", help_heading = "Tenant")]
    pub(crate) base_url: Option<String>,
    /// Read the token of the Management API from the one line of a file
    #[arg(long, value_name = "FILE", help_heading = SIGNING_IN)]
    pub(crate) token_file: Option<PathBuf>,
    /// Take the token from what a command of the shell prints
    #[arg(
        long,
        value_name = "COMMAND",
        conflicts_with = "token_file",
        help_heading = SIGNING_IN
    )]
    pub(crate) token_command: Option<String>,
    /// Fetch tokens as this client
    #[arg(
        long,
        value_name = "ID",
        requires = "client_secret_file",
        conflicts_with_all = ["token_file", "token_command"],
        help_heading = SIGNING_IN
    )]
    pub(crate) client_id: Option<String>,
    /// That client's secret is the one line of a file
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        help_heading = SIGNING_IN
    )]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The audience to fetch tokens for, where the host is a custom domain
    #[arg(
        hide_short_help = true,
        long,
        value_name = "URL",
        requires = "client_id",
        help_heading = SIGNING_IN
    )]
    pub(crate) audience: Option<String>,
}

/// How often a job is looked at.
#[derive(Debug, Args)]
pub(crate) struct PollArgs {
    /// The first pause between two looks at a job; the next ones are longer, up to half a minute
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value = "1", value_parser = seconds, help_heading = "Tenant")]
    pub(crate) poll: Duration,
}

/// Fetch a tenant's users: start an export, wait, download, check.
///
/// Without --request the export has every field that an import or this tool can use, of the users of all connections,
/// without a limit, as JSON. A request without a format gets the one that FILE ends in (.csv, .json or .ndjson, with or
/// without .gz), else CSV, which is what a tenant then writes. FILE appears under its name when it has come whole and its gzip data is sound to the end;
/// FILE.job.json beside it says which tenant was asked for what, and when.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  reimport download --tenant acme.eu.auth0.com --token-file token.txt -o acme.json.gz\n  \
reimport download --print-request > request.json\n  \
reimport download --tenant acme.eu.auth0.com --job job_0000000000000001 -o acme.json.gz"
)]
pub(crate) struct DownloadArgs {
    /// The file to write
    #[arg(short, long = "output", value_name = "FILE", required_unless_present = "print_request")]
    pub(crate) output: Option<PathBuf>,
    /// Ask for what this file asks for: a request body of the export job, or a job object
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Fetch the file of an export that was started before
    #[arg(long, value_name = "ID", conflicts_with_all = ["request", "print_request"])]
    pub(crate) job: Option<String>,
    /// Print the request body, for curl, and do nothing else; needs no token
    #[arg(long)]
    pub(crate) print_request: bool,
    /// Replace FILE
    #[arg(long)]
    pub(crate) force: bool,
    /// How long the transfer may stand still before it is taken up again
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) stall_timeout: Duration,
    /// The bytes a second that must come at least, measured over a minute; 0: any
    #[arg(hide_short_help = true, long, value_name = "BYTES", default_value_t = 1000)]
    pub(crate) min_rate: u64,
    /// How long the transfer may take in all [default: as long as it takes]
    #[arg(hide_short_help = true, long, value_name = "SECONDS")]
    pub(crate) max_time: Option<u64>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Send the parts of a conversion to a tenant, and collect what failed.
///
/// First it shows what it is about to do, and asks. It can be killed at any moment and started again with the same
/// words: a journal in PARTS, one for each target, knows what became of each part. Errors are kept there too, and
/// upload-….errors.ndjson names the source and line of each user that was refused.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  reimport upload parts --tenant acme-test.eu.auth0.com --to Users --dry-run\n  \
reimport upload parts --tenant acme-test.eu.auth0.com --to con_0000000000000001 --yes"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct UploadArgs {
    /// The folder that reimport convert has written: with manifest.json and users-….json
    #[arg(value_name = "PARTS")]
    pub(crate) parts: PathBuf,
    /// The database connection they go to: its id (con_…) or name
    #[arg(long, value_name = "CONNECTION")]
    pub(crate) to: String,
    /// Only show what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Change users that exist: for parts that were converted for updating
    #[arg(long)]
    pub(crate) upsert: bool,
    /// Go on although this is the tenant the export came from
    #[arg(hide_short_help = true, long)]
    pub(crate) same_tenant: bool,
    /// Go on although nobody has a password, which nobody can be given later
    #[arg(hide_short_help = true, long)]
    pub(crate) without_passwords: bool,
    /// Stop when more than N users (or N%) have failed
    #[arg(long, value_name = "N|N%", default_value = "5%", value_parser = max_failed)]
    pub(crate) max_failed: MaxFailed,
    /// Send parts again whose job failed as a whole
    #[arg(hide_short_help = true, long)]
    pub(crate) again: bool,
    /// Let the tenant send its owners an email for every part
    #[arg(hide_short_help = true, long)]
    pub(crate) send_completion_email: bool,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Look at a job: how far it is, and whom it refused.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    after_help = "Examples:\n  reimport job job_0000000000000001 --tenant acme.eu.auth0.com --wait\n  \
reimport job job_0000000000000001 --tenant acme.eu.auth0.com --errors --json > errors.json\n  \
reimport job verify-email 'auth0|1234' --tenant acme.eu.auth0.com"
)]
pub(crate) struct JobArgs {
    #[command(subcommand)]
    pub(crate) command: Option<JobCommand>,
    /// The job
    #[arg(value_name = "ID", required = true)]
    pub(crate) id: Option<String>,
    /// Wait until it ends
    #[arg(long)]
    pub(crate) wait: bool,
    /// Say what was wrong with the users it refused, by kind; with --json the tenant's own document
    #[arg(long)]
    pub(crate) errors: bool,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// What else can be done with jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Send a user the email that verifies the address
    VerifyEmail(VerifyEmailArgs),
}

/// Send a user the email that verifies the address.
#[derive(Debug, Args)]
pub(crate) struct VerifyEmailArgs {
    /// The user, with the provider: 'auth0|…'
    #[arg(value_name = "USER_ID")]
    pub(crate) user_id: String,
    /// The application in whose name it is sent (the API's `client_id`)
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) from_client: Option<String>,
    /// The identity to verify, where it is not the user's first
    #[arg(long, value_name = "PROVIDER|ID", value_parser = identity)]
    pub(crate) identity: Option<(String, String)>,
    /// The connection of that identity, if the provider and the id alone do not say which it is
    #[arg(long, value_name = "CONNECTION_ID", requires = "identity")]
    pub(crate) identity_connection: Option<String>,
    /// The organization the link leads to
    #[arg(long, value_name = "ORG_ID")]
    pub(crate) organization: Option<String>,
    /// The custom domain of the link, for a tenant that has several
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    pub(crate) custom_domain: Option<String>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// A number of seconds, with fractions.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected seconds, as in 1 or 0.5".to_owned())
}

/// `N` or `N%`.
fn max_failed(text: &str) -> Result<MaxFailed, String> {
    let number = match text.strip_suffix('%') {
        None => text.parse().ok().map(MaxFailed::Users),
        Some(percent) => {
            percent.parse().ok().filter(|percent| (0.0..=100.0).contains(percent)).map(MaxFailed::Percent)
        }
    };
    number.ok_or_else(|| "expected a number of users or a percentage, as in 0, 100 or 2.5%".to_owned())
}

/// `login.example.com`: it becomes a header.
fn domain(text: &str) -> Result<String, String> {
    let is_domain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if is_domain { Ok(text.to_owned()) } else { Err("expected a domain, as in login.example.com".to_owned()) }
}

/// `auth0|1234`.
fn identity(text: &str) -> Result<(String, String), String> {
    match text.split_once('|') {
        Some((provider, id)) if !provider.is_empty() && !id.is_empty() => Ok((provider.into(), id.into())),
        _ => Err("expected PROVIDER|ID, as in 'auth0|1234'".to_owned()),
    }
}
