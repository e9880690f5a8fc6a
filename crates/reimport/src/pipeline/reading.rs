//! The sources of a run, block after block: the first half of the work, always on one thread.

use std::sync::Arc;

use super::input::Input;
use super::watch::Watch;
use crate::error::Result;
use crate::path::FieldPath;
use crate::position::Position;
use crate::record::block::Block;
use crate::record::blocks::{Blocks, Splitter};
use crate::record::{CsvDialect, ReadOptions};

/// All inputs of a run, one behind the other.
pub(super) struct Reading<I> {
    inputs: I,
    options: ReadOptions,
    current: Option<Blocks>,
    watch: Watch,
}

/// A source of which nothing but its beginning is read.
pub(super) struct Opened {
    pub(super) name: Arc<str>,
    /// Where its first block begins.
    pub(super) start: Position,
    pub(super) csv_dialect: Option<CsvDialect>,
    pub(super) columns: Option<Arc<[FieldPath]>>,
}

/// What came next.
pub(super) enum Next {
    /// A new source.
    Source(Opened),
    /// The block was filled; this finds its records.
    Block(Splitter),
    /// Every source is at its verified end.
    End,
}

impl<I: Iterator<Item = Input>> Reading<I> {
    pub(super) fn new(inputs: I, options: ReadOptions, watch: Watch) -> Self {
        Self { inputs, options, current: None, watch }
    }

    /// Fills `block`, or opens the next source.
    pub(super) fn next(&mut self, block: &mut Block) -> Result<Next> {
        if let Some(blocks) = &mut self.current {
            if blocks.fill(block)? {
                return Ok(Next::Block(blocks.splitter()));
            }
            self.current = None;
        }
        let Some(input) = self.inputs.next() else { return Ok(Next::End) };
        let source = input.open()?;
        self.watch.begin(Some(source.progress()));
        let blocks = self.current.insert(Blocks::open(source, &self.options)?);
        Ok(Next::Source(Opened {
            name: Arc::clone(blocks.source().name()),
            start: blocks.start(),
            csv_dialect: blocks.csv_dialect(),
            columns: blocks.columns(),
        }))
    }
}
