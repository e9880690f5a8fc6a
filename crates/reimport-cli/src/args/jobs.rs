//! `reimport download`, `reimport upload` and `reimport job`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use reimport_jobs::upload::MaxFailed;

use super::common::ReportArgs;
use super::values::count_or_percent;

/// Heading of the options that give a token. The environment variable is used if none of them is given.
const SIGNING_IN: &str = "Authentication [default: the token in the environment variable REIMPORT_TOKEN]";

/// The tenant, and where its token comes from.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("address"))]
pub(crate) struct TenantArgs {
    /// Host of the tenant, for example acme.eu.auth0.com
    #[arg(long, value_name = "HOST", value_parser = not_empty, group = "address", help_heading = "Tenant")]
    pub(crate) tenant: Option<String>,
    /// URL to use instead of --tenant
    ///
    /// https, or http for this machine.
    #[arg(hide_short_help = true, long, value_name = "URL", value_parser = not_empty, group = "address", help_heading = "Tenant")]
    pub(crate) base_url: Option<String>,
    /// File with a Management API token in one line
    #[arg(long, value_name = "FILE", help_heading = SIGNING_IN)]
    pub(crate) token_file: Option<PathBuf>,
    /// Shell command that prints a token
    #[arg(
        long,
        value_name = "COMMAND",
        value_parser = not_empty,
        conflicts_with = "token_file",
        help_heading = SIGNING_IN
    )]
    pub(crate) token_command: Option<String>,
    /// Client id to request tokens with
    #[arg(
        long,
        value_name = "ID",
        value_parser = not_empty,
        requires = "client_secret_file",
        conflicts_with_all = ["token_file", "token_command"],
        help_heading = SIGNING_IN
    )]
    pub(crate) client_id: Option<String>,
    /// File with the client secret in one line
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        help_heading = SIGNING_IN
    )]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Audience of the tokens, if the host is a custom domain
    #[arg(
        hide_short_help = true,
        long,
        value_name = "URL",
        value_parser = not_empty,
        requires = "client_id",
        help_heading = SIGNING_IN
    )]
    pub(crate) audience: Option<String>,
}

/// How often the status of a job is requested.
#[derive(Debug, Args)]
pub(crate) struct PollArgs {
    /// Seconds between the first two status requests for a job
    ///
    /// The time grows with each request, up to 30 seconds.
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value = "1", value_parser = seconds, help_heading = "Tenant")]
    pub(crate) poll: Duration,
}

/// Export the users of a tenant to a file.
///
/// Starts an export job, waits until it ends, downloads the file and checks it. Without --request, the export is JSON and
/// has every field that an import or this tool can use, the users of all connections and no limit. With --request, the
/// format is that of the request, else that of the file name FILE (.csv, .json or .ndjson, with or without .gz), else CSV,
/// the default of the service. FILE appears under its name when the download is complete and its gzip data is valid to the end.
/// FILE.job.json next to it records the tenant, the request and the time.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  reimport download --tenant acme.eu.auth0.com --token-file token.txt -o acme.json.gz\n  \
reimport download --print-request > request.json\n  \
reimport download --tenant acme.eu.auth0.com --job job_0000000000000001 -o acme.json.gz"
)]
pub(crate) struct DownloadArgs {
    /// File to write
    #[arg(short, long = "output", value_name = "FILE", required_unless_present = "print_request")]
    pub(crate) output: Option<PathBuf>,
    /// File with the request body of an export job, or with the job of an earlier request
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Download the file of an export job that was started before
    #[arg(long, value_name = "ID", conflicts_with_all = ["request", "print_request"])]
    pub(crate) job: Option<String>,
    /// Print the request body, for curl, and exit; needs no token
    #[arg(long)]
    pub(crate) print_request: bool,
    /// Replace FILE if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// Seconds without data after which the transfer is resumed
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) stall_timeout: Duration,
    /// Give up below this rate in bytes per second, measured over a minute; 0 for no minimum
    #[arg(hide_short_help = true, long, value_name = "BYTES", default_value_t = 1000)]
    pub(crate) min_rate: u64,
    /// Maximum time of the whole transfer [default: no limit]
    #[arg(hide_short_help = true, long, value_name = "SECONDS")]
    pub(crate) max_time: Option<u64>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Upload parts to a tenant, and keep the errors.
///
/// Shows the plan first and asks for confirmation. An upload that was stopped or killed continues when the same command
/// is run again: a journal in PARTS, one for each target, records the result of each part. Errors are also kept there,
/// and upload-….errors.ndjson has the source and line of each refused user.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  reimport upload parts --tenant acme-test.eu.auth0.com --to Users --dry-run\n  \
reimport upload parts --tenant acme-test.eu.auth0.com --to con_0000000000000001 --yes"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate switch")]
pub(crate) struct UploadArgs {
    /// Folder written by convert, with manifest.json and users-….json
    #[arg(value_name = "PARTS")]
    pub(crate) parts: PathBuf,
    /// Target database connection: its id (con_…) or name
    #[arg(long, value_name = "CONNECTION", value_parser = not_empty)]
    pub(crate) to: String,
    /// Show the plan and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    /// Update existing users; for parts converted with --for update
    #[arg(long)]
    pub(crate) upsert: bool,
    /// Continue if the target is the tenant of the export
    #[arg(hide_short_help = true, long)]
    pub(crate) same_tenant: bool,
    /// Continue if no user has a password hash; hashes cannot be added later
    #[arg(hide_short_help = true, long)]
    pub(crate) without_passwords: bool,
    /// Stop if more than N users (or N%) have failed
    #[arg(long, value_name = "N|N%", default_value = "5%", value_parser = max_failed)]
    pub(crate) max_failed: MaxFailed,
    /// Send parts again if their job failed as a whole
    #[arg(hide_short_help = true, long)]
    pub(crate) again: bool,
    /// Let the tenant send its owners an email for each part
    #[arg(hide_short_help = true, long)]
    pub(crate) send_completion_email: bool,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Show the status of a job, and the users it refused.
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
    /// Id of the job
    #[arg(value_name = "ID", required = true)]
    pub(crate) id: Option<String>,
    /// Wait until the job ends
    #[arg(long)]
    pub(crate) wait: bool,
    /// Count the errors of refused users by kind
    ///
    /// With --json, prints the error list of the tenant.
    #[arg(long)]
    pub(crate) errors: bool,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Other jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    VerifyEmail(VerifyEmailArgs),
}

/// Send a user the email that verifies their address.
#[derive(Debug, Args)]
pub(crate) struct VerifyEmailArgs {
    /// User id with its provider: 'auth0|…'
    #[arg(value_name = "USER_ID")]
    pub(crate) user_id: String,
    /// Application that the email is sent for (`client_id` in the API)
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) from_client: Option<String>,
    /// Identity to verify, if it is not the user's first
    #[arg(long, value_name = "PROVIDER|ID", value_parser = identity)]
    pub(crate) identity: Option<(String, String)>,
    /// Connection of that identity, if provider and id do not determine it
    #[arg(long, value_name = "CONNECTION_ID", requires = "identity")]
    pub(crate) identity_connection: Option<String>,
    /// Organization that the link leads to
    #[arg(long, value_name = "ORG_ID")]
    pub(crate) organization: Option<String>,
    /// Custom domain of the link, if the tenant has several
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    pub(crate) custom_domain: Option<String>,
    #[command(flatten)]
    pub(crate) tenant: TenantArgs,
    #[command(flatten)]
    pub(crate) poll: PollArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Refuses an empty value, as from a variable of the shell that is not set.
fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty; is the variable set that it comes from?".to_owned());
    }
    Ok(text.to_owned())
}

/// Parses a number of seconds, which may have a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=3600.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected seconds from 0.01 to 3600, for example 1 or 0.5".to_owned())
}

/// Parses `N` or `N%`.
fn max_failed(text: &str) -> Result<MaxFailed, String> {
    count_or_percent(text, MaxFailed::Users, MaxFailed::Percent)
}

/// Parses a domain such as `login.example.com`. It is sent in a header, so only letters, digits, `.` and `-` are
/// allowed.
fn domain(text: &str) -> Result<String, String> {
    let is_domain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if is_domain {
        Ok(text.to_owned())
    } else {
        Err("expected a domain, for example login.example.com".to_owned())
    }
}

/// Parses an identity such as `auth0|1234`.
fn identity(text: &str) -> Result<(String, String), String> {
    match text.split_once('|') {
        Some((provider, id)) if !provider.is_empty() && !id.is_empty() => Ok((provider.into(), id.into())),
        _ => Err("expected PROVIDER|ID, for example 'auth0|1234'".to_owned()),
    }
}
