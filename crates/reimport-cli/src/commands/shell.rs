//! `reimport completions` and `reimport man`: made from the arguments, so that they are never out of date.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::Status;

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "reimport", &mut script);
    print(&script)
}

/// One page: the command, then each subcommand as a part of it.
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

/// Written at once, so that a closed pipe is an error that is known for what it is.
fn print(bytes: &[u8]) -> anyhow::Result<Status> {
    io::stdout().lock().write_all(bytes)?;
    Ok(Status::Done)
}
