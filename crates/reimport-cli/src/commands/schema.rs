//! Schemas of typed columns: `fields --schema` writes one, `select --schema` reads it.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use reimport::sink::{AtomicFile, Nothing};
use reimport_columns::{Schema, SchemaSurvey};

use super::{fields, inputs, setup};
use crate::args::FieldsArgs;
use crate::exit::Status;
use crate::report::{schema_json, schema_text};

/// Maximum size of a schema. One that is written here is much smaller.
const MAX_BYTES: u64 = 64 << 20;

/// Finds the schema of the exports, and writes it to `path`.
pub(super) fn write(args: &FieldsArgs, path: &Path) -> anyhow::Result<Status> {
    ensure!(!inputs::is_stdio(path), "--schema needs the name of a file, as in --schema users.schema.json");
    let mut file = AtomicFile::create(path, args.force)?;
    file.refuse_inputs(&inputs::files(&args.read))?;
    let ran = fields::run_into(args, SchemaSurvey::new(), Nothing::new())?;
    let status = ran.status();
    let schema = ran.transform.into_schema(&ran.summary);
    write!(file, "{schema}").with_context(|| path.display().to_string())?;
    file.publish()?;
    if args.report.json {
        setup::print_json(&schema_json(&schema, &ran.summary, &ran.remarks, status))?;
    } else if !args.report.quiet {
        crate::write_stderr(&schema_text(&schema, path, &ran.summary, &ran.places, &ran.remarks, status));
    }
    Ok(status)
}

/// Reads a schema.
pub(super) fn read(path: &Path) -> anyhow::Result<Schema> {
    let name = || path.display().to_string();
    let json = inputs::read_at_most(path, MAX_BYTES).with_context(name)?;
    Schema::parse(&json).with_context(name)
}
