//! The run itself.

use super::error::RunError;
use super::input::Input;
use super::order::{Go, Order};
use super::summary::Summary;
use super::work::Worked;
use crate::error::{Error, Result};
use crate::record::ReadOptions;
use crate::record::blocks::Blocks;
use crate::sink::Sink;
use crate::transform::Transform;

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
        let mut scratch = transform.scratch(rendering)?;
        let mut order = Order::new(sink, self.limit);
        order.sink().begin(&transform.header(rendering))?;
        let mut worked = Worked::default();
        let mut inputs = inputs.into_iter().map(Into::into).peekable();
        if inputs.peek().is_none() {
            return Err(RunError::NoInput.into());
        }
        for input in inputs {
            let mut blocks = Blocks::open(input.open()?, &self.read)?;
            let splitter = blocks.splitter();
            order.begin_source(blocks.source().name(), blocks.start());
            while blocks.fill(&mut worked.block).map_err(|error| placed(error, &order))? {
                worked.work(&splitter, transform, &mut scratch);
                if order.take(&worked)? == Go::Stop {
                    break;
                }
            }
            if order.is_full() {
                break;
            }
        }
        let (summary, sink) = order.finish(transform.properties());
        self.conclude(transform, &summary)?;
        let finished = sink.finish(&summary)?;
        Ok((summary, finished))
    }

    /// Whether what was read may be published.
    fn conclude(&self, transform: &impl Transform, summary: &Summary) -> Result<()> {
        if let Some(limit) = self.max_rejected
            && !limit.allows(summary.rejected, summary.read)
        {
            let (rejected, read) = (summary.rejected, summary.read);
            return Err(RunError::TooManyRejected { rejected, read, limit: limit.to_string() }.into());
        }
        transform.conclude(summary)
    }
}

/// The position of an error of reading counts from where the next block would begin.
fn placed<S: Sink>(error: Error, order: &Order<S>) -> Error {
    let position = error.position().map(|position| position.after(order.start()));
    error.moved_to(position)
}
