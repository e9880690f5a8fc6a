//! The command `reimport`: arguments, messages and exit statuses. The library does the work.

mod args;
#[cfg(test)]
#[path = "../../reimport/tests/support/cases.rs"]
mod cases;
mod commands;
mod event;
mod exit;
#[cfg(feature = "jobs")]
mod line;
mod panic;
mod progress;
mod report;
mod signals;
#[cfg(test)]
#[path = "../../reimport/tests/support/skips.rs"]
mod skips;
mod style;
mod terminal;

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};

use crate::args::Cli;
use crate::exit::Status;
use crate::style::{COMMAND, PLAIN, Styled, error_line, error_lines, write_of_arguments, write_stderr};

fn main() -> ExitCode {
    panic::ask_for_a_report();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return refused(error).into();
        }
    };
    signals::leave_clean();
    let Some(command) = cli.command else {
        write_stderr(&start());
        return ExitCode::from(2);
    };
    let status = commands::run(&command).unwrap_or_else(|error| {
        if panic::was_reported() {
            return Status::Defect;
        }
        if is_closed_pipe(&error) {
            return Status::PipeClosed;
        }
        write_stderr(&error_line(&report::sentence(&error)));
        Status::Failed
    });
    status.into()
}

/// Prints the error of the arguments, or the help.
fn refused(mut error: clap::Error) -> Status {
    // Help goes to standard output and is not a failure. An error in printing it is ignored.
    if !error.use_stderr() {
        write_of_arguments(&error);
        return Status::Done;
    }
    if let Some(tip) = tip(&error) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    // The message repeats the typed words and has styles. If a word could steer the terminal, the message is rendered
    // without styles and then escaped; only `error:` has its style.
    if std::env::args_os().any(|word| word.to_string_lossy().contains(terminal::steers)) {
        let plain = Cli::command().styles(Styles::plain()).try_get_matches();
        let message = plain.err().map(|error| error.render().ansi().to_string()).unwrap_or_default();
        write_stderr(&error_lines(message.strip_prefix("error: ").unwrap_or(&message)));
    } else {
        write_of_arguments(&error);
    }
    Status::Failed
}

/// Returns what to do about two frequent mistakes: a file without a command, and a pipe without `-`.
fn tip(error: &clap::Error) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word)), _) => {
            let is_file = Path::new(word).is_file();
            is_file
                .then(|| format!("to report what convert would do: reimport check {}", report::quoted(word)))
        }
        (ErrorKind::MissingRequiredArgument, _, Some(ContextValue::Strings(missing))) => {
            let is_pipe = !io::stdin().is_terminal() && missing.iter().any(|name| name == "<EXPORT>...");
            is_pipe.then(|| "to read standard input, give `-` as the file".to_owned())
        }
        _ => None,
    }
}

/// Returns the text that is printed if no subcommand is given.
fn start() -> Styled {
    let mut text = Styled::lines(
        "reimport turns bulk user exports of an Auth0 tenant into files that its bulk import accepts.\n\n",
    );
    for (command, does) in [
        ("reimport check tenant.json.gz", "report what convert would do"),
        ("reimport convert tenant.json.gz -o parts", "write parts that are ready to import"),
    ] {
        text.push(PLAIN, "  ");
        text.push(COMMAND, command);
        text.push(PLAIN, &format!("{:width$}{does}", "", width = 44 - command.len()));
        text.end_line();
    }
    text.append(&Styled::lines("\nSee `reimport --help` for all commands.\n"));
    text
}

/// Whether the error is a closed pipe of standard output. A connection that was closed is not.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().take_while(|cause| !report::is_of_network(*cause)).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}
