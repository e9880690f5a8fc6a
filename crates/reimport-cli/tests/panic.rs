//! A process that panics: its message, its exit status, and its files.
//!
//! The test runs itself, with the panic hook of the command.

#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../src/panic.rs"]
mod panic;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../src/terminal.rs"]
mod terminal;

use std::path::Path;
use std::process::{Command, Output};

use reimport::record::Record;
use reimport::sink::{Parts, PartsOptions};
use reimport::source::Source;
use reimport::{Pipeline, Rendering, Sink, Summary, Transform, Verdict};

const VALUE: &str = "ada@example.com";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("transform") => panic_in_a_transform(Path::new(&arguments[2])),
        Some("sink") => panic_in_a_sink(Path::new(&arguments[2])),
        _ => {
            one_sentence_no_value_nothing_left("transform");
            one_sentence_no_value_nothing_left("sink");
            a_backtrace_if_it_is_asked_for();
            the_command_has_the_hook();
            println!("panic: 4 passed");
        }
    }
}

fn child(arguments: &[&str], backtrace: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).env("RUST_BACKTRACE", backtrace).output().unwrap()
}

fn one_sentence_no_value_nothing_left(kind: &str) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let ran = child(&[kind, out.to_str().unwrap()], "0");
    let said = String::from_utf8(ran.stderr).unwrap();
    let place = said.split_once(", ").and_then(|(_, rest)| rest.split_once(')')).unwrap_or_default().0;
    assert_eq!(
        said,
        format!(
            "reimport: internal error (version {}, {place}); please report this line and the command, \
             without any user data (exit status 101)\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert!(place.starts_with("crates/reimport-cli/tests/panic.rs:"), "{place}");
    assert_eq!(ran.status.code(), Some(101));
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn a_backtrace_if_it_is_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let ran = child(&["sink", home.path().join("parts").to_str().unwrap()], "1");
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("panic::panic_in_a_sink") && !said.contains(VALUE), "{said}");
    assert_eq!(said.matches("internal error").count(), 1);
}

/// A thread that cannot be created is a panic of the standard library.
fn the_command_has_the_hook() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reimport"));
    command.env("RUST_MIN_STACK", (1_u64 << 62).to_string()).env("RUST_BACKTRACE", "0");
    let ran = command.args(["check", "x"]).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.starts_with("reimport: internal error (version "), "{said}");
    assert!(
        said.ends_with("without any user data (exit status 101)\n") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(ran.status.code(), Some(101));
}

fn run<T: Transform, S: Sink>(transform: &T, sink: S) {
    let users = format!("{{\"email\":\"{VALUE}\"}}\n").repeat(10);
    let source = Source::from_reader("users", std::io::Cursor::new(users));
    let ran = Pipeline::new().threads(std::num::NonZero::new(3).unwrap()).run([source], transform, sink);
    // As in the command.
    assert!(ran.is_err() && panic::was_said());
    std::process::exit(101);
}

fn parts(out: &Path) -> Parts {
    panic::ask_for_a_report();
    Parts::create(out, PartsOptions::default()).unwrap()
}

fn panic_in_a_transform(out: &Path) {
    struct Panics;
    impl Transform for Panics {
        type Scratch = ();
        fn scratch(&self, _: Rendering) -> reimport::Result<()> {
            Ok(())
        }
        fn transform(&self, record: Record<'_>, (): &mut (), _: &mut reimport::Output<'_>) -> Verdict {
            panic!("a value: {}", record.json());
        }
    }
    run(&Panics, parts(out));
}

fn panic_in_a_sink(out: &Path) {
    struct Panics(Parts);
    impl Sink for Panics {
        type Finished = ();
        fn write(&mut self, written: reimport::run::Written<'_>) -> reimport::Result<()> {
            panic!("a value: {}", String::from_utf8_lossy(written.bytes));
        }
        fn finish(self, summary: &Summary) -> reimport::Result<()> {
            self.0.finish(summary).map(drop)
        }
    }
    run(&reimport::Rules::default(), Panics(parts(out)));
}
