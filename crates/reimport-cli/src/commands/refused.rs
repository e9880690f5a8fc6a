//! Who was refused, by source and line: the jobs' errors led back through `lines.ndjson`.

use std::collections::{HashMap, VecDeque};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use reimport::sink::PartLines;
use reimport_jobs::upload::{Outcome, PartOutcome, PartResult};
use reimport_jobs::{JobErrors, MAX_ERRORS_BYTES, UserError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::details;

/// One line of the list: one reason for one user, without any value of it.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    part: &'a str,
    job: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The status of a job that refused its part as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
}

/// By what a user of a part is known again: none of it is ever masked.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Keys {
    #[serde(default)]
    user_id: Option<Value>,
    #[serde(default)]
    email: Option<Value>,
    #[serde(default)]
    username: Option<Value>,
    #[serde(default)]
    phone_number: Option<Value>,
}

/// The name of the list: beside the folder with the errors as the tenant told them.
pub(super) fn list_path(errors: &Path) -> PathBuf {
    errors.with_extension("errors.ndjson")
}

/// Writes the list anew from all that was kept, whole or not at all; where nobody was refused there is none.
pub(super) fn list(parts: &Path, errors: &Path, outcome: &Outcome) -> anyhow::Result<Option<PathBuf>> {
    let path = list_path(errors);
    // Whether the users that are already there are those of the parts.
    let are_ours = outcome.was_empty;
    let lost = |part: &&PartOutcome| {
        let PartResult { failed, unknown, already_there, .. } = part.result;
        failed > 0 || unknown > 0 || (already_there > 0 && !are_ours)
    };
    let refused: Vec<&PartOutcome> = outcome.results.iter().filter(lost).collect();
    if refused.is_empty() {
        return Ok(None);
    }
    let lines = lines(parts)?;
    let draft = errors.with_extension("errors.ndjson.reimport-draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let cannot = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(options.open(&draft).with_context(cannot)?);
    for part in refused {
        of_part(parts, part, are_ours, &lines, &mut file)
            .with_context(|| format!("cannot list the errors of {}", part.part))?;
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?;
    file.sync_all().and_then(|()| std::fs::rename(&draft, &path)).with_context(cannot)?;
    Ok(Some(path))
}

/// The errors of one part, each with the line its user came from; or one line for the part as a whole.
fn of_part(
    folder: &Path,
    part: &PartOutcome,
    are_ours: bool,
    lines: &HashMap<String, Vec<PartLines>>,
    file: &mut impl Write,
) -> anyhow::Result<()> {
    let Some(errors) = listed(part)? else {
        let (source, line, code, path) = (None, None, None, None);
        let message = part.result.details.as_deref().map(details);
        let status = Some(part.result.status.as_str());
        let whole = Refused { source, line, part: &part.part, job: &part.job, code, message, path, status };
        return write(file, &whole);
    };
    let users: Vec<Keys> = serde_json::from_slice(&std::fs::read(folder.join(&part.part))?)?;
    let mut places: HashMap<Keys, VecDeque<usize>> = HashMap::new();
    for (place, user) in users.into_iter().enumerate() {
        places.entry(user).or_default().push_back(place);
    }
    let origins: Vec<(&str, u64)> = lines
        .get(&part.part)
        .into_iter()
        .flatten()
        .flat_map(|lines| {
            let each = lines.lines.iter().flat_map(|(first, count)| *first..first.saturating_add(*count));
            each.map(|line| (lines.source.as_str(), line))
        })
        .collect();
    for user in errors.users() {
        if are_ours && part.result.already_there > 0 && user.is_existing() {
            continue;
        }
        // An entry need not name its user.
        let keys = user.user.as_ref().and_then(|user| serde_json::from_str::<Keys>(user.get()).ok());
        let place = keys.and_then(|keys| places.get_mut(&keys)?.pop_front());
        let origin = place.and_then(|place| origins.get(place));
        let entry = |error: Option<&UserError>| Refused {
            source: origin.map(|(source, _)| *source),
            line: origin.map(|(_, line)| *line),
            part: &part.part,
            job: &part.job,
            code: error.and_then(UserError::plain_code).map(str::to_owned),
            message: error.and_then(UserError::plain_message),
            path: error.and_then(UserError::plain_path),
            status: None,
        };
        for error in &user.errors {
            write(file, &entry(Some(error)))?;
        }
        // Nor say why it was refused.
        if user.errors.is_empty() {
            write(file, &entry(None))?;
        }
    }
    Ok(())
}

/// The users that a job refused; none if it refused its part as a whole, or its list cannot be read.
fn listed(part: &PartOutcome) -> anyhow::Result<Option<JobErrors>> {
    let Some(file) = &part.errors else { return Ok(None) };
    // A longer list was kept, but not read: its users are unknown.
    if std::fs::metadata(file)?.len() > MAX_ERRORS_BYTES {
        return Ok(None);
    }
    let errors = JobErrors::from_text(String::from_utf8_lossy(&std::fs::read(file)?));
    Ok((!errors.users().is_empty()).then_some(errors))
}

fn write(file: &mut impl Write, refused: &Refused<'_>) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *file, refused)?;
    Ok(file.write_all(b"\n")?)
}

/// `lines.ndjson` by part; empty where there is none.
fn lines(parts: &Path) -> anyhow::Result<HashMap<String, Vec<PartLines>>> {
    let path = parts.join("lines.ndjson");
    let mut lines: HashMap<String, Vec<PartLines>> = HashMap::new();
    let Ok(file) = std::fs::File::open(&path) else { return Ok(lines) };
    for line in BufReader::new(file).lines() {
        let read = || format!("cannot read {}", path.display());
        let line: PartLines = serde_json::from_str(&line.with_context(read)?).with_context(read)?;
        lines.entry(line.part.clone()).or_default().push(line);
    }
    Ok(lines)
}
