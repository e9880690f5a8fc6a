//! What each command does with the library.

mod check;
mod convert;
mod delta;
mod fields;
mod filter;
mod folder;
mod places;
mod retry;
mod select;
mod setup;
mod unseen;
mod verify;

use crate::args::Command;
use crate::exit::Status;

/// Runs one command.
pub(crate) fn run(command: &Command) -> anyhow::Result<Status> {
    match command {
        Command::Convert(args) => convert::run(args),
        Command::Check(args) => check::run(args),
        Command::Retry(args) => retry::run(args),
        Command::Select(args) => select::run(args),
        Command::Fields(args) => fields::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Delta(args) => delta::run(args),
    }
}
