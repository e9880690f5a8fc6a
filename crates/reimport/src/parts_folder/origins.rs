//! From which lines of which source the users of some parts are: `lines.ndjson`, read again.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::{FolderError, PartLines, regular};
use crate::error::{Error, Result};

/// The longest line that a run writes is shorter.
const LONGEST_LINE: usize = 4 << 20;

/// Where the users of some parts come from; see [`PartsFolder::origins`](super::PartsFolder::origins).
#[derive(Debug, Default)]
pub struct PartOrigins(HashMap<String, Vec<Range>>);

/// Lines that follow each other.
#[derive(Debug)]
struct Range {
    source: Arc<str>,
    first: u64,
    lines: u64,
}

impl PartOrigins {
    /// The source and the line of a user of a part, by its place among them from 0; none where nothing says so.
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

    /// Reads those of the parts of which `users` knows how many users they have. No more is held than they need.
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
