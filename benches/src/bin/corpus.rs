//! Writes a seeded export: `corpus --users 1000000 --seed 1 -o export.json.gz`. Prints its counts to standard
//! output as one line of JSON. The output is compressed if its name ends in `.gz`. Existing files are replaced.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Parser;
use flate2::{Compression, write::GzEncoder};
use reimport_benches::{Corpus, Format};

/// Write an invented export of any number of users.
#[derive(Parser)]
struct Arguments {
    /// Number of records.
    #[arg(long, default_value_t = 1000)]
    users: u64,
    /// Seed of the generator. The same seed and options give the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Output file. Compressed if its name ends in `.gz`.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Number of database connections of the database users.
    #[arg(long, default_value_t = 1, value_name = "N")]
    connections: u64,
    /// Number of extra values in the `app_metadata` of every user.
    #[arg(long, default_value_t = 0, value_name = "N")]
    columns: usize,
    /// Bad records, per thousand.
    #[arg(long, default_value_t = 0, value_name = "PERMILLE")]
    bad: u64,
    /// Database users that repeat an earlier one, per thousand.
    #[arg(long, default_value_t = 0, value_name = "PERMILLE")]
    duplicates: u64,
    /// Write absent properties as `null`.
    #[arg(long)]
    nulls: bool,
    /// Write one JSON array instead of NDJSON.
    #[arg(long, conflicts_with = "csv")]
    array: bool,
    /// Write the CSV of the export job instead of NDJSON.
    #[arg(long)]
    csv: bool,
    /// Also write the password export of these users to this file. Compressed if its name ends in `.gz`.
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

/// Runs `write` on the file at `path`, compressed if its name ends in `.gz`. Also returns the size of the file.
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
