//! How the columns of a Parquet file are encoded, and the metadata of the file.

use std::collections::BTreeSet;

use parquet::basic;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use reimport::Summary;

use super::RowGroups;
use crate::arrays::file_name;
use crate::layout::{Layout, SCHEMA_VERSION};

/// The size of a page before compression. Together with the number of columns, it bounds what is not yet compressed. Snappy
/// compresses blocks of this size, so that larger pages would not be smaller in total.
const PAGE_BYTES: usize = 64 * 1024;

/// A column whose dictionary becomes larger is written without one from there on.
const DICTIONARY_BYTES: usize = 64 * 1024;

/// The share of values that a bloom filter takes for present although they are not.
const FALSE_POSITIVES: f64 = 0.01;

/// How the pages of a Parquet file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Snappy, which every engine reads.
    #[default]
    Snappy,
    /// Zstandard at level 3: smaller files, which take more time to write.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl From<Compression> for basic::Compression {
    fn from(compression: Compression) -> Self {
        match compression {
            Compression::Snappy => Self::SNAPPY,
            #[cfg(feature = "zstd")]
            Compression::Zstd => Self::ZSTD(basic::ZstdLevel::try_new(3).unwrap_or_default()),
        }
    }
}

/// Returns the properties of a file with this layout.
pub(super) fn properties(
    layout: &Layout,
    row_groups: RowGroups,
    compression: Compression,
) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("reimport ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(compression.into())
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // The places of pages are of use only with statistics of pages, and would be held in memory until the end.
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(None)
        .set_write_batch_size(256);
    for (place, field) in layout.schema().fields().iter().enumerate() {
        let path = || ColumnPath::from(field.name().clone());
        properties = properties.set_column_dictionary_enabled(path(), layout.has_dictionary(place));
        if layout.is_json(place) {
            properties = properties.set_column_statistics_enabled(path(), EnabledStatistics::None);
        }
        if layout.is_looked_up(place) {
            properties = properties
                .set_column_bloom_filter_enabled(path(), true)
                .set_column_bloom_filter_fpp(path(), FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(path(), row_groups.max_rows as u64);
        }
    }
    properties.build()
}

/// Returns the metadata of a file in a folder, whose manifest has the rest.
pub(crate) fn part_metadata(filters: &[String]) -> Vec<KeyValue> {
    vec![
        entry("schema_version", SCHEMA_VERSION.to_owned()),
        entry("filters", list(filters.iter().map(String::as_str))),
    ]
}

fn entry(name: &str, value: String) -> KeyValue {
    KeyValue::new(format!("reimport.{name}"), value)
}

/// Returns the metadata of a file. It has no path and no time, so that equal inputs give equal files.
pub(super) fn metadata(summary: &Summary, filters: &[String]) -> Vec<KeyValue> {
    let sources: BTreeSet<&str> = summary.sources.iter().map(|source| file_name(&source.name)).collect();
    let mut entries = vec![
        entry("schema_version", SCHEMA_VERSION.to_owned()),
        entry("sources", list(sources)),
        entry("filters", list(filters.iter().map(String::as_str))),
    ];
    let counts = [
        ("read", summary.read),
        ("written", summary.written),
        ("skipped", summary.skipped),
        ("rejected", summary.rejected),
        ("left_out", summary.left_out),
    ];
    entries.extend(counts.map(|(name, count)| entry(name, count.to_string())));
    entries
}

/// Returns a JSON array of strings.
fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut json = b"[".to_vec();
    for text in texts {
        if json.len() > 1 {
            json.push(b',');
        }
        reimport::json::escape_into(text, &mut json);
    }
    json.push(b']');
    String::from_utf8(json).unwrap_or_default()
}
