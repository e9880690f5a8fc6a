//! Reading of `lines.ndjson`: the source and line of each user of a part.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::{FolderError, PartLines, regular};
use crate::error::{Error, Result};

/// Maximum length of a line that is read. A run writes only shorter lines.
const LONGEST_LINE: usize = 4 << 20;

/// The sources and lines of the users of some parts. Returned by
/// [`PartsFolder::origins`](super::PartsFolder::origins).
#[derive(Debug, Default)]
pub struct PartOrigins(HashMap<String, Vec<Range>>);

/// Consecutive lines of a source.
#[derive(Debug)]
struct Range {
    source: Arc<str>,
    first: u64,
    lines: u64,
}

impl PartOrigins {
    /// Returns the source and the line of a user of a part. `place` is the index of the user in the part, counted
    /// from 0. `None` if the line is not known.
    pub fn of(&self, part: &str, place: u64) -> Option<(&str, u64)> {
        let mut left = place;
        for range in self.0.get(part)? {
            if left < range.lines {
                return Some((&range.source, range.first.checked_add(left)?));
            }
            left -= range.lines;
        }
        None
    }

    /// Reads the ranges of the parts for which `users` returns the number of users. Keeps only the ranges that
    /// these users need.
    pub(super) fn read(path: &Path, users: impl Fn(&str) -> Option<u64>) -> Result<Self> {
        let mut parts: HashMap<String, (Vec<Range>, u64)> = HashMap::new();
        let mut source: Arc<str> = "".into();
        regular::read_lines(path, LONGEST_LINE, |number, line| {
            let read = serde_json::from_slice::<PartLines>(line);
            let read =
                read.map_err(|_| Error::from(FolderError::Line { path: path.to_owned(), line: number }))?;
            let Some(users) = users(&read.part) else { return Ok(()) };
            if *source != *read.source {
                source = read.source.into();
            }
            let (ranges, known) = parts.entry(read.part).or_default();
            for (first, lines) in read.lines {
                if *known >= users {
                    break;
                }
                let lines = lines.min(users - *known);
                *known += lines;
                if lines > 0 {
                    ranges.push(Range { source: Arc::clone(&source), first, lines });
                }
            }
            Ok::<(), Error>(())
        })?;
        Ok(Self(parts.into_iter().map(|(part, (ranges, _))| (part, ranges)).collect()))
    }
}
