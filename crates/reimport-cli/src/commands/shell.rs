//! `reimport completions` and `reimport man`, generated from the definition of the command line.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::Status;

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "reimport", &mut script);
    print(&script)
}

/// Prints one page with a section for each subcommand.
pub(super) fn man() -> anyhow::Result<Status> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let part = clap_mangen::Man::new(subcommand.clone());
        writeln!(page, ".SH \"REIMPORT {}\"", subcommand.get_name().to_uppercase())?;
        part.render_synopsis_section(&mut page)?;
        part.render_description_section(&mut page)?;
        part.render_options_section(&mut page)?;
    }
    print(&page)
}

/// Writes all bytes to standard output. Unlike `print!`, this returns the error of a closed pipe.
fn print(bytes: &[u8]) -> anyhow::Result<Status> {
    io::stdout().lock().write_all(bytes)?;
    Ok(Status::Done)
}
