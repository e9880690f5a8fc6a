//! `download`, `upload` and `job`: the real command with a fake tenant on loopback.

mod answers;
mod arrival;
mod automation;
mod download;
mod end_to_end;
mod growth;
mod harness;
mod hostile;
mod job;
mod network;
mod readme;
mod retry;
/// The scripted server of the tests of the library.
#[path = "../../../reimport-jobs/tests/support/mod.rs"]
mod scripted;
mod upload;
