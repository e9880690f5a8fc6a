//! Outputs of `select` with typed columns: a Parquet file, and an Arrow stream.

use std::io::{IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use reimport::path::FieldPath;
use reimport::projection::ExportRequest;
use reimport::sink::{FileOptions, LeftoverOptions, OneFile};
use reimport_columns::{
    ArrowStream, Column, ColumnType, Compression, FolderOptions, Layout, ParquetFile, ParquetFolder,
    ParquetOptions, TypedRows,
};

use super::field_lists::FieldLists;
use super::schema;
use super::select::{Ask, Fields};
use super::target::Target;
use crate::args::{OutputFormat, SelectArgs};
use crate::exit::Status;

/// Returns whether the columns of a format have types.
pub(super) fn has_types(format: OutputFormat) -> bool {
    matches!(format, OutputFormat::Parquet | OutputFormat::Arrow)
}

/// Returns whether the name is that of a file, not of a folder of files.
fn is_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet"))
}

/// Returns an error for options that only formats with types have.
pub(super) fn refuse_types(args: &SelectArgs) -> anyhow::Result<()> {
    let given = [
        (args.schema.is_some(), "--schema"),
        (args.strict_types, "--strict-types"),
        (args.no_rest, "--no-rest"),
        (!args.partition.is_empty(), "--partition"),
        #[cfg(feature = "zstd")]
        (args.compression.is_some(), "--compression"),
    ];
    for (given, option) in given {
        ensure!(!given, "{option} is about typed columns; write Parquet or Arrow (see --format)");
    }
    Ok(())
}

/// Returns the transform of the options: with the columns of --schema, or the fixed schema if they name no fields.
pub(super) fn rows(
    args: &SelectArgs,
    fields: &FieldLists,
    request: Option<&ExportRequest>,
) -> anyhow::Result<TypedRows> {
    if let Some(path) = &args.schema {
        ensure!(!args.no_rest, "--no-rest needs -f: with --schema, _rest has the members that no column has");
        return Ok(TypedRows::new(schema::read(path)?.layout()).strict(args.strict_types));
    }
    let mut columns = Vec::new();
    for (place, list) in fields.iter() {
        columns.extend(list.columns().with_context(|| place.clone())?);
    }
    for field in request.into_iter().flat_map(|request| &request.fields) {
        let path = field.path().cloned();
        columns.extend(path.map(|path| Column::new(path, ColumnType::Text, Column::safe_name(field.name()))));
    }
    if columns.is_empty() {
        ensure!(!args.no_rest, "--no-rest needs -f: without it, _rest has the members that no column has");
        return Ok(TypedRows::new(Layout::fixed()).strict(args.strict_types));
    }
    let layout = Layout::chosen(columns, !args.no_rest)?;
    Ok(TypedRows::new(layout).strict(args.strict_types))
}

impl Fields for TypedRows {
    fn names(&self) -> Vec<String> {
        self.layout().schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn unseen(&self) -> Vec<FieldPath> {
        let unseen = self.unseen().into_iter().cloned();
        if self.layout().is_whole() { Vec::new() } else { unseen.collect() }
    }
}

impl Ask<'_, TypedRows> {
    pub(super) fn into_columns(self, target: &Target<'_>) -> anyhow::Result<Status> {
        for (given, option) in
            [(self.args.max_part_users.is_some(), "--max-part-users"), (self.args.wrap.is_some(), "--wrap")]
        {
            ensure!(!given, "{option} is for formats without types; choose one with --format");
        }
        match (self.format, target) {
            (OutputFormat::Parquet, Target::File(path)) if is_file(path) => self.into_parquet(path),
            (OutputFormat::Parquet, Target::File(path)) => self.into_folder(path),
            (OutputFormat::Parquet, _) => {
                bail!(
                    "Parquet is written to a file or a folder only; name one with -o, as in -o users.parquet"
                )
            }
            (_, Target::File(path)) => bail!(
                "-o {}: an Arrow stream is written to standard output only; write Parquet, or redirect standard output",
                path.display()
            ),
            (_, Target::Stdout) => {
                let out = self.open_stdout()?;
                ensure!(
                    !std::io::stdout().is_terminal(),
                    "an Arrow stream cannot be shown on a terminal; redirect standard output"
                );
                self.into_arrow(out, "standard output")
            }
            #[cfg(unix)]
            (_, Target::Stream(stream)) => {
                let out = self.open_stream(stream)?;
                self.into_arrow(out, &stream.path().display().to_string())
            }
        }
    }

    fn into_parquet(self, path: &Path) -> anyhow::Result<Status> {
        for (given, option) in [
            (!self.args.partition.is_empty(), "--partition"),
            (self.args.max_part_bytes.is_some(), "--max-part-bytes"),
        ] {
            ensure!(
                !given,
                "{option} needs a folder: end the name of -o in something other than .parquet, with --format parquet"
            );
        }
        let options = ParquetOptions::default()
            .file(self.file_options()?)
            .filters(self.filters())
            .compression(self.compression());
        let file = ParquetFile::create(path, self.transform.inner().layout(), options)?;
        self.into_sink(file, &path.display().to_string(), Some(&OneFile::rejected_path(path)))
    }

    fn into_folder(self, path: &Path) -> anyhow::Result<Status> {
        let mut options = FolderOptions::default()
            .file(self.file_options()?)
            .partitions(self.args.partition.iter().cloned())
            .filters(self.filters())
            .compression(self.compression());
        if let Some(size) = self.args.max_part_bytes {
            options = options.max_part_bytes(size.0);
        }
        let folder = ParquetFolder::create(path, self.transform.inner().layout(), options)?;
        let (place, rejected) = (folder.path().display().to_string(), folder.rejected_path());
        self.into_sink(folder, &place, Some(&rejected))
    }

    fn compression(&self) -> Compression {
        #[cfg(feature = "zstd")]
        if let Some(compression) = self.args.compression {
            return compression.into();
        }
        Compression::default()
    }

    fn file_options(&self) -> anyhow::Result<FileOptions> {
        ensure!(
            self.args.rejected.is_none(),
            "--rejected needs standard output, a FIFO or a device; a file has its own next to it"
        );
        Ok(FileOptions::default().force(self.args.force).max_reject_bytes(self.args.max_reject_bytes.0))
    }

    fn into_arrow(self, out: Box<dyn Write>, place: &str) -> anyhow::Result<Status> {
        let args = self.args;
        #[cfg(feature = "zstd")]
        ensure!(args.compression.is_none(), "--compression is that of Parquet; an Arrow stream has none");
        ensure!(
            args.max_part_bytes.is_none(),
            "--max-part-bytes needs a folder: write Parquet, or a format without types, with -o"
        );
        let mut sink = ArrowStream::new(out, self.transform.inner().layout())?;
        if let Some(path) = &args.rejected {
            let options =
                LeftoverOptions::default().force(args.force).max_bytes(Some(args.max_reject_bytes.0));
            sink = sink.rejected(path, options)?;
        }
        self.into_sink(sink, place, args.rejected.as_deref())
    }

    /// Returns the filters as they are typed, for the metadata of a file. Files are named without folders.
    fn filters(&self) -> Vec<String> {
        let (args, filter) = (self.args, &self.args.run.filter);
        let mut filters: Vec<String> = Vec::new();
        filters.extend(filter.conditions.iter().map(|condition| format!("where {condition}")));
        filters.extend(filter.not_conditions.iter().map(|condition| format!("where-not {condition}")));
        filters.extend(args.connection.connections.iter().map(|name| format!("connection {name}")));
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        filters.extend(filter.ids.iter().map(|path| format!("ids {}", name(path))));
        filters.extend(filter.not_ids.iter().map(|path| format!("not-ids {}", name(path))));
        filters.extend(self.limit.iter().map(|limit| format!("limit {}", limit.users)));
        filters
    }
}
