//! The sources of a run, block after block: the first half of the work, always on one thread.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::caught;
use super::input::Input;
use super::parts_ids::PartsIds;
use super::progress::Progress;
use crate::error::Result;
use crate::path::FieldPath;
use crate::position::Position;
use crate::record::block::Block;
use crate::record::blocks::{Blocks, Splitter};
use crate::record::{CellPlaces, CsvDialect, Format, ReadOptions, UserIds};
use crate::source::BytesRead;

/// All inputs of a run, one behind the other.
pub(super) struct Reading {
    inputs: std::vec::IntoIter<Input>,
    options: ReadOptions,
    parts_ids: PartsIds,
    current: Option<Blocks>,
    progress: Progress,
    halt: Halt,
    /// Blocks come as soon as there is a record, not when they are full.
    eager: bool,
}

/// Ends the reading from another thread: a source that is quiet is waited for no longer.
#[derive(Clone, Default)]
pub(super) struct Halt(Arc<Mutex<(bool, Option<BytesRead>)>>);

impl Halt {
    pub(super) fn now(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = true;
        if let Some(source) = &state.1 {
            source.stop();
        }
    }

    fn begin(&self, source: BytesRead) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 {
            source.stop();
        }
        state.1 = Some(source);
    }
}

/// A source of which nothing but its beginning is read.
pub(super) struct Opened {
    pub(super) name: Arc<str>,
    /// Where its first block begins.
    pub(super) start: Position,
    pub(super) format: Format,
    pub(super) csv_dialect: Option<CsvDialect>,
    pub(super) columns: Option<Arc<[FieldPath]>>,
    pub(super) user_ids: UserIds,
    pub(super) kept_apostrophes: Option<(usize, CellPlaces)>,
}

/// What came next.
pub(super) enum Next {
    /// A new source.
    Source(Opened),
    /// The block was filled; this finds its records.
    Block(Splitter),
    /// The source is at its verified end. The next one, if there is one, is not opened yet: it may be a quiet pipe.
    SourceEnd {
        /// Whether there is a next one.
        more: bool,
    },
    /// Every source is at its verified end.
    End,
}

impl Reading {
    pub(super) fn new(inputs: Vec<Input>, options: ReadOptions, progress: Progress) -> Self {
        let (inputs, parts_ids) = (inputs.into_iter(), PartsIds::default());
        Self { inputs, options, parts_ids, current: None, progress, halt: Halt::default(), eager: false }
    }

    /// Hands out records as soon as they are there: for a run that will not want all of them.
    pub(super) fn eager(self, eager: bool) -> Self {
        Self { eager, ..self }
    }

    pub(super) fn halt(&self) -> Halt {
        self.halt.clone()
    }

    /// Fills `block`, or opens the next source.
    ///
    /// # Errors
    /// If an input is damaged or cannot be read, or if its reader panics.
    pub(super) fn next(&mut self, block: &mut Block) -> Result<Next> {
        caught(|| self.advance(block))?
    }

    fn advance(&mut self, block: &mut Block) -> Result<Next> {
        if let Some(blocks) = &mut self.current {
            if blocks.fill(block)? {
                return Ok(Next::Block(blocks.splitter()));
            }
            self.current = None;
            return Ok(Next::SourceEnd { more: !self.inputs.as_slice().is_empty() });
        }
        let Some(input) = self.inputs.next() else { return Ok(Next::End) };
        let mut options = self.options.clone();
        if let (None, Input::Path(path)) = (options.user_ids, &input) {
            options.user_ids = Some(self.parts_ids.of(path));
        }
        let mut source = input.open()?;
        if self.eager {
            source.be_eager();
        }
        self.halt.begin(source.progress());
        self.progress.begin(Some(source.progress()));
        let blocks = self.current.insert(Blocks::open(source, &options)?);
        Ok(Next::Source(Opened {
            name: Arc::clone(blocks.source().name()),
            start: blocks.start(),
            format: blocks.format(),
            csv_dialect: blocks.csv_dialect(),
            columns: blocks.columns(),
            user_ids: blocks.user_ids(),
            kept_apostrophes: blocks.kept_apostrophes(),
        }))
    }
}
