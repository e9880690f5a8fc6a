//! `reimport completions`.

use clap::Args;
use clap_complete::Shell;

/// Print a shell completion script.
///
/// Where to save it: Bash, `~/.local/share/bash-completion/completions/reimport`; Zsh, a file `_reimport` in a folder
/// of `fpath`; Fish, `~/.config/fish/completions/reimport.fish`; PowerShell, your profile.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport completions zsh > ~/.zfunc/_reimport")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}
