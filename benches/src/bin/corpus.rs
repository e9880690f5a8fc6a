//! Writes a seeded export: `corpus --users 1000000 --seed 1 -o export.json.gz`; its counts go to standard output as
//! one line of JSON. An output named `.gz` is gzipped. Existing files are replaced: these are made to be remade.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Parser;
use flate2::{Compression, write::GzEncoder};
use reimport_benches::{Corpus, Format};

/// Write an invented export of any number of users.
#[derive(Parser)]
struct Arguments {
    /// How many records.
    #[arg(long, default_value_t = 1000)]
    users: u64,
    /// The same seed and options give the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to; gzipped where the name ends in `.gz`.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Database connections that the database users are spread over.
    #[arg(long, default_value_t = 1, value_name = "N")]
    connections: u64,
    /// Extra values in every user's `app_metadata`.
    #[arg(long, default_value_t = 0, value_name = "N")]
    columns: usize,
    /// Bad records in a thousand.
    #[arg(long, default_value_t = 0, value_name = "PERMILLE")]
    bad: u64,
    /// Database users in a thousand that repeat an earlier one.
    #[arg(long, default_value_t = 0, value_name = "PERMILLE")]
    duplicates: u64,
    /// Write absent properties as `null`.
    #[arg(long)]
    nulls: bool,
    /// One JSON array instead of NDJSON.
    #[arg(long, conflicts_with = "csv")]
    array: bool,
    /// The export's CSV instead of NDJSON.
    #[arg(long)]
    csv: bool,
    /// Also write the password export that belongs to it; gzipped where the name ends in `.gz`.
    #[arg(long, value_name = "FILE")]
    passwords: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let corpus = Corpus::new(arguments.seed)
        .users(arguments.users)
        .connections(arguments.connections)
        .columns(arguments.columns)
        .bad(arguments.bad)
        .duplicates(arguments.duplicates)
        .nulls(arguments.nulls)
        .format(match (arguments.array, arguments.csv) {
            (true, _) => Format::Array,
            (_, true) => Format::Csv,
            _ => Format::Ndjson,
        });
    let (stats, size) = write_file(&arguments.output, |out| corpus.write(out))?;
    let passwords = match &arguments.passwords {
        Some(path) => Some(write_file(path, |out| corpus.write_passwords(out))?),
        None => None,
    };
    let mut stdout = io::stdout().lock();
    write!(stdout, "{{\"counts\":{stats},\"file_bytes\":{size}")?;
    if let Some((records, size)) = passwords {
        write!(stdout, ",\"passwords\":{records},\"password_file_bytes\":{size}")?;
    }
    writeln!(stdout, "}}")
}

/// Runs `write` into the file at `path`, compressed if its name says so; returns the size of the file too.
fn write_file<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<(T, u64)> {
    let mut file = BufWriter::new(File::create(path)?);
    let result = if path.extension().is_some_and(|extension| extension == "gz") {
        let mut gzip = GzEncoder::new(&mut file, Compression::new(6));
        let result = write(&mut gzip)?;
        gzip.finish()?;
        result
    } else {
        write(&mut file)?
    };
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((result, file.metadata()?.len()))
}
