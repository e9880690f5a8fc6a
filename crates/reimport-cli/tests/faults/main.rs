//! Whole processes under faults: killed at every system call and at random moments, on a full or failing disk, without
//! their descriptors, several at once. A test that lacks what it needs is skipped, and says so.
#![cfg(target_os = "linux")]

mod disk;
mod growth;
mod inputs;
mod kills;
mod places;
#[path = "../../../reimport/tests/support/skips.rs"]
mod skips;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod traced;
