//! [`Wrapped`]: a transform around another transform.

use super::{Buffers, Fact, Output, Rendering, Summary, Transform, Verdict};
use crate::error::Result;
use crate::record::{Record, UserIds};

/// A transform around another one: a function receives each record, and passes it to the inner transform or decides
/// itself. For own rules before or after those of this library.
///
/// Everything that is not about a single record is that of the inner transform: the header, the names of the
/// properties, the form of user ids, the counts and the check of the whole run. So a function that passes every record
/// on gives the same output, summary and manifest as the inner transform alone.
///
/// The function may pass on a changed record ([`Record::with_json`]), and may change what the inner transform has rendered
/// in [`Output::bytes`], which holds this record only. The inner transform does not check a change after it: change an
/// address or another identifier before the rules, so that they find duplicates. The function gets valid JSON objects: the
/// pipeline validates each one first. Lists of rejected and skipped records have the records as they were read.
///
/// ```
/// use reimport::run::{Rendering, Wrapped, apply};
/// use reimport::{Problem, Record, Rules, Verdict};
///
/// let email = "email".parse()?;
/// let own = Wrapped::new(Rules::default(), move |record, rules, output| {
///     match record.get(&email).and_then(|email| email.as_str()) {
///         Some(email) if email.ends_with("@example.org") => {
///             Verdict::Rejected(vec![Problem::new("old-domain", "email", "expected another domain than example.org")])
///         }
///         _ => rules.transform(record, output),
///     }
/// });
/// let verdict = |json| apply(&own, Rendering::Json, Record::parse(json)?).map(|applied| applied.verdict);
/// assert_eq!(verdict(r#"{"user_id":"auth0|7","email":"a@example.com"}"#)?, Verdict::Written);
/// assert!(matches!(verdict(r#"{"user_id":"auth0|8","email":"b@example.org"}"#)?, Verdict::Rejected(_)));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct Wrapped<T, F> {
    inner: T,
    function: F,
}

impl<T, F> Wrapped<T, F>
where
    T: Transform,
    F: Fn(Record<'_>, &mut InnerTransform<'_, T>, &mut Output<'_>) -> Verdict + Sync,
{
    /// Creates a transform that calls `function` for each record.
    pub fn new(inner: T, function: F) -> Self {
        Self { inner, function }
    }
}

impl<T, F> Wrapped<T, F> {
    /// Returns the inner transform.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Returns the inner transform by value, after the run.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

/// The inner transform of a [`Wrapped`], for one record.
pub struct InnerTransform<'i, T: Transform> {
    transform: &'i T,
    scratch: &'i mut T::Scratch,
    called: bool,
}

impl<T: Transform> InnerTransform<'_, T> {
    /// Passes a record to the inner transform. Renders it into `output` and returns its verdict.
    pub fn transform(&mut self, record: Record<'_>, output: &mut Output<'_>) -> Verdict {
        self.called = true;
        self.transform.transform(record, self.scratch, output)
    }
}

impl<T, F> Transform for Wrapped<T, F>
where
    T: Transform,
    F: Fn(Record<'_>, &mut InnerTransform<'_, T>, &mut Output<'_>) -> Verdict + Sync,
{
    type Scratch = T::Scratch;

    fn scratch(&self, rendering: Rendering) -> Result<Self::Scratch> {
        self.inner.scratch(rendering)
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        self.inner.header(rendering)
    }

    fn properties(&self) -> &'static [&'static str] {
        self.inner.properties()
    }

    fn user_ids(&self) -> Option<UserIds> {
        self.inner.user_ids()
    }

    fn counts(&self) -> bool {
        self.inner.counts()
    }

    fn absorb(&self, scratch: Self::Scratch) {
        self.inner.absorb(scratch);
    }

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        self.inner.conclude(summary)
    }

    fn left_out_by_filter(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) {
        self.inner.left_out_by_filter(record, scratch, output);
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Self::Scratch, output: &mut Output<'_>) -> Verdict {
        let mut inner = InnerTransform { transform: &self.inner, scratch, called: false };
        let verdict = (self.function)(record, &mut inner, output);
        if !inner.called {
            // The verdict need not be `LeftOut`, so whatever the inner transform notes must not count.
            self.inner.left_out_by_filter(record, inner.scratch, &mut Buffers::default().output());
        }
        verdict
    }
}
