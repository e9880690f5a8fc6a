//! Origin of an export: the record that `reimport download` writes next to it, `FILE.job.json`.

use std::path::Path;

use serde_json::{Map, Value};

/// Members of the record that a manifest keeps. No time, so that the same export gives the same manifest.
const KEPT: [&str; 4] = ["tenant", "job", "connection_id", "limit"];

/// Returns the section of the manifest about the exports, by file name; `None` if no export has a record.
pub(super) fn section<'p>(exports: impl IntoIterator<Item = &'p Path>) -> Option<Value> {
    let mut section = Map::new();
    for export in exports {
        let mut record = export.as_os_str().to_owned();
        record.push(".job.json");
        let Some(mut record) = read(record.as_ref()) else { continue };
        record.retain(|key, _| KEPT.contains(&key.as_str()));
        let name = export.file_name().unwrap_or_default().to_string_lossy().into_owned();
        section.insert(name, record.into());
    }
    (!section.is_empty()).then(|| section.into())
}

/// Maximum size of a record, which usually has some hundred bytes.
const LONGEST: u64 = 1 << 20;

/// Reads the record in a file, if there is one.
pub(super) fn read(record: &Path) -> Option<Map<String, Value>> {
    // Only files are opened: opening a pipe would wait for its writer.
    std::fs::metadata(record).ok().filter(|found| found.is_file() && found.len() <= LONGEST)?;
    let record: Value = serde_json::from_slice(&std::fs::read(record).ok()?).ok()?;
    match record {
        Value::Object(record) if record.get("tenant").is_some_and(Value::is_string) => Some(record),
        _ => None,
    }
}
