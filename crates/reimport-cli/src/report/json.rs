//! The summary a program reads; its fields only ever grow within a version.

use reimport::{Summary, Topic};
use serde_json::{Map, Value, json};

use crate::exit::Status;

/// The `--json` document of `convert` and `check`, version 1.
pub(crate) fn summary_json(summary: &Summary, status: Status) -> Value {
    let named = |topic| -> Map<String, Value> {
        summary.of(topic).map(|(name, count)| (name.to_owned(), count.into())).collect()
    };
    let sources: Vec<Value> = summary
        .sources
        .iter()
        .map(|source| json!({"name": &*source.name, "bytes": source.bytes, "records": source.records}))
        .collect();
    let rejected_by: Map<String, Value> = summary
        .rejected_by
        .iter()
        .map(|(rule, count)| {
            let (source, position) = &count.first;
            let first = json!({"source": &**source, "line": position.line, "record": position.record, "byte": position.byte});
            ((*rule).to_owned(), json!({"records": count.records, "first": first}))
        })
        .collect();
    let dropped: Map<String, Value> =
        summary.export_only().into_iter().map(|(name, count)| (name, count.into())).collect();
    let present: Map<String, Value> =
        summary.present.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
    json!({
        "version": 1,
        "exit_status": status.code(),
        "sources": sources,
        "read": summary.read,
        "written": summary.written,
        "skipped": summary.skipped,
        "rejected": summary.rejected,
        "left_out": summary.left_out,
        "with_password": summary.with_password,
        "limited": summary.limited,
        "skipped_by": summary.skipped_by,
        "rejected_by": rejected_by,
        "fixed": named(Topic::Fixed),
        "dropped": dropped,
        "unknown": named(Topic::Unknown),
        "warned": named(Topic::Warned),
        "connections": named(Topic::Connection),
        "linked_logins": named(Topic::LinkedLogin),
        "passwords": named(Topic::Password),
        "mfa_secrets": named(Topic::MfaSecret),
        "present": present,
        "lacking": summary.lacks(),
    })
}
