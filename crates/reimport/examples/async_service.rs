//! Reads an export in an async service. A blocking thread reads, and the service receives one user at a time.

use reimport::record::OwnedRecord;
use reimport::{Category, Error, RecordReader, Result};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// Returns the users of an export, read on a blocking thread. The channel is bounded, so a slow service slows down
/// the reader, and memory stays constant. When the receiver is dropped, the reader stops.
fn users(export: String) -> mpsc::Receiver<Result<OwnedRecord>> {
    let (sender, receiver) = mpsc::channel(64);
    spawn_blocking(move || {
        let mut reader = match RecordReader::from_path(export) {
            Ok(reader) => reader,
            Err(error) => return drop(sender.blocking_send(Err(error))),
        };
        for record in reader.owned() {
            if sender.blocking_send(record).is_err() {
                break;
            }
        }
    });
    receiver
}

async fn count(export: String) -> Result<(u64, u64)> {
    let (mut good, mut bad) = (0, 0);
    let mut users = users(export);
    while let Some(user) = users.recv().await {
        match user {
            Ok(_) => good += 1,
            Err(error) if error.category() == Category::Record => bad += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((good, bad))
}

fn main() -> Result<()> {
    let export = std::env::args().nth(1).ok_or_else(|| Error::other("expected an export to read"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (good, bad) = runtime.block_on(count(export))?;
    println!("{good} users, {bad} records that cannot be read");
    Ok(())
}
