//! The peak memory of a run.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use super::{Arguments, WorkFolder};

/// The result of a run, and its peak memory in MiB, without the pages of the program: those of a test build are many, and
/// their number depends on the features of all crates that are built with it.
pub(crate) struct Measured {
    pub(crate) status: i32,
    pub(crate) err: String,
    pub(crate) peak: u64,
}

impl WorkFolder {
    /// Runs the command, and discards its standard output.
    pub(crate) fn measure(&self, arguments: &(impl Arguments + ?Sized)) -> Measured {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || std::io::read_to_string(&mut stderr).unwrap());
        let path = format!("/proc/{}/status", child.id());
        let (mut peak, mut program) = (0, 0);
        let status = loop {
            // The system records the peak. Only growth after the last read is missed.
            let status = fs::read_to_string(&path).unwrap_or_default();
            let kilobytes = |name: &str| -> Option<u64> {
                let line = status.lines().find_map(|line| line.strip_prefix(name))?;
                line.split_whitespace().next()?.parse().ok()
            };
            if let (Some(whole), Some(files)) = (kilobytes("VmHWM:"), kilobytes("RssFile:")) {
                (peak, program) = (whole.max(peak), files);
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let peak = peak.saturating_sub(program) / 1024;
        println!("{}: {peak} MiB", arguments.list().join(" "));
        Measured { status: status.code().unwrap_or(-1), err: reader.join().unwrap(), peak }
    }
}
