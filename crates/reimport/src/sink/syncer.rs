//! One thread that syncs finished files, so that writing does not wait for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::OutputError;
use super::disk::Output;

/// Files that may wait: each is an open file.
const WAITING: usize = 4;

/// Syncs what it is given; dropped without [`finish`](Self::finish), it stops at once.
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

    /// Syncs a file some time before [`finish`](Self::finish) is done; fails with an earlier file's error.
    pub(super) fn sync(&mut self, path: PathBuf, file: Output) -> Result<(), OutputError> {
        if self.thread.is_none() {
            self.thread = self.start();
        }
        let Some(thread) = &self.thread else {
            // No thread to be had: the writer waits for the disk.
            return file.sync().map_err(OutputError::io("cannot sync", &path));
        };
        // It hangs up only after an error.
        if thread.files.send((path, file)).is_err() { self.join() } else { Ok(()) }
    }

    /// Waits until everything is synced.
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
    fn a_file_that_cannot_be_synced_fails_the_run_and_is_named() {
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
