//! Records of the new side that are kept in memory in the first pass, because they may differ. If there are few of
//! them, the new side is not read again.

use std::ops::Range;
use std::sync::Arc;

use super::pass::Match;
use crate::position::Position;
use crate::run::{Origin, Written};

/// The records that may differ, in the order of the new side.
#[derive(Debug, Default)]
pub(super) struct Kept {
    text: Vec<u8>,
    records: Vec<KeptRecord>,
}

/// One record: everything that a sink receives.
#[derive(Debug)]
struct KeptRecord {
    matched: Match,
    text: Range<usize>,
    source: Arc<str>,
    position: Position,
    password: bool,
}

impl Kept {
    /// Returns the number of bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.records.len() * size_of::<KeptRecord>()
    }

    /// Keeps a record. `json` is its text without white space.
    pub(super) fn keep(&mut self, matched: Match, json: &[u8], written: &Written<'_>) {
        let from = self.text.len();
        self.text.extend_from_slice(json);
        let Origin { source, position } = written.origin;
        let (text, password) = (from..self.text.len(), written.password);
        self.records.push(KeptRecord { matched, text, source: Arc::clone(source), position, password });
    }

    /// Returns the records, as the sink of a run would receive them.
    pub(super) fn records(&self) -> impl Iterator<Item = (Match, Written<'_>)> {
        self.records.iter().map(|record| {
            let written = Written {
                bytes: &self.text[record.text.clone()],
                origin: Origin { source: &record.source, position: record.position },
                connection: None,
                password: record.password,
            };
            (record.matched, written)
        })
    }
}
