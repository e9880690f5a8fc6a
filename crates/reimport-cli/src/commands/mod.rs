//! The subcommands.

mod check;
mod check_sink;
#[cfg(feature = "columns")]
mod columns;
mod convert;
mod delta;
#[cfg(feature = "jobs")]
mod download;
mod field_lists;
mod fields;
mod filter;
mod first_rejects;
mod folder;
mod inputs;
#[cfg(feature = "jobs")]
mod job;
mod journals;
mod like;
mod next;
mod origin;
mod output_format;
mod page;
#[cfg(feature = "jobs")]
mod parts;
#[cfg(feature = "jobs")]
mod refused;
mod retry;
#[cfg(feature = "columns")]
mod schema;
mod second_files;
mod select;
mod setup;
mod shell;
mod target;
#[cfg(feature = "jobs")]
mod tenant;
mod traced;
mod unseen;
#[cfg(feature = "jobs")]
mod upload;
mod verify;

use crate::args::Command;
use crate::exit::Status;

/// Runs a subcommand.
pub(crate) fn run(command: &Command) -> anyhow::Result<Status> {
    match command {
        Command::Convert(args) => convert::run(args),
        Command::Check(args) => check::run(args),
        Command::Retry(args) => retry::run(args),
        Command::Select(args) => select::run(args),
        Command::Fields(args) => fields::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Delta(args) => delta::run(args),
        #[cfg(feature = "jobs")]
        Command::Download(args) => download::run(args),
        #[cfg(feature = "jobs")]
        Command::Upload(args) => upload::run(args),
        #[cfg(feature = "jobs")]
        Command::Job(args) => job::run(args),
        Command::Completions(args) => shell::completions(args),
        Command::Man => shell::man(),
    }
}
