//! `download`, `upload` and `job`: the real command against a tenant on loopback.

mod download;
mod harness;
mod job;
mod upload;
mod way;
