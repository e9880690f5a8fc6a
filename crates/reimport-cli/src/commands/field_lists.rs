//! The fields of `select`: those in the files of `--fields`, then those of `-f`.

use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use reimport::projection::Field;

use super::inputs;
use crate::args::{FieldList, SelectArgs};

/// Lists of fields, each with its place for error messages.
pub(super) struct FieldLists(Vec<(String, FieldList)>);

impl FieldLists {
    /// Reads the files, and adds the fields of the options.
    ///
    /// # Errors
    /// If a file cannot be read, has no fields, or has a line that is not a field.
    pub(super) fn read(args: &SelectArgs) -> anyhow::Result<Self> {
        let mut lists = Vec::new();
        for path in &args.fields_files {
            let name = path.display().to_string();
            let text = read(path).with_context(|| name.clone())?;
            let before = lists.len();
            for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let place = format!("{name} line {}", index + 1);
                let list = line.parse().map_err(|error: String| anyhow!("{place}: {error}"))?;
                lists.push((place, list));
            }
            ensure!(
                lists.len() > before,
                "{name}: expected one field on each line, as in email or app_metadata.plan=plan, but found none"
            );
        }
        lists.extend(args.fields.iter().map(|list| ("-f".to_owned(), list.clone())));
        Ok(Self(lists))
    }

    /// Returns the lists in order, each with its place.
    #[cfg(feature = "columns")]
    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, FieldList)> {
        self.0.iter()
    }

    /// Returns the fields of an output without types.
    ///
    /// # Errors
    /// If one of them has a type.
    pub(super) fn fields(&self) -> anyhow::Result<Vec<Field>> {
        let mut fields = Vec::new();
        for (place, list) in &self.0 {
            fields.extend_from_slice(list.fields().map_err(|error| anyhow!("{place}: {error}"))?);
        }
        Ok(fields)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = inputs::read_small_or_stdin(path)?;
    String::from_utf8(bytes).map_err(|_| anyhow!("expected text in UTF-8, but found other bytes"))
}
