//! File operations in folders that other users may write to. Only regular files are opened. Files are published as
//! a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::error::{DownloadError, Error, Result};

/// Returns the folder that contains a file.
pub(crate) fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns true if `name` is a file name and not a path.
pub(crate) fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let only = (components.next(), components.next());
    matches!(only, (Some(Component::Normal(only)), None) if only == name) && !name.contains('\\')
}

/// Converts an ID of the tenant to a part of a file name. A checksum is added if the ID does not fit into a file
/// name, or if it could equal another ID on a file system that ignores case.
pub(crate) fn file_name_part(id: &str) -> String {
    const MAX_LENGTH: usize = 100;
    let name = crate::http::segment(id).replace('%', "-");
    if name.len() <= MAX_LENGTH && name == id && !id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return name;
    }
    let start = name.get(..MAX_LENGTH).unwrap_or(&name);
    format!("{start}-{:016x}", xxhash_rust::xxh3::xxh3_64(id.as_bytes()))
}

/// Opens a regular file. Refuses symbolic links, and pipes and devices, which could block or never end.
pub(crate) fn open_regular(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let regular = |found: fs::Metadata| {
        let error = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
        found.is_file().then_some(()).ok_or_else(error)
    };
    match fs::symlink_metadata(path) {
        Ok(found) => regular(found)?,
        // The file may be created by opening it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // The file may have been replaced after the check, so the open file is checked as well.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_limited(&open_regular(path, OpenOptions::new().read(true))?, limit)
}

/// Reads an open file of at most `limit` bytes from its current position.
pub(crate) fn read_limited(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {limit} bytes, the maximum"),
        ));
    }
    Ok(bytes)
}

/// Files that are published together. Either all of them are published, or the folder is unchanged.
#[derive(Default)]
pub(crate) struct Publication {
    files: Vec<(NamedTempFile, PathBuf)>,
    replace: bool,
}

/// A published file, and the file that had the name before.
struct Published {
    target: PathBuf,
    previous: Option<TempPath>,
}

impl Publication {
    /// Creates a publication. `replace` says whether existing files are replaced. Otherwise they are an error.
    pub(crate) fn new(replace: bool) -> Self {
        Self { files: Vec::new(), replace }
    }

    /// Adds a complete file. It must be in the folder of its target.
    pub(crate) fn add(mut self, file: NamedTempFile, target: &Path) -> Self {
        self.files.push((file, target.to_owned()));
        self
    }

    /// Syncs the files and then renames each to its target, in this order. If one fails, the others are removed and
    /// replaced files are restored.
    pub(crate) fn publish(self) -> Result<()> {
        for (file, target) in &self.files {
            let synced = disk::step().and_then(|()| file.as_file().sync_all());
            synced.map_err(|error| Error::io("cannot write", target, error))?;
        }
        let mut published = Vec::new();
        let targets: Vec<PathBuf> = self.files.iter().map(|(_, target)| target.clone()).collect();
        let mut files = self.files.into_iter();
        let ended = files
            .try_for_each(|(file, target)| rename_to_target(file, target, self.replace, &mut published))
            .and_then(|()| targets.iter().try_for_each(|target| sync_folder(folder(target))));
        let Err(error) = ended else { return Ok(()) };
        while let Some(Published { target, previous }) = published.pop() {
            let restored = match previous {
                Some(previous) => previous.persist(&target).map_err(|error| error.error),
                None => fs::remove_file(&target),
            };
            restored.map_err(|error| Error::io("cannot undo", target, error))?;
        }
        targets.iter().try_for_each(|target| sync_folder(folder(target)))?;
        Err(error)
    }
}

/// Renames one file to its target. Keeps the file that it replaces under another name.
fn rename_to_target(
    file: NamedTempFile,
    target: PathBuf,
    replace: bool,
    published: &mut Vec<Published>,
) -> Result<()> {
    let failed = |error| Error::io("cannot write", &target, error);
    let make_backup = |call: fn(&Path, &Path) -> io::Result<()>| {
        let builder = &mut tempfile::Builder::new();
        let named = builder.prefix(".reimport-").make_in(folder(&target), |path| {
            disk::step()?;
            call(&target, path)
        });
        named.map(NamedTempFile::into_temp_path)
    };
    let exists = replace && target.symlink_metadata().is_ok();
    // Creates a hard link to the old file, so that its name exists at all times. Some file systems have no hard
    // links; there the old file is renamed.
    let linked = exists.then(|| make_backup(|from, to| fs::hard_link(from, to)).ok()).flatten();
    let moved = match &linked {
        None if exists => Some(make_backup(|from, to| fs::rename(from, to)).map_err(failed)?),
        _ => None,
    };
    let renamed = disk::step().and_then(|()| {
        let persisted = if replace { file.persist(&target) } else { file.persist_noclobber(&target) };
        persisted.map_err(|error| error.error)
    });
    match renamed {
        Ok(_) => {
            published.push(Published { target, previous: linked.or(moved) });
            Ok(())
        }
        Err(error) => {
            if let Some(moved) = moved {
                moved.persist(&target).map_err(|error| Error::io("cannot undo", &target, error.error))?;
            }
            Err(match error.kind() {
                io::ErrorKind::AlreadyExists => DownloadError::Exists(target).into(),
                _ => Error::io("cannot write", target, error),
            })
        }
    }
}

/// Syncs the entries of a folder. Not possible on every system.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = disk::step().and_then(|()| File::open(folder)?.sync_all());
        return synced.map_err(|error| Error::io("cannot sync", folder, error));
    }
    Ok(())
}

/// Disk operations that tests can make fail.
mod disk {
    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, reason = "can fail in tests")]
    pub(super) fn step() -> std::io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    pub(super) use super::tests::step;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeMap;
    use std::io::Write as _;

    use super::*;

    thread_local! {
        /// The number of disk operations that succeed before one fails. Negative: none fails.
        static FAIL_AFTER: Cell<i64> = const { Cell::new(-1) };
    }

    pub(super) fn step() -> io::Result<()> {
        let left = FAIL_AFTER.get();
        FAIL_AFTER.set(left - 1);
        if left == 0 { Err(io::Error::other("injected")) } else { Ok(()) }
    }

    fn publication(home: &Path, replace: bool) -> Publication {
        ["a.job.json", "a"].into_iter().fold(Publication::new(replace), |publication, name| {
            let mut file = tempfile::Builder::new().prefix(".reimport-").tempfile_in(home).unwrap();
            file.write_all(b"new").unwrap();
            publication.add(file, &home.join(name))
        })
    }

    fn contents(home: &Path) -> BTreeMap<String, String> {
        let files = fs::read_dir(home).unwrap().map(|entry| entry.unwrap());
        files
            .map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap()))
            .collect()
    }

    #[test]
    fn failed_disk_operation_leaves_both_files_old_or_new() {
        let mut injected = [0, 0];
        for replace in [false, true] {
            for fail_after in 0.. {
                let home = tempfile::tempdir().unwrap();
                if replace {
                    fs::write(home.path().join("a"), "old").unwrap();
                    fs::write(home.path().join("a.job.json"), "old").unwrap();
                }
                let previous = contents(home.path());
                let publication = publication(home.path(), replace);
                FAIL_AFTER.set(fail_after);
                let published = publication.publish();
                // Restoring after a failed publication must not fail as well.
                let failed = FAIL_AFTER.replace(-1) < 0;
                let after = contents(home.path());
                if published.is_ok() {
                    let both = ["a", "a.job.json"].map(|name| (name.to_owned(), "new".to_owned()));
                    assert_eq!(after, BTreeMap::from(both));
                    if !failed {
                        break;
                    }
                    // A failed hard link is not an error, because a rename is used instead.
                    assert!(replace, "call {fail_after} was ignored");
                } else {
                    assert_eq!(after, previous, "call {fail_after}");
                }
                injected[usize::from(replace)] += 1;
            }
        }
        // Two file syncs, two renames and two folder syncs. With `replace`, also two links.
        assert_eq!(injected, [6, 8]);
    }

    #[test]
    fn existing_target_is_kept_and_publication_is_undone() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("a"), "old").unwrap();
        let error = publication(home.path(), false).publish().unwrap_err();
        assert!(matches!(error, Error::Download(DownloadError::Exists(_))), "{error}");
        assert_eq!(contents(home.path()), BTreeMap::from([("a".to_owned(), "old".to_owned())]));
    }

    #[test]
    fn ids_differing_in_case_or_length_have_different_file_names() {
        assert_eq!(file_name_part("con_0a"), "con_0a");
        let long = "x".repeat(230);
        let ids = ["con_A", "con_a", "con_é", "con_e\u{301}", "a/b", "a-b", "a:b", "", &long, &long[1..]];
        let names: Vec<String> = ids.iter().map(|id| file_name_part(id).to_lowercase()).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name) && name.len() < 120, "{name}");
            assert!(name.is_empty() || is_plain(name), "{name}");
        }
    }

    #[test]
    fn plain_name_is_not_a_path() {
        assert!(is_plain("users-00001.json") && is_plain("..a"));
        for path in ["", ".", "..", "/a", "a/b", "a/", "../a", "a\\b"] {
            assert!(!is_plain(path), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn reads_only_regular_files_up_to_the_limit() {
        let home = tempfile::tempdir().unwrap();
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| home.path().join(name));
        fs::write(&file, "12345").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .unwrap();
        assert_eq!(read_regular(&file, 5).unwrap(), b"12345");
        assert_eq!(read_regular(&file, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        for path in [link.as_path(), &pipe, home.path(), Path::new("/dev/zero")] {
            assert_eq!(read_regular(path, 5).unwrap_err().to_string(), "it is not a regular file");
        }
    }
}
