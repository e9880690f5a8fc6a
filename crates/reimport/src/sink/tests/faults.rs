//! Fault injection: for each way of publishing and each N, the Nth file system call fails, until no call fails.
//!
//! Either one call fails, or all calls from the Nth on fail. Afterwards there must be the old or the new state, the
//! result of the run must match it, and nothing may be left behind that could have been removed.

use std::collections::BTreeMap;

use super::*;
use crate::run::{OutputName, Summary};
use crate::sink::disk::Call;
use crate::sink::disk::faults::{Failing, Plan};
use crate::sink::{
    Array, Document, FileOptions, Folder, Framing, LeftoverOptions, OneFile, Parts, PartsOptions,
};

/// One way of publishing.
struct Scenario {
    name: &'static str,
    /// Creates the initial content of the folder.
    before: fn(&Path),
    publish: fn(&Path) -> crate::error::Result<()>,
    /// Whether the system can exchange two names.
    exchange: bool,
    /// An output that is unfinished without a manifest. It may then contain some of the new files.
    unfinished: Option<&'static str>,
}

const SCENARIOS: [Scenario; 13] = [
    scenario("a folder under a free name", |_| (), |home| folder(home, false)),
    scenario(
        "a folder over an empty one",
        |home| fs::create_dir(home.join("out")).unwrap(),
        |home| folder(home, false),
    ),
    scenario("a folder over an earlier output", earlier_folder, |home| folder(home, true)),
    Scenario {
        exchange: false,
        ..scenario("the same where the system has no exchange", earlier_folder, |home| folder(home, true))
    },
    Scenario {
        unfinished: Some("out"),
        // The draft of a killed run. Because of it, the files are moved into the folder.
        ..scenario(
            "files moved into a folder",
            |home| fs::create_dir_all(home.join("out/.reimport-abc123")).unwrap(),
            |home| folder(home, false),
        )
    },
    scenario("a folder for each connection", |_| (), by_connection),
    scenario("a file", |_| (), |home| file(home, "users.json", false)),
    scenario("a compressed file", |_| (), |home| file(home, "users.json.gz", false)),
    scenario("a file over an earlier one", earlier_files, |home| file(home, "users.json", true)),
    scenario("side files of a stream", |_| (), |home| stream(home, false)),
    scenario("side files over earlier ones", earlier_files, |home| stream(home, true)),
    scenario("a document over an earlier one", earlier_files, |home| {
        Document::create(home.join("users.json"), true)?.publish(b"new")
    }),
    scenario("what a comparison leaves", earlier_folder, comparison),
];

const fn scenario(
    name: &'static str,
    before: fn(&Path),
    publish: fn(&Path) -> crate::error::Result<()>,
) -> Scenario {
    Scenario { name, before, publish, exchange: true, unfinished: None }
}

fn fill(sink: &mut impl Sink) -> crate::error::Result<()> {
    for connection in ["a", "b", "a"] {
        write(sink, "{\"n\":1}", Some(connection))?;
    }
    skip(sink, "{}")?;
    reject(sink, "{")
}

fn folder(home: &Path, force: bool) -> crate::error::Result<()> {
    let mut parts = Parts::create(home.join("out"), PartsOptions::default().force(force).max_part_bytes(20))?;
    fill(&mut parts)?;
    parts.finish(&Summary::default())?;
    Ok(())
}

fn by_connection(home: &Path) -> crate::error::Result<()> {
    let mut parts = Parts::create(home.join("out"), PartsOptions::default().by_connection(true))?;
    fill(&mut parts)?;
    parts.finish(&Summary::default())?;
    Ok(())
}

fn earlier_folder(home: &Path) {
    let mut parts = Parts::create(home.join("out"), PartsOptions::default()).unwrap();
    write(&mut parts, "{\"old\":1}", None).unwrap();
    reject(&mut parts, "old").unwrap();
    parts.finish(&Summary::default()).unwrap();
}

fn file(home: &Path, name: &str, force: bool) -> crate::error::Result<()> {
    let mut file = OneFile::create(home.join(name), Framing::Array, FileOptions::default().force(force))?;
    write(&mut file, "{\"n\":1}", None)?;
    reject(&mut file, "{")?;
    file.finish(&Summary::default())?;
    Ok(())
}

/// Creates an output with files for rejected and skipped records. The new run has only one of them.
fn earlier_files(home: &Path) {
    for name in ["users.json", "users.json.rejected.ndjson", "users.json.skipped.ndjson"] {
        fs::write(home.join(name), "old").unwrap();
    }
}

fn stream(home: &Path, force: bool) -> crate::error::Result<()> {
    let options = LeftoverOptions::default().force(force);
    let mut array = Array::new(Vec::new())
        .rejected(home.join("users.json.rejected.ndjson"), options)?
        .skipped(home.join("users.json.skipped.ndjson"), options)?;
    write(&mut array, "{\"n\":1}", None)?;
    skip(&mut array, "{}")?;
    array.finish(&Summary::default())?;
    Ok(())
}

fn comparison(home: &Path) -> crate::error::Result<()> {
    let mut folder = Folder::create(&home.join("out"), true)?;
    folder.line(OutputName::Changed, None, |line| line.extend_from_slice(b"{}"))?;
    let mut parts = folder.parts(OutputName::Missing, PartsOptions::default())?;
    write(&mut parts, "{\"n\":1}", None)?;
    parts.finish(&Summary::default())?;
    folder.publish()?;
    Ok(())
}

/// All names and their content. The names of folders end with a slash.
type State = BTreeMap<String, Vec<u8>>;

/// Returns the content under final names, and the names of drafts.
fn state(home: &Path) -> (State, Vec<String>) {
    fn add(at: &Path, under: &str, state: &mut State, drafts: &mut Vec<String>) {
        for name in names(at) {
            let (path, own) = (at.join(&name), format!("{under}{name}"));
            if name.contains(".reimport-") && name != ".reimport-abc123" {
                drafts.push(own);
            } else if path.is_dir() {
                state.insert(format!("{own}/"), Vec::new());
                add(&path, &format!("{own}/"), state, drafts);
            } else {
                state.insert(own, fs::read(path).unwrap());
            }
        }
    }
    let (mut found, mut drafts) = (State::new(), Vec::new());
    add(home, "", &mut found, &mut drafts);
    (found, drafts)
}

/// Returns a temporary folder in which syncing is fast, if there is one.
fn home() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

struct Found {
    before: State,
    after: State,
    drafts: Vec<String>,
    result: crate::error::Result<()>,
    failed_calls: Vec<Call>,
    counted: usize,
}

fn attempt(scenario: &Scenario, plan: Plan) -> Found {
    let home = home();
    (scenario.before)(home.path());
    let (before, _) = state(home.path());
    let failing = Failing::arm(home.path(), Plan { exchange: scenario.exchange, ..plan });
    let result = (scenario.publish)(home.path());
    let (failed_calls, counted) = failing.failed_calls();
    drop(failing);
    let (after, drafts) = state(home.path());
    Found { before, after, drafts, result, failed_calls, counted }
}

/// Returns whether a failed run reports that it could not restore the old state.
fn not_reverted(result: &crate::error::Result<()>) -> bool {
    result.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::Output(OutputError::NotReverted(_))))
}

/// Checks one run with faults. Returns the number of failed calls.
fn judge(scenario: &Scenario, whole: &State, plan: Plan) -> usize {
    let Found { before, after, drafts, result, failed_calls, .. } = attempt(scenario, plan);
    let context =
        format!("{}, {plan:?}, failed calls {failed_calls:?}: {result:?}\n{drafts:?}", scenario.name);
    // In any case, the content of each name is completely old or completely new.
    let unfinished = |name: &str| {
        scenario
            .unfinished
            .is_some_and(|out| name.starts_with(out) && !after.contains_key(&format!("{out}/manifest.json")))
    };
    for (name, content) in &after {
        let old_or_new = before.get(name) == Some(content) || whole.get(name) == Some(content);
        assert!(old_or_new || unfinished(name), "{name} is incomplete\n{context}");
    }
    match &result {
        Ok(()) => {
            assert_eq!(&after, whole, "an error was ignored\n{context}");
            let tolerated = |call: &Call| match call {
                // The old content could not be removed, or its type could not be read.
                Call::Remove => true,
                // Nothing was lost: the files were moved into the folder instead, or the old content stays aside.
                Call::Rename => !scenario.exchange,
                Call::Create | Call::MakePrivate | Call::SyncFolder => plan.error == DENIED,
                _ => false,
            };
            assert!(failed_calls.iter().all(tolerated), "an error was not reported\n{context}");
        }
        // Two names cannot change in one step. If undoing fails too, the error says so.
        Err(_) if not_reverted(&result) => {
            assert!(failed_calls.len() > 1, "a single fault must be reverted\n{context}");
        }
        Err(_) => {
            let restored =
                after == before || unfinished(&format!("{}/", scenario.unfinished.unwrap_or("no folder")));
            assert!(restored, "the old state was not restored\n{after:?}\n{before:?}\n{context}");
            let message = result.as_ref().unwrap_err().to_string();
            assert!(!message.contains(".reimport-"), "a temporary name is shown: {message}\n{context}");
        }
    }
    let may_stay =
        failed_calls.contains(&Call::Remove) || failed_calls.contains(&Call::Rename) || not_reverted(&result);
    assert!(drafts.is_empty() || may_stay, "drafts were left behind\n{context}");
    failed_calls.len()
}

const NO_SPACE: i32 = 28;
const IO: i32 = 5;
const DENIED: i32 = 13;

#[test]
fn failed_call_leaves_old_or_new_state_as_reported() {
    let (mut runs, mut faults) = (0, 0);
    for scenario in &SCENARIOS {
        let without_fault = attempt(scenario, Plan::NO_FAULT);
        without_fault.result.unwrap();
        assert!(
            without_fault.after != without_fault.before
                && without_fault.drafts.is_empty()
                && without_fault.counted > 5,
            "{}",
            scenario.name
        );
        for error in [IO, NO_SPACE, DENIED] {
            for (sticky, removals_work) in [(false, false), (true, false), (true, true)] {
                for at in 1..=without_fault.counted {
                    let plan = Plan { at, sticky, removals_work, error, ..Plan::NO_FAULT };
                    faults += judge(scenario, &without_fault.after, plan);
                    runs += 1;
                }
            }
        }
    }
    println!("{runs} runs with {faults} faults");
    assert!(runs >= 3_400 && faults >= 15_000, "too few faults were injected");
}

/// One call fails, and a later call of some kind fails too, so that undoing may fail.
#[test]
fn second_fault_while_reverting_is_reported_and_removes_nothing() {
    let kinds = [Call::Rename, Call::SyncFolder, Call::Remove, Call::List, Call::Sync];
    let (mut runs, mut faults) = (0, 0);
    for scenario in &SCENARIOS {
        let without_fault = attempt(scenario, Plan::NO_FAULT);
        for only in kinds {
            for sticky in [false, true] {
                for at in 1.. {
                    let plan = Plan { only: Some(only), at, sticky, ..Plan::NO_FAULT };
                    let found = judge(scenario, &without_fault.after, plan);
                    runs += 1;
                    faults += found;
                    if found == 0 {
                        break;
                    }
                }
            }
        }
    }
    println!("{runs} runs with {faults} faults");
    assert!(runs >= 450 && faults >= 650, "too few faults were injected");
}

/// A writer whose Nth write or flush fails.
struct Pipe {
    written: Vec<u8>,
    calls: usize,
    fails_at: usize,
    sticky: bool,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Error(std::io::ErrorKind),
    /// Accepts no bytes, like a writer that is full.
    Nothing,
    /// Accepts one byte, which is not an error.
    One,
}

impl Pipe {
    fn new(fails_at: usize, sticky: bool, fault: Fault) -> Self {
        Self { written: Vec::new(), calls: 0, fails_at, sticky, fault }
    }

    fn fails(&mut self) -> bool {
        self.calls += 1;
        self.calls == self.fails_at || self.sticky && self.calls > self.fails_at
    }
}

impl std::io::Write for &mut Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let fails = self.fails();
        let taken = match self.fault {
            Fault::Error(kind) if fails => return Err(kind.into()),
            Fault::Nothing if fails => 0,
            Fault::One if fails => 1.min(bytes.len()),
            // A writer may accept fewer bytes than it is given.
            _ => bytes.len().min(100_000),
        };
        self.written.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        // A flush can only fail with an error.
        let Fault::Error(kind) = self.fault else { return Ok(()) };
        if self.fails() { Err(kind.into()) } else { Ok(()) }
    }
}

type Fill = fn(&mut Pipe, &Path) -> crate::error::Result<()>;

fn pour<S: Sink>(mut sink: S) -> crate::error::Result<()> {
    sink.begin(b"a,b")?;
    let user = "x".repeat(10_000);
    for _ in 0..100 {
        write(&mut sink, &user, None)?;
    }
    skip(&mut sink, "{}")?;
    sink.finish(&Summary::default())?;
    Ok(())
}

#[test]
fn failed_stream_write_removes_side_files() {
    use std::io::ErrorKind::{BrokenPipe, Interrupted, Other, StorageFull, WouldBlock};

    use crate::sink::{Csv, Ndjson};
    let fills: [(&str, Fill); 3] = [
        ("array", |pipe, home| pour(Array::new(pipe).skipped(home.join("s"), LeftoverOptions::default())?)),
        ("lines", |pipe, home| pour(Ndjson::new(pipe).skipped(home.join("s"), LeftoverOptions::default())?)),
        ("csv", |pipe, home| pour(Csv::new(pipe).skipped(home.join("s"), LeftoverOptions::default())?)),
    ];
    let mut faults = 0;
    for (name, fill) in fills {
        let mut whole = Pipe::new(usize::MAX, false, Fault::One);
        fill(&mut whole, home().path()).unwrap();
        for fault in [
            Fault::Error(BrokenPipe),
            Fault::Error(StorageFull),
            Fault::Error(Other),
            Fault::Error(WouldBlock),
            Fault::Nothing,
            Fault::One,
            Fault::Error(Interrupted),
        ] {
            // An interrupted call is repeated, and a short write is continued. Neither is a fault.
            let harmless = matches!(fault, Fault::One | Fault::Error(Interrupted));
            for sticky in [false, true] {
                if harmless && sticky {
                    continue;
                }
                for at in 1.. {
                    let home = home();
                    let mut pipe = Pipe::new(at, sticky, fault);
                    let result = fill(&mut pipe, home.path());
                    let context = format!("{name}, {fault:?} at {at}, sticky {sticky}: {result:?}");
                    if pipe.calls < at {
                        assert!(result.is_ok() && pipe.written == whole.written, "{context}");
                        break;
                    }
                    if harmless {
                        assert!(result.is_ok() && pipe.written == whole.written, "{context}");
                        continue;
                    }
                    faults += 1;
                    let error = result.expect_err(&context);
                    assert_eq!(error.category(), crate::error::Category::Io, "{context}");
                    assert!(whole.written.starts_with(&pipe.written), "{context}");
                    assert_eq!(names(home.path()), Vec::<String>::new(), "{context}");
                }
            }
        }
    }
    println!("{faults} faults");
    assert!(faults >= 350, "too few faults were injected");
}

#[test]
fn removal_of_a_draft_is_retried() {
    let home = tempfile::tempdir().unwrap();
    let mut parts = Parts::create(home.path().join("out"), PartsOptions::default()).unwrap();
    write(&mut parts, "{}", None).unwrap();
    // Simulates another thread that adds a file while the folder is removed.
    let failing = Failing::arm(home.path(), Plan { only: Some(Call::Remove), at: 1, ..Plan::NO_FAULT });
    drop(parts);
    assert_eq!(failing.failed_calls().0, [Call::Remove]);
    assert_eq!(names(home.path()), [""; 0]);
}
