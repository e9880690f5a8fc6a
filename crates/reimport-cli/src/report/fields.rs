//! Output of `fields`: tables of paths and of values, which are data, and a summary.

use std::fmt::Write as _;
#[cfg(feature = "columns")]
use std::path::Path;

use reimport::Summary;
use reimport::json::Kind;
use reimport::projection::FieldPath;
use reimport::survey::{FieldCount, MAX_PATHS, MAX_VALUES, Tally, ValueCounts};
#[cfg(feature = "columns")]
use reimport_columns::{ColumnType, Schema};
use serde_json::{Map, Value, json};

use super::chosen::{self, Place};
use super::page::{Page, counted, grouped};
use super::remarks::{Level, Remarks};
use super::summary::read;
use crate::exit::Status;
use crate::style::Styled;

/// Maximum width of an aligned line.
const WIDTH: usize = 80;

/// Number of values that are listed.
const MOST_VALUES: usize = 50;

/// Returns the summary that is printed with either table.
pub(crate) fn fields_text(summary: &Summary, places: &[Place], remarks: &Remarks, status: Status) -> Styled {
    text(summary, |_| {}, places, remarks, status)
}

/// Returns the summary of a run that has written a schema to `path`.
#[cfg(feature = "columns")]
pub(crate) fn schema_text(
    schema: &Schema,
    path: &Path,
    summary: &Summary,
    places: &[Place],
    remarks: &Remarks,
    status: Status,
) -> Styled {
    let columns = counted(schema.columns().len() as u64, "column");
    let json = schema.columns().iter().filter(|found| found.column().is() == ColumnType::Json).count();
    let json = if json == 0 { String::new() } else { format!(", {} of them JSON,", grouped(json as u64)) };
    let written = |page: &mut Page| {
        let before = format!("the schema of {columns}{json} to");
        page.add_path("written", &before, &path.display().to_string(), "");
    };
    text(summary, written, places, remarks, status)
}

/// Returns the `--json` document of `fields --schema`, version 1: with the columns of the schema.
#[cfg(feature = "columns")]
pub(crate) fn schema_json(schema: &Schema, summary: &Summary, remarks: &Remarks, status: Status) -> Value {
    let columns = schema.columns().iter().map(|found| {
        let (column, values, nulls, missing) =
            (found.column(), found.values(), found.nulls(), found.missing());
        let (path, is) = (column.path().to_string(), column.is().to_string());
        json!({"path": path, "name": column.name(), "type": is, "values": values, "nulls": nulls, "missing": missing})
    });
    let columns: Vec<Value> = columns.collect();
    let mut document = beginning(summary, remarks, status);
    document.insert("columns".into(), columns.into());
    document.into()
}

fn text(
    summary: &Summary,
    written: impl FnOnce(&mut Page),
    places: &[Place],
    remarks: &Remarks,
    status: Status,
) -> Styled {
    let mut page = Page::default();
    read(&mut page, summary, &format!("--limit {}", summary.written));
    written(&mut page);
    chosen::left_out(&mut page, summary);
    chosen::rejected(&mut page, summary, "", places);
    remarks.add_warnings(&mut page);
    page.status(status, &status.words(&remarks.findings(summary)));
    page.text()
}

/// Returns the table of paths: how many records have each path, how many do not, and its types.
pub(crate) fn fields_table(tally: &Tally) -> String {
    let fields = tally.fields();
    let types: Vec<String> = fields.iter().map(types).collect();
    let (all, absent) = (grouped(tally.records()), "absent");
    let (records_width, absent_width) = (width(&all).max("records".len()), width(&all).max(absent.len()));
    let room = WIDTH.saturating_sub(records_width + absent_width + 3 * GAP);
    let path_width = path_width(&fields, &types, room);
    let mut table = format!("{}\n\n", counted(tally.records(), "record"));
    let mut line = |records: &str, absent: &str, path: &str, types: &str| {
        let gap = path_width.saturating_sub(width(path)) + GAP;
        let _ =
            writeln!(table, "{records:>records_width$}  {absent:>absent_width$}  {path}{:gap$}{types}", "");
    };
    line("records", absent, "path", "types");
    for (field, types) in fields.iter().zip(&types) {
        let absent = tally.records() - field.records();
        line(&grouped(field.records()), &grouped(absent), field.path(), types);
    }
    if tally.other_values() > 0 {
        let values = counted(tally.other_values(), "value");
        let _ = writeln!(table, "other: {values} at paths beyond the first {}", grouped(MAX_PATHS as u64));
    }
    table
}

/// Spaces between two columns.
const GAP: usize = 2;

/// Returns the width of the column of paths. `room` is the width for paths and types together. Every line that can fit
/// into it does fit; a longer path moves its types to the right.
fn path_width(fields: &[FieldCount<'_>], types: &[String], room: usize) -> usize {
    let fitting = || {
        let widths = fields.iter().zip(types).map(|(field, types)| (width(field.path()), width(types)));
        widths.filter(|(path, types)| path + types <= room)
    };
    let longest_path = fitting().map(|(path, _)| path).fold("path".len(), usize::max);
    let longest_types = fitting().map(|(_, types)| types).max().unwrap_or(0);
    longest_path.min(room - longest_types)
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Returns `string`, or `string 9, null 1` if there are several types.
fn types(field: &FieldCount<'_>) -> String {
    let kinds: Vec<_> = field.kinds().collect();
    match kinds.as_slice() {
        [(kind, _)] => name(*kind).to_owned(),
        kinds => {
            let named: Vec<String> = kinds
                .iter()
                .map(|(kind, records)| format!("{} {}", name(*kind), grouped(*records)))
                .collect();
            named.join(", ")
        }
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Null => "null",
    }
}

/// Returns the `--json` document of `fields`, version 1.
pub(crate) fn fields_json(tally: &Tally, summary: &Summary, remarks: &Remarks, status: Status) -> Value {
    let paths: Vec<Value> = tally
        .fields()
        .iter()
        .map(|field| {
            let types: Map<String, Value> =
                field.kinds().map(|(kind, records)| (name(kind).to_owned(), records.into())).collect();
            let absent = tally.records() - field.records();
            json!({"path": field.path(), "records": field.records(), "absent": absent, "types": types})
        })
        .collect();
    let mut document = beginning(summary, remarks, status);
    document.insert("paths".into(), paths.into());
    document.insert("other_values".into(), tally.other_values().into());
    document.into()
}

fn beginning(summary: &Summary, remarks: &Remarks, status: Status) -> Map<String, Value> {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("version", 1.into());
    put("exit_status", status.code().into());
    put("read", summary.read.into());
    put("records", summary.written.into());
    put("left_out", summary.left_out.into());
    put("rejected", summary.rejected.into());
    put("limited", summary.limited.into());
    put("unseen", remarks.unseen_json().into());
    put("warnings", remarks.json(Level::Warning).into());
    put("notes", remarks.json(Level::Note).into());
    document
}

/// Returns the table of the most frequent values at `path`, as JSON.
pub(crate) fn values_table(path: &FieldPath, counts: &ValueCounts) -> String {
    let values = counts.most_common();
    let (records, different) =
        (counted(counts.records(), "record"), counted(values.len() as u64, "different value"));
    let more = if counts.other() > 0 { "more than " } else { "" };
    let mut table = format!("{records}, {more}{different} of {path}\n\n");
    let mut line = |records: &str, value: &str| {
        let _ = writeln!(table, "{records:>10}  {value}");
    };
    line("records", "value");
    for value in values.iter().take(MOST_VALUES) {
        let cut = if value.is_cut() { "…" } else { "" };
        line(&grouped(value.records()), &format!("{}{cut}", value.text()));
    }
    if values.len() > MOST_VALUES {
        let rest = &values[MOST_VALUES..];
        let records = rest.iter().map(|value| value.records()).sum();
        line(&grouped(records), &format!("({} less frequent values)", grouped(rest.len() as u64)));
    }
    if counts.other() > 0 {
        let apart = grouped(MAX_VALUES as u64);
        line(&grouped(counts.other()), &format!("(values after the first {apart} different ones)"));
    }
    if counts.missing() > 0 {
        line(&grouped(counts.missing()), "(missing)");
    }
    table
}

/// Returns the `--json` document of `fields --values`, version 1. A value that was cut is a string with its beginning.
pub(crate) fn values_json(
    path: &FieldPath,
    counts: &ValueCounts,
    summary: &Summary,
    remarks: &Remarks,
    status: Status,
) -> Value {
    let all = counts.most_common();
    let values: Vec<Value> = all
        .iter()
        .take(MOST_VALUES)
        .map(|value| match exact(value.text()).filter(|_| !value.is_cut()) {
            Some(exact) => json!({"value": exact, "records": value.records()}),
            None => json!({"text": value.text(), "cut": value.is_cut(), "records": value.records()}),
        })
        .collect();
    let mut document = beginning(summary, remarks, status);
    document.insert("path".into(), path.to_string().into());
    document.insert("missing".into(), counts.missing().into());
    document.insert("different".into(), all.len().into());
    document.insert("values".into(), values.into());
    let beyond: u64 = all.iter().skip(MOST_VALUES).map(|value| value.records()).sum();
    document.insert("other".into(), (beyond + counts.other()).into());
    document.into()
}

/// Returns the value if parsing and printing it changes no character. `1e400` and `9007199254740993.0` are not exact.
fn exact(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let again = value.to_string();
    (again == text).then_some(value)
}
