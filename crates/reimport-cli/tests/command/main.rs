//! Tests that run the command, in one program, which is linked once.

#[path = "../../../reimport/tests/support/cases.rs"]
mod cases;
mod check;
#[cfg(feature = "columns")]
mod columns;
mod connection_names;
mod convert;
mod docs;
mod documents;
mod elsewhere;
mod elsewhere_pages;
mod faults;
mod fields;
mod files;
mod gzip_level;
mod harness;
mod hash_forms;
mod help;
mod hostile;
#[cfg(feature = "jobs")]
mod jobs;
mod like;
mod numbers;
mod outputs;
mod pages;
mod passwords;
mod put_back;
mod reasons;
mod rejected_again;
mod remarks;
mod retry;
/// The scripted server of the tests of the library.
#[cfg(feature = "jobs")]
#[path = "../../../reimport-jobs/tests/support/mod.rs"]
mod scripted;
mod select;
#[path = "../../../reimport/tests/support/skips.rs"]
mod skips;
mod spellings;
mod targets;
mod terminal;
mod unmatched;
mod verify;
