//! Checks that a folder contains only names that a run writes. Only such a folder is replaced.

use std::fs::DirEntry;
use std::path::Path;

use super::drafts::is_draft_inside;
use crate::run::{OutputName, UploadName, is_job_errors, is_other_part, is_part};
use crate::sink::OutputError;
use crate::sink::disk;

/// The names of an output. Only a folder that has no other names is replaced.
#[derive(Clone, Copy)]
pub(crate) enum OwnNames {
    /// The files and folders of a run of this library, and of an upload.
    OfRun,
    /// Files for whose name the function returns true.
    Files(fn(&str) -> bool),
}

impl OwnNames {
    /// Fails if `folder` contains something else, and names the first such entry.
    pub(super) fn check(self, folder: &Path) -> Result<(), OutputError> {
        let Self::Files(is_own) = self else { return check_own_files(folder) };
        for entry in list(folder)? {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(OutputError::io("cannot access", folder))?;
            if !kind.is_file() || !is_own(&name) {
                return Err(OutputError::Foreign { path: folder.to_owned(), name });
            }
        }
        Ok(())
    }
}

/// Returns whether a file with this name is replaced together with its folder.
fn is_own_file(name: &str) -> bool {
    OutputName::of(name).is_some_and(|output| !output.is_folder())
        || is_part(name)
        || is_other_part(name)
        || is_job_errors(name)
        || UploadName::of(name) == Some(UploadName::ErrorList)
}

/// Returns whether the folder is `upload-….errors` and contains only the error lists of jobs, `users-….json`.
fn holds_errors(folder: &Path, name: &str) -> Result<bool, OutputError> {
    if UploadName::of(name) != Some(UploadName::ErrorFolder) {
        return Ok(false);
    }
    let is_error_list = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        entry.file_type().is_ok_and(|kind| kind.is_file())
            && name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("users-"))
    };
    Ok(list(folder)?.iter().all(is_error_list))
}

/// Fails if `folder` contains something that no run wrote, and names the first such entry. Also fails if there is
/// an upload journal in it or in one of its folders.
///
/// A folder inside must be the folder of a connection (with a manifest), the folder of missing users, a folder of
/// error lists, or a stale draft.
fn check_own_files(folder: &Path) -> Result<(), OutputError> {
    refuse_journals(folder)?;
    for entry in list(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(OutputError::io("cannot access", folder))?;
        let own = if kind.is_dir() {
            let inside = entry.path();
            refuse_journals(&inside)?;
            holds_errors(&inside, &name)?
                || ((is_draft_inside(&name) || inside.join(OutputName::Manifest).is_file())
                    && (has_only_own_files(&inside)?
                        || (name == OutputName::Missing.as_str() && check_own_files(&inside).is_ok())))
        } else {
            kind.is_file() && is_own_file(&name)
        };
        if !own {
            return Err(OutputError::Foreign { path: folder.to_owned(), name });
        }
    }
    Ok(())
}

fn has_only_own_files(folder: &Path) -> Result<bool, OutputError> {
    for entry in list(folder)? {
        let kind = entry.file_type().map_err(OutputError::io("cannot access", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && holds_errors(&entry.path(), &name)? {
            continue;
        }
        if !kind.is_file() || !is_own_file(&name) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn refuse_journals(folder: &Path) -> Result<(), OutputError> {
    for entry in list(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A folder with this name belongs to a connection, or contains error lists.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // A copy of a journal is also kept.
        let is_journal = matches!(UploadName::of(&name), Some(UploadName::Journal | UploadName::Other));
        if !is_folder && is_journal {
            return Err(OutputError::Journal { path: folder.to_owned(), name });
        }
    }
    Ok(())
}

/// Returns the entries of a folder, sorted by name.
pub(super) fn list(folder: &Path) -> Result<Vec<DirEntry>, OutputError> {
    disk::list(folder).map_err(OutputError::io("cannot list", folder))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_names_written_by_runs_are_own_files() {
        for output in OutputName::ALL {
            assert_eq!(is_own_file(output.as_str()), !output.is_folder(), "{output}");
        }
        for own in [
            "users-00001.json",
            "part-00000.csv",
            "users-100000.json",
            "users-00002.errors.json",
            "upload-t.errors.ndjson",
        ] {
            assert!(is_own_file(own), "{own}");
        }
        for foreign in
            ["users-1.json", "users-00001.json.bak", "Manifest.json", "notes.txt", "upload-t.ndjson", ""]
        {
            assert!(!is_own_file(foreign), "{foreign}");
        }
    }

    #[test]
    fn own_subfolder_needs_a_manifest_and_no_foreign_file() {
        let home = tempfile::tempdir().unwrap();
        let inside = home.path().join("Users");
        let foreign = |expected: bool| assert_eq!(check_own_files(home.path()).is_err(), expected);
        foreign(false);
        fs::create_dir(&inside).unwrap();
        foreign(true);
        fs::write(inside.join("manifest.json"), "{}").unwrap();
        foreign(false);
        fs::create_dir(inside.join("deeper")).unwrap();
        foreign(true);
    }

    #[test]
    fn upload_files_without_journal_are_own_files() {
        let home = tempfile::tempdir().unwrap();
        let errors = home.path().join("upload-t-con_1.errors");
        fs::create_dir(&errors).unwrap();
        fs::write(errors.join("users-00001.job_1.json"), "[]").unwrap();
        fs::write(home.path().join("upload-t-con_1.errors.ndjson"), "").unwrap();
        assert!(check_own_files(home.path()).is_ok());
        let journal = home.path().join("upload-t-con_1.ndjson");
        fs::write(&journal, "{}").unwrap();
        assert!(
            matches!(check_own_files(home.path()), Err(OutputError::Journal { name, .. }) if name == "upload-t-con_1.ndjson")
        );
        fs::remove_file(journal).unwrap();
        fs::write(errors.join("notes.txt"), "").unwrap();
        assert!(matches!(check_own_files(home.path()), Err(OutputError::Foreign { .. })));
    }

    #[test]
    fn journal_is_reported_before_foreign_files() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("upload-users")).unwrap();
        fs::write(home.path().join("upload-users/manifest.json"), "{}").unwrap();
        assert!(check_own_files(home.path()).is_ok());
        fs::write(home.path().join("upload-users/upload-t.ndjson"), "{}").unwrap();
        assert!(
            matches!(check_own_files(home.path()), Err(OutputError::Journal { name, .. }) if name == "upload-t.ndjson")
        );
        fs::write(home.path().join("a foreign file"), "").unwrap();
        fs::write(home.path().join("upload.journal"), "").unwrap();
        assert!(
            matches!(check_own_files(home.path()), Err(OutputError::Journal { name, .. }) if name == "upload.journal")
        );
    }
}
