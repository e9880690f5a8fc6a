//! Runs every `$` block of the README and of docs, and compares the output. After a change of messages,
//! `UPDATE_DOCS=1 cargo test --test command docs` writes the new output into the pages; check the difference.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Ran, WorkFolder};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One `$` command, and the output lines below it.
#[derive(Debug)]
struct Example {
    line: usize,
    /// Number of lines before its output.
    before: usize,
    command: String,
    expected: String,
}

/// Returns the examples of all `console` blocks, in order.
fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            let (line, before) = (index + 1, index + 1);
            examples.push(Example { line, before, command: command.to_owned(), expected: String::new() });
        } else if let Some(example) = examples.last_mut().filter(|_| inside) {
            match example.command.strip_suffix('\\') {
                Some(begun) if example.expected.is_empty() => {
                    example.command = format!("{begun}{}", line.trim_start());
                    example.before += 1;
                }
                _ => {
                    example.expected.push_str(line);
                    example.expected.push('\n');
                }
            }
        }
    }
    examples
}

/// Runs one command. Returns standard output and standard error together.
fn run(command: &str, folder: &WorkFolder) -> String {
    let command = command.replace("cargo run --release --", "reimport");
    let mut shell = folder.program("sh");
    let mut text = Ran::of(shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).output().unwrap()).out;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether `found` matches `expected`, in which a line `…` matches any lines.
fn agrees(expected: &str, found: &str) -> bool {
    match expected.split_once("…\n") {
        None => expected == found,
        Some((head, tail)) => found.starts_with(head) && found.trim_end().ends_with(tail.trim_end()),
    }
}

fn check(page: &Path) {
    let folder = WorkFolder::new();
    let testdata = folder.path().join("testdata");
    let status = Command::new("cp").arg("-r").arg(root().join("testdata")).arg(&testdata).status().unwrap();
    assert!(status.success());
    check_in(&folder, page);
}

/// Runs the commands of a page in a folder.
pub(crate) fn check_in(folder: &WorkFolder, page: &Path) {
    let text = std::fs::read_to_string(page).unwrap();
    let mut now = text.clone();
    for example in examples(&text) {
        let found = run(&example.command, folder);
        if agrees(&example.expected, &found) {
            continue;
        }
        assert!(
            std::env::var_os("UPDATE_DOCS").is_some(),
            "{}:{}: $ {}\n--- expected\n{}--- found\n{found}---",
            page.display(),
            example.line,
            example.command,
            example.expected
        );
        let begin: usize = text.lines().take(example.before).map(|line| line.len() + 1).sum();
        let begin = now.len() - (text.len() - begin);
        now.replace_range(begin..begin + example.expected.len(), &found);
    }
    if now != text {
        std::fs::write(page, now).unwrap();
    }
}

#[test]
fn readme_commands_print_the_shown_output() {
    check(&root().join("README.md"));
}

/// Returns the pages in a folder of the repository.
pub(crate) fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let mut pages: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    pages.sort();
    pages
}

#[test]
fn guide_commands_print_the_shown_output() {
    for page in pages("docs") {
        check(&page);
    }
}

/// The commands of `reimport` in the `sh` blocks, which are not run, without their redirections.
fn unrun_commands(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.map(|block| block.replace("\\\n", " ")).collect::<String>();
    let commands = lines.lines().flat_map(|line| line.split('|')).map(str::trim);
    let commands = commands.filter(|command| command.starts_with("reimport "));
    commands
        .map(|command| command.split(['>', '#']).next().unwrap().trim_end_matches([' ', '2']).to_owned())
        .collect()
}

#[test]
fn commands_not_run_have_valid_options() {
    let mut pages = vec![root().join("README.md")];
    pages.extend(self::pages("docs"));
    pages.extend(self::pages("docs/elsewhere"));
    let folder = WorkFolder::new();
    let mut count = 0;
    for page in &pages {
        for command in unrun_commands(&std::fs::read_to_string(page).unwrap()) {
            // The parser reads all options before it prints the help. Variables of a page have a value.
            let set = "TENANT=acme.eu.auth0.com CONNECTION=Users";
            let found = run(&format!("{set}; {command} --help > help || echo exit status $?"), &folder);
            assert_eq!(found, "", "{}: {command}", page.display());
            count += 1;
        }
    }
    assert!(count >= 10, "{count} commands were found");
}

#[test]
fn finds_commands_of_sh_blocks() {
    let page = "```sh\ngpg -d x | reimport convert a \\\n  -o b > c 2> d\nls\n```\n```console\n$ reimport man\n```\n";
    assert_eq!(unrun_commands(page), ["reimport convert a    -o b"]);
}
