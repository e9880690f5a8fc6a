//! Tests of [`OneFile`] and the files next to it.

use std::io::Read;

use super::*;
use crate::run::Summary;
use crate::sink::{FileOptions, Framing, OneFile};

#[test]
fn files_appear_at_the_end_of_the_run() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.json");
    let fill = || {
        let mut file = OneFile::create(&path, Framing::Array, FileOptions::default()).unwrap();
        write(&mut file, "{\"n\":1}", None).unwrap();
        write(&mut file, "{\"n\":2}", None).unwrap();
        skip(&mut file, "{ }").unwrap();
        reject(&mut file, "{").unwrap();
        assert!(!path.exists());
        file
    };
    drop(fill());
    assert_eq!(names(home.path()), Vec::<String>::new());
    assert_eq!(fill().finish(&Summary::default()).unwrap(), path);
    assert_eq!(names(home.path()), ["users.json", "users.json.rejected.ndjson", "users.json.skipped.ndjson"]);
    assert_eq!(text(&path), "[\n{\"n\":1},\n{\"n\":2}\n]");
    assert_eq!(text(home.path().join("users.json.skipped.ndjson")), "{}\n");
}

#[test]
fn existing_files_are_replaced_only_with_force() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.json");
    for taken in ["users.json", "users.json.rejected.ndjson", "users.json.skipped.ndjson"] {
        fs::write(home.path().join(taken), "old").unwrap();
        let error = OneFile::create(&path, Framing::Array, FileOptions::default()).err().unwrap();
        assert!(
            matches!(output_error(&error), OutputError::FileExists { path } if path.ends_with(taken)),
            "{error}"
        );
        assert_eq!(names(home.path()), [taken]);
        fs::remove_file(home.path().join(taken)).unwrap();
    }
    fs::write(&path, "old").unwrap();
    fs::write(home.path().join("users.json.rejected.ndjson"), "old").unwrap();
    let file = OneFile::create(&path, Framing::Array, FileOptions::default().force(true)).unwrap();
    assert_eq!(text(&path), "old");
    file.finish(&Summary::default()).unwrap();
    assert_eq!(names(home.path()), ["users.json"]);
    assert_eq!(text(&path), "[\n]");
}

#[test]
fn file_created_during_the_run_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.json");
    let file = OneFile::create(&path, Framing::Array, FileOptions::default()).unwrap();
    fs::write(&path, "mine").unwrap();
    let error = file.finish(&Summary::default()).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::Appeared { .. }), "{error}");
    assert_eq!((names(home.path()), text(&path)), (vec!["users.json".to_owned()], "mine".to_owned()));
}

#[test]
fn gz_name_is_compressed_reproducibly() {
    let home = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for name in ["a.ndjson.gz", "b.ndjson.gz"] {
        let path = home.path().join(name);
        let mut file = OneFile::create(&path, Framing::Ndjson, FileOptions::default()).unwrap();
        for _ in 0..50_000 {
            write(&mut file, "{\"n\":1}", None).unwrap();
        }
        file.finish(&Summary::default()).unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut plain = String::new();
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, "{\"n\":1}\n".repeat(50_000));
        seen.push(bytes);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(&seen[0][..2], b"\x1f\x8b");
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_error_names_the_file() {
    use crate::sink::framed::Framed;
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut framed = Framed::new(full, Framing::Array).named("users.json".into());
    framed.push(b"{}").unwrap();
    let error = framed.finish().err().unwrap();
    assert!(error.to_string().starts_with("cannot write users.json: "), "{error}");
    assert_eq!(error.category(), crate::error::Category::Io);
    assert!(std::error::Error::source(&error).is_some());
}
