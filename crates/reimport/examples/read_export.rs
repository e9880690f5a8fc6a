//! Reads an export record by record, and counts its users by connection:
//! `cargo run -p reimport --example read_export -- tenant.json.gz`

use std::collections::BTreeMap;

use reimport::projection::FieldPath;
use reimport::{Category, RecordReader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("expected the path of an export")?;
    let connection: FieldPath = "identities[0].connection".parse()?;
    let mut users = BTreeMap::<String, u64>::new();
    let mut reader = RecordReader::from_path(path)?;
    loop {
        match reader.next_record() {
            Ok(Some(record)) => {
                let name = record.get(&connection).and_then(|value| Some(value.as_str()?.into_owned()));
                *users.entry(name.unwrap_or_else(|| "(none)".into())).or_default() += 1;
            }
            // At the end, every checksum and length of the file was correct.
            Ok(None) => break,
            // This record has an error. The next record can still be read.
            Err(error) if error.category() == Category::Record => eprintln!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    for (connection, users) in users {
        println!("{users:>9} {connection}");
    }
    Ok(())
}
