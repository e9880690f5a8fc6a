//! List of refused users by source and line: the errors of the jobs, joined with `lines.ndjson`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use reimport::ErrorKind;
use reimport::import::retry::{Identifiers, RefusedIndex};
use reimport::parts_folder::{FolderError, PartInfo, PartOrigins, PartsFolder, read_regular};
use reimport::sink::Document;
use reimport_jobs::upload::{Outcome, PartOutcome, PartResult};
use reimport_jobs::{JobErrors, MAX_ERRORS_BYTES, UserError, UserErrors};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::report::details;

/// One line of the list: one error of one user, without any of its values.
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

/// Returns the name of the list, which is next to the folder with the error lists of the tenant.
pub(super) fn list_path(errors: &Path) -> PathBuf {
    errors.with_extension("errors.ndjson")
}

/// Writes the list again from all error lists that were kept, completely or not at all. Returns `None` and writes
/// nothing if no user was refused.
pub(super) fn list(parts: &Path, errors: &Path, outcome: &Outcome) -> anyhow::Result<Option<PathBuf>> {
    let path = list_path(errors);
    // If the connection was empty, users that already exist come from the parts.
    let are_ours = outcome.was_empty;
    let lost = |part: &&PartOutcome| {
        let PartResult { failed, unknown, already_there, .. } = part.result;
        failed > 0 || unknown > 0 || (already_there > 0 && !are_ours)
    };
    let refused: Vec<&PartOutcome> = outcome.results.iter().filter(lost).collect();
    if refused.is_empty() {
        return Ok(None);
    }
    let folder = PartsFolder::open(parts)?;
    let is_refused = |info: &&PartInfo| refused.iter().any(|part| part.part == info.file);
    let origins = folder.origins(folder.manifest().parts.iter().filter(is_refused))?;
    let mut out = BufWriter::new(Document::create(&path, true)?);
    for part in refused {
        of_part(&folder, part, are_ours, &origins, &mut out)
            .with_context(|| format!("cannot list the errors of {}", part.part))?;
    }
    let cannot = || format!("cannot write {}", path.display());
    out.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?.publish(b"")?;
    Ok(Some(path))
}

/// Writes the errors of one part, each with the source line of its user; or one line if the part was refused as a
/// whole.
fn of_part(
    folder: &PartsFolder,
    part: &PartOutcome,
    are_ours: bool,
    origins: &PartOrigins,
    file: &mut impl Write,
) -> anyhow::Result<()> {
    let Some(errors) = listed(part)? else {
        let (source, line, code, path) = (None, None, None, None);
        let message = part.result.details.as_deref().map(details);
        let status = Some(part.result.status.as_str());
        let whole = Refused { source, line, part: &part.part, job: &part.job, code, message, path, status };
        return write(file, &whole);
    };
    let info = folder.manifest().parts.iter().find(|info| info.file == part.part);
    let info = info.context("the manifest no longer lists it")?;
    let users: Vec<Box<RawValue>> = serde_json::from_slice(&folder.read(info)?)?;
    let places = places(errors.users(), &users);
    for (user, place) in errors.users().iter().zip(places) {
        if are_ours && part.result.already_there > 0 && user.is_existing() {
            continue;
        }
        let origin = place.and_then(|place| origins.of(&part.part, place));
        let entry = |error: Option<&UserError>| Refused {
            source: origin.map(|(source, _)| source),
            line: origin.map(|(_, line)| line),
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
        // An entry may have no error.
        if user.errors.is_empty() {
            write(file, &entry(None))?;
        }
    }
    Ok(())
}

/// Returns the index in the part of the user of each entry, if the entry names one. Users are matched as `retry` does.
/// Several entries of one user are of one user of the part each, if the part has as many.
fn places(entries: &[UserErrors], users: &[Box<RawValue>]) -> Vec<Option<u64>> {
    let identifiers = |entry: &UserErrors| {
        entry.user.as_ref().map_or_else(Identifiers::default, |user| Identifiers::of_user(user.get()))
    };
    let index = RefusedIndex::new(entries.iter().map(identifiers));
    let mut places = vec![None; entries.len()];
    for (place, user) in (0..).zip(users) {
        let found = index.find(&Identifiers::of_user(user.get()));
        if let Some(at) = found.into_iter().map(|at| at as usize).find(|at| places[*at].is_none()) {
            places[at] = Some(place);
        }
    }
    places
}

/// Reads the users that a job refused. Returns `None` if it refused its part as a whole, or if the list is too long.
fn listed(part: &PartOutcome) -> anyhow::Result<Option<JobErrors>> {
    let Some(file) = &part.errors else { return Ok(None) };
    let text = match read_regular(file, MAX_ERRORS_BYTES) {
        // A longer list was kept but is not read. Its users are unknown.
        Err(error) if matches!(error.kind(), ErrorKind::Folder(FolderError::TooLarge { .. })) => {
            return Ok(None);
        }
        text => text?,
    };
    let errors = JobErrors::from_text(String::from_utf8_lossy(&text));
    Ok((!errors.users().is_empty()).then_some(errors))
}

fn write(file: &mut impl Write, refused: &Refused<'_>) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *file, refused)?;
    Ok(file.write_all(b"\n")?)
}
