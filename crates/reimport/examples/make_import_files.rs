//! Makes import files that keep the sign-up time of each user, with a folder for each connection:
//! `cargo run -p reimport --example make_import_files -- tenant.json.gz parts`

use reimport::import::{Connections, Edits};
use reimport::sink::{Parts, PartsOptions};
use reimport::{Pipeline, Rules};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(export), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("expected an export, and the folder to make".into());
    };
    let edits = Edits::new().move_to("created_at".parse()?, "app_metadata.signed_up_at".parse()?);
    let rules = Rules::default().edits(edits).connections(Connections::Any);
    // One import job fills one connection, so each connection gets its own folder.
    let options = PartsOptions::default().max_part_bytes(450_000).by_connection(true);
    let parts = Parts::create(&out, options)?;
    let (summary, published) = Pipeline::new().run([export], &rules, parts)?;
    println!(
        "{} users in {} parts; {} skipped, {} rejected, see {out}/",
        summary.written,
        published.parts().count(),
        summary.skipped,
        summary.rejected
    );
    Ok(())
}
