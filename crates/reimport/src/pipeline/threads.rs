//! A run on several threads. One thread reads, the calling thread orders, and all of them process blocks.
//!
//! The pool of the run has one thread less than the run, because the calling thread counts too. One pool thread reads,
//! because decompression keeps a core busy. Reading and ordering process blocks themselves while they wait. So there
//! are never more threads than requested, and no thread is idle while there is work.
//!
//! Blocks circulate: free, filled, processed, ordered, free again. Their number is fixed, which bounds the memory.
//! Tickets are taken in input order. So the output is the same for any number of threads, and the returned error is
//! the first one in the input.
//!
//! Filled blocks are in a queue of the run, oldest first, because rayon runs spawned tasks last in, first out, and
//! only on its own threads. A spawned task processes blocks until the queue is empty.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::{Scope, ThreadPool};

use super::ordered::Ordered;
use super::reading::{Next, Reading, StopHandle};
use super::work::Job;
use crate::error::Result;
use crate::record::blocks::Splitter;
use crate::run::{Sink, Transform};

/// The next step for the ordering thread.
enum Ticket<T: Transform> {
    Read(Result<Next>),
    ProcessedBlock(Box<Job<T>>),
}

/// Runs the rest of `reading` on `pool` and the calling thread. If all input was processed, `jobs` contains all
/// jobs again. Otherwise it is empty.
pub(super) fn run<T: Transform, S: Sink>(
    pool: &ThreadPool,
    reading: &mut Reading<'_>,
    jobs: &mut Vec<Box<Job<T>>>,
    ordered: &mut Ordered<'_, T, S>,
) -> Result<()> {
    let (free, filled, tickets) = (std::mem::take(jobs), VecDeque::new(), VecDeque::new());
    let state = BlockQueues { free, filled, tickets, taken: 0, workers: 0, ended: false };
    let (freed, ready) = (Condvar::new(), Condvar::new());
    let most_workers = pool.current_num_threads() - 1;
    let round = Round { transform: ordered.transform, most_workers, state: Mutex::new(state), freed, ready };
    let go = pool.in_place_scope(|scope| {
        let _close = Close(&round, reading.stop_handle());
        scope.spawn(|scope| round.read(reading, scope));
        round.order_results(ordered)
    })?;
    if go.is_continue() {
        *jobs = round.state.into_inner().unwrap_or_else(PoisonError::into_inner).free;
    }
    Ok(())
}

/// The blocks of a run and their queues, shared by all its threads.
struct Round<'t, T: Transform> {
    transform: &'t T,
    /// All pool threads except the one that reads.
    most_workers: usize,
    /// Locked only to move a block, never while a block is filled, processed or ordered.
    state: Mutex<BlockQueues<T>>,
    /// Reading waits for it: a block is free, or the run has ended.
    freed: Condvar,
    /// Ordering waits for it: the first ticket is ready, or there is a filled block and no task was spawned for it.
    ready: Condvar,
}

struct BlockQueues<T: Transform> {
    /// The block that was ordered last is reused first: its buffers have grown, and are in the cache.
    free: Vec<Box<Job<T>>>,
    /// Filled blocks with their ticket numbers, oldest first.
    filled: VecDeque<(u64, Box<Job<T>>, Splitter)>,
    /// Tickets in input order. `None` if the block is not processed yet.
    tickets: VecDeque<Option<Ticket<T>>>,
    /// Number of tickets taken so far, which is the number of the first ticket in `tickets`.
    taken: u64,
    /// Number of spawned tasks that will check `filled` again.
    workers: usize,
    ended: bool,
}

/// Stops reading and processing when the ordering closure ends, also by an error or a panic. This is needed because
/// a scope waits for its tasks, and the reading thread may wait for an input that sends nothing.
struct Close<'r, 't, T: Transform>(&'r Round<'t, T>, StopHandle);

impl<T: Transform> Drop for Close<'_, '_, T> {
    fn drop(&mut self) {
        self.1.stop();
        let mut state = self.0.lock();
        state.ended = true;
        state.filled.clear();
        self.0.freed.notify_one();
    }
}

impl<T: Transform> Round<'_, T> {
    fn lock(&self) -> MutexGuard<'_, BlockQueues<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Processes blocks until `wanted` returns a value. If there is no block to process, waits for `change`.
    fn work_until<R>(&self, change: &Condvar, mut wanted: impl FnMut(&mut BlockQueues<T>) -> Option<R>) -> R {
        let mut state = self.lock();
        loop {
            if let Some(found) = wanted(&mut state) {
                return found;
            }
            state = match state.filled.pop_front() {
                Some((number, mut job, splitter)) => {
                    drop(state);
                    job.work(&splitter, self.transform);
                    let mut state = self.lock();
                    let place = (number - state.taken) as usize;
                    state.tickets[place] = Some(Ticket::ProcessedBlock(job));
                    if place == 0 {
                        self.ready.notify_one();
                    }
                    state
                }
                None => change.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// The reading task. Ends when everything is read, or when the run has ended.
    fn read<'s>(&'s self, reading: &mut Reading<'_>, scope: &Scope<'s>) {
        let free = |state: &mut BlockQueues<T>| {
            if state.ended { Some(None) } else { state.free.pop().map(Some) }
        };
        while let Some(mut job) = self.work_until(&self.freed, free) {
            let next = reading.next(&mut job.processed.block);
            let mut state = self.lock();
            match next {
                Ok(Next::Block(splitter)) => {
                    let number = state.taken + state.tickets.len() as u64;
                    state.tickets.push_back(None);
                    state.filled.push_back((number, job, splitter));
                    if state.workers < self.most_workers {
                        state.workers += 1;
                        // Decremented under the lock, if the queue is empty. So a queued block always has a worker.
                        let idle =
                            |state: &mut BlockQueues<T>| state.filled.is_empty().then(|| state.workers -= 1);
                        scope.spawn(move |_| self.work_until(&self.ready, idle));
                    } else {
                        self.ready.notify_one();
                    }
                }
                next => {
                    let over = matches!(next, Err(_) | Ok(Next::End));
                    state.free.push(job);
                    state.tickets.push_back(Some(Ticket::Read(next)));
                    self.ready.notify_one();
                    if over {
                        return;
                    }
                }
            }
        }
    }

    /// The loop of the ordering thread.
    fn order_results<S: Sink>(&self, ordered: &mut Ordered<'_, T, S>) -> Result<ControlFlow<()>> {
        let next = |state: &mut BlockQueues<T>| {
            let ticket = state.tickets.front_mut()?.take()?;
            state.tickets.pop_front();
            state.taken += 1;
            Some(ticket)
        };
        loop {
            match self.work_until(&self.ready, next) {
                Ticket::ProcessedBlock(mut job) => {
                    if ordered.take(&mut job)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.lock().free.push(job);
                    self.freed.notify_one();
                }
                Ticket::Read(next) => match next.map_err(|error| ordered.order.placed(error))? {
                    Next::Source(opened) if ordered.order.begin_source(&opened) => {}
                    Next::SourceEnd { more } if ordered.order.end_source(more).is_continue() => {}
                    Next::Source(_) | Next::SourceEnd { .. } => return Ok(ControlFlow::Break(())),
                    _ => return Ok(ControlFlow::Continue(())),
                },
            }
        }
    }
}
