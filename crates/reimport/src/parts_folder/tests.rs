//! Tests with folders of parts that a run would not write.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

struct Home(tempfile::TempDir);

impl Home {
    /// Creates a folder of two parts with one user each.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.folder("parts", &manifest());
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn folder(&self, name: &str, manifest: &Value) {
        fs::create_dir_all(self.path(name)).unwrap();
        for part in ["users-00001.json", "users-00002.json"] {
            fs::write(self.path(name).join(part), "[{}]").unwrap();
        }
        fs::write(self.path(name).join("manifest.json"), manifest.to_string()).unwrap();
    }

    fn open(&self) -> Result<PartsFolder> {
        PartsFolder::open(self.path("parts"))
    }

    /// Returns the error of opening the folder, without the path of the temporary folder.
    fn refusal(&self) -> String {
        let error = self.open().expect_err("it is refused");
        assert!(matches!(error.category(), Category::Input | Category::Io));
        error.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn manifest() -> Value {
    let part = |number| json!({"file": format!("users-0000{number}.json"), "bytes": 4, "users": 1, "password_hashes": 0, "xxh3_128": ""});
    json!({"version": 1, "tool": "", "sources": [], "parts": [part(1), part(2)],
        "totals": {"read": 2, "written": 2, "skipped": 0, "rejected": 0, "left_out": 0, "with_password": 0}})
}

/// Returns the manifest with one value replaced, at this JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = manifest();
    *manifest.pointer_mut(pointer).unwrap() = value;
    manifest
}

fn connection(folder: &str) -> Value {
    json!({"connection": "Users", "folder": folder, "parts": 2, "users": 2})
}

fn with_connections(folders: &[&str]) -> Value {
    let mut manifest = with("/parts", json!([]));
    manifest["connections"] = folders.iter().map(|folder| connection(folder)).collect();
    manifest
}

#[test]
fn only_part_names_of_a_run_are_accepted() {
    for name in [
        "/etc/passwd",
        "../users-00001.json",
        "a/users-00001.json",
        "",
        ".",
        "manifest.json",
        "users-1.json",
        "users-00001.json\n",
    ] {
        let home = Home::new();
        home.folder("parts", &with("/parts/1/file", name.into()));
        assert_eq!(
            home.refusal(),
            "parts/manifest.json: part 2 of the list does not have the name of a part, for example users-00001.json",
            "{name:?}"
        );
    }
    let home = Home::new();
    home.folder("parts", &with("/parts/1/file", "users-00001.json".into()));
    assert_eq!(home.refusal(), "parts/manifest.json: part 2 of the list repeats the name of an earlier one");
    home.folder("parts", &with("/parts/1/file", "users-00003.json".into()));
    assert_eq!(
        home.refusal(),
        "parts/users-00003.json: the manifest lists it with 4 bytes, but it does not exist; convert again, into a new folder"
    );
}

#[test]
fn impossible_part_numbers_are_refused() {
    for (pointer, value) in [
        ("/parts/1/users", json!(u64::MAX)),
        ("/parts/1/users", json!(5)),
        ("/parts/1/password_hashes", json!(2)),
        ("/parts/1/bytes", json!(u64::MAX)),
    ] {
        let home = Home::new();
        home.folder("parts", &with(pointer, value));
        assert_eq!(home.refusal(), "parts/manifest.json: part 2 of the list has invalid numbers");
    }
}

#[test]
fn connection_folders_are_next_to_the_manifest() {
    let home = Home::new();
    home.folder("parts", &with_connections(&["Users", "a%2Fb"]));
    home.folder("parts/Users", &manifest());
    home.folder("parts/a%2Fb", &manifest());
    let folder = home.open().unwrap();
    let paths: Vec<_> =
        folder.connections().iter().map(|each| each.part_path(&each.manifest().parts[1])).collect();
    assert_eq!(paths, ["Users", "a%2Fb"].map(|name| home.path("parts").join(name).join("users-00002.json")));

    let outside = home.path("outside");
    home.folder("outside", &manifest());
    for name in ["", ".", "..", "../outside", "./Users", "Users/", "Users/.", outside.to_str().unwrap(), "/"]
    {
        home.folder("parts", &with_connections(&["Users", name]));
        assert_eq!(
            home.refusal(),
            "parts/manifest.json: connection 2 of the list does not have the plain name of a folder next to the manifest",
            "{name:?}"
        );
    }
    for twin in ["Users", "USERS"] {
        home.folder("parts", &with_connections(&["Users", twin]));
        assert_eq!(
            home.refusal(),
            "parts/manifest.json: connection 2 of the list repeats the folder of an earlier one"
        );
    }
    home.folder("parts", &with_connections(&["Users"]));
    home.folder("parts/Users", &with_connections(&["Users"]));
    assert_eq!(
        home.refusal(),
        "parts/Users/manifest.json lists folders of connections, but the folder is itself one of a connection"
    );
    fs::remove_dir_all(home.path("parts/Users")).unwrap();
    fs::write(home.path("parts/Users"), "").unwrap();
    assert_eq!(
        home.refusal(),
        "parts/Users is a file; expected a regular folder, since nothing else is read in a folder of parts"
    );
}

#[cfg(unix)]
#[test]
fn links_pipes_and_devices_are_not_read() {
    use std::os::unix::fs::symlink;
    let links: [(&str, &str, &str); 5] = [
        ("manifest.json", "file", "../whole/manifest.json"),
        ("users-00002.json", "file", "../whole/users-00002.json"),
        ("Users", "folder", "../whole"),
        ("upload-t-con_1.ndjson", "file", "/dev/null"),
        ("upload-t-con_1.errors", "file", "../whole"),
    ];
    for (name, expected, target) in links {
        let home = Home::new();
        home.folder("whole", &manifest());
        let connections = if name == "Users" { with_connections(&["Users"]) } else { manifest() };
        home.folder("parts", &connections);
        let path = home.path("parts").join(name);
        let _ = fs::remove_file(&path);
        symlink(target, &path).unwrap();
        assert_eq!(
            home.refusal(),
            format!(
                "parts/{name} is a symbolic link; expected a regular {expected}, since nothing else is read in a folder of parts"
            )
        );
        if expected == "file" {
            fs::remove_file(&path).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            assert_eq!(
                home.refusal(),
                format!(
                    "parts/{name} is a FIFO; expected a regular file, since nothing else is read in a folder of parts"
                )
            );
        }
    }
    assert_eq!(
        read_regular("/dev/zero", 10).unwrap_err().to_string(),
        "/dev/zero is a device; expected a regular file, since nothing else is read in a folder of parts"
    );
    // The path of the folder itself is given by the user, so it may be a link.
    let home = Home::new();
    symlink("parts", home.path("link")).unwrap();
    assert_eq!(PartsFolder::open(home.path("link")).unwrap().manifest().parts.len(), 2);
}

#[test]
fn invalid_manifest_is_reported_without_its_values() {
    let home = Home::new();
    let write = |text: &str| fs::write(home.path("parts/manifest.json"), text).unwrap();
    for (text, what) in [
        ("{\"version\":\"ada@example.com\"}", "a member is missing or has another type at line 1, column 28"),
        ("{\"version\":1", "it is cut off at line 1, column 12"),
        ("{\"ada@example.com\"x", "its JSON is damaged at line 1, column 19"),
    ] {
        write(text);
        assert_eq!(
            home.refusal(),
            format!("parts/manifest.json is not a manifest of reimport convert: {what}")
        );
    }
    write(&format!("{}{}", manifest(), " ".repeat(MAX_MANIFEST_BYTES as usize)));
    assert_eq!(
        home.refusal(),
        "parts/manifest.json has more than 33554432 bytes, the maximum for such a file"
    );
    fs::remove_file(home.path("parts/manifest.json")).unwrap();
    assert!(
        home.refusal()
            .ends_with("parts has no manifest.json; expected a folder that reimport convert has written")
    );
}

#[test]
fn manifests_share_one_size_limit() {
    let home = Home::new();
    let mut large = manifest();
    large["options"] = json!({"x": "x".repeat(MAX_MANIFEST_BYTES as usize / 2)});
    home.folder("parts", &with_connections(&["a", "b"]));
    home.folder("parts/a", &large);
    home.folder("parts/b", &manifest());
    assert!(home.open().is_ok());
    home.folder("parts/b", &large);
    assert!(home.refusal().starts_with("parts/b/manifest.json has more than "));
}

#[test]
fn part_is_read_up_to_its_listed_size() {
    let home = Home::new();
    let folder = home.open().unwrap();
    let part = &folder.manifest().parts[0];
    assert_eq!(folder.read(part).unwrap(), b"[{}]");
    fs::write(home.path("parts/users-00001.json"), "[{} ]").unwrap();
    assert!(
        folder
            .read(part)
            .unwrap_err()
            .to_string()
            .ends_with("has more than 4 bytes, the maximum for such a file")
    );
}

fn origins(lines: &str, users: u64) -> Result<PartOrigins> {
    let home = Home::new();
    fs::write(home.path("parts/lines.ndjson"), lines).unwrap();
    let mut folder = home.open().unwrap();
    folder.manifest.parts[0].users = users;
    folder.origins([&folder.manifest.parts[0]])
}

#[test]
fn huge_line_ranges_do_not_overflow_or_take_memory() {
    let max = u64::MAX;
    let lines = format!(
        "{{\"part\":\"users-00001.json\",\"source\":\"a\",\"lines\":[[7,1],[{max},{max}]]}}\n\
         {{\"part\":\"users-00001.json\",\"source\":\"b\",\"lines\":[[1,{max}]]}}\n\
         {{\"part\":\"users-00002.json\",\"source\":\"b\",\"lines\":[[1,1]]}}"
    );
    let read = origins(&lines, 3).unwrap();
    assert_eq!(read.of("users-00001.json", 0), Some(("a", 7)));
    assert_eq!(read.of("users-00001.json", 1), Some(("a", max)));
    for place in [2, 3, max] {
        assert_eq!(read.of("users-00001.json", place), None);
    }
    assert_eq!(read.of("users-00002.json", 0), None, "the origins of this part were not requested");
    assert!(
        origins("{\"part\":1}", 3)
            .unwrap_err()
            .to_string()
            .ends_with("lines.ndjson: line 1 does not have the source lines of the users of a part")
    );
    let long = format!("{{\"part\":\"{}\"", "x".repeat(5 << 20));
    assert!(
        origins(&format!("{lines}\n{long}"), 3).unwrap_err().to_string().contains("lines.ndjson: line 4 ")
    );
}

proptest! {
    #[test]
    fn origins_agree_with_naive_reading(
        lines in proptest::collection::vec(
            (0_usize..3, 0_usize..2, proptest::collection::vec((1_u64..100, 0_u64..4), 0..4)), 0..6),
        users in 0_u64..20,
    ) {
        let (parts, sources) = (["users-00001.json", "users-00002.json", "skipped.ndjson"], ["a", "b"]);
        let text: String = lines
            .iter()
            .map(|(part, source, lines)| json!({"part": parts[*part], "source": sources[*source], "lines": lines}).to_string() + "\n")
            .collect();
        let read = origins(&text, users).unwrap();
        let mut naive = Vec::new();
        for (_, source, lines) in lines.iter().filter(|(part, ..)| *part == 0) {
            for (first, count) in lines {
                naive.extend((*first..first + count).map(|line| (sources[*source], line)));
            }
        }
        naive.truncate(users as usize);
        let found: Vec<_> = (0..users).map_while(|place| read.of(parts[0], place)).collect();
        prop_assert_eq!(found, naive);
    }

    #[test]
    fn lines_agree_with_naive_reading(text in "[ab\n]{0,40}", limit in 1_usize..5) {
        let home = tempfile::tempdir().unwrap();
        let path: &Path = &home.path().join("f");
        fs::write(path, &text).unwrap();
        let mut read = Vec::new();
        read_lines::<Error>(path, limit, |number, line| {
            read.push((number, String::from_utf8(line.to_vec()).unwrap()));
            Ok(())
        }).unwrap();
        let naive: Vec<_> =
            (1..).zip(text.lines().map(|line| line.chars().take(limit).collect::<String>())).collect();
        prop_assert_eq!(read, naive);
    }
}
