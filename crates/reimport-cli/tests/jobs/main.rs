//! `download`, `upload` and `job`: the real command against a tenant on loopback.

mod arrival;
mod download;
mod harness;
mod job;
mod retry;
mod upload;
mod way;
