//! `reimport convert`: a folder of parts, one file, or standard output.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::ensure;
use reimport::sink::{Array, FileOptions, Framing, OneFile, Parts, PartsOptions, SideOptions};
use serde_json::Value;

use super::next;
use super::setup::{self, Holds, is_json, is_stdio};
use crate::args::{
    ConvertArgs, JoinChoice, LinkedChoice, MetadataChoice, PurposeChoice, RulesChoice, StaleChoice,
};
use crate::exit::Status;
use crate::report::{Fix, Published, WrittenParts};
use crate::terminal::{Form, stdout};

pub(super) fn run(args: &ConvertArgs) -> anyhow::Result<Status> {
    if is_stdio(&args.output) {
        return to_stdout(args);
    }
    ensure!(
        args.rejected.is_none() && args.skipped.is_none(),
        "--rejected and --skipped go with -o - only: a folder or a file has its own"
    );
    if is_json(&args.output) {
        return to_file(args);
    }
    setup::refuse_file_ending(
        &args.output,
        "convert writes import files, which are JSON: name a folder, FILE.json, or - for standard output; \
         `reimport select` writes CSV and NDJSON",
    )?;
    to_folder(args)
}

fn to_folder(args: &ConvertArgs) -> anyhow::Result<Status> {
    let options = PartsOptions::default()
        .max_part_bytes(args.parts.max_part_bytes.0)
        .max_part_users(args.parts.max_part_users)
        .max_reject_bytes(Some(args.max_reject_bytes.0))
        .force(args.force)
        .by_connection(args.parts.by_connection);
    let mut parts = Parts::create(&args.output, options)?.describe(described(args));
    parts.refuse_inputs(&setup::files(&args.read))?;
    if let Some(section) = super::origin::section(args.read.exports.iter().map(AsRef::as_ref)) {
        parts = parts.detail("exports", section);
    }
    let holds = Holds { any_connection: args.parts.by_connection, lists: true };
    let ran = setup::run(&args.read, &args.run, &args.rules, &args.report, holds, parts)?;
    let written = WrittenParts::new(args.output.display().to_string(), &ran.finished);
    let fix = fix(args, &args.output.join("rejected.ndjson"));
    setup::report(&ran, &Published::Folder(written), Some(&fix), &args.report)
}

fn to_file(args: &ConvertArgs) -> anyhow::Result<Status> {
    ensure!(!args.parts.by_connection, "--by-connection needs a folder: -o OUT without .json");
    let options = FileOptions::default().force(args.force).max_reject_bytes(Some(args.max_reject_bytes.0));
    let file = OneFile::create(&args.output, Framing::Array, options)?;
    file.refuse_inputs(&setup::files(&args.read))?;
    let mut ran = setup::run(&args.read, &args.run, &args.rules, &args.report, Holds::default(), file)?;
    let limit = args.parts.max_part_bytes.0;
    ran.remarks.extend(setup::too_large(&args.output, setup::file_bytes(&ran.finished), limit));
    ran.remarks.extend(setup::too_many(&args.output, ran.summary.written, args.parts.max_part_users));
    // The sink gives the side files the name of the file without its end.
    let fix = fix(args, &args.output.with_extension("rejected.ndjson"));
    setup::report(&ran, &Published::File(args.output.display().to_string()), Some(&fix), &args.report)
}

fn to_stdout(args: &ConvertArgs) -> anyhow::Result<Status> {
    ensure!(
        !args.report.json,
        "--json prints to standard output, where the users go: name a folder or file with -o"
    );
    ensure!(!args.parts.by_connection, "--by-connection needs a folder: -o OUT");
    let options = SideOptions::default().force(args.force).max_bytes(Some(args.max_reject_bytes.0));
    let bytes = Cell::new(0);
    let mut array = Array::new(Counted { out: stdout(Form::Json), bytes: &bytes });
    if let Some(path) = &args.rejected {
        array = array.rejected(path, options)?;
    }
    if let Some(path) = &args.skipped {
        array = array.skipped(path, options)?;
    }
    array.refuse_inputs(&setup::files(&args.read))?;
    let mut ran = setup::run(&args.read, &args.run, &args.rules, &args.report, Holds::default(), array)?;
    ran.remarks.extend(setup::too_large(&args.output, bytes.get(), args.parts.max_part_bytes.0));
    ran.remarks.extend(setup::too_many(&args.output, ran.summary.written, args.parts.max_part_users));
    let fix = args.rejected.as_deref().map(|path| fix(args, path));
    setup::report(&ran, &Published::Stdout, fix.as_ref(), &args.report)
}

/// Counts what is written.
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

/// How the rejected records in `file` are converted once they are fixed.
fn fix(args: &ConvertArgs, file: &Path) -> Fix {
    Fix {
        file: file.display().to_string(),
        command: next::convert_again(std::env::args_os(), file, &args.output),
    }
}

/// The options that shape the output, for the manifest: no path, no time.
fn described(args: &ConvertArgs) -> BTreeMap<String, Value> {
    let rules = &args.rules;
    let mut options = BTreeMap::new();
    let mut put = |name: &str, value: Value| options.insert(name.to_owned(), value);
    put("rules", if rules.rules == RulesChoice::Import { "import" } else { "none" }.into());
    put("max_part_bytes", args.parts.max_part_bytes.0.into());
    put("for", if rules.purpose == PurposeChoice::Update { "update" } else { "insert" }.into());
    put("metadata", if rules.metadata == MetadataChoice::Omit { "omit" } else { "keep" }.into());
    put("linked", if rules.linked == LinkedChoice::Promote { "promote" } else { "skip" }.into());
    put("passwords", (!rules.passwords.is_empty()).into());
    if !rules.passwords.is_empty() {
        put("passwords_by", if rules.passwords_by == JoinChoice::Email { "email" } else { "id" }.into());
        put(
            "stale_passwords",
            if rules.stale_passwords == StaleChoice::Skip { "skip" } else { "keep" }.into(),
        );
    }
    if let Some(users) = args.parts.max_part_users {
        put("max_part_users", users.into());
    }
    if let Some(limit) = args.run.limit {
        put("limit", limit.into());
    }
    if !args.run.filter.conditions.is_empty() {
        let conditions: Vec<String> = args.run.filter.conditions.iter().map(ToString::to_string).collect();
        put("where", conditions.into());
    }
    for (name, lists) in [("ids", &args.run.filter.ids), ("not_ids", &args.run.filter.not_ids)] {
        if !lists.is_empty() {
            put(name, true.into());
        }
    }
    if !rules.connections.is_empty() {
        put("connection", rules.connections.clone().into());
    }
    let edits = |pairs: Vec<String>| Value::from(pairs);
    if !rules.moves.is_empty() {
        put("move", edits(rules.moves.iter().map(|(from, to)| format!("{from}={to}")).collect()));
    }
    if !rules.drops.is_empty() {
        put("drop", edits(rules.drops.iter().map(ToString::to_string).collect()));
    }
    if !rules.sets.is_empty() {
        put("set", edits(rules.sets.iter().map(|(path, json)| format!("{path}={json}")).collect()));
    }
    if rules.no_duplicate_check {
        put("duplicate_check", false.into());
    }
    options
}
