//! The command `reimport`: arguments, words and exit statuses. Everything it does, the library can do.

mod args;
mod commands;
mod exit;
#[cfg(feature = "jobs")]
mod line;
mod progress;
mod report;
mod signals;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Status;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output and is no failure; where nobody reads it, nothing is lost.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    signals::leave_clean();
    let Some(command) = cli.command else {
        say(START);
        return ExitCode::from(2);
    };
    let status = commands::run(&command).unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return Status::PipeClosed;
        }
        say(&format!("reimport: {}\n", report::sentence(&error)));
        Status::Failed
    });
    status.into()
}

/// Where to begin, for who typed the bare command.
const START: &str = "\
reimport turns bulk user exports of an identity tenant into files its bulk import accepts.

  reimport check tenant.json.gz               what would happen, and why
  reimport convert tenant.json.gz -o parts    import-ready parts

reimport --help tells more.
";

/// Words go to standard error; a full or closed one changes nothing.
fn say(words: &str) {
    let _ = io::stderr().lock().write_all(words.as_bytes());
}

/// Whether whoever read our output has gone away.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}
