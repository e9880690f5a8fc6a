//! A thread that syncs finished files, so that the writer does not wait for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::OutputError;
use super::disk::Output;

/// Maximum number of files that wait to be synced. Each of them is open.
const WAITING: usize = 4;

/// Syncs files on a separate thread. If it is dropped without [`finish`](Self::finish), files that still wait are
/// not synced.
pub(super) struct Syncer {
    thread: Option<Thread>,
    dropped: Arc<AtomicBool>,
}

struct Thread {
    files: SyncSender<(PathBuf, Output)>,
    handle: JoinHandle<Result<(), OutputError>>,
}

impl Syncer {
    pub(super) fn new() -> Self {
        Self { thread: None, dropped: Arc::default() }
    }

    /// Queues a file to be synced. It is synced when [`finish`](Self::finish) returns. Fails with the error of an
    /// earlier file.
    pub(super) fn sync(&mut self, path: PathBuf, file: Output) -> Result<(), OutputError> {
        if self.thread.is_none() {
            self.thread = self.start();
        }
        let Some(thread) = &self.thread else {
            // If no thread can be created, the caller waits for the disk.
            return file.sync().map_err(OutputError::io("cannot sync", &path));
        };
        // The thread closes the channel only after an error.
        if thread.files.send((path, file)).is_err() { self.join() } else { Ok(()) }
    }

    /// Waits until all files are synced.
    pub(super) fn finish(mut self) -> Result<(), OutputError> {
        self.join()
    }

    fn start(&self) -> Option<Thread> {
        let (files, received) = sync_channel(WAITING);
        let dropped = Arc::clone(&self.dropped);
        let name = "sync parts".to_owned();
        let handle = thread::Builder::new().name(name).spawn(move || sync_all(&received, &dropped)).ok()?;
        Some(Thread { files, handle })
    }

    fn join(&mut self) -> Result<(), OutputError> {
        let Some(Thread { files, handle }) = self.thread.take() else { return Ok(()) };
        drop(files);
        handle.join().unwrap_or(Err(OutputError::Interrupted))
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
        let _ = self.join();
    }
}

fn sync_all(files: &Receiver<(PathBuf, Output)>, dropped: &AtomicBool) -> Result<(), OutputError> {
    for (path, file) in files {
        if !dropped.load(Ordering::Relaxed) {
            file.sync().map_err(OutputError::io("cannot sync", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn failed_sync_fails_the_run_and_names_the_file() {
        // A pipe cannot be synced.
        let (_read, write) = std::io::pipe().unwrap();
        let mut syncer = Syncer::new();
        let write = std::fs::File::from(std::os::fd::OwnedFd::from(write));
        let path = std::path::PathBuf::from("users-00007.json");
        syncer.sync(path.clone(), Output::of(write, path)).unwrap();
        let error = syncer.finish().unwrap_err();
        assert!(error.to_string().starts_with("cannot sync users-00007.json: "), "{error}");
    }
}
