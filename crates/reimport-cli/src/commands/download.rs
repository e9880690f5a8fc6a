//! `reimport download`: an export job, from its start to a complete file.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reimport::projection::ExportRequest;
use reimport::source::{Source, foreign};
use reimport_jobs::{Client, ExportRecord, Fetched, Format, Job, MAX_CSV_FIELDS, Timeouts, UsersExport};

use super::inputs;
use super::{setup, tenant};
use crate::args::DownloadArgs;
use crate::event::Event;
use crate::exit::Status;
use crate::line::Line;
use crate::report::{bytes, download_text, quoted, request_text};
use crate::style::Styled;
use crate::terminal::Form;

pub(super) fn run(args: &DownloadArgs) -> anyhow::Result<Status> {
    let export = export(args)?;
    if args.print_request {
        let mut text = serde_json::to_string(&export)?;
        text.push('\n');
        setup::print_as(&text, Form::Json)?;
        return Ok(Status::Done);
    }
    let Some(output) = &args.output else { bail!("no output file; add -o FILE") };
    for path in [output, &ExportRecord::path_of(output)] {
        may_be_written(path, args.force)?;
    }
    let mut timeouts = Timeouts::default();
    timeouts.download_pause = args.stall_timeout;
    let client = tenant::builder(&args.tenant, &args.poll, &args.report)?.timeouts(timeouts).build()?;
    let mut line = Line::new(&args.report);
    let job = match &args.job {
        Some(job) => job.clone(),
        None => start(&client, &export, args, output)?,
    };
    let ended = client.wait(&job, &tenant::wait(&args.poll), |job| {
        line.show(&tenant::so_far(job), tenant::event_of(job));
        ControlFlow::Continue(())
    })?;
    if let (Some(wish), Some(format)) = (wish(output), &ended.format) {
        ensure!(
            wish == *format,
            "the file name {} means {wish}, but job {job} writes {format}; choose another name",
            output.display()
        );
    }
    let mut download = client.download().min_rate(args.min_rate);
    if let Some(seconds) = args.max_time {
        download = download.max_time(Duration::from_secs(seconds));
    }
    let record = download
        .replace(args.force)
        .temporary(crate::signals::remove_on_signal)
        .progress(|there, length| {
            let of = length.map_or_else(String::new, |length| format!(" of {}", bytes(length)));
            let event = Event::Downloading { job: job.clone(), bytes: there, total_bytes: length };
            line.show(&tenant::with_job(&job, &format!(": {}{of}", bytes(there))), event);
        })
        .check(check)
        .fetch(&job, output)?;
    drop(line);
    if args.report.json {
        setup::print_json(&record)?;
    } else if !args.report.quiet {
        crate::write_stderr(&download_text(&record, &output.display().to_string()));
    }
    Ok(Status::Done)
}

/// Starts the job, and prints how to continue if the command is interrupted.
fn start(
    client: &Client,
    export: &UsersExport,
    args: &DownloadArgs,
    output: &Path,
) -> anyhow::Result<String> {
    if !args.report.quiet {
        crate::write_stderr(&request_text(export));
    }
    let job = client.users_exports(export)?;
    if !args.report.quiet {
        let id = quoted(&job.id);
        crate::write_stderr(&Styled::line(&format!(
            "started job {id} of {}; if the download is interrupted, continue with --job {id} -o {}",
            client.host(),
            quoted(&output.display().to_string())
        )));
    }
    Ok(job.id)
}

/// Returns the request. The extension of the output file is the wanted format, which the request must not contradict.
fn export(args: &DownloadArgs) -> anyhow::Result<UsersExport> {
    let wish = args.output.as_deref().and_then(wish);
    let name = || args.output.as_deref().unwrap_or(Path::new("-o")).display();
    let Some(file) = &args.request else {
        ensure!(
            wish != Some(Format::Csv),
            "the file name {} means CSV, but an export of every field can only be JSON; choose another name, or request up to \
             {MAX_CSV_FIELDS} fields with --request",
            name()
        );
        return Ok(UsersExport::everything());
    };
    let mut export = request(file).with_context(|| file.display().to_string())?;
    match (&export.format, wish) {
        (None, wish) => export.format = wish,
        (Some(asked), Some(wish)) => ensure!(
            *asked == wish,
            "the file name {} means {wish}, but {} requests {asked}; change one of them",
            name(),
            file.display()
        ),
        (Some(_), None) => {}
    }
    export.check().with_context(|| file.display().to_string())?;
    Ok(export)
}

/// Returns the format that the extension of a file name means.
fn wish(output: &Path) -> Option<Format> {
    let name = output.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "csv" => Some(Format::Csv),
        "json" | "jsonl" | "ndjson" => Some(Format::Json),
        _ => None,
    }
}

/// Reads the request body in a file, which is a request or the job object of its answer.
fn request(file: &Path) -> anyhow::Result<UsersExport> {
    let text = inputs::read_small(file).context("cannot read the file")?;
    // This only checks: its errors name the key. The request is sent as it is in the file.
    ExportRequest::from_slice(&text)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut body: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text)?;
    body.retain(|key, _| ["connection_id", "format", "limit", "fields"].contains(&key.as_str()));
    Ok(serde_json::from_value(body.into())?)
}

/// Returns an error if `output` cannot be written, before a job is started.
fn may_be_written(output: &Path, force: bool) -> anyhow::Result<()> {
    let shown = output.display();
    match output.symlink_metadata() {
        Ok(found) => {
            ensure!(found.is_file(), "{shown} exists and is not a file; choose another name");
            ensure!(force, "{shown} exists; choose another name, or replace it with --force");
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            ensure!(parent.is_dir(), "cannot write {shown}: the folder {} does not exist", parent.display());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot access {shown}")),
    }
    Ok(())
}

/// Reads the file to the end of its gzip data, and checks every checksum and length. If it is not gzip data, its first
/// line must be that of an export.
fn check(fetched: &Fetched<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut source = Source::from_reader("the file", std::fs::File::open(fetched.path)?);
    let mut block = vec![0; 256 << 10];
    let mut first = true;
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        if std::mem::take(&mut first) {
            let start = block.get(..read).unwrap_or_default();
            if let Some(found) = foreign(start) {
                return Err(found.into());
            }
            if !fetched.is_gzip && !is_export(start, fetched.job) {
                return Err("it is not gzip data, and its first line has none of the requested fields".into());
            }
        }
    }
}

/// Whether the first line has one of the fields of the job, as a member of a JSON object or as a column.
fn is_export(start: &[u8], job: &Job) -> bool {
    const USUAL: [&str; 4] = ["user_id", "Id", "email", "Email"];
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_field = |name: &str| match &job.fields {
        None => USUAL.contains(&name),
        Some(fields) => fields.iter().any(|field| {
            let path = field.name.as_str();
            let root = path.split(['.', '[']).next().unwrap_or(path);
            [path, root, field.export_as.as_deref().unwrap_or(path)].contains(&name)
        }),
    };
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(record) => record.keys().any(|name| is_field(name)),
        Err(_) if text.starts_with(['{', '[']) => false,
        Err(_) => text.split(',').any(|cell| is_field(cell.trim_matches(['"', '\'']))),
    }
}
