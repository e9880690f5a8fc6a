//! Report of `select`.

use std::path::Path;

use reimport::{Summary, Topic};
use serde_json::{Map, Value};

use super::chosen::{self, Place};
use super::json::summary_json;
use super::page::{Page, counted, grouped};
use super::remarks::{Remarks, formula_cells};
use super::summary::{NOTES, joined, read};
use crate::args::OutputFormat;
use crate::exit::Status;
use crate::style::Styled;

/// A limit, and the file of the request that sets it.
pub(crate) struct Limit {
    pub(crate) users: u64,
    pub(crate) of: Option<String>,
}

/// Data of the report of `select`.
pub(crate) struct Selected<'a> {
    pub(crate) summary: &'a Summary,
    /// The names of the fields.
    pub(crate) fields: Vec<String>,
    pub(crate) format: OutputFormat,
    /// Whether files of hashes or secrets were joined.
    pub(crate) joined: bool,
    /// The number of parts, if the output is a folder of parts.
    pub(crate) parts: Option<u64>,
    /// The output.
    pub(crate) place: &'a str,
    /// The file of the rejected records, if they are kept.
    pub(crate) rejected: Option<&'a Path>,
    pub(crate) limit: Option<&'a Limit>,
    pub(crate) places: &'a [Place],
    pub(crate) remarks: &'a Remarks,
}

/// Returns the summary of a selection.
pub(crate) fn select_text(selected: &Selected<'_>, status: Status) -> Styled {
    let (mut page, summary) = (Page::default(), selected.summary);
    let limit = match selected.limit {
        Some(Limit { users, of: Some(request) }) => format!("limit {users} of {request}"),
        Some(Limit { users, of: None }) => format!("--limit {users}"),
        None => String::new(),
    };
    read(&mut page, summary, &limit);
    let format = match selected.format {
        OutputFormat::Csv => "CSV",
        OutputFormat::Tsv => "TSV",
        OutputFormat::Ndjson => "NDJSON",
        OutputFormat::Json => "one JSON array",
        #[cfg(feature = "columns")]
        OutputFormat::Parquet => "Parquet",
        #[cfg(feature = "columns")]
        OutputFormat::Arrow => "an Arrow stream",
    };
    let (users, fields) = (counted(summary.written, "user"), counted(selected.fields.len() as u64, "field"));
    let parts = selected.parts.map_or(String::new(), |parts| format!(" in {}", counted(parts, "part")));
    let passwords = match summary.with_password {
        0 => String::new(),
        with => format!(", {} with a password hash", grouped(with)),
    };
    let written = format!("{users}, {fields} each, as {format}{parts} to");
    page.add_path("written", &written, selected.place, &passwords);
    chosen::left_out(&mut page, summary);
    let kept = match selected.rejected {
        Some(file) => format!(", kept in {}", file.display()),
        None => ", not kept (see --rejected)".to_owned(),
    };
    chosen::rejected(&mut page, summary, &kept, selected.places);
    joined(&mut page, summary);
    selected.remarks.add_notes(&mut page, NOTES);
    selected.remarks.add_warnings(&mut page);
    page.status(status, &status.words(&selected.remarks.findings(summary)));
    page.text()
}

/// Returns the `--json` document of `select`: that of `convert`, with members of `select`.
pub(crate) fn select_json(selected: &Selected<'_>, status: Status) -> Value {
    let mut document = summary_json(selected.summary, selected.remarks, status);
    let cells: Map<String, Value> =
        formula_cells(selected.summary).into_iter().map(|(name, count)| (name, count.into())).collect();
    if let Some(members) = document.as_object_mut() {
        members.insert("format".into(), selected.format.name().into());
        members.insert("parts".into(), selected.parts.into());
        if selected.joined {
            members.insert("with_password".into(), selected.summary.with_password.into());
        }
        for topic in [Topic::Password, Topic::MfaSecret].into_iter().filter(|_| selected.joined) {
            let counts: Map<String, Value> = selected
                .summary
                .section(topic)
                .into_iter()
                .map(|(name, count)| (name, count.into()))
                .collect();
            members.insert(topic.section().into(), counts.into());
        }
        members.insert("fields".into(), selected.fields.clone().into());
        members.insert("limit".into(), selected.limit.map(|limit| limit.users).into());
        members.insert("formula_cells".into(), cells.into());
    }
    document
}
