//! `download`, `upload` and `job`: the real command with a fake tenant on loopback.

mod answers;
mod arrival;
mod automation;
mod download;
mod end_to_end;
mod growth;
mod hostile;
mod job;
mod network;
mod readme;
mod retry;
mod tenant;
mod upload;
