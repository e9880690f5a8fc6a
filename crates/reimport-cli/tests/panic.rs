//! A process that panics: its message, its exit status, and its files.
//!
//! The test runs itself, with the panic hook of the command.

#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../src/exit.rs"]
mod exit;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../src/panic.rs"]
mod panic;
#[allow(dead_code, unused_imports, reason = "the command uses the rest")]
#[path = "../src/style.rs"]
mod style;
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
            backtrace_is_printed_on_request();
            command_installs_the_panic_hook();
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
    let stderr = String::from_utf8(ran.stderr).unwrap();
    let place = stderr.split_once(", ").and_then(|(_, rest)| rest.split_once(')')).unwrap_or_default().0;
    assert_eq!(
        stderr,
        format!(
            "error: internal error (version {}, {place}); please report this line and the command, \
             without any user data (exit status 101)\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert!(place.starts_with("crates/reimport-cli/tests/panic.rs:"), "{place}");
    assert_eq!(ran.status.code(), Some(101));
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn backtrace_is_printed_on_request() {
    let home = tempfile::tempdir().unwrap();
    let ran = child(&["sink", home.path().join("parts").to_str().unwrap()], "1");
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert!(stderr.contains("panic::panic_in_a_sink") && !stderr.contains(VALUE), "{stderr}");
    assert_eq!(stderr.matches("internal error").count(), 1);
}

/// A thread that cannot be created is a panic of the standard library.
fn command_installs_the_panic_hook() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reimport"));
    command.env("RUST_MIN_STACK", (1_u64 << 62).to_string()).env("RUST_BACKTRACE", "0");
    let ran = command.args(["check", "x"]).output().unwrap();
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert!(stderr.starts_with("error: internal error (version "), "{stderr}");
    assert!(
        stderr.ends_with("without any user data (exit status 101)\n") && stderr.lines().count() == 1,
        "{stderr}"
    );
    assert_eq!(ran.status.code(), Some(101));
}

fn run<T: Transform, S: Sink>(transform: &T, sink: S) {
    let users = format!("{{\"email\":\"{VALUE}\"}}\n").repeat(10);
    let source = Source::from_reader("users", std::io::Cursor::new(users));
    let ran = Pipeline::new().threads(std::num::NonZero::new(3).unwrap()).run([source], transform, sink);
    // As in the command.
    assert!(ran.is_err() && panic::was_reported());
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
