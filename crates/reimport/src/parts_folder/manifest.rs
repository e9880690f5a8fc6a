//! The manifest of an output folder: its parts, and the totals of the run.
//!
//! It contains no time and no path, so that the same run writes the same bytes anywhere. It contains no value of a
//! user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::UserIds;
use crate::run::{Summary, by_section, source_file_name};

/// The content of `manifest.json` in an output folder.
///
/// The manifest is written last, so a folder without one is unfinished. Later versions only add members.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let out = home.path().join("parts");
/// use reimport::Sink;
/// use reimport::parts_folder::Manifest;
/// use reimport::sink::{Parts, PartsOptions};
///
/// Parts::create(&out, PartsOptions::default())?.finish(&reimport::Summary::default())?;
/// let manifest: Manifest = serde_json::from_slice(&std::fs::read(out.join("manifest.json"))?)?;
/// assert_eq!(manifest.version, Manifest::VERSION);
/// assert!(manifest.parts.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The value of [`Manifest::VERSION`] in the tool that wrote it.
    pub version: u32,
    /// The name and version of the tool.
    pub tool: String,
    /// The connection of the users. Only in the folder of one connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// All sources, in the order in which they were read.
    pub sources: Vec<ManifestSource>,
    /// The options of the run, as described by the program.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, serde_json::Value>,
    /// The form of the user ids in the parts. Bare, unless the import rules were off.
    #[serde(default)]
    pub user_ids: UserIds,
    /// The number of records in each place.
    pub totals: Totals,
    /// Whether the run stopped at its limit. The rest of the input was neither read nor checked.
    #[serde(default)]
    pub limited: bool,
    /// Skipped records by reason and strategy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped_by: BTreeMap<String, u64>,
    /// Rejected records by rule. A record that breaks two rules counts for both.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejected_by: BTreeMap<String, u64>,
    /// For each known property, the number of written users that have it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub present: BTreeMap<String, u64>,
    /// Counts of dropped properties, fixes, warnings and other facts about written users, by section and name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Sections added by the program.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, serde_json::Value>,
    /// The parts of this folder, in order. Empty if each connection has its own folder, which has its own manifest: see
    /// [`connections`](Self::connections).
    pub parts: Vec<PartInfo>,
    /// The folders of the connections, if each connection has its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionFolder>,
}

/// One source of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSource {
    /// The file name, without its folder.
    pub name: String,
    /// Number of plain (decompressed) bytes read.
    pub bytes: u64,
    /// Number of records read.
    pub records: u64,
}

/// The totals of a run. Always: `read = written + skipped + rejected + left_out`. In the folder of one connection,
/// only the users written there are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Records read.
    pub read: u64,
    /// Records in parts.
    pub written: u64,
    /// Records in `skipped.ndjson`.
    pub skipped: u64,
    /// Records in `rejected.ndjson`.
    pub rejected: u64,
    /// Records left out by the user's own filter.
    pub left_out: u64,
    /// Written users with a password hash.
    pub with_password: u64,
}

/// One part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartInfo {
    /// The file name.
    pub file: String,
    /// The exact size.
    pub bytes: u64,
    /// Number of users in the part.
    pub users: u64,
    /// Number of users in the part with a password hash.
    pub password_hashes: u64,
    /// The XXH3 hash of the bytes: 128 bits in hexadecimal. Detects accidental damage, not deliberate changes.
    pub xxh3_128: String,
}

/// The folder of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFolder {
    /// The connection. `None` for users that name no connection.
    pub connection: Option<String>,
    /// The name of the folder. Differs from the name of the connection if that is not a safe file name.
    pub folder: String,
    /// Number of parts in the folder.
    pub parts: u64,
    /// Number of users in the parts.
    pub users: u64,
}

impl Manifest {
    /// The version that this library writes.
    pub const VERSION: u32 = 1;

    /// Returns the manifest of a run, without parts.
    pub fn of(summary: &Summary) -> Self {
        Self {
            version: Self::VERSION,
            tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
            sources: summary
                .sources
                .iter()
                .map(|source| ManifestSource {
                    name: source_file_name(&source.name).to_owned(),
                    bytes: source.bytes,
                    records: source.records,
                })
                .collect(),
            user_ids: summary.user_ids,
            totals: Totals {
                read: summary.read,
                written: summary.written,
                skipped: summary.skipped,
                rejected: summary.rejected,
                left_out: summary.left_out,
                with_password: summary.with_password,
            },
            limited: summary.limited,
            skipped_by: summary.skipped_by_name(),
            rejected_by: summary
                .rejected_by
                .iter()
                .map(|(rule, count)| ((*rule).into(), count.records))
                .collect(),
            present: summary.present.iter().map(|(name, count)| ((*name).into(), *count)).collect(),
            facts: by_section(&summary.facts)
                .into_iter()
                .map(|(section, facts)| (section.to_owned(), facts))
                .collect(),
            ..Self::default()
        }
    }

    /// Returns the manifest as indented JSON with a line end.
    pub(crate) fn text(&self) -> serde_json::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Fact, Skip, SkipReason, SourceSummary, Topic};

    #[test]
    fn manifest_has_file_names_and_reads_back_unchanged() {
        let mut summary = Summary::default();
        summary.sources.push(SourceSummary {
            name: "/home/somebody/tenant.json.gz".into(),
            bytes: 9,
            records: 3,
            format: crate::record::Format::Ndjson,
            csv_dialect: None,
            csv_types: None,
            columns: None,
            user_ids: UserIds::Exported,
            ids_with_strategy: 0,
            ids_without_strategy: 0,
            cell_warnings: BTreeMap::new(),
        });
        (summary.read, summary.written, summary.rejected) = (3, 2, 1);
        let skip = Skip { reason: SkipReason::NotADatabaseUser, strategy: "".into() };
        summary.skipped_by.insert(skip, 1);
        summary.facts.insert(Fact { topic: Topic::Dropped, kind: "", subject: "created_at".into() }, 2);
        let mut manifest = Manifest::of(&summary);
        manifest.options.insert("max_part_bytes".into(), 500_000.into());
        manifest.parts.push(PartInfo {
            file: "users-00001.json".into(),
            bytes: 20,
            users: 2,
            ..PartInfo::default()
        });

        let text = manifest.text().unwrap();
        assert_eq!(serde_json::from_slice::<Manifest>(&text).unwrap(), manifest);
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.starts_with("{\n  \"version\": 1,\n  \"tool\": \"reimport 0.1.0\",\n  \"sources\": ["),
            "{text}"
        );
        assert!(text.contains("\"name\": \"tenant.json.gz\"") && !text.contains("somebody"), "{text}");
        assert!(text.contains("\"dropped\": {\n      \"created_at\": 2"), "{text}");
    }

    #[test]
    fn manifest_of_a_later_version_is_readable() {
        let text = r#"{"version":2,"tool":"reimport 9.0.0","sources":[],"new":[1],"parts":[],
            "totals":{"read":0,"written":0,"skipped":0,"rejected":0,"left_out":0,"with_password":0,"new":1}}"#;
        assert_eq!(serde_json::from_str::<Manifest>(text).unwrap().version, 2);
    }
}
