//! Sinks of another crate over the public files and folders that appear complete or not at all.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use reimport::run::{Rejected, Sink, Skipped, Summary, Written};
use reimport::sink::{AtomicFile, AtomicFolder, Document, FileOptions, FolderFile};
use reimport::source::Source;
use reimport::{Pipeline, Result, Rules};

/// A user that is written, one that is skipped, and one that is rejected.
const EXPORT: &str = "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n\
    {\"user_id\":\"samlp|2\",\"email\":\"b@example.com\"}\n{\"user_id\":\"auth0|3\"}\n";

fn run<S: Sink>(sink: S) -> Result<S::Finished> {
    let source = Source::from_reader("tenant.json", Cursor::new(EXPORT.as_bytes()));
    let (summary, finished) = Pipeline::new().run([source], &Rules::default(), sink)?;
    assert_eq!((summary.written, summary.skipped, summary.rejected), (1, 1, 1));
    Ok(finished)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Writes the size of each user.
struct Sizes(AtomicFile);

impl Sink for Sizes {
    type Finished = PathBuf;

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.0.refuse_inputs(inputs)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        Ok(writeln!(self.0, "{}", written.bytes.len())?)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.0.skip(&skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.0.reject(&rejected)
    }

    fn finish(mut self, _: &Summary) -> Result<PathBuf> {
        // What is flushed is under the temporary name only.
        self.0.flush()?;
        assert!(!self.0.path().exists());
        let path = self.0.path().to_owned();
        self.0.publish()?;
        Ok(path)
    }
}

#[test]
fn file_appears_with_its_leftovers() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("sizes.txt");
    let sizes = |options| Sizes(AtomicFile::with_leftovers(&path, options).unwrap());
    assert_eq!(run(sizes(FileOptions::default())).unwrap(), path);
    let all = ["sizes.txt", "sizes.txt.rejected.ndjson", "sizes.txt.skipped.ndjson"];
    assert_eq!(names(home.path()), all);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "39\n");
    let [rejected, skipped] =
        [all[1], all[2]].map(|name| std::fs::read_to_string(home.path().join(name)).unwrap());
    assert!(rejected.contains("\"line\":3") && rejected.contains("auth0|3"), "{rejected}");
    assert_eq!(skipped, "{\"user_id\":\"samlp|2\",\"email\":\"b@example.com\"}\n");
    // None of the three is read and replaced at once.
    let again = sizes(FileOptions::default().force(true));
    for name in all {
        assert!(again.refuse_inputs(&[home.path().join(name)]).is_err(), "{name}");
    }
    again.refuse_inputs(&[home.path().to_owned()]).unwrap();
    drop(again);
    // If rejected records have no room, nothing is replaced and nothing is left.
    let limited = sizes(FileOptions::default().force(true).max_reject_bytes(10));
    let error = run(limited).unwrap_err().to_string();
    assert!(error.contains("more than 10 bytes"), "{error}");
    assert_eq!(names(home.path()), all);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "39\n");
}

/// Writes the users to `users.ndjson` in a folder.
struct Users {
    file: FolderFile,
    folder: AtomicFolder,
}

impl Users {
    fn create(path: &Path, options: FileOptions) -> Result<Self> {
        let own = |name: &str| ["users.ndjson", "rejected", "skipped"].contains(&name);
        let folder = AtomicFolder::create(path, own, options)?.with_leftovers("rejected", "skipped");
        Ok(Self { file: folder.file("users.ndjson")?, folder })
    }
}

impl Sink for Users {
    /// The path of the file, its size, and whether an earlier output is completely removed.
    type Finished = (PathBuf, u64, bool);

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.folder.refuse_inputs(inputs)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        Ok(self.file.write_all(written.bytes)?)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.folder.skip(&skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.folder.reject(&rejected)
    }

    fn finish(mut self, _: &Summary) -> Result<Self::Finished> {
        self.file.flush()?;
        let (path, bytes) = (self.file.path().to_owned(), self.file.bytes());
        self.file.finish()?;
        Ok((path, bytes, self.folder.publish()?))
    }
}

#[test]
fn folder_appears_with_its_leftovers() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users");
    let users = Users::create(&path, FileOptions::default()).unwrap();
    assert_eq!(users.folder.path(), path);
    assert_eq!(run(users).unwrap(), (path.join("users.ndjson"), 39, true));
    assert_eq!(names(&path), ["rejected", "skipped", "users.ndjson"]);
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    assert_eq!(read("users.ndjson"), "{\"user_id\":\"1\",\"email\":\"a@example.com\"}");
    assert!(read("rejected").contains("\"line\":3"), "{}", read("rejected"));
    assert_eq!(read("skipped"), "{\"user_id\":\"samlp|2\",\"email\":\"b@example.com\"}\n");
    assert!(Users::create(&path, FileOptions::default()).is_err(), "it exists");
    let force = || FileOptions::default().force(true);
    let again = Users::create(&path, force()).unwrap();
    assert!(again.refuse_inputs(&[path.join("rejected")]).is_err());
    again.refuse_inputs(&[home.path().join("tenant.json")]).unwrap();
    drop(again);
    // The error names the folder that the caller knows, and nothing is left.
    let error = run(Users::create(&path, force().max_reject_bytes(10)).unwrap()).unwrap_err().to_string();
    assert!(error.contains("more than 10 bytes") && !error.contains(".users"), "{error}");
    assert_eq!((names(home.path()), names(&path).len()), (vec!["users".to_owned()], 3));
    std::fs::write(path.join("notes.md"), "mine").unwrap();
    let error = Users::create(&path, force()).map(drop).unwrap_err().to_string();
    assert!(error.contains("notes.md"), "{error}");
}

#[test]
fn document_is_written_in_pieces() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("report.html");
    let mut document = Document::create(&path, false).unwrap();
    document.write_all(b"one ").unwrap();
    document.flush().unwrap();
    assert!(!path.exists());
    document.publish(b"two").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"one two");
    let again = Document::create(&path, true).unwrap();
    assert!(again.refuse_inputs(std::slice::from_ref(&path)).is_err());
    again.refuse_inputs(&[home.path().to_owned()]).unwrap();
    drop(again);
    assert_eq!(names(home.path()), ["report.html"]);
}
