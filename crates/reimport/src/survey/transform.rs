//! Surveys all records of a run, with any number of threads.

use std::sync::{Mutex, PoisonError};

use super::tally::Tally;
use crate::error::Result;
use crate::record::Record;
use crate::run::{OfThisLibrary, Output, Rendering, Transform, Verdict};

/// Counts the paths of every record: a [`Transform`] that renders nothing. Each thread has its own [`Tally`]. The
/// tallies are added up at the end of the run. With [`Pipeline::limit`](crate::Pipeline::limit), the records up to the
/// limit are counted, and no others.
///
/// ```
/// use reimport::{Pipeline, sink::Nothing, source::Source, survey::Survey};
///
/// let export = br#"{"email":"a@example.com","identities":[{"provider":"auth0"}]}"#;
/// let survey = Survey::new();
/// let source = Source::from_reader("tenant.json", &export[..]);
/// Pipeline::new().run([source], &survey, Nothing::new())?;
/// let tally = survey.into_tally();
/// let paths: Vec<&str> = tally.fields().iter().map(|field| field.path()).collect();
/// assert_eq!(paths, ["email", "identities", "identities[]", "identities[].provider"]);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Survey {
    total: Mutex<Tally>,
}

impl Survey {
    /// Creates an empty survey.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the counts of all finished runs.
    pub fn into_tally(self) -> Tally {
        self.total.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transform for Survey {
    type Scratch = Tally;

    fn scratch(&self, _: Rendering) -> Result<Tally> {
        Ok(Tally::new())
    }

    fn validates(&self) -> bool {
        true
    }

    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
        true
    }

    fn counts(&self) -> bool {
        true
    }

    fn absorb(&self, scratch: Tally) {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).merge(&scratch);
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Tally, _: &mut Output<'_>) -> Verdict {
        match scratch.add_text(record.json()) {
            Ok(()) => Verdict::Written,
            Err(error) => Verdict::Unreadable(error.into()),
        }
    }
}
