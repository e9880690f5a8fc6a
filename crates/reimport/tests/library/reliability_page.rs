//! The tests and files that `docs/reliability.md` names exist.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns all Rust files in `folder` and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    all.filter(|path| is_rust(path)).collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Whether a word in backticks has the form of the name of a test, which may be shortened.
fn is_test_name(word: &str) -> bool {
    let plain = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
    word.matches('_').count() >= 2 && word.trim_end_matches('…').chars().all(plain)
}

/// Returns the names in the page that are neither a test in `code` nor the end of a path in `files`.
fn unknown_names<'p>(page: &'p str, code: &str, files: &[PathBuf]) -> Vec<&'p str> {
    let words = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let unknown = words.filter(|word| {
        if is_test_name(word) {
            let function = format!("fn {word}(");
            let begin = function.split('…').next().unwrap_or_default();
            !code.contains(begin)
        } else {
            is_rust(Path::new(word)) && !files.iter().any(|file| file.ends_with(word))
        }
    });
    unknown.collect()
}

#[test]
fn tests_named_in_the_page_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let files = files(&root.join("crates"));
    let code: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let page = fs::read_to_string(root.join("docs/reliability.md")).unwrap();
    let named = page.split('`').filter(|word| is_test_name(word)).count();
    assert!(named > 50, "only {named} names were found");
    assert_eq!(unknown_names(&page, &code, &files), Vec::<&str>::new(), "renamed or removed?");
}

#[test]
fn missing_test_or_file_is_found() {
    let page = "`a_b_c`, `a_b_…`, `a_x_…`, `a_b_d` and `open_at`\n`tests/one.rs` `one.rs` `two.rs`";
    let unknown = unknown_names(page, "fn a_b_c() {}", &[PathBuf::from("/crates/x/tests/one.rs")]);
    assert_eq!(unknown, ["a_x_…", "a_b_d", "two.rs"]);
}
