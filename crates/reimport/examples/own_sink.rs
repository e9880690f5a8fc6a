//! A custom sink. Writes users to a tab-separated file, which is published complete or not at all.
//!
//! `cargo run --example own_sink -- EXPORT users.tsv`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use reimport::run::{Rejected, Sink, Summary, Written};
use reimport::sink::AtomicFile;
use reimport::{Error, Pipeline, Projection, Result};
use serde_json::{Map, Value};

/// The members that become columns, in order.
const COLUMNS: [&str; 3] = ["user_id", "email", "logins_count"];

/// Writes one line per record. Tabs and line ends in values become spaces.
struct Tsv {
    file: AtomicFile,
    rejected: u64,
}

impl Tsv {
    fn create(path: &Path) -> Result<Self> {
        Ok(Self { file: AtomicFile::create(path, false)?, rejected: 0 })
    }
}

impl Sink for Tsv {
    /// The number of rejected records. This sink does not keep them.
    type Finished = u64;

    /// Called before anything is read. The file may be one of the inputs.
    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.file.refuse_inputs(inputs)
    }

    /// Called before the first record.
    fn begin(&mut self, _: &[u8]) -> Result<()> {
        Ok(writeln!(self.file, "{}", COLUMNS.join("\t"))?)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        // Any error, also of another crate, ends the run. Then nothing is published.
        let user: Map<String, Value> = serde_json::from_slice(written.bytes).map_err(Error::other)?;
        let cells = COLUMNS.map(|column| match user.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.replace(['\t', '\n', '\r'], " "),
            Some(other) => other.to_string(),
        });
        Ok(writeln!(self.file, "{}", cells.join("\t"))?)
    }

    fn reject(&mut self, _: Rejected<'_>) -> Result<()> {
        self.rejected += 1;
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<u64> {
        self.file.publish()?;
        Ok(self.rejected)
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(export), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(Error::other("expected an export to read and a file to write"));
    };
    let mut projection = Projection::builder();
    for column in COLUMNS {
        projection = projection.field(column)?;
    }
    let (summary, rejected) = Pipeline::new().run([export], &projection.build()?, Tsv::create(&out)?)?;
    println!("{} users in {}, {rejected} rejected", summary.written, out.display());
    Ok(())
}
