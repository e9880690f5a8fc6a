//! Applies a transform to a single record, without a pipeline. Meant for tests of transforms.

use super::{
    Fact, Facts, OfThisLibrary, Output, RecordInfo, Rendering, SideFile, SideLines, Transform, UniqueKey,
    Verdict, check_rendered, check_side_line, check_verdict,
};
use crate::error::Result;
use crate::record::Record;

/// The result of applying a [`Transform`] to one record. Returned by [`apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// The verdict on the record.
    pub verdict: Verdict,
    /// The rendered record. Empty unless the verdict is [`Verdict::Written`].
    pub bytes: Vec<u8>,
    /// The facts that were counted about the record, in the order of counting.
    pub facts: Vec<Fact>,
    /// Lines for side files, without the `source,line` cells that a run writes before them.
    pub side_lines: Vec<(SideFile, Vec<u8>)>,
    /// The connection of the user, if the transform set one.
    pub connection: Option<String>,
    /// Whether the user has a password hash.
    pub password: bool,
    /// The names from [`Transform::properties`] that the record has.
    pub present: Vec<&'static str>,
}

/// Applies a transform to one record. Checks that need a whole run, such as the check for duplicates, are not made.
///
/// ```
/// use reimport::run::{Rendering, Verdict, apply};
/// use reimport::{Record, Rules};
///
/// let user = Record::parse(r#"{"user_id":"auth0|7","email":"a@example.com","tenant":"acme"}"#)?;
/// let applied = apply(&Rules::default(), Rendering::Json, user)?;
/// assert_eq!(applied.verdict, Verdict::Written);
/// assert_eq!(applied.bytes, br#"{"user_id":"7","email":"a@example.com"}"#);
/// assert_eq!(applied.present, ["email", "user_id", "tenant"]);
/// # Ok::<(), reimport::Error>(())
/// ```
///
/// # Errors
/// If the transform does not support this rendering, or does not keep the contract of
/// [`Transform::transform`]. A written record may be empty, because some sinks ignore it.
pub fn apply<T: Transform>(transform: &T, rendering: Rendering, record: Record<'_>) -> Result<Applied> {
    let mut scratch = transform.scratch(rendering)?;
    let mut buffers = Buffers::default();
    let mut output = buffers.output();
    let verdict = transform.transform(record, &mut scratch, &mut output);
    let info = output.info;
    check_verdict(&verdict)?;
    let Buffers { mut bytes, facts, sides, .. } = buffers;
    let side_lines = (0..sides.len()).map(|number| sides.line(number));
    if verdict != Verdict::Written {
        bytes.clear();
    } else if !transform.keeps_contract(OfThisLibrary) {
        if !bytes.is_empty() {
            check_rendered(rendering, &bytes)?;
        }
        side_lines.clone().try_for_each(|(list, line)| check_side_line(list, line))?;
    }
    let properties = transform.properties().iter().enumerate();
    Ok(Applied {
        verdict,
        bytes,
        facts: facts.events(0..facts.len()).iter().map(|&id| facts.name(id).clone()).collect(),
        side_lines: side_lines.map(|(list, line)| (list, line.to_vec())).collect(),
        connection: info.connection.map(|id| facts.name(id).subject.to_string()),
        password: info.password,
        present: properties.filter(|(bit, _)| info.present >> bit & 1 == 1).map(|(_, name)| *name).collect(),
    })
}

/// The buffers behind an [`Output`], for records outside of a pipeline.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) bytes: Vec<u8>,
    pub(crate) facts: Facts,
    keys: Vec<UniqueKey>,
    sides: SideLines,
}

impl Buffers {
    pub(crate) fn output(&mut self) -> Output<'_> {
        Output {
            bytes: &mut self.bytes,
            facts: &mut self.facts,
            keys: &mut self.keys,
            sides: &mut self.sides,
            info: RecordInfo::default(),
        }
    }
}
