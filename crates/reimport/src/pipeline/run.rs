//! [`Pipeline`]: the options of a run, and the run itself.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

use super::error::RunError;
use super::input::Input;
use super::order::Order;
use super::ordered::Ordered;
use super::progress::Progress;
use super::reading::{Next, Reading};
use super::threads;
use super::work::{Checks, Job};
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

/// Maximum number of rejected records with which a run is still published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxRejected {
    /// This many records. With 0, nothing is published if any record is rejected.
    Records(u64),
    /// This percentage of the records read.
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
    /// Returns a pipeline without limits and with default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the options for reading sources.
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.read = options;
        self
    }

    /// Stops after this many written records. The rest of the input is neither read nor checked, and
    /// [`Summary::limited`] is set.
    pub fn limit(mut self, records: u64) -> Self {
        self.limit = Some(records);
        self
    }

    /// Publishes nothing if more records than this are rejected.
    pub fn max_rejected(mut self, limit: MaxRejected) -> Self {
        self.max_rejected = Some(limit);
        self
    }

    /// Sets the number of threads. The default is the number of cores, at most 4. With 1, everything runs on the
    /// calling thread. With more threads than cores, a run is up to a tenth slower. The output is the same for any
    /// number.
    pub fn threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = Some(threads.get());
        self
    }

    /// Reports the progress of the run to `progress`.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// Reads every input to its end, in order, and finishes the sink.
    ///
    /// # Errors
    /// If there is no input, if the sink would replace an input, if an input is damaged or cannot be read, if the sink
    /// fails, if the transform rejects the run as a whole, if too many records were rejected, or if the transform or an
    /// input panics. Also if the transform does not keep its [contract](crate::run::TransformError). The sink is then
    /// dropped and has published nothing. A panic of the sink is not caught.
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
        let checks = Checks::of(transform, &sink);
        let job = || -> Result<Box<Job<T>>> { Ok(Box::new(Job::new(transform.scratch(rendering)?, checks))) };
        let mut jobs = vec![job()?];
        let inputs: Vec<Input> = inputs.into_iter().map(Into::into).collect();
        let files: Vec<PathBuf> = inputs.iter().filter_map(Input::path).map(Path::to_path_buf).collect();
        sink.refuse_inputs(&files)?;
        let order = Order::new(sink, self.limit, self.progress.clone());
        let mut ordered = Ordered::new(transform, rendering, order)?;
        ordered.order.begin(&transform.header(rendering))?;
        if inputs.is_empty() {
            return Err(RunError::NoInput.into());
        }
        let reads = |name: &str| transform.reads(name);
        let reading = Reading::new(inputs, self.read.clone(), &reads, self.progress.clone());
        let mut reading = reading.eager(self.limit.is_some());
        let threads = self.thread_count();
        // With one thread, no pool is created. With several, a small input ends before the pool is created.
        let max_blocks = if threads == 1 { usize::MAX } else { SINGLE_THREADED_BLOCKS };
        let go = run_single_threaded(&mut reading, max_blocks, &mut jobs[0], &mut ordered)?;
        if go.is_continue() {
            for _ in 1..threads + SPARE_BLOCKS {
                jobs.push(job()?);
            }
            // `build_scoped` waits for its threads, so none of them outlives the run.
            let pool = ThreadPoolBuilder::new().num_threads(threads - 1);
            let ran = pool.build_scoped(ThreadBuilder::run, |pool| {
                threads::run(pool, &mut reading, &mut jobs, &mut ordered)
            });
            match ran {
                Ok(ran) => ran?,
                // If the system cannot create threads, the calling thread does everything.
                Err(_) => {
                    _ = run_single_threaded(&mut reading, usize::MAX, &mut jobs[0], &mut ordered)?;
                }
            }
        }
        let (mut summary, sink) = ordered.finish(jobs).finish(transform.properties());
        summary.user_ids = transform.user_ids().unwrap_or_else(|| summary.user_ids_read());
        let concluded = self.conclude(transform, &summary)?;
        summary.facts.extend(concluded);
        let finished = sink.finish(&summary)?;
        Ok((summary, finished))
    }

    /// Returns a pool with as many threads as a run, for parallel work between runs. Returns `None` with one thread, or
    /// if the system cannot create threads.
    pub(crate) fn pool(&self) -> Option<ThreadPool> {
        let threads = self.thread_count();
        (threads > 1).then(|| ThreadPoolBuilder::new().num_threads(threads).build().ok()).flatten()
    }

    /// Returns the number of threads of a run. The default is the number of cores, at most 4: with more threads,
    /// decompression is the bottleneck, and it cannot be divided.
    fn thread_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.unwrap_or_else(|| cores().min(4))
    }

    /// Checks that the run may be published. Returns the facts that the transform adds to the summary.
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

/// Number of blocks that the calling thread processes before a pool is created. Blocks start small; these are about
/// one mebibyte in total.
const SINGLE_THREADED_BLOCKS: usize = 6;

/// Number of circulating blocks in addition to one per thread. With 3 or 4, runs need more memory and are not faster.
const SPARE_BLOCKS: usize = 2;

/// Reads and processes up to `blocks` blocks on the calling thread. Returns `Break` at the end of the input or at the
/// limit of the run.
fn run_single_threaded<T: Transform, S: Sink>(
    reading: &mut Reading<'_>,
    blocks: usize,
    job: &mut Job<T>,
    ordered: &mut Ordered<'_, T, S>,
) -> Result<ControlFlow<()>> {
    let mut done = 0;
    while done < blocks {
        match reading.next(&mut job.processed.block).map_err(|error| ordered.order.placed(error))? {
            Next::Source(opened) => {
                if !ordered.order.begin_source(&opened) {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Next::Block(splitter) => {
                job.work(&splitter, ordered.transform);
                if ordered.take(job)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                done += 1;
            }
            Next::SourceEnd { more } => {
                if ordered.order.end_source(more).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Next::End => return Ok(ControlFlow::Break(())),
        }
    }
    Ok(ControlFlow::Continue(()))
}
