//! A run on several threads: one reads, the calling one orders, and all of them work.
//!
//! The pool belongs to the run and has one thread less than the run, since the calling thread counts. Reading occupies
//! one: inflating keeps a core busy. Reading works a block itself when none is free, and ordering when the next one is
//! not worked yet. So no more threads compete for the cores than were asked for, and none is idle while there is work.
//!
//! Blocks circulate: free, filled, worked, ordered, free again. Their number is fixed, and so is the memory of the run.
//! Each has a ticket in input order, in which the ordering thread takes them. So the output is the same for any number of
//! threads, and the first failure is the first in the input.
//!
//! Filled blocks are in a queue of the run, oldest first: rayon runs spawned tasks last in, first out, and only on its
//! own threads. A spawned task works blocks until the queue is empty. Only reading and ordering wait.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::{Scope, ThreadPool};

use super::error::RunError;
use super::order::Order;
use super::reading::{Halt, Next, Reading};
use super::work::Job;
use crate::error::Result;
use crate::record::blocks::Splitter;
use crate::run::{Sink, Transform};

/// What the ordering thread takes up next.
enum Ticket<T: Transform> {
    Read(Result<Next>),
    Worked(Box<Job<T>>, std::result::Result<(), RunError>),
}

/// Runs the rest of `reading` on `pool` and the calling thread. All jobs are in `jobs` again if all of the input was
/// worked; otherwise it is empty.
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
    // The reading thread is one of the pool.
    let most_workers = pool.current_num_threads() - 1;
    let round = Round { transform, most_workers, state: Mutex::new(state), changed: Condvar::new() };
    let go = pool.in_place_scope(|scope| {
        let _close = Close(&round, reading.halt());
        scope.spawn(|scope| round.read(reading, scope));
        round.take_up(order)
    })?;
    if go.is_continue() {
        *jobs = round.state.into_inner().unwrap_or_else(PoisonError::into_inner).free.into();
    }
    Ok(())
}

/// The way of the blocks, shared by all threads of a run.
struct Round<'t, T: Transform> {
    transform: &'t T,
    most_workers: usize,
    /// Locked to move a block, never to fill, work or order one.
    state: Mutex<BlockQueues<T>>,
    /// Something came that reading or ordering may wait for.
    changed: Condvar,
}

struct BlockQueues<T: Transform> {
    free: VecDeque<Box<Job<T>>>,
    /// With the number of their tickets; oldest first.
    filled: VecDeque<(u64, Box<Job<T>>, Splitter)>,
    /// In input order; `None` for a block that is not worked yet.
    tickets: VecDeque<Option<Ticket<T>>>,
    /// Tickets taken so far: the number of the first one in `tickets`.
    taken: u64,
    /// Spawned tasks that will check `filled` again.
    workers: usize,
    /// The run is over.
    closed: bool,
}

/// Ends reading and working when the ordering closure ends in any way: a scope waits for its tasks, and the reading
/// thread may wait for an input that is quiet.
struct Close<'r, 't, T: Transform>(&'r Round<'t, T>, Halt);

impl<T: Transform> Drop for Close<'_, '_, T> {
    fn drop(&mut self) {
        let Self(round, halt) = self;
        halt.now();
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

    /// Works blocks until `wanted` finds something, and waits if there is none to work.
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
                // Other threads have all blocks: one of them comes.
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// The reading task: until everything is read, or the run is over.
    fn read<'s>(&'s self, reading: &mut Reading, scope: &Scope<'s>) {
        let free = |state: &mut BlockQueues<T>| {
            if state.closed { Some(None) } else { state.free.pop_front().map(Some) }
        };
        while let Some(mut job) = self.work_until(free) {
            let next = reading.next(&mut job.worked.block);
            let over = matches!(next, Err(_) | Ok(Next::End));
            let mut state = self.lock();
            match next {
                Ok(Next::Block(splitter)) => {
                    let number = state.taken + state.tickets.len() as u64;
                    state.tickets.push_back(None);
                    state.filled.push_back((number, job, splitter));
                    if state.workers < self.most_workers {
                        state.workers += 1;
                        // Counted until it finds no block, under the lock: so none is left without a worker.
                        let none_left =
                            |state: &mut BlockQueues<T>| state.filled.is_empty().then(|| state.workers -= 1);
                        scope.spawn(move |_| self.work_until(none_left));
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
        let worked = job.work(splitter, self.transform);
        let mut state = self.lock();
        let place = (number - state.taken) as usize;
        state.tickets[place] = Some(Ticket::Worked(job, worked));
        drop(state);
        self.changed.notify_all();
    }

    /// The ordering thread.
    fn take_up<S: Sink>(&self, order: &mut Order<S>) -> Result<ControlFlow<()>> {
        let next = |state: &mut BlockQueues<T>| {
            let ticket = state.tickets.front_mut()?.take()?;
            state.tickets.pop_front();
            state.taken += 1;
            Some(ticket)
        };
        loop {
            match self.work_until(next) {
                Ticket::Worked(job, worked) => {
                    worked?;
                    if order.take(&job.worked)?.is_break() {
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
