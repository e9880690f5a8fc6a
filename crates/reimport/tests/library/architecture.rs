//! Checks rules for the source of the crates that the compiler does not check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns all Rust files in `folder` and its subfolders, without tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path).into_iter().filter(|_| !path.ends_with("tests")));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
            && !path.ends_with("testing.rs")
        {
            files.push(path);
        }
    }
    files
}

/// Returns the code of a file without comments and without the tests at its end.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.fold(String::new(), |code, line| code + line + "\n")
}

/// Returns the first name of each path in `code` that begins with `crate::`, also in `use crate::{a, b::c}`.
fn first_names(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, root) in code.match_indices("crate::") {
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$') {
            continue;
        }
        let rest = &code[at + root.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(identifier(rest));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, letter) in group.char_indices() {
            if begins && depth == 1 && !letter.is_whitespace() {
                names.push(identifier(&group[at..]));
            }
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            begins = letter == ',' || begins && letter.is_whitespace();
            if depth == 0 {
                break;
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Returns the modules of `docs/architecture.md` with their floors, counted from the top.
fn floors(page: &str) -> BTreeMap<String, usize> {
    let list = page.split("## Floors").nth(1).and_then(|rest| rest.split("```").nth(1)).unwrap();
    let lines = list.lines().skip(1).filter(|line| !line.is_empty());
    lines.enumerate().map(|(floor, line)| (identifier(line), floor)).collect()
}

/// Returns what is wrong with an import of `name` in a file of `module`. `None` if it is allowed.
fn objection(module: &str, name: &str, floors: &BTreeMap<String, usize>) -> Option<String> {
    let Some(imported) = floors.get(name) else {
        return (module != "lib")
            .then(|| format!("imports {name} from the crate root: import it from the module that owns it"));
    };
    let Some(own) = floors.get(module) else {
        return Some("is in no floor of docs/architecture.md: add its module there".to_owned());
    };
    (imported < own && module != "error").then(|| {
        format!(
            "imports from {name}, which is above {module} in docs/architecture.md: move what it needs down, or hand it in"
        )
    })
}

#[test]
fn modules_import_only_from_lower_modules() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/architecture.md");
    let floors = floors(&fs::read_to_string(page).unwrap());
    let (mut objections, mut imports) = (Vec::new(), 0);
    for file in sources(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        for name in first_names(&code_of(&file)).iter().filter(|name| *name != module) {
            imports += 1;
            let objection = objection(module, name, &floors);
            objections.extend(objection.map(|objection| format!("{} {objection}", inside.display())));
        }
    }
    assert!(imports > 300, "only {imports} imports were read");
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn upward_import_is_detected() {
    let floors = floors("## Floors\n```text\nsink  sinks\nrun   the contract\nerror the error\n```\n");
    assert_eq!(floors, [("sink".to_owned(), 0), ("run".to_owned(), 1), ("error".to_owned(), 2)].into());
    assert_eq!(objection("sink", "run", &floors), None);
    assert_eq!(objection("error", "sink", &floors), None);
    assert!(objection("run", "sink", &floors).unwrap().contains("above run"));
    assert!(objection("run", "Sink", &floors).unwrap().contains("crate root"));
    assert!(objection("other", "run", &floors).unwrap().contains("no floor"));
    let code =
        "use crate::{run::{Sink, Written}, sink};\nlet a = crate::json::Kind::Null; $crate::x; mycrate::y;";
    assert_eq!(first_names(code), ["run", "sink", "json"]);
}

/// Returns whether a line contains the name of a command-line option, such as `--force`.
fn names_an_option(line: &str) -> bool {
    line.match_indices("--").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + 2..].chars().next();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '-')
            && after.is_some_and(|after| after.is_ascii_lowercase())
    })
}

#[test]
fn libraries_name_no_command_line_option() {
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

/// Returns the files of a test program that are not declared as a module, which Cargo would ignore.
fn undeclared(folder: &Path, root: &str) -> Vec<PathBuf> {
    let declarations = fs::read_to_string(folder.join(root)).unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_module =
            path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").exists();
        if !is_module || path.ends_with(root) {
            continue;
        }
        let declaration = format!("mod {};", path.file_stem().unwrap().to_str().unwrap());
        if !declarations.lines().any(|line| line == declaration) {
            found.push(path);
        } else if path.is_dir() {
            found.extend(undeclared(&path, "mod.rs"));
        }
    }
    found
}

#[test]
fn every_test_file_is_part_of_its_program() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for program in ["reimport/tests/library", "reimport-cli/tests/command", "reimport-jobs/tests/library"] {
        assert_eq!(undeclared(&crates.join(program), "main.rs"), Vec::<PathBuf>::new());
    }
}

#[test]
fn file_without_a_declaration_is_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    for (name, text) in [
        ("main.rs", "mod a;\nmod deep;\n"),
        ("a.rs", ""),
        ("b.rs", ""),
        ("deep/mod.rs", ""),
        ("deep/c.rs", ""),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut found = undeclared(folder.path(), "main.rs");
    found.sort();
    assert_eq!(found, [folder.path().join("b.rs"), folder.path().join("deep/c.rs")]);
}
