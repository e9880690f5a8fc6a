//! What each command does with the library.

mod check;
mod convert;
#[cfg(feature = "jobs")]
mod download;
#[cfg(feature = "jobs")]
mod job;
mod origin;
#[cfg(feature = "jobs")]
mod parts;
#[cfg(feature = "jobs")]
mod refused;
mod setup;
#[cfg(feature = "jobs")]
mod tenant;
#[cfg(feature = "jobs")]
mod upload;

use crate::args::Command;
use crate::exit::Status;

/// Runs one command.
pub(crate) fn run(command: &Command) -> anyhow::Result<Status> {
    match command {
        Command::Convert(args) => convert::run(args),
        Command::Check(args) => check::run(args),
        #[cfg(feature = "jobs")]
        Command::Download(args) => download::run(args),
        #[cfg(feature = "jobs")]
        Command::Upload(args) => upload::run(args),
        #[cfg(feature = "jobs")]
        Command::Job(args) => job::run(args),
    }
}
