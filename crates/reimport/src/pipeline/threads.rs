//! A run on several threads: one reads, the calling one orders, and all of them work.
//!
//! Reading and ordering count as one thread each, as inflating keeps a core busy, and writing nearly so. Where no block
//! is free to be filled the reading thread works one, and so does the ordering thread where the next one in order is not
//! worked yet: most often that one, which then lies in its cache. So no more threads compete for the cores than were
//! asked for, and none is idle while there is work; one that has to share its core with another lets all run dry in turn.
//!
//! Blocks circulate: free, filled, worked, ordered, free again. There are a few more of them than threads, so memory is
//! a fixed number and nobody waits for long. The reading thread hands out a ticket for each block in the order of the
//! input; the ordering thread takes up tickets in that order. So the output is the same for any number of threads, and
//! the first failure is the first in the input.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::error::RunError;
use super::order::{Go, Order};
use super::reading::{Next, Reading};
use super::work::Worked;
use crate::error::{Error, Result};
use crate::record::blocks::Splitter;
use crate::sink::Sink;
use crate::transform::Transform;

/// A block on its way round, with the buffers to work it.
pub(super) struct Job<T: Transform> {
    pub(super) worked: Worked,
    pub(super) scratch: T::Scratch,
}

/// What the ordering thread takes up next.
enum Ticket<T: Transform> {
    Next(Next),
    /// A block that will come back worked; the other end hangs up where working it panicked.
    Block(Receiver<Box<Job<T>>>),
    Failed(Error),
}

/// A filled block, how to split it, and where it goes when it is worked.
type Filled<T> = (Box<Job<T>>, Splitter, SyncSender<Box<Job<T>>>);

/// Runs the rest of `reading` on `threads` threads, two at the least: one reads, and this one orders. Gives the jobs back
/// where all of the input was worked, and none where a limit stopped the run.
pub(super) fn run<T, S>(
    reading: Reading,
    jobs: Vec<Box<Job<T>>>,
    threads: usize,
    transform: &T,
    order: &mut Order<S>,
) -> Result<Vec<Box<Job<T>>>>
where
    T: Transform,
    S: Sink,
{
    let (free, freed) = channel();
    for job in jobs {
        // The other end is held below.
        let _ = free.send(job);
    }
    let (ticket, tickets) = channel();
    let (fill, filled) = channel::<Filled<T>>();
    let filled = &Mutex::new(filled);
    let halt = reading.halt();
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let help = || work_one(filled, transform);
            let spare = read(reading, &freed, help, &fill, &ticket);
            (freed, spare)
        });
        for _ in 2..threads {
            scope.spawn(|| work(filled, transform));
        }
        // Both channel ends go when this is over, and with them the other threads.
        let go = take_up(tickets, free, || work_one(filled, transform), order);
        if !matches!(go, Ok(Go::On)) {
            // The reading thread may wait for an input that says nothing more.
            halt.now();
        }
        let go = go?;
        let (freed, spare) = reader.join().map_err(|_| RunError::Panicked)?;
        // Every block was taken up, so every job but the spare one lies there.
        Ok(if go == Go::Stop { Vec::new() } else { freed.try_iter().chain(spare).collect() })
    })
}

/// The reading thread: until everything is read, or nobody wants more. Gives back the job that was free then.
///
/// `help` works a block that waits for it, and says whether there was one.
fn read<T: Transform>(
    mut reading: Reading,
    freed: &Receiver<Box<Job<T>>>,
    help: impl Fn() -> bool,
    fill: &Sender<Filled<T>>,
    ticket: &Sender<Ticket<T>>,
) -> Option<Box<Job<T>>> {
    let mut spare = None;
    loop {
        let mut job = spare.take().or_else(|| receive(freed, &help).ok())?;
        let next = match reading.next(&mut job.worked.block) {
            Ok(Next::Block(splitter)) => {
                let (back, worked) = sync_channel(1);
                // The block first: who has its ticket can count on it.
                if fill.send((job, splitter, back)).is_err() || ticket.send(Ticket::Block(worked)).is_err() {
                    return None;
                }
                continue;
            }
            Ok(next) => Ticket::Next(next),
            Err(error) => Ticket::Failed(error),
        };
        spare = Some(job);
        let over = matches!(next, Ticket::Failed(_) | Ticket::Next(Next::End));
        if ticket.send(next).is_err() || over {
            return spare;
        }
    }
}

/// The next job that comes, `help`ing while there is none; an error where none ever will.
fn receive<J>(jobs: &Receiver<J>, help: impl Fn() -> bool) -> std::result::Result<J, RecvError> {
    loop {
        match jobs.try_recv() {
            Ok(job) => return Ok(job),
            Err(TryRecvError::Disconnected) => return Err(RecvError),
            Err(TryRecvError::Empty) if help() => {}
            // Other threads have them all: one of them comes.
            Err(TryRecvError::Empty) => return jobs.recv(),
        }
    }
}

/// A working thread: until there are no more blocks.
fn work<T: Transform>(filled: &Mutex<Receiver<Filled<T>>>, transform: &T) {
    loop {
        let next = filled.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(filled) = next else { return };
        work_block(filled, transform);
    }
}

/// Works a block if one waits and no worker is about to take it.
fn work_one<T: Transform>(filled: &Mutex<Receiver<Filled<T>>>, transform: &T) -> bool {
    // A worker that waits for a block holds the lock: then there is none. Another that helps holds it for a moment only.
    let next = filled.try_lock().ok().and_then(|filled| filled.try_recv().ok());
    next.map(|filled| work_block(filled, transform)).is_some()
}

fn work_block<T: Transform>((mut job, splitter, back): Filled<T>, transform: &T) {
    let worked = catch_unwind(AssertUnwindSafe(|| {
        job.worked.work(&splitter, transform, &mut job.scratch);
        job
    }));
    match worked {
        // Where nobody waits for it any more, the run is over.
        Ok(job) => drop(back.send(job)),
        // `back` hangs up, and the ordering thread knows when it comes to this block.
        Err(_) => drop(back),
    }
}

/// The ordering thread. `help` works a block that waits for it, and says whether there was one.
#[expect(
    clippy::needless_pass_by_value,
    reason = "both ends hang up when it returns, which ends the other threads"
)]
fn take_up<T: Transform, S: Sink>(
    tickets: Receiver<Ticket<T>>,
    free: Sender<Box<Job<T>>>,
    help: impl Fn() -> bool,
    order: &mut Order<S>,
) -> Result<Go> {
    for ticket in tickets {
        match ticket {
            Ticket::Block(worked) => {
                let job = receive(&worked, &help).map_err(|_| RunError::Panicked)?;
                if order.take(&job.worked)? == Go::Stop {
                    return Ok(Go::Stop);
                }
                // The reading thread may have come to its end already.
                let _ = free.send(job);
            }
            Ticket::Next(Next::Source(opened)) => {
                if !order.begin_source(&opened) {
                    return Ok(Go::Stop);
                }
            }
            Ticket::Next(Next::SourceEnd { more }) => {
                if order.end_source(more) == Go::Stop {
                    return Ok(Go::Stop);
                }
            }
            Ticket::Next(_) => return Ok(Go::On),
            Ticket::Failed(error) => return Err(order.placed(error)),
        }
    }
    Err(RunError::Panicked.into())
}
