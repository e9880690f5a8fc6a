//! `reimport convert`: a folder of parts, one file, or standard output.

use std::cell::Cell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::sink::{Array, FileOptions, Framing, LeftoverOptions, OneFile, Parts, PartsOptions};
use reimport::{OutputName, Sink as _, Summary};

use super::inputs;
use super::inputs::is_stdio;
use super::setup::{self, Holds, is_json};
use super::target::Target;
use super::traced::Traced;
use super::{like, next};
use crate::args::ConvertArgs;
use crate::exit::Status;
use crate::report::{Fix, Published, WrittenParts, unfixed};
use crate::terminal::{Form, stdout};

pub(super) fn run(args: &ConvertArgs) -> anyhow::Result<Status> {
    match like::complete(&args.like, "convert", args.report.quiet)? {
        Some(completed) => convert(&completed),
        None => convert(args),
    }
}

fn convert(args: &ConvertArgs) -> anyhow::Result<Status> {
    if is_stdio(&args.output) {
        return to_stdout(args);
    }
    ensure!(
        args.rejected.is_none() && args.skipped.is_none(),
        "--rejected and --skipped need -o -; other outputs have files for these records"
    );
    ensure!(
        matches!(Target::of(Some(&args.output))?, Target::File(_)),
        "-o {}: convert writes a folder or FILE.json; for a FIFO or a device, use -o - and redirect standard output",
        args.output.display()
    );
    if is_json(&args.output) {
        return to_file(args);
    }
    setup::refuse_file_ending(
        &args.output,
        "convert writes import files, which are JSON; name a folder, FILE.json, or - for standard output \
         (`reimport select` writes CSV and NDJSON)",
    )?;
    to_folder(args)
}

fn to_folder(args: &ConvertArgs) -> anyhow::Result<Status> {
    let options = PartsOptions::default()
        .max_part_bytes(args.parts.max_part_bytes.0)
        .max_part_users(args.parts.max_part_users)
        .max_reject_bytes(args.max_reject_bytes.0)
        .force(args.force)
        .by_connection(args.parts.by_connection);
    let mut parts = Parts::create(&args.output, options)?.describe(args.recorded().to_manifest());
    parts.refuse_inputs(&inputs::files(&args.read))?;
    if let Some(section) = super::origin::section(args.read.exports.iter().map(AsRef::as_ref)) {
        parts = parts.detail("exports", section);
    }
    let holds = Holds { any_connection: args.parts.by_connection, lists: Some(&args.output) };
    let parts = Traced::new(parts, &args.read)?;
    let mut ran = setup::run(&args.read, &args.run, &args.rules, &args.report, holds, parts)?;
    ran.remarks.extend(setup::large_parts(&ran.finished));
    let written = WrittenParts::new(args.output.display().to_string(), &ran.finished);
    let fix = fix(args, &args.output.join(OutputName::Rejected), Some(&args.output), &ran.summary);
    setup::report(&ran, &Published::Folder(written), Some(&fix), &args.report)
}

fn to_file(args: &ConvertArgs) -> anyhow::Result<Status> {
    ensure!(!args.parts.by_connection, "--by-connection needs a folder; use -o OUT without .json");
    let options = FileOptions::default().force(args.force).max_reject_bytes(args.max_reject_bytes.0);
    let file = OneFile::create(&args.output, Framing::Array, options)?;
    file.refuse_inputs(&inputs::files(&args.read))?;
    let file = Traced::new(file, &args.read)?;
    let mut ran = setup::run(&args.read, &args.run, &args.rules, &args.report, Holds::default(), file)?;
    let limit = args.parts.max_part_bytes.0;
    ran.remarks.extend(setup::too_large(&args.output, setup::file_bytes(&ran.finished), limit));
    ran.remarks.extend(setup::too_many(&args.output, ran.summary.written, args.parts.max_part_users));
    let fix = fix(args, &OneFile::rejected_path(&args.output), None, &ran.summary);
    setup::report(&ran, &Published::File(args.output.display().to_string()), Some(&fix), &args.report)
}

fn to_stdout(args: &ConvertArgs) -> anyhow::Result<Status> {
    ensure!(
        !args.report.json,
        "--json prints to standard output, which is used for the users; name a folder or file with -o"
    );
    ensure!(!args.parts.by_connection, "--by-connection needs a folder; use -o OUT");
    let options = LeftoverOptions::default().force(args.force).max_bytes(args.max_reject_bytes.0);
    let bytes = Cell::new(0);
    let mut array = Array::new(Counted { out: stdout(Form::Json), bytes: &bytes });
    if let Some(path) = &args.rejected {
        array = array.rejected(path, options)?;
    }
    if let Some(path) = &args.skipped {
        array = array.skipped(path, options)?;
    }
    array.refuse_inputs(&inputs::files(&args.read))?;
    let array = Traced::new(array, &args.read)?;
    let mut ran = setup::run(&args.read, &args.run, &args.rules, &args.report, Holds::default(), array)?;
    ran.remarks.extend(setup::too_large(&args.output, bytes.get(), args.parts.max_part_bytes.0));
    ran.remarks.extend(setup::too_many(&args.output, ran.summary.written, args.parts.max_part_users));
    let fix = args.rejected.as_deref().map(|path| fix(args, path, None, &ran.summary));
    setup::report(&ran, &Published::Stdout, fix.as_ref(), &args.report)
}

/// Counts the written bytes.
struct Counted<'c, W> {
    out: W,
    bytes: &'c Cell<u64>,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes.set(self.bytes.get() + written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns how to convert the rejected records in `file` after they are fixed. `parts` is the folder with the manifest.
fn fix(args: &ConvertArgs, file: &Path, parts: Option<&Path>, summary: &Summary) -> Fix {
    // If nothing in the input was fixed, the output has the same records.
    let unfixed = unfixed(summary).map(PathBuf::from).filter(|input| input.is_file());
    let file = unfixed.as_deref().unwrap_or(file);
    Fix {
        file: file.display().to_string(),
        command: next::convert_again(std::env::args_os(), file, &args.output, parts),
    }
}
