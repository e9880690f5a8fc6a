//! Processes with faults: killed at every system call and at random moments, on a full or failing disk, without
//! descriptors, several at once. A test whose requirements are missing is skipped with a message.
#![cfg(target_os = "linux")]

mod disk;
mod growth;
mod inputs;
mod kills;
mod mounts;
mod places;
mod streams;
mod traced;
