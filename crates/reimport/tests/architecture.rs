//! Rules about the source of the library crates that the compiler does not check.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below `folder` that is not a test.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path).into_iter().filter(|_| !path.ends_with("tests")));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// Whether a line contains the name of a command-line option, as `--force`.
fn names_an_option(line: &str) -> bool {
    line.match_indices("--").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + 2..].chars().next();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '-')
            && after.is_some_and(|after| after.is_ascii_lowercase())
    })
}

#[test]
fn the_libraries_name_no_option_of_the_command() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    let mut files = 0;
    for source in ["reimport/src", "reimport-jobs/src"] {
        for file in sources(&crates.join(source)) {
            files += 1;
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().enumerate().filter(|(_, line)| names_an_option(line));
            found.extend(lines.map(|(index, line)| format!("{}:{}: {line}", file.display(), index + 1)));
        }
    }
    assert!(files > 200, "only {files} files were read");
    assert!(
        found.is_empty(),
        "a library states facts; the command adds the option to use, in `report/hints.rs`. Move these there:\n{}",
        found.join("\n")
    );
}

#[test]
fn an_option_is_recognized() {
    assert!(names_an_option("raise --max-part-bytes"));
    assert!(names_an_option("\"--force\""));
    assert!(!names_an_option("a -- b, x--y, ---, --X"));
}
