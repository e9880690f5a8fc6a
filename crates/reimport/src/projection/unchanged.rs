//! A transform that copies every record.

use crate::error::Result;
use crate::json::Scanner;
use crate::projection::ProjectionError;
use crate::record::Record;
use crate::run::{OfThisLibrary, Output, Rendering, Transform, Verdict};

/// Copies every valid record, without white space between tokens. Nothing is renamed, dropped, skipped or checked.
///
/// ```
/// use reimport::{Pipeline, projection::Unchanged, sink::Ndjson, source::Source};
///
/// let export = br#"{ "user_id": "sms|1", "x": 1.0 }"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (_, lines) = Pipeline::new().run([source], &Unchanged, Ndjson::new(Vec::new()))?;
/// assert_eq!(lines, b"{\"user_id\":\"sms|1\",\"x\":1.0}\n");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Unchanged;

impl Transform for Unchanged {
    type Scratch = ();

    fn scratch(&self, rendering: Rendering) -> Result<()> {
        match rendering {
            Rendering::Json => Ok(()),
            Rendering::Csv(_) => Err(ProjectionError::NoColumns.into()),
        }
    }

    fn validates(&self) -> bool {
        true
    }

    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
        true
    }

    fn transform(&self, record: Record<'_>, (): &mut (), output: &mut Output<'_>) -> Verdict {
        let mut scanner = Scanner::new(record.json());
        // Entering a copy detects records that are not objects. Reading the value as a whole is faster than reading
        // each member.
        let walk = scanner.clone().enter_object().and_then(|()| scanner.value()).and_then(|_| scanner.end());
        match walk {
            Ok(()) if scanner.spaces() == 0 => output.bytes.extend_from_slice(record.json().as_bytes()),
            Ok(()) => crate::json::compact_into(record.json(), output.bytes),
            Err(error) => return Verdict::Unreadable(error.into()),
        }
        Verdict::Written
    }
}
