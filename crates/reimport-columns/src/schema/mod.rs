//! [`Schema`]: columns with types that fit every value of some exports, and its file.

mod error;
mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use reimport::Summary;

use crate::arrays::file_name;
use crate::column::Column;
use crate::layout::{Layout, OWN_NAMES};

pub use error::SchemaError;

/// The columns that fit some exports, for outputs that many exports share.
///
/// [`SchemaSurvey`](crate::SchemaSurvey) finds one. `Display` writes its file, which [`parse`](Self::parse) reads. A person may
/// change types and names, and delete columns.
///
/// ```
/// use reimport_columns::Schema;
///
/// let schema = Schema::parse(br#"{"version":1,"columns":[{"path":"app_metadata.plan","name":"plan","type":"string"}]}"#)?;
/// assert_eq!(schema.columns()[0].column().name(), "plan");
/// assert_eq!(schema.layout().schema().fields().len(), 4);
/// # Ok::<(), reimport_columns::SchemaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub(crate) sources: BTreeMap<String, u64>,
    pub(crate) records: u64,
    pub(crate) columns: Vec<SchemaColumn>,
}

/// A column of a [`Schema`], with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaColumn {
    pub(crate) column: Column,
    pub(crate) values: u64,
    pub(crate) nulls: u64,
    pub(crate) missing: u64,
}

impl SchemaColumn {
    /// Returns the column.
    pub fn column(&self) -> &Column {
        &self.column
    }

    /// Returns the number of records with a value that is not null.
    pub fn values(&self) -> u64 {
        self.values
    }

    /// Returns the number of records with null.
    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    /// Returns the number of records without the path.
    pub fn missing(&self) -> u64 {
        self.missing
    }
}

impl Schema {
    /// Returns the schema of these columns, found in `records` records. Sources are named without folders.
    pub(crate) fn found(columns: Vec<SchemaColumn>, records: u64, summary: &Summary) -> Self {
        let mut sources = BTreeMap::new();
        for source in &summary.sources {
            *sources.entry(file_name(&source.name).to_owned()).or_default() += source.records;
        }
        Self { sources, records, columns }
    }

    /// Returns the columns, in order.
    pub fn columns(&self) -> &[SchemaColumn] {
        &self.columns
    }

    /// Returns the number of records that the schema was found in. 0 if a file does not say it.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Returns the layout of these columns, `_rest`, `_source` and `_line`. As in the [fixed schema](Layout::fixed), the columns
    /// and `_rest` together have the whole record.
    pub fn layout(&self) -> Arc<Layout> {
        Layout::whole(self.columns.iter().map(|found| found.column.clone()).collect())
    }
}

/// Returns the safe name of a path, with a number after it if another column has the name, ignoring case. `taken` has the names
/// of the columns before, in lower case.
pub(crate) fn free_name(path: &str, taken: &mut HashSet<String>) -> String {
    let safe = Column::safe_name(path);
    let numbered = (2..).map(|number| format!("{safe}_{number}"));
    let mut names = std::iter::once(safe.clone()).chain(numbered);
    let is_own = |name: &str| OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(name));
    // There are fewer columns than numbers.
    names.find(|name| !is_own(name) && taken.insert(name.to_ascii_lowercase())).unwrap_or(safe)
}
