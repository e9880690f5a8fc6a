//! Options that help with an error, a broken rule or an objection. The library names no options; only this module
//! connects its facts with options.

use std::fmt::Write as _;

use reimport::ErrorKind;
use reimport::import::retry::{self, RetryError};
use reimport::import::{Absent, RulesError};
use reimport::pipeline::RunError;
use reimport::projection::ProjectionError;
use reimport::record::{FormatError, RecordError};
use reimport::sink::OutputError;
use reimport::source::InputError;
use reimport::user::{Rule, RunChange};

/// How to read the numbers and booleans of a plain CSV file, which are text otherwise.
pub(crate) const INFER_TYPES: &str = ": --csv-types infer reads the numbers and booleans of a plain CSV file";

const PIPE: &str = ", and pipe it into `reimport ... -`";

/// Returns the text to append to an error message; empty if no option helps.
pub(super) fn of(error: &anyhow::Error) -> &'static str {
    let library = error.chain().find_map(|cause| cause.downcast_ref::<reimport::Error>());
    if let Some(error) = library {
        return of_kind(error.kind());
    }
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<OutputError>()) {
        return of_output(error);
    }
    #[cfg(feature = "jobs")]
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<reimport_jobs::Error>()) {
        return of_job(error);
    }
    ""
}

fn of_kind(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Output(error) => of_output(error),
        ErrorKind::Record(RecordError::TooLong { .. })
        | ErrorKind::Format(FormatError::LimitTooLarge { .. }) => " (--max-record-bytes)",
        ErrorKind::Mistyped(condition) if condition.numbers_are_text() => INFER_TYPES,
        ErrorKind::Run(RunError::TooManyRejected { .. }) => " (--max-rejected)",
        ErrorKind::Format(FormatError::Unknown) => "; if it is one, give its format with --input-format",
        ErrorKind::Format(FormatError::Hashes) => {
            "; use this file with --passwords, together with the export of the users"
        }
        ErrorKind::Format(FormatError::JobErrors) => "; use it with `reimport retry --errors`",
        ErrorKind::Format(
            FormatError::SecondArray
            | FormatError::Bundle { .. }
            | FormatError::ArrayOfArrays
            | FormatError::Wrapped { .. }
            | FormatError::CommaLines
            | FormatError::OtherEncoding { .. },
        )
        | ErrorKind::Input(
            InputError::Zstd
            | InputError::Bzip2
            | InputError::Xz
            | InputError::Pgp
            | InputError::WideText { .. },
        ) => PIPE,
        ErrorKind::Retry(RetryError::OtherKind { .. }) => {
            "; `reimport job JOB --errors --json` prints the list"
        }
        ErrorKind::Rules(RulesError::SeveralConnections(_)) => {
            "; choose with --connection NAME, or --by-connection for a folder each, or --merge-connections"
        }
        ErrorKind::Rules(RulesError::NoCsv) => " (`reimport select`)",
        ErrorKind::Projection(ProjectionError::NoColumns) => " (`reimport select -f PATH`)",
        _ => "",
    }
}

fn of_output(error: &OutputError) -> &'static str {
    match error {
        OutputError::FileExists { .. } => "; name another file, or replace it with --force",
        OutputError::FolderExists { .. } => "; name another, or replace an earlier output with --force",
        OutputError::PartTooSmall { .. } => " (--max-part-bytes)",
        OutputError::PartWithoutUsers => " (--max-part-users)",
        OutputError::RecordTooLong { .. } => "; raise --max-part-bytes",
        OutputError::RejectsTooLarge { .. } => {
            "; read the first of them with `reimport check`, or raise --max-reject-bytes"
        }
        OutputError::TooManyConnections { .. } => "; choose some with --connection",
        _ => "",
    }
}

#[cfg(feature = "jobs")]
fn of_job(error: &reimport_jobs::Error) -> &'static str {
    use reimport_jobs::{DownloadError, Error, NetworkError, SignInError, UploadError};
    match error {
        Error::NoResponse { reason, .. } => of_network(reason),
        Error::Upload(UploadError::NoResponse { last, .. }) => of_job(last),
        Error::Download(DownloadError::TooManyFailures { reason, .. }) => {
            reason.downcast_ref::<NetworkError>().filter(|reason| reason.is_of_proxy()).map_or("", of_network)
        }
        Error::SignIn(SignInError::OtherTenant { .. }) => ", or check --tenant",
        Error::TooLarge { .. } => " (--max-part-bytes)",
        Error::Download(DownloadError::TooSlow { .. }) => " (--min-rate)",
        Error::Download(DownloadError::TimedOut { .. }) => " (--max-time)",
        _ => "",
    }
}

#[cfg(feature = "jobs")]
fn of_network(error: &reimport_jobs::NetworkError) -> &'static str {
    use reimport_jobs::NetworkErrorKind;
    match error.kind() {
        _ if error.is_of_proxy() => " (the proxy is from ALL_PROXY, HTTPS_PROXY or HTTP_PROXY)",
        NetworkErrorKind::NoSuchHost => " (check --tenant)",
        _ => "",
    }
}

/// Returns the text to append to an objection to an upload.
#[cfg(feature = "jobs")]
pub(crate) fn of_objection(objection: reimport_jobs::upload::Objection) -> &'static str {
    use reimport_jobs::upload::Objection;
    match objection {
        Objection::SameTenant => "; use --same-tenant if this is intended",
        Objection::NoPasswords => "; convert with --passwords, or use --without-passwords",
        _ => "",
    }
}

/// Returns the option that sets the limit of a rule; empty for a rule without a limit.
pub(super) fn limit_of(rule: &str) -> &'static str {
    match rule {
        "too-long-record" => " (--max-record-bytes)",
        "too-large-user" => " (--max-part-bytes)",
        _ => "",
    }
}

/// Returns what to do about a user that breaks a rule, with the options for it.
pub(crate) fn remedy(rule: &Rule) -> String {
    let mut text = rule.remedy.to_owned();
    for (index, change) in rule.changes.iter().enumerate() {
        text.push_str(if index == 0 { " Options: " } else { ", " });
        match change {
            RunChange::Drop(Some(path)) => {
                // Writing to a string cannot fail.
                let _ = write!(text, "--drop {path}");
            }
            RunChange::Drop(None) => text.push_str("--drop PATH"),
            RunChange::Move => text.push_str("--move FROM=TO"),
            RunChange::Set => text.push_str("--set PATH=JSON"),
            RunChange::Require => text.push_str("--require NAMES"),
            RunChange::RaiseRecordLimit => text.push_str("--max-record-bytes SIZE"),
            _ => {}
        }
    }
    if !rule.changes.is_empty() {
        text.push('.');
    }
    text
}

/// Returns what to do about data that is not in any export, with the option that joins it.
pub(super) fn absent(absent: Absent) -> String {
    let option = match absent {
        Absent::PasswordHashes => " Option: --passwords FILE.",
        Absent::MfaSecrets => " Option: --mfa-secrets FILE.",
        _ => "",
    };
    format!("{}{option}", absent.remedy())
}

/// Returns the option of `retry` for a change, as it is typed.
pub(super) fn change(change: &retry::RetryChange) -> String {
    match change {
        retry::RetryChange::Drop(Some(path)) => format!("--drop {path}"),
        retry::RetryChange::Drop(None) => "--drop PATH".to_owned(),
        retry::RetryChange::DropIn(object) => format!("--drop {object}.NAME"),
        retry::RetryChange::Move(to) => format!("--move FROM={}", to.unwrap_or("PATH")),
        retry::RetryChange::Correct(property) => format!("correcting {property} in the input file"),
        retry::RetryChange::LeaveOut(code) => format!("--not-code {code}"),
        _ => String::new(),
    }
}
