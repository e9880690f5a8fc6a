//! A sink that wraps another sink, keeps the positions of the first rejected records, and remembers whether a record was
//! written.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;

use reimport::run::{Rejected, Sink, Skipped, Written};
use reimport::{Problem, Rendering, Result, SideFile, Summary};

use crate::report::Place;

/// Number of positions that are kept.
const SHOWN: usize = 5;

/// A sink, and the positions of the first rejected records.
pub(super) struct FirstRejects<S> {
    inner: S,
    has_written: Rc<Cell<bool>>,
    places: Vec<Place>,
}

impl<S> FirstRejects<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, has_written: Rc::default(), places: Vec::new() }
    }

    /// Returns whether a record was written. Shared, because a run that fails drops the sink.
    pub(super) fn has_written(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.has_written)
    }
}

impl<S: Sink> Sink for FirstRejects<S> {
    type Finished = (S::Finished, Vec<Place>);

    fn rendering(&self) -> Rendering {
        self.inner.rendering()
    }

    fn max_record_bytes(&self) -> Option<u64> {
        self.inner.max_record_bytes()
    }

    fn takes_any_bytes(&self) -> bool {
        self.inner.takes_any_bytes()
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.inner.refuse_inputs(inputs)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.inner.begin(header)
    }

    #[inline]
    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self.has_written.set(true);
        self.inner.write(written)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.inner.skip(skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        if self.places.len() < SHOWN {
            self.places.push(Place {
                source: rejected.origin.source.to_string(),
                line: rejected.origin.position.line,
                message: rejected.problems.first().map(message).unwrap_or_default(),
            });
        }
        self.inner.reject(rejected)
    }

    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        self.inner.side(list, line)
    }

    fn finish(self, summary: &Summary) -> Result<Self::Finished> {
        Ok((self.inner.finish(summary)?, self.places))
    }
}

/// Returns the message of a problem, with its field path if it has one.
fn message(problem: &Problem) -> String {
    match problem.path.as_str() {
        "" => problem.message.clone(),
        path => format!("{path}: {}", problem.message),
    }
}
