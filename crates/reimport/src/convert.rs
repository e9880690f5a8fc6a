//! The function [`convert`]: exports to import files with default options.

use std::path::Path;

use crate::error::Result;
use crate::import::Rules;
use crate::pipeline::{Input, Pipeline};
use crate::run::Summary;
use crate::sink::{Parts, PartsOptions};

/// Converts exports into a new folder of import files. Uses the default rules and parts of at most 500 000 bytes.
///
/// `out` must not exist, or must be an empty folder. It appears complete or not at all. For other options, use a
/// [`Pipeline`] with [`Rules`] and a [sink](crate::sink).
///
/// # Errors
/// If an input is damaged or cannot be read, if `out` cannot be created, or if the users belong to more than one
/// database connection. Then nothing is published.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let (export, out) = (home.path().join("tenant.json"), home.path().join("parts"));
/// std::fs::write(&export, r#"{"user_id":"auth0|7","email":"a@example.com","logins_count":3}"#)?;
///
/// let summary = reimport::convert([export], &out)?;
///
/// assert_eq!((summary.read, summary.written), (1, 1));
/// let part = std::fs::read_to_string(out.join("users-00001.json"))?;
/// assert_eq!(part, "[\n{\"user_id\":\"7\",\"email\":\"a@example.com\"}\n]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert(inputs: impl IntoIterator<Item = impl Into<Input>>, out: impl AsRef<Path>) -> Result<Summary> {
    let parts = Parts::create(out, PartsOptions::default())?;
    let (summary, _) = Pipeline::new().run(inputs, &Rules::default(), parts)?;
    Ok(summary)
}
