//! Serde serialization for the maps of a summary whose keys are not strings.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Serialize, Serializer};

use super::Fact;
use crate::record::{CellPlaces, CellWarning};

/// Serializes a map with the text of its keys.
pub(super) fn by_text<S: Serializer, K: Display, V: Serialize>(
    map: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().map(|(key, value)| (key.to_string(), value)))
}

/// Serializes facts by section, then by name.
pub(super) fn by_section<S: Serializer>(
    facts: &BTreeMap<Fact, u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    super::by_section(facts).serialize(serializer)
}

/// Serializes warnings about CSV cells as a list. Columns are counted from 0.
pub(super) fn cell_warnings<S: Serializer>(
    warnings: &BTreeMap<(CellWarning, usize), CellPlaces>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Warning<'w> {
        name: &'static str,
        column: usize,
        #[serde(flatten)]
        places: &'w CellPlaces,
    }
    let named = |warning: CellWarning, column, places| Warning { name: warning.name(), column, places };
    serializer.collect_seq(warnings.iter().map(|(&(warning, column), places)| named(warning, column, places)))
}
