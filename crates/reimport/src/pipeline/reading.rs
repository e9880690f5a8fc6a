//! Reads the sources of a run block by block. Always on one thread.

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
use crate::record::{CellPlaces, CsvDialect, CsvTypes, Format, ReadOptions, UserIds};
use crate::source::BytesRead;

/// All inputs of a run, read one after another.
pub(super) struct Reading<'t> {
    inputs: std::vec::IntoIter<Input>,
    options: ReadOptions,
    /// Whether the transform reads the property with this name.
    reads: &'t (dyn Fn(&str) -> bool + Sync),
    parts_ids: PartsIds,
    current: Option<Blocks>,
    progress: Progress,
    stop_handle: StopHandle,
    /// Return a block as soon as it has a record, instead of when it is full.
    eager: bool,
}

/// Stops the reading from another thread. Reading then no longer waits for a source that sends nothing.
#[derive(Clone, Default)]
pub(super) struct StopHandle(Arc<Mutex<(bool, Option<BytesRead>)>>);

impl StopHandle {
    pub(super) fn stop(&self) {
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

/// A source that is open. Only its beginning has been read, to detect the format.
pub(super) struct Opened {
    pub(super) name: Arc<str>,
    /// The position at which the first block begins.
    pub(super) start: Position,
    pub(super) format: Format,
    pub(super) csv_dialect: Option<CsvDialect>,
    pub(super) csv_types: Option<CsvTypes>,
    pub(super) columns: Option<Arc<[FieldPath]>>,
    pub(super) user_ids: UserIds,
    pub(super) kept_apostrophes: Option<(usize, CellPlaces)>,
}

/// The result of one reading step.
pub(super) enum Next {
    /// A new source was opened.
    Source(Opened),
    /// The block was filled. The splitter finds its records.
    Block(Splitter),
    /// The source was read and verified to its end. The next one is not opened yet, because it may be a pipe that
    /// sends nothing.
    SourceEnd {
        /// Whether there is another source.
        more: bool,
    },
    /// All sources were read and verified to their ends.
    End,
}

impl<'t> Reading<'t> {
    pub(super) fn new(
        inputs: Vec<Input>,
        options: ReadOptions,
        reads: &'t (dyn Fn(&str) -> bool + Sync),
        progress: Progress,
    ) -> Self {
        let (inputs, parts_ids) = (inputs.into_iter(), PartsIds::default());
        Self {
            inputs,
            options,
            reads,
            parts_ids,
            current: None,
            progress,
            stop_handle: StopHandle::default(),
            eager: false,
        }
    }

    /// Sets whether blocks are returned as soon as they have a record. For runs with a limit, which may not need
    /// all input.
    pub(super) fn eager(self, eager: bool) -> Self {
        Self { eager, ..self }
    }

    pub(super) fn stop_handle(&self) -> StopHandle {
        self.stop_handle.clone()
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
            source.set_eager();
        }
        self.stop_handle.begin(source.progress());
        self.progress.begin(Some(source.progress()));
        let blocks = self.current.insert(Blocks::open(source, &options)?);
        blocks.read_only(self.reads);
        Ok(Next::Source(Opened {
            name: Arc::clone(blocks.source().name()),
            start: blocks.start(),
            format: blocks.format(),
            csv_dialect: blocks.csv_dialect(),
            csv_types: blocks.csv_types(),
            columns: blocks.columns(),
            user_ids: blocks.user_ids(),
            kept_apostrophes: blocks.kept_apostrophes(),
        }))
    }
}
