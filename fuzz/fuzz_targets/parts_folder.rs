//! Opens, retries and verifies a folder of parts that another person made, and reads its journal. Nothing outside
//! of the folder may be read or changed, the numbers must add up, and the results must match the content of the
//! files.
//!
//! Input: entries, separated by the byte 0xFF. The first byte of an entry determines its name and its type (file,
//! link or folder). The rest is its content.
#![no_main]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use reimport::compare::{Comparison, VerifyFolder};
use reimport::import::retry::{CodeFilter, JobErrors, Retry, RetryPlan};
use reimport::import::{Connections, Rules};
use reimport::parts_folder::{PartLines, PartsFolder, read_lines, read_regular};
use reimport::sink::{Array, PartsOptions};
use reimport::source::Source;
use reimport::{Input, Pipeline};
use reimport_jobs::upload::{Part, PartFolder, Upload};
use reimport_jobs::{Client, Secret, SignIn};

const JOURNAL: &str = "upload-127.0.0.1-1-con_1.ndjson";
const NAMES: [&str; 10] = [
    "manifest.json",
    "lines.ndjson",
    "users-00001.json",
    "users-00002.json",
    "a/manifest.json",
    "a/users-00001.json",
    "b",
    JOURNAL,
    "upload-127.0.0.1-1-con_1.errors",
    "errors.json",
];

/// Content that must not be in anything that is read.
const SECRET: &str = "[{\"email\":\"secret@example.com\"}]";

/// Creates a file, or in about one of eight cases something else.
fn make(folder: &Path, entry: &[u8]) {
    let Some((kind, rest)) = entry.split_first() else { return };
    let path = folder.join(NAMES[usize::from(*kind) % NAMES.len()]);
    // Existing entries are kept.
    let _ = match usize::from(*kind) / NAMES.len() {
        0..=20 => fs::write(path, rest),
        21 => symlink(folder.with_file_name("secret.json"), path),
        22 => symlink(folder, path),
        23 => symlink("/dev/zero", path),
        _ => fs::create_dir(path),
    };
}

/// Adds every file in a folder and its subfolders with its bytes, and every link with its target.
fn all(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            all(&path, into);
            into.insert(path, Vec::new());
        } else if kind.is_symlink() {
            into.insert(path.clone(), fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes());
        } else {
            into.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

fn here(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    all(folder, &mut files);
    files
}

/// Checks that what a folder reports matches its files.
fn check(folder: &PartsFolder, top: &Path, files: &BTreeMap<PathBuf, Vec<u8>>, parts: &mut Vec<PathBuf>) {
    assert!(folder.path() == top || folder.path().parent() == Some(top));
    let infos = &folder.manifest().parts;
    let users: u64 = infos.iter().map(|part| part.users).sum();
    let bytes: u64 = infos.iter().map(|part| part.bytes).sum();
    assert!(users <= bytes);
    let origins = folder.origins(infos);
    for part in infos {
        let path = folder.part_path(part);
        assert_eq!(path.parent(), Some(folder.path()));
        let held = &files[&path];
        match folder.read(part) {
            Ok(read) => assert!(read == *held && read.len() as u64 <= part.bytes),
            Err(_) => assert!(held.len() as u64 > part.bytes),
        }
        if let Ok(origins) = &origins {
            check_origins(folder, part, |place| origins.of(&part.file, place));
        }
        parts.push(path);
    }
    for connection in folder.connections() {
        check(connection, top, files, parts);
    }
}

/// Checks the origins of the first users and of some indices after the end, against a naive reading with larger
/// integers.
fn check_origins<'o>(
    folder: &PartsFolder,
    part: &reimport::parts_folder::PartInfo,
    of: impl Fn(u64) -> Option<(&'o str, u64)>,
) {
    let mut ranges = Vec::new();
    let _ = read_lines::<reimport::Error>(folder.path().join("lines.ndjson"), 4 << 20, |_, line| {
        let line: PartLines = serde_json::from_slice(line).unwrap();
        if line.part == part.file {
            ranges.extend(line.lines.iter().map(|(first, lines)| (line.source.clone(), *first, *lines)));
        }
        Ok(())
    });
    for place in (0..5).chain([part.users.saturating_sub(1), part.users, u64::MAX]) {
        let mut left = u128::from(place);
        let naive = ranges.iter().find_map(|(source, first, lines)| {
            let here = left < u128::from(*lines);
            let line = u128::from(*first) + left;
            left = left.saturating_sub(u128::from(*lines));
            here.then_some((source.as_str(), line))
        });
        let naive = naive
            .filter(|_| place < part.users)
            .and_then(|(source, line)| Some((source, u64::try_from(line).ok()?)));
        assert_eq!(of(place), naive, "place {place}");
    }
}

/// Calls what `retry` and `verify` do with the parts.
fn use_parts(home: &Path, parts: &[PathBuf]) {
    let rules = || Rules::new().connections(Connections::Any).unique([]);
    if let Ok(list) = read_regular(home.join("parts/errors.json"), 1 << 20) {
        let list = Source::from_reader("errors.json", std::io::Cursor::new(list));
        if let Ok(errors) = JobErrors::new().read(list) {
            let retry = Retry::new(RetryPlan::new(errors, &CodeFilter::new()), rules());
            let inputs = parts.iter().map(|path| Input::from(path.as_path()));
            let out = Pipeline::new().run(inputs, &retry, Array::new(Vec::new()));
            if let Ok((summary, bytes)) = out {
                assert_eq!(
                    summary.read,
                    summary.written + summary.skipped + summary.rejected + summary.left_out
                );
                assert!(!String::from_utf8(bytes).unwrap().contains("secret@"));
            }
        }
    }
    let mut folder = VerifyFolder::create(home.join("out"), PartsOptions::default()).unwrap();
    let report = Comparison::new().verify(parts.to_vec(), [home.join("new.ndjson")], &mut folder);
    if let Ok(report) = report {
        let _ = folder.finish(&report);
    }
}

/// Calls what `upload` does before it sends anything.
fn use_journal(folder: &PartsFolder) {
    let sign_in = SignIn::token(Secret::new("t"));
    let client = Client::builder("http://127.0.0.1:1", sign_in).build().unwrap();
    let part = |part: &reimport::parts_folder::PartInfo| Part {
        file: part.file.clone(),
        users: part.users,
        bytes: part.bytes,
        checksum: part.xxh3_128.clone(),
    };
    let parts = PartFolder::new(folder.path(), folder.manifest().parts.iter().map(part).collect());
    let _ = Upload::new(&client, &parts, folder.path(), "con_1").so_far();
}

fuzz_target!(|bytes: &[u8]| {
    let home = tempfile::tempdir().unwrap();
    let parts = home.path().join("parts");
    fs::create_dir_all(parts.join("a")).unwrap();
    fs::write(home.path().join("secret.json"), SECRET).unwrap();
    fs::write(home.path().join("new.ndjson"), "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n")
        .unwrap();
    bytes.split(|byte| *byte == 0xFF).take(16).for_each(|entry| make(&parts, entry));
    let before = here(home.path());
    if let Ok(folder) = PartsFolder::open(&parts) {
        let mut files = Vec::new();
        check(&folder, &parts, &before, &mut files);
        use_parts(home.path(), &files);
        use_journal(&folder);
        let out = home.path().join("out");
        let mut after = here(home.path());
        let written: Vec<_> = after.extract_if(.., |path, _| path.starts_with(&out)).collect();
        assert!(written.iter().all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("secret@")));
        assert_eq!(before, after, "nothing else is changed");
    }
});
