//! The help of every command must equal its file in `tests/help`. `UPDATE_HELP=1` writes the files.

use std::path::Path;

use crate::harness::{Ran, WorkFolder};

/// Maximum number of lines of a short help: one screen.
const SCREEN: usize = 40;

/// Maximum width of a short help.
const COLUMNS: usize = 80;

fn run(arguments: &[&str]) -> Ran {
    let folder = WorkFolder::new();
    let mut command = folder.command(arguments);
    Ran::of(command.env("COLUMNS", COLUMNS.to_string()).output().unwrap())
}

/// Returns the commands that `reimport -h` lists, except `help`.
fn commands() -> Vec<String> {
    let help = run(&["-h"]).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let names =
        listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()));
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn held(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_HELP").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{}: UPDATE_HELP=1 writes it anew", path.display());
}

#[test]
fn help_matches_the_snapshots() {
    held("reimport-h", &run(&["-h"]).out);
    held("reimport", &run(&["--help"]).out);
    for command in commands() {
        held(&format!("{command}-h"), &run(&[&command, "-h"]).out);
        held(&command, &run(&[&command, "--help"]).out);
    }
}

#[test]
fn short_help_fits_a_screen() {
    for command in commands().iter().map(String::as_str).chain(["-h"]) {
        let Ran { status, out: help, .. } = run(&[command, "-h"]);
        assert_eq!(status, 0);
        let (lines, widest) = (help.lines().count(), help.lines().map(|line| line.chars().count()).max());
        assert!(lines <= SCREEN, "reimport {command} -h has {lines} lines:\n{help}");
        assert!(widest <= Some(COLUMNS), "reimport {command} -h is {widest:?} wide:\n{help}");
    }
}

#[test]
fn every_command_shows_an_example() {
    for command in commands() {
        let help = run(&[&command, "--help"]).out;
        assert!(help.contains(&format!("reimport {command}")) && help.contains("Example"), "{help}");
    }
}

#[test]
fn typo_gets_a_suggestion() {
    let Ran { status, err, .. } = run(&["chek", "a.json"]);
    assert!(status == 2 && err.contains("'check'"), "{err}");
    let Ran { status, err, .. } = run(&["convert", "a.json", "-o", "b", "--max-part-byte", "1"]);
    assert!(status == 2 && err.contains("--max-part-bytes"), "{err}");
}

#[test]
fn completions_and_manual_include_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let Ran { status, out: script, .. } = run(&["completions", shell]);
        assert!(status == 0 && commands().iter().all(|command| script.contains(command)), "{shell}");
        assert!(script.contains("max-part-bytes"), "{shell}");
    }
    let Ran { status, out: page, .. } = run(&["man"]);
    assert!(status == 0 && page.contains(".TH reimport 1"), "{}", &page[..200]);
    for command in commands() {
        assert!(page.contains(&format!(".SH \"REIMPORT {}\"", command.to_uppercase())), "{command}");
    }
}
