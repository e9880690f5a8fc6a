//! `reimport select`: chosen fields, as CSV, TSV, NDJSON or one JSON array. `columns` has the outputs with types.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use reimport::filter::{Filter, Filtered};
use reimport::import::{JoinedFields, PASSWORD_FIELDS, SECRET_FIELDS};
use reimport::path::FieldPath;
use reimport::pipeline::Progress;
use reimport::projection::{ExportRequest, Field};
use reimport::sink::{
    Array, Csv, FileOptions, Framing, LeftoverOptions, Ndjson, OneFile, Parts, PartsOptions, PublishedParts,
};
use reimport::{OutputName, Projection, Rules, Sink, Summary, Transform};
use serde_json::Value;

use super::field_lists::FieldLists;
use super::first_rejects::FirstRejects;
use super::inputs;
use super::output_format::output_format;
use super::second_files::SecondFiles;
use super::setup;
use super::target::{self, Target};
use super::{filter, unseen};
use crate::args::{JoinArgs, OutputFormat, PurposeChoice, SelectArgs};
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{Limit, Place, Remark, Remarks, Selected, select_json, select_text};
use crate::style::warning_line;

pub(super) fn run(args: &SelectArgs) -> anyhow::Result<Status> {
    let files = args.read.exports.iter().chain(&args.fields_files);
    let files = files.chain(&args.join.passwords).chain(&args.join.mfa_secrets);
    inputs::read_once(files.chain(filter::files(&args.run.filter)))?;
    let request = args.request.as_deref().map(read_request).transpose()?;
    let target = Target::of(args.output.as_deref())?;
    ensure!(
        args.gzip_level.is_none() || matches!(target, Target::File(path) if OneFile::is_compressed(path)),
        "--gzip-level needs an output file whose name ends in .gz"
    );
    let format = output_format(args, request.as_ref(), target.name())?;
    ensure!(
        !args.nested || matches!(format, OutputFormat::Ndjson | OutputFormat::Json),
        "--nested writes JSON: use --format ndjson or --format json"
    );
    ensure!(args.wrap.is_none() || format == OutputFormat::Json, "--wrap writes JSON: use --format json");
    let fields = FieldLists::read(args)?;
    let (filter, limit) = (filter_of(args, request.as_ref())?, limit(args, request.as_ref()));
    #[cfg(feature = "columns")]
    if super::columns::has_types(format) {
        let rows = super::columns::rows(args, &fields, request.as_ref())?;
        // With all members in `_rest`, a hash would be written without a field that names it.
        let (is_whole, transform) = (rows.layout().is_whole(), Filtered::new(filter, rows));
        let joins = joins(args, |name| !is_whole && transform.reads(name))?;
        return Ask { args, format, limit, transform, joins }.into_columns(&target);
    }
    #[cfg(feature = "columns")]
    super::columns::refuse_types(args)?;
    let transform = Filtered::new(filter, projection(args, &fields, request.as_ref())?);
    let joins = joins(args, |name| transform.reads(name))?;
    let ask = Ask { args, format, limit, transform, joins };
    match target {
        Target::Stdout => {
            let out = ask.open_stdout()?;
            ask.into_stream(out, "standard output")
        }
        #[cfg(unix)]
        Target::Stream(stream) => {
            let out = ask.open_stream(&stream)?;
            ask.into_stream(out, &stream.path().display().to_string())
        }
        Target::File(path) if args.has_parts() => ask.into_parts(path),
        Target::File(path) => ask.into_file(path),
    }
}

/// Reads the files to join. `reads` returns whether a field or a condition reads a member.
fn joins(args: &SelectArgs, reads: impl Fn(&str) -> bool) -> anyhow::Result<Option<SecondFiles>> {
    let JoinArgs { passwords, mfa_secrets, .. } = &args.join;
    for (files, option, names) in
        [(passwords, "--passwords", &PASSWORD_FIELDS[..]), (mfa_secrets, "--mfa-secrets", &SECRET_FIELDS[..])]
    {
        ensure!(
            files.is_empty() || names.iter().any(|name| reads(name)),
            "no field uses {option}: add -f {}, or leave the option out",
            names.join(", or -f ")
        );
    }
    if passwords.is_empty() && mfa_secrets.is_empty() {
        return Ok(None);
    }
    SecondFiles::read(&args.join, PurposeChoice::Insert).map(Some)
}

/// Where the output of a run is, for its report.
#[derive(Clone, Copy)]
struct Output<'o> {
    place: &'o str,
    /// The file of rejected records.
    rejected: Option<&'o Path>,
    /// The folder with the lists of users without a password.
    lists: Option<&'o Path>,
}

/// The result of a run into a sink.
type Ran<S> = reimport::Result<(Summary, <S as Sink>::Finished)>;

/// The resolved options of a selection.
pub(super) struct Ask<'a, T> {
    pub(super) args: &'a SelectArgs,
    pub(super) format: OutputFormat,
    pub(super) limit: Option<Limit>,
    pub(super) transform: Filtered<T>,
    /// The files to join, if there are any.
    pub(super) joins: Option<SecondFiles>,
}

/// A transform that writes fields with names.
pub(super) trait Fields: Transform {
    fn names(&self) -> Vec<String>;

    /// Returns the paths of fields that no record has had.
    fn unseen(&self) -> Vec<FieldPath>;
}

impl Fields for Projection {
    fn names(&self) -> Vec<String> {
        self.fields().map(|field| field.name().to_owned()).collect()
    }

    fn unseen(&self) -> Vec<FieldPath> {
        self.unseen().into_iter().cloned().collect()
    }
}

impl Ask<'_, Projection> {
    fn into_file(self, path: &Path) -> anyhow::Result<Status> {
        ensure!(
            self.args.rejected.is_none(),
            "--rejected needs standard output, a FIFO or a device; a file has its own next to it"
        );
        let mut options = FileOptions::default()
            .force(self.args.force)
            .max_reject_bytes(Some(self.args.max_reject_bytes.0));
        if let Some(level) = self.args.gzip_level {
            options = options.gzip_level(level);
        }
        let file = OneFile::create(path, self.framing(), options)?;
        self.into_sink(file, &path.display().to_string(), Some(&OneFile::rejected_path(path)))
    }

    /// Writes a folder of parts.
    fn into_parts(self, path: &Path) -> anyhow::Result<Status> {
        let args = self.args;
        ensure!(
            args.rejected.is_none(),
            "--rejected needs standard output; a folder of parts has its own file"
        );
        ensure!(args.gzip_level.is_none(), "--gzip-level needs one file; parts are not compressed");
        setup::refuse_file_ending(
            path,
            "--max-part-bytes and --max-part-users write a folder of parts; name a folder",
        )?;
        let options = PartsOptions::default()
            .max_part_bytes(args.max_part_bytes.map_or(u64::MAX, |size| size.0))
            .max_part_users(args.max_part_users)
            .max_reject_bytes(args.max_reject_bytes.0)
            .force(args.force);
        let parts = Parts::create(path, options)?.framed(self.framing())?.describe(self.described());
        let rejected = path.join(OutputName::Rejected);
        self.into_parts_sink(parts, &path.display().to_string(), &rejected)
    }

    /// Returns the options of the manifest. No value is a path.
    fn described(&self) -> BTreeMap<String, Value> {
        let args = self.args;
        let mut options = BTreeMap::from([
            ("format".to_owned(), self.format.name().into()),
            ("fields".to_owned(), self.transform.inner().names().into()),
            ("nested".to_owned(), args.nested.into()),
        ]);
        let limits = [
            ("max_part_bytes", args.max_part_bytes.map(|size| size.0.into())),
            ("max_part_users", args.max_part_users.map(Into::into)),
            ("wrap", args.wrap.clone().map(Into::into)),
        ];
        options.extend(limits.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        options
    }

    fn framing(&self) -> Framing {
        match (self.format.delimiter(), &self.args.wrap) {
            (Some(delimiter), _) => Framing::Csv(self.args.csv_format(delimiter)),
            (None, Some(name)) => Framing::Wrapped(name.as_str().into()),
            (None, None) if self.format == OutputFormat::Json => Framing::Array,
            (None, None) => Framing::Ndjson,
        }
    }

    fn into_stream(self, out: Box<dyn Write>, place: &str) -> anyhow::Result<Status> {
        let args = self.args;
        ensure!(
            !args.has_parts(),
            "--max-part-bytes and --max-part-users write a folder of parts; name a folder with -o"
        );
        let options = LeftoverOptions::default().force(args.force).max_bytes(Some(args.max_reject_bytes.0));
        macro_rules! stream {
            ($sink:expr) => {{
                let mut sink = $sink;
                if let Some(path) = &args.rejected {
                    sink = sink.rejected(path, options)?;
                }
                self.into_sink(sink, place, args.rejected.as_deref())
            }};
        }
        match self.format.delimiter() {
            Some(delimiter) => stream!(Csv::with_format(out, args.csv_format(delimiter))),
            None if self.format == OutputFormat::Json => {
                if let Some(name) = &args.wrap {
                    return stream!(Array::wrapped(out, name));
                }
                stream!(Array::new(out))
            }
            None => stream!(Ndjson::new(out)),
        }
    }
}

impl<T: Fields> Ask<'_, T> {
    /// Returns standard output, for the data.
    pub(super) fn open_stdout(&self) -> anyhow::Result<Box<dyn Write>> {
        self.refuse_json()?;
        Ok(target::stdout_data(self.format.on_terminal()))
    }

    /// Opens a FIFO, a device or a descriptor for the data.
    #[cfg(unix)]
    pub(super) fn open_stream(&self, stream: &target::Stream) -> anyhow::Result<Box<dyn Write>> {
        if stream.is_stdout() {
            self.refuse_json()?;
        }
        stream.refuse_inputs(&self.args.read.exports).map_err(reimport::Error::from)?;
        stream.open(self.format.on_terminal())
    }

    /// Returns an error if --json would print to the output of the data.
    fn refuse_json(&self) -> anyhow::Result<()> {
        ensure!(
            !self.args.report.json,
            "--json prints to standard output, which is used for the data; name a file with -o"
        );
        Ok(())
    }

    /// Runs the pipeline into `sink`. `rejected` is its file of rejected records.
    pub(super) fn into_sink(
        self,
        sink: impl Sink,
        place: &str,
        rejected: Option<&Path>,
    ) -> anyhow::Result<Status> {
        self.finish(sink, Output { place, rejected, lists: None }, |_| None)
    }

    /// Runs the pipeline into a folder of parts.
    fn into_parts_sink(self, parts: Parts, place: &str, rejected: &Path) -> anyhow::Result<Status> {
        let lists = rejected.parent();
        let count = |published: &PublishedParts| Some(published.manifest.parts.len() as u64);
        self.finish(parts, Output { place, rejected: Some(rejected), lists }, count)
    }

    /// Runs the pipeline, with the joined files if there are any.
    fn run<S: Sink>(mut self, sink: S) -> anyhow::Result<(Self, Ran<S>)> {
        let args = self.args;
        let progress = Progress::default();
        let passes = self.joins.as_ref().map_or(1, SecondFiles::passes);
        let total = inputs::total_bytes(&args.read).map(|bytes| bytes.saturating_mul(passes));
        let _bar = Bar::draw(&progress, total, &args.report);
        let mut pipeline = setup::pipeline(&args.read, &args.run).progress(progress.clone());
        if let Some(limit) = &self.limit {
            pipeline = pipeline.limit(limit.users);
        }
        let inputs = inputs::open(&args.read)?;
        let Some(files) = &self.joins else {
            let ran = pipeline.run(inputs, &self.transform, sink);
            return Ok((self, ran));
        };
        let rules = files.give(Rules::new());
        files.first_pass(&args.read, &setup::whole(&args.read, &args.run).progress(progress), &rules)?;
        let joined = JoinedFields::new(rules, self.transform);
        let ran = pipeline.run(inputs, &joined, sink);
        self.transform = joined.into_inner();
        Ok((self, ran))
    }

    fn finish<S: Sink>(
        self,
        sink: S,
        output: Output<'_>,
        parts: impl FnOnce(&S::Finished) -> Option<u64>,
    ) -> anyhow::Result<Status> {
        let sink = FirstRejects::new(sink);
        let has_written = sink.has_written();
        let (asked, ran) = self.run(sink)?;
        asked.report(ran, has_written.get(), output, parts)
    }

    /// Reports a run.
    fn report<F>(
        &self,
        ran: reimport::Result<(Summary, (F, Vec<Place>))>,
        has_written: bool,
        output: Output<'_>,
        parts: impl FnOnce(&F) -> Option<u64>,
    ) -> anyhow::Result<Status> {
        let args = self.args;
        let (summary, (finished, places)) = match ran {
            Ok(ran) => ran,
            Err(error) => {
                let error = anyhow::Error::from(error);
                if crate::is_closed_pipe(&error) && has_written && !args.report.quiet {
                    self.warn_before_close();
                }
                return Err(error);
            }
        };
        let formulas = self.format.delimiter().is_some() && args.csv_escape.is_none();
        let mut remarks = Remarks::of_selection(&summary, formulas);
        if let Some(files) = &self.joins {
            remarks.add_joins(&summary, output.lists);
            remarks.extend(files.remarks(&summary));
        }
        remarks.add_sources(&summary.sources);
        remarks.extend(self.unseen(&summary));
        let status = remarks.status(&summary);
        let selected = Selected {
            summary: &summary,
            fields: self.transform.inner().names(),
            format: self.format,
            joined: self.joins.is_some(),
            parts: parts(&finished),
            place: output.place,
            rejected: output.rejected,
            limit: self.limit.as_ref(),
            places: &places,
            remarks: &remarks,
        };
        if args.report.json {
            setup::print_json(&select_json(&selected, status))?;
        } else if !args.report.quiet {
            crate::write_stderr(&select_text(&selected, status));
        }
        Ok(status)
    }

    /// Prints a warning for each field and condition that no record had until the reader of the output closed it. There is
    /// no summary then.
    fn warn_before_close(&self) {
        let fields = self.transform.inner().unseen();
        let conditions = self.transform.unseen().into_iter().map(|condition| condition.path().clone());
        for warning in unseen::before_close(conditions.chain(fields).collect(), &self.args.read) {
            crate::write_stderr(&warning_line(&warning));
        }
    }

    /// Returns remarks about fields and conditions that no record has. Fields are checked only if records were written.
    /// A field is not reported if only records that were left out have it.
    fn unseen(&self, summary: &Summary) -> Vec<Remark> {
        let read = &self.args.read;
        let mut unseen = unseen::of_filter(&self.transform, summary, read);
        if summary.written > 0 {
            unseen.extend(unseen::of_paths(self.transform.inner().unseen(), summary, read));
        }
        unseen
    }
}

fn read_request(path: &Path) -> anyhow::Result<ExportRequest> {
    let name = || path.display().to_string();
    let text = inputs::read_small(path).with_context(name)?;
    ExportRequest::from_slice(&text).with_context(name)
}

fn projection(
    args: &SelectArgs,
    lists: &FieldLists,
    request: Option<&ExportRequest>,
) -> anyhow::Result<Projection> {
    let fields = match request {
        Some(request) => request.fields.clone(),
        None => lists.fields()?,
    };
    let fields = if fields.is_empty() { Field::defaults() } else { fields };
    Ok(Projection::builder().fields(fields).nested(args.nested).build()?)
}

/// Returns the filter. The connection is that of --connection, else that of the job object.
fn filter_of(args: &SelectArgs, request: Option<&ExportRequest>) -> anyhow::Result<Filter> {
    let mut connections = args.connection.connections.clone();
    if let Some(request) = request.filter(|_| connections.is_empty()) {
        match (&request.connection, &request.connection_id) {
            (Some(name), _) => connections.push(name.clone()),
            (None, Some(id)) => bail!(
                "{}: the request asks for connection {id}, but an export has only the names of connections; give \
                 the name with --connection NAME",
                args.request.as_deref().unwrap_or(Path::new("")).display()
            ),
            (None, None) => {}
        }
    }
    filter::filter(&args.run.filter, &connections)
}

/// Returns the smaller of both limits, with the file of the request if it is the limit of the request.
fn limit(args: &SelectArgs, request: Option<&ExportRequest>) -> Option<Limit> {
    let typed = args.run.limit.map(|users| Limit { users, of: None });
    let asked = request
        .and_then(|request| request.limit)
        .map(|users| Limit { users, of: args.request.as_ref().map(|path| path.display().to_string()) });
    [typed, asked].into_iter().flatten().min_by_key(|limit| limit.users)
}
