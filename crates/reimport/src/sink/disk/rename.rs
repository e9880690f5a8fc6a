//! Two renames that the standard library does not have: one that never replaces, and an exchange of two names.

use std::fs;
use std::io;
use std::path::Path;

/// Renames `from` to `to`. Fails with `AlreadyExists` if `to` exists.
pub(super) fn without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match system::without_replacing(from, to) {
        Some(done) => done,
        None => without_replacing_by_hand(from, to),
    }
}

/// Exchanges two files or folders in one step. `None` if the system does not support it.
pub(super) fn exchange(one: &Path, other: &Path) -> Option<io::Result<()>> {
    system::exchange(one, other)
}

/// Like [`without_replacing`], with operations that every system has. A file is linked under the new name first,
/// which never replaces anything. A folder is renamed after a check; such a rename can replace only an empty
/// folder.
fn without_replacing_by_hand(from: &Path, to: &Path) -> io::Result<()> {
    let folder = fs::symlink_metadata(from)?.is_dir();
    if !folder {
        match fs::hard_link(from, to) {
            Ok(()) => return fs::remove_file(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // The file system has no hard links.
            Err(_) => {}
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod system {
    use std::io;
    use std::path::Path;

    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    pub(super) fn without_replacing(from: &Path, to: &Path) -> Option<io::Result<()>> {
        known(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE))
    }

    pub(super) fn exchange(one: &Path, other: &Path) -> Option<io::Result<()>> {
        known(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE))
    }

    /// Returns `None` if the kernel or the file system does not support the flag.
    fn known(done: rustix::io::Result<()>) -> Option<io::Result<()>> {
        match done {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
            done => Some(done.map_err(io::Error::from)),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use std::io;
    use std::path::Path;

    pub(super) fn without_replacing(_: &Path, _: &Path) -> Option<io::Result<()>> {
        None
    }

    pub(super) fn exchange(_: &Path, _: &Path) -> Option<io::Result<()>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renaming_never_replaces_a_file_or_folder() {
        for rename in [without_replacing, without_replacing_by_hand] {
            let home = tempfile::tempdir().unwrap();
            let at = |name: &str| home.path().join(name);
            fs::write(at("new"), "new").unwrap();
            fs::write(at("old"), "old").unwrap();
            fs::create_dir(at("empty")).unwrap();
            fs::create_dir(at("folder")).unwrap();
            for (from, to) in [("new", "old"), ("new", "empty"), ("folder", "empty"), ("folder", "old")] {
                let error = rename(&at(from), &at(to)).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{from} to {to}");
            }
            rename(&at("new"), &at("free")).unwrap();
            rename(&at("folder"), &at("free folder")).unwrap();
            assert_eq!(fs::read(at("free")).unwrap(), b"new");
            assert_eq!(fs::read(at("old")).unwrap(), b"old");
            assert!(at("free folder").is_dir() && !at("new").exists() && !at("folder").exists());
        }
    }
}
