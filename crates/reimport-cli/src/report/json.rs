//! The `--json` documents of a run. Within a version, members are only added.

use reimport::import::{UploadTime, export_only, lacks, mfa_lost};
use reimport::record::{CellPlaces, CellWarning, CsvDialect};
use reimport::run::SourceSummary;
use reimport::{Summary, Topic};
use serde_json::{Map, Value, json};

use super::readiness::Readiness;
use super::remarks::{Level, Remarks};
use crate::exit::Status;

/// Returns the `--json` document of `check`: that of `convert`, with the estimate of the parts.
pub(crate) fn readiness_json(report: &Readiness<'_>) -> Value {
    let mut document = run_json(report.summary, Some(report.estimate.parts), report.remarks, report.status);
    let sizes: Vec<Value> =
        report.estimate.sizes.classes().map(|(to, users)| json!({"to": to, "users": users})).collect();
    let largest = report.estimate.largest.as_ref().map(|user| {
        let position = user.position;
        json!({"bytes": user.bytes, "source": &*user.source, "line": position.line, "record": position.record, "byte": position.byte})
    });
    document["estimate"] = json!({
        "parts": report.estimate.parts,
        "bytes": report.estimate.bytes,
        "max_part_bytes": report.max_part_bytes,
        "by_connection": report.undecided,
        "user_bytes": report.estimate.sizes.bytes(),
        "sizes": sizes,
        "largest": largest,
    });
    document
}

/// Returns the document of a run, with the time that the import of its parts takes.
pub(crate) fn run_json(summary: &Summary, parts: Option<u64>, remarks: &Remarks, status: Status) -> Value {
    let mut document = summary_json(summary, remarks, status);
    if let (Value::Object(members), Value::Object(import)) = (&mut document, import_json(summary)) {
        members.extend(import);
    }
    document["upload"] = parts.map_or(Value::Null, |parts| {
        let time = UploadTime::of(summary.written, parts);
        json!({"parts": parts, "seconds": {"fastest": time.fastest.as_secs(), "slowest": time.slowest.as_secs()}})
    });
    document
}

/// Returns the members of the `--json` document of every run, version 1; see docs/json.md.
pub(crate) fn summary_json(summary: &Summary, remarks: &Remarks, status: Status) -> Value {
    let named = |topic| summary.section(topic);
    let sources: Vec<Value> = summary
        .sources
        .iter()
        .map(|source| {
            json!({
                "name": &*source.name,
                "bytes": source.bytes,
                "records": source.records,
                "csv_dialect": dialect(source),
                "csv_warnings": csv_warnings(source),
            })
        })
        .collect();
    let places = |rule: &str| -> Vec<Value> {
        let places = summary.rejected_places.get(rule).into_iter().flatten();
        let place = places.map(|place| {
            json!({
                "source": &*place.source,
                "line": place.position.line,
                "record": place.position.record,
                "byte": place.position.byte,
                "path": place.path,
                "message": place.message,
            })
        });
        place.collect()
    };
    let rejected_by: Map<String, Value> = summary
        .rejected_by
        .iter()
        .map(|(rule, count)| {
            let (source, position) = &count.first;
            let first = json!({"source": &**source, "line": position.line, "record": position.record, "byte": position.byte});
            ((*rule).to_owned(), json!({"records": count.records, "first": first, "places": places(rule)}))
        })
        .collect();
    json!({
        "version": 1,
        "exit_status": status.code(),
        "sources": sources,
        "read": summary.read,
        "written": summary.written,
        "skipped": summary.skipped,
        "rejected": summary.rejected,
        "left_out": summary.left_out,
        "limited": summary.limited,
        "skipped_by": summary.skipped_by_name(),
        "rejected_by": rejected_by,
        "fixed": named(Topic::Fixed),
        "warned": named(Topic::Warned),
        "unseen": remarks.unseen_json(),
        "warnings": remarks.json(Level::Warning),
        "notes": remarks.json(Level::Note),
    })
}

/// Returns the further members about a run with the import rules.
fn import_json(summary: &Summary) -> Value {
    let named = |topic| summary.section(topic);
    let mut dropped = export_only(summary);
    for (name, count) in summary.section(Topic::Dropped) {
        *dropped.entry(name).or_default() += count;
    }
    let present: Map<String, Value> =
        summary.present.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
    json!({
        "with_password": summary.with_password,
        "without_password": summary.without_password(),
        "mfa_lost": mfa_lost(summary),
        "dropped": dropped,
        "unknown": named(Topic::Unknown),
        "connections": named(Topic::Connection),
        "linked_logins": named(Topic::LinkedLogin),
        "passwords": named(Topic::Password),
        "mfa_secrets": named(Topic::MfaSecret),
        "password_like": named(Topic::PasswordLike),
        "passwords_left": summary.passwords_left,
        "present": present,
        "lacking": lacks(summary.written, &summary.present),
    })
}

/// Returns the warnings about cells of a CSV source.
fn csv_warnings(source: &SourceSummary) -> Vec<Value> {
    let warning = |(warning, column, places): (CellWarning, String, CellPlaces)| json!({"name": warning.name(), "column": column, "first_line": places.first_line, "cells": places.cells});
    source.warnings().map(warning).collect()
}

/// Returns the name of the CSV dialect of a source, or `None` if it is not CSV.
pub(super) fn dialect(source: &SourceSummary) -> Option<&'static str> {
    source.csv_dialect.map(|dialect| if dialect == CsvDialect::Auth0 { "auth0" } else { "plain" })
}
