//! The output format of `select`.

use std::path::Path;

use anyhow::bail;
use reimport::projection::{ExportFormat, ExportRequest};

use crate::args::{OutputFormat, SelectArgs};

/// Returns the output format: that of --format, else of the request, else of the name of the output, else CSV. The name is
/// given with whether its extension must be known.
pub(super) fn output_format(
    args: &SelectArgs,
    request: Option<&ExportRequest>,
    output: Option<(&Path, bool)>,
) -> anyhow::Result<OutputFormat> {
    // The name of a folder of parts need not have an extension.
    let output = output.map(|(path, is_file)| (path, is_file && !args.has_parts()));
    let asked = request.and_then(|request| request.format).map(|format| match format {
        ExportFormat::Ndjson => OutputFormat::Ndjson,
        ExportFormat::Csv => OutputFormat::Csv,
    });
    // NDJSON in a .json file is allowed: the export job itself writes it.
    let differ = |one: OutputFormat, other: OutputFormat| !one.is_like(other);
    if let Some(typed) = args.format {
        if let Some((output, _)) = output
            && by_name(output).is_ok_and(|named| named.is_some_and(|named| differ(named, typed)))
        {
            bail!(
                "-o {}: the file name and --format mean different formats; change one of them",
                output.display()
            );
        }
        return Ok(typed);
    }
    let named = match output.map(|(output, is_file)| (output, is_file, by_name(output))) {
        None | Some((_, false, Err(_))) => None,
        Some((_, _, Ok(named))) => named,
        Some((output, true, Err(end))) => bail!(
            "-o {}: select does not write .{end} files; end the name in .csv, .tsv, .ndjson, .jsonl or .json, each with or \
             without .gz, {PARQUET}or choose the format with --format",
            output.display()
        ),
    };
    match (asked, named) {
        (Some(asked), Some(named)) if differ(asked, named) => {
            bail!("the request and the name of the output mean different formats; choose one with --format")
        }
        (asked, named) => Ok(asked.or(named).unwrap_or(default_format(args))),
    }
}

/// The format of an output whose name does not say it.
fn default_format(args: &SelectArgs) -> OutputFormat {
    match args.wrap {
        Some(_) => OutputFormat::Json,
        None if args.nested || args.has_parts() => OutputFormat::Ndjson,
        None => OutputFormat::Csv,
    }
}

/// The name of a Parquet file, in a list of names.
const PARQUET: &str = if cfg!(feature = "columns") { "or in .parquet, " } else { "" };

/// Returns the format that the extension of a file name means, with or without `.gz`. `Ok(None)` means no extension;
/// the error is an unknown extension.
fn by_name(path: &Path) -> Result<Option<OutputFormat>, String> {
    let end = |path: &Path| path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
    let name = match end(path).as_deref() {
        Some("gz") => path.file_stem().map_or(path, Path::new),
        _ => path,
    };
    match end(name).as_deref() {
        Some("csv") => Ok(Some(OutputFormat::Csv)),
        Some("tsv") => Ok(Some(OutputFormat::Tsv)),
        Some("ndjson" | "jsonl") => Ok(Some(OutputFormat::Ndjson)),
        Some("json") => Ok(Some(OutputFormat::Json)),
        #[cfg(feature = "columns")]
        Some("parquet") if name == path => Ok(Some(OutputFormat::Parquet)),
        #[cfg(feature = "columns")]
        Some("parquet") => Err("parquet.gz".to_owned()),
        Some(other) => Err(other.to_owned()),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_determines_the_format() {
        for (name, expected) in [
            ("users.csv", Ok(Some(OutputFormat::Csv))),
            ("users.CSV.gz", Ok(Some(OutputFormat::Csv))),
            ("a/users.ndjson", Ok(Some(OutputFormat::Ndjson))),
            ("users.jsonl.GZ", Ok(Some(OutputFormat::Ndjson))),
            ("users.json.gz", Ok(Some(OutputFormat::Json))),
            ("users.gz", Ok(None)),
            ("users", Ok(None)),
            ("csv", Ok(None)),
            ("users.XLSX", Err("xlsx".to_owned())),
            ("users.tsv", Ok(Some(OutputFormat::Tsv))),
            ("users.TSV.gz", Ok(Some(OutputFormat::Tsv))),
            ("users.tab", Err("tab".to_owned())),
            #[cfg(feature = "columns")]
            ("a.b/users.Parquet", Ok(Some(OutputFormat::Parquet))),
            #[cfg(feature = "columns")]
            ("users.parquet.gz", Err("parquet.gz".to_owned())),
        ] {
            assert_eq!(by_name(Path::new(name)), expected, "{name}");
        }
    }
}
