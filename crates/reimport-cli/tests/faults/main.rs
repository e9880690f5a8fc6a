//! Whole processes under faults: killed at every system call and at random moments, on a full or failing disk, without
//! their descriptors, beside one another. What a test needs and does not find, it says, and passes by.
#![cfg(target_os = "linux")]

mod disk;
mod growth;
mod inputs;
mod kills;
mod places;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod traced;
