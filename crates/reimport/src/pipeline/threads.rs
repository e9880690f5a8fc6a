//! A run on several threads. One thread reads, the calling thread orders, and all of them process blocks.
//!
//! The pool belongs to the run. It has one thread less than the run, because the calling thread counts too. One
//! pool thread does the reading, because decompression keeps a core busy. The reading thread processes a block
//! itself when there is no free block. The ordering thread does so when the next block in order is not processed
//! yet. So there are never more threads than requested, and no thread is idle while there is work.
//!
//! Blocks circulate: free, filled, processed, ordered, free again. Their number is fixed, which bounds the memory
//! of the run. Each block has a ticket. Tickets are in input order, and the ordering thread takes them in this
//! order. So the output is the same for any number of threads, and the error that is returned is the first one in
//! the input.
//!
//! Filled blocks are in a queue of the run, oldest first. The queue of rayon is not used, because rayon runs
//! spawned tasks last in, first out, and only on its own threads. A spawned task processes blocks until the queue
//! is empty. Only reading and ordering wait.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::{Scope, ThreadPool};

use super::error::RunError;
use super::order::Order;
use super::reading::{Next, Reading, StopHandle};
use super::work::Job;
use crate::error::Result;
use crate::record::blocks::Splitter;
use crate::run::{Sink, Transform};

/// The next step for the ordering thread.
enum Ticket<T: Transform> {
    Read(Result<Next>),
    ProcessedBlock(Box<Job<T>>, std::result::Result<(), RunError>),
}

/// Runs the rest of `reading` on `pool` and the calling thread. If all input was processed, `jobs` contains all
/// jobs again. Otherwise it is empty.
pub(super) fn run<T: Transform, S: Sink>(
    pool: &ThreadPool,
    reading: &mut Reading,
    jobs: &mut Vec<Box<Job<T>>>,
    transform: &T,
    order: &mut Order<S>,
) -> Result<()> {
    let state = BlockQueues {
        free: std::mem::take(jobs).into(),
        filled: VecDeque::new(),
        tickets: VecDeque::new(),
        taken: 0,
        workers: 0,
        closed: false,
    };
    // One of the pool threads does the reading.
    let most_workers = pool.current_num_threads() - 1;
    let round = Round { transform, most_workers, state: Mutex::new(state), changed: Condvar::new() };
    let go = pool.in_place_scope(|scope| {
        let _close = Close(&round, reading.stop_handle());
        scope.spawn(|scope| round.read(reading, scope));
        round.order_results(order)
    })?;
    if go.is_continue() {
        *jobs = round.state.into_inner().unwrap_or_else(PoisonError::into_inner).free.into();
    }
    Ok(())
}

/// The blocks of a run and their queues, shared by all its threads.
struct Round<'t, T: Transform> {
    transform: &'t T,
    most_workers: usize,
    /// Locked only to move a block, never while a block is filled, processed or ordered.
    state: Mutex<BlockQueues<T>>,
    /// Notified after each change for which reading or ordering may wait.
    changed: Condvar,
}

struct BlockQueues<T: Transform> {
    free: VecDeque<Box<Job<T>>>,
    /// Filled blocks with their ticket numbers, oldest first.
    filled: VecDeque<(u64, Box<Job<T>>, Splitter)>,
    /// Tickets in input order. `None` if the block is not processed yet.
    tickets: VecDeque<Option<Ticket<T>>>,
    /// Number of tickets taken so far, which is the number of the first ticket in `tickets`.
    taken: u64,
    /// Number of spawned tasks that will check `filled` again.
    workers: usize,
    /// Whether the run has ended.
    closed: bool,
}

/// Stops reading and processing when the ordering closure ends, also by an error or a panic. This is needed because
/// a scope waits for its tasks, and the reading thread may wait for an input that sends nothing.
struct Close<'r, 't, T: Transform>(&'r Round<'t, T>, StopHandle);

impl<T: Transform> Drop for Close<'_, '_, T> {
    fn drop(&mut self) {
        let Self(round, stop_handle) = self;
        stop_handle.stop();
        let mut state = round.lock();
        state.closed = true;
        round.changed.notify_all();
        state.filled.clear();
    }
}

impl<T: Transform> Round<'_, T> {
    fn lock(&self) -> MutexGuard<'_, BlockQueues<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes blocks until `wanted` returns a value. Waits if there is no block to process.
    fn work_until<R>(&self, mut wanted: impl FnMut(&mut BlockQueues<T>) -> Option<R>) -> R {
        let mut state = self.lock();
        loop {
            if let Some(found) = wanted(&mut state) {
                return found;
            }
            state = match state.filled.pop_front() {
                Some((number, job, splitter)) => {
                    drop(state);
                    self.work(number, job, &splitter);
                    self.lock()
                }
                // Other threads hold all blocks. They notify when they finish one.
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// The reading task. Ends when everything is read, or when the run has ended.
    fn read<'s>(&'s self, reading: &mut Reading, scope: &Scope<'s>) {
        let free = |state: &mut BlockQueues<T>| {
            if state.closed { Some(None) } else { state.free.pop_front().map(Some) }
        };
        while let Some(mut job) = self.work_until(free) {
            let next = reading.next(&mut job.processed.block);
            let over = matches!(next, Err(_) | Ok(Next::End));
            let mut state = self.lock();
            match next {
                Ok(Next::Block(splitter)) => {
                    let number = state.taken + state.tickets.len() as u64;
                    state.tickets.push_back(None);
                    state.filled.push_back((number, job, splitter));
                    if state.workers < self.most_workers {
                        state.workers += 1;
                        // A task decrements `workers` under the lock, and only if it finds the queue empty. So a
                        // queued block always has a worker.
                        let no_blocks_left =
                            |state: &mut BlockQueues<T>| state.filled.is_empty().then(|| state.workers -= 1);
                        scope.spawn(move |_| self.work_until(no_blocks_left));
                    }
                }
                next => {
                    state.free.push_back(job);
                    state.tickets.push_back(Some(Ticket::Read(next)));
                }
            }
            drop(state);
            self.changed.notify_all();
            if over {
                return;
            }
        }
    }

    fn work(&self, number: u64, mut job: Box<Job<T>>, splitter: &Splitter) {
        let processed = job.work(splitter, self.transform);
        let mut state = self.lock();
        let place = (number - state.taken) as usize;
        state.tickets[place] = Some(Ticket::ProcessedBlock(job, processed));
        drop(state);
        self.changed.notify_all();
    }

    /// The loop of the ordering thread.
    fn order_results<S: Sink>(&self, order: &mut Order<S>) -> Result<ControlFlow<()>> {
        let next = |state: &mut BlockQueues<T>| {
            let ticket = state.tickets.front_mut()?.take()?;
            state.tickets.pop_front();
            state.taken += 1;
            Some(ticket)
        };
        loop {
            match self.work_until(next) {
                Ticket::ProcessedBlock(job, processed) => {
                    processed?;
                    if order.take(&job.processed)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.lock().free.push_back(job);
                    self.changed.notify_all();
                }
                Ticket::Read(next) => match next.map_err(|error| order.placed(error))? {
                    Next::Source(opened) if order.begin_source(&opened) => {}
                    Next::SourceEnd { more } if order.end_source(more).is_continue() => {}
                    Next::Source(_) | Next::SourceEnd { .. } => return Ok(ControlFlow::Break(())),
                    _ => return Ok(ControlFlow::Continue(())),
                },
            }
        }
    }
}
