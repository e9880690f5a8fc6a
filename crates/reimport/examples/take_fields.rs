//! Writes three fields of every user as CSV. One of them gets another name:
//! `cargo run -p reimport --example take_fields -- tenant.json.gz users.csv`

use reimport::sink::{FileOptions, Framing, OneFile};
use reimport::{CsvFormat, Pipeline, Projection};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(export), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("expected an export, and the CSV to write".into());
    };
    let projection = Projection::builder()
        .field("email")?
        .field_as("identities[0].connection", "provider")?
        .field("user_metadata.consent.given")?
        .build()?;
    let file = OneFile::create(&out, Framing::Csv(CsvFormat::default()), FileOptions::default())?;
    let (summary, _path) = Pipeline::new().run([export], &projection, file)?;
    println!("{} users, {} records that cannot be read", summary.written, summary.rejected);
    // A column that is empty for every user probably has a mistyped path.
    for path in projection.unseen() {
        println!("no record has {path}");
    }
    Ok(())
}
