//! The run itself.

use std::num::NonZero;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

use super::error::RunError;
use super::input::Input;
use super::order::Order;
use super::progress::Progress;
use super::reading::{Next, Reading};
use super::threads;
use super::work::Job;
use crate::error::{Error, Result};
use crate::record::ReadOptions;
use crate::run::{Fact, Sink, Summary, Transform};

/// A run of sources through one transform into one sink.
///
/// ```
/// use reimport::{Pipeline, Projection, sink::Csv, source::Source};
///
/// let export = br#"{"email":"a@example.com","identities":[{"connection":"Users"}]}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let projection =
///     Projection::builder().field("email")?.field_as("identities[0].connection", "provider")?.build()?;
/// let (summary, csv) = Pipeline::new().run([source], &projection, Csv::new(Vec::new()))?;
/// assert_eq!(csv, b"email,provider\na@example.com,Users\n");
/// assert_eq!(summary.read, 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    read: ReadOptions,
    limit: Option<u64>,
    max_rejected: Option<MaxRejected>,
    threads: Option<usize>,
    progress: Progress,
}

/// How many rejected records a run may have and still be published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxRejected {
    /// So many records; 0 is the strict run.
    Records(u64),
    /// So many in a hundred of the records read.
    Percent(f64),
}

impl MaxRejected {
    fn allows(self, rejected: u64, read: u64) -> bool {
        match self {
            Self::Records(limit) => rejected <= limit,
            Self::Percent(limit) => rejected as f64 * 100.0 <= limit * read as f64,
        }
    }
}

impl std::fmt::Display for MaxRejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Records(limit) => write!(f, "{limit}"),
            Self::Percent(limit) => write!(f, "{limit}%"),
        }
    }
}

impl Pipeline {
    /// A run with nothing limited.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads sources as `options` say.
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.read = options;
        self
    }

    /// Stops after so many written records; the rest is neither read nor checked, and the summary says so.
    pub fn limit(mut self, records: u64) -> Self {
        self.limit = Some(records);
        self
    }

    /// Publishes nothing where more records than that are rejected.
    pub fn max_rejected(mut self, limit: MaxRejected) -> Self {
        self.max_rejected = Some(limit);
        self
    }

    /// Works with so many threads: as many as there are cores and at most 4, unless said otherwise. With 1, everything
    /// happens on the calling thread. The output is the same for any number.
    pub fn threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = Some(threads.get());
        self
    }

    /// Counts how far the run is, for another thread to ask.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Reads every input to its end, in order, and finishes the sink.
    ///
    /// # Errors
    /// Where an input is damaged or cannot be read, where the sink fails, where the transform refuses the run as a
    /// whole, or where too many records were rejected. Then the sink is dropped, and has published nothing.
    pub fn run<T, S>(
        &self,
        inputs: impl IntoIterator<Item = impl Into<Input>>,
        transform: &T,
        sink: S,
    ) -> Result<(Summary, S::Finished)>
    where
        T: Transform,
        S: Sink,
    {
        let rendering = sink.rendering();
        let job = || -> Result<Box<Job<T>>> { Ok(Box::new(Job::new(transform.scratch(rendering)?))) };
        let mut jobs = vec![job()?];
        let mut order = Order::new(sink, self.limit, self.progress.clone());
        order.sink().begin(&transform.header(rendering))?;
        let inputs: Vec<Input> = inputs.into_iter().map(Into::into).collect();
        if inputs.is_empty() {
            return Err(RunError::NoInput.into());
        }
        let mut reading =
            Reading::new(inputs, self.read.clone(), self.progress.clone()).eager(self.limit.is_some());
        let threads = self.threads.unwrap_or_else(usual_threads);
        // With one thread there is no pool, and a small input ends before a pool would have begun.
        let alone = if threads == 1 { usize::MAX } else { BLOCKS_ALONE };
        let mut go = run_alone(&mut reading, alone, &mut jobs[0], transform, &mut order)?;
        if go == Alone::MoreToCome {
            for _ in 0..threads + SPARE_BLOCKS - 1 {
                jobs.push(job()?);
            }
            // `build_scoped` waits for its threads: none of them outlives the run.
            let pool = ThreadPoolBuilder::new().num_threads(threads - 1);
            let ran = pool.build_scoped(ThreadBuilder::run, |pool| {
                threads::run(pool, &mut reading, &mut jobs, transform, &mut order)
            });
            match ran {
                Ok(ran) => ran?,
                // A system that has no threads left still has the calling one.
                Err(_) => go = run_alone(&mut reading, usize::MAX, &mut jobs[0], transform, &mut order)?,
            }
        }
        // A run that stopped at its limit counts nothing.
        if go == Alone::Limited {
            jobs.clear();
        }
        for job in jobs {
            transform.absorb(job.scratch);
        }
        let (mut summary, sink) = order.finish(transform.properties());
        summary.user_ids = transform.user_ids().unwrap_or_else(|| summary.user_ids_read());
        let concluded = self.conclude(transform, &summary)?;
        summary.facts.extend(concluded);
        let finished = sink.finish(&summary)?;
        Ok((summary, finished))
    }

    /// Checks that what was read may be published; returns what the transform adds to the summary.
    fn conclude(&self, transform: &impl Transform, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        if let Some(limit) = self.max_rejected
            && !limit.allows(summary.rejected, summary.read)
        {
            let (rejected, read) = (summary.rejected, summary.read);
            let first = summary.first_rejected.as_ref();
            let error = Error::new(RunError::TooManyRejected {
                first: first.map_or_else(String::new, |first| first.problem.to_string()),
                rejected,
                read,
                limit: limit.to_string(),
            });
            return Err(match first {
                Some(first) => error.in_source(&first.source).at(first.position),
                None => error,
            });
        }
        transform.conclude(summary)
    }
}

/// Blocks that are worked without threads, before it is worth having any: small ones, a mebibyte together.
const BLOCKS_ALONE: usize = 6;

/// Blocks that circulate besides one for each thread.
const SPARE_BLOCKS: usize = 4;

/// As many threads as there are cores, at most 4: inflating, which nothing can share, is slower than the work of more.
fn usual_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(4)
}

/// How far a run comes on one thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// To the end of all input.
    Whole,
    /// To its limit.
    Limited,
    /// To the last of the blocks that are worked so.
    MoreToCome,
}

/// Reads and works up to `blocks` blocks on this thread.
fn run_alone<T: Transform, S: Sink>(
    reading: &mut Reading,
    blocks: usize,
    job: &mut Job<T>,
    transform: &T,
    order: &mut Order<S>,
) -> Result<Alone> {
    let mut done = 0;
    while done < blocks {
        match reading.next(&mut job.worked.block).map_err(|error| order.placed(error))? {
            Next::Source(opened) => {
                if !order.begin_source(&opened) {
                    return Ok(Alone::Limited);
                }
            }
            Next::Block(splitter) => {
                job.work(&splitter, transform)?;
                if order.take(&job.worked)?.is_break() {
                    return Ok(Alone::Limited);
                }
                done += 1;
            }
            Next::SourceEnd { more } => {
                if order.end_source(more).is_break() {
                    return Ok(Alone::Limited);
                }
            }
            Next::End => return Ok(Alone::Whole),
        }
    }
    Ok(Alone::MoreToCome)
}
