//! The file of a schema: JSON with one line for each column.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use reimport::path::FieldPath;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use super::{Schema, SchemaColumn, SchemaError, free_name};
use crate::column::{Column, ColumnType};
use crate::layout::OWN_NAMES;

/// The version of the file.
const VERSION: u64 = 1;

/// The first member that is read.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    sources: Vec<SourceEntry>,
    #[serde(default)]
    records: u64,
    columns: Vec<ColumnEntry>,
}

#[derive(Serialize, Deserialize)]
struct SourceEntry {
    name: String,
    records: u64,
}

/// A column, with its members in the order of the file.
#[derive(Serialize, Deserialize)]
struct ColumnEntry {
    #[serde(deserialize_with = "parsed")]
    path: FieldPath,
    #[serde(deserialize_with = "safe_name")]
    name: String,
    #[serde(rename = "type", serialize_with = "type_name", deserialize_with = "type_of_name")]
    is: ColumnType,
    #[serde(default)]
    values: u64,
    #[serde(default)]
    nulls: u64,
    #[serde(default)]
    missing: u64,
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FieldPath, D::Error> {
    FieldPath::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn safe_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let safe = Column::safe_name(&name);
    if safe == name {
        return Ok(name);
    }
    Err(D::Error::custom(format!(
        "expected a name of letters, digits and `_`, without a digit first, as in `{safe}`, but found `{name}`"
    )))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn type_name<S: Serializer>(is: &ColumnType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(is)
}

fn type_of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ColumnType, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

impl Schema {
    /// Reads the file of a schema. Members that this version does not know are ignored, and counts may be missing.
    ///
    /// # Errors
    /// If it is not JSON of this form and version, or if a path, a type or a name is not possible.
    pub fn parse(json: &[u8]) -> Result<Self, SchemaError> {
        let Version { version } = serde_json::from_slice(json).map_err(SchemaError::Json)?;
        if version != VERSION {
            return Err(SchemaError::Version { found: version });
        }
        let file: File = serde_json::from_slice(json).map_err(SchemaError::Json)?;
        let mut columns: Vec<SchemaColumn> = Vec::with_capacity(file.columns.len());
        let mut names: BTreeMap<String, Box<str>> = BTreeMap::new();
        for ColumnEntry { path, name, is, values, nulls, missing } in file.columns {
            let shown = path.to_string().into_boxed_str();
            if OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(&name)) {
                return Err(SchemaError::Reserved { path: shown, name: name.into() });
            }
            if let Some(first) = names.get(&name.to_ascii_lowercase()) {
                let mut taken: HashSet<String> = names.keys().cloned().collect();
                let proposed = free_name(&name, &mut taken).into();
                let first = first.clone();
                return Err(SchemaError::SameName { first, second: shown, name: name.into(), proposed });
            }
            names.insert(name.to_ascii_lowercase(), shown);
            columns.push(SchemaColumn { column: Column::new(path, is, name), values, nulls, missing });
        }
        let mut sources = BTreeMap::new();
        for SourceEntry { name, records } in file.sources {
            *sources.entry(name).or_default() += records;
        }
        Ok(Self { sources, records: file.records, columns })
    }
}

/// Writes the file.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources =
            self.sources.iter().map(|(name, records)| SourceEntry { name: name.clone(), records: *records });
        let columns = self.columns.iter().map(|found| ColumnEntry {
            path: found.column.path().clone(),
            name: found.column.name().to_owned(),
            is: found.column.is(),
            values: found.values,
            nulls: found.nulls,
            missing: found.missing,
        });
        writeln!(f, "{{\n  \"version\": {VERSION},\n  \"sources\": [")?;
        lines(sources, f)?;
        writeln!(f, "  ],\n  \"records\": {},\n  \"columns\": [", self.records)?;
        lines(columns, f)?;
        writeln!(f, "  ]\n}}")
    }
}

/// Writes each item on a line.
fn lines(items: impl ExactSizeIterator<Item = impl Serialize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let count = items.len();
    for (index, item) in items.enumerate() {
        let comma = if index + 1 < count { "," } else { "" };
        // These have only strings and numbers.
        writeln!(f, "    {}{comma}", serde_json::to_string(&item).map_err(|_| fmt::Error)?)?;
    }
    Ok(())
}
