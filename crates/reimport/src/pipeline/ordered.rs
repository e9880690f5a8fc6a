//! The ordering step of a run, and the counts of its transform if the run has a limit.
//!
//! Blocks are processed before it is known where the limit is. So the scratches of the jobs also count records after
//! it. In a run with a limit, a scratch of its own counts each record again when it is ordered: exactly the records
//! before the limit.

use std::ops::ControlFlow;

use super::order::Order;
use super::work::Job;
use crate::error::Result;
use crate::run::{Rendering, Sink, Transform};

/// The ordering step, with the transform whose counts end at the limit.
pub(super) struct Ordered<'t, T: Transform, S: Sink> {
    pub(super) transform: &'t T,
    pub(super) order: Order<S>,
    /// `None` if the scratches of the jobs have the right counts, or none.
    recount: Option<T::Scratch>,
}

impl<'t, T: Transform, S: Sink> Ordered<'t, T, S> {
    pub(super) fn new(transform: &'t T, rendering: Rendering, order: Order<S>) -> Result<Self> {
        let wanted = order.has_limit() && transform.counts();
        let recount = wanted.then(|| transform.scratch(rendering)).transpose()?;
        Ok(Self { transform, order, recount })
    }

    /// Sends every record of a processed block to the sink, up to the limit. The results of the block must not be used
    /// again.
    pub(super) fn take(&mut self, job: &mut Job<T>) -> Result<ControlFlow<()>> {
        let start = self.order.start();
        let go = self.order.take(&mut job.processed)?;
        if let Some(scratch) = &mut self.recount {
            let records = go.break_value().unwrap_or_else(|| job.processed.block.records());
            job.recount(records, self.transform, scratch);
            self.order.refuse_failure(&mut job.processed, start)?;
        }
        Ok(if go.is_break() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Returns the counts to the transform. `jobs` are those of the whole run; they are not used if it had a limit.
    pub(super) fn finish(self, jobs: Vec<Box<Job<T>>>) -> Order<S> {
        let Self { transform, order, recount } = self;
        match recount {
            _ if !transform.counts() => {}
            Some(scratch) => transform.absorb(scratch),
            None => jobs.into_iter().for_each(|job| transform.absorb(job.scratch)),
        }
        order
    }
}
