//! One file that appears complete, by rename.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::drafts::{Draft, Leftover};
use super::{Found, inputs, need_parent, parent_of, rename, sync_folder, tidied, what_is};
use crate::sink::OutputError;

/// A file under a temporary name beside its target; dropped, it is gone.
pub(crate) struct FileDraft {
    target: PathBuf,
    force: bool,
    draft: Draft,
}

impl FileDraft {
    /// Checks all that can be known before there is anything to write, and opens the draft.
    pub(crate) fn create(target: &Path, force: bool) -> Result<(Self, File), OutputError> {
        let target = tidied(target);
        let Some(name) = target.file_name() else { return Err(OutputError::NoName { path: target }) };
        if check(&target)? && !force {
            return Err(OutputError::FileExists { path: target });
        }
        let (draft, file) = Draft::file(need_parent(&target)?, name)?;
        Ok((Self { target, force, draft }, file))
    }

    /// The name it will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// An error where `other` will have the same name.
    pub(crate) fn refuse_twin(&self, other: &Self) -> Result<(), OutputError> {
        let whole = |target: &Path| {
            let parent = parent_of(target);
            let folder = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
            (folder, target.file_name().map(std::ffi::OsStr::to_ascii_lowercase))
        };
        if whole(&self.target) == whole(&other.target) {
            return Err(OutputError::NamedTwice { path: other.target.clone() });
        }
        Ok(())
    }

    /// An error where one of `inputs` is the file that this one would replace.
    pub(crate) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        inputs::refuse_same(&self.target, inputs)
    }

    /// Syncs and renames: the target is there, whole.
    pub(crate) fn publish(self, file: &File) -> Result<(), OutputError> {
        let Self { target, force, draft } = self;
        file.sync_all().map_err(OutputError::io("cannot sync", &target))?;
        draft.publish(|built| {
            if force {
                // A link or device may have appeared; a rename would replace it, which is not what was agreed to.
                check(&target)?;
                fs::rename(built, &target).map_err(OutputError::io("cannot publish", &target))?;
                return Ok(Leftover::Remove);
            }
            rename::without_replacing(built, &target).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => OutputError::Appeared { path: target.clone() },
                _ => OutputError::io("cannot publish", &target)(error),
            })?;
            Ok(Leftover::Remove)
        })?;
        sync_folder(parent_of(&target))
    }

    /// Drops the draft, which has nothing to say; under `--force` an older file of its name goes too, because it
    /// would speak of another run.
    pub(crate) fn publish_nothing(self) -> Result<(), OutputError> {
        let Self { target, force, draft } = self;
        drop(draft);
        if force && check(&target)? {
            fs::remove_file(&target).map_err(OutputError::io("cannot remove", &target))?;
        }
        Ok(())
    }
}

/// Whether a regular file is there; an error where anything else is.
fn check(target: &Path) -> Result<bool, OutputError> {
    let path = || target.to_owned();
    match what_is(target)? {
        None => Ok(false),
        Some(Found::File) => Ok(true),
        Some(Found::Symlink) => Err(OutputError::Symlink { path: path() }),
        Some(Found::Folder) => Err(OutputError::NotAFile { path: path(), found: "a folder" }),
        Some(Found::Other(found)) => Err(OutputError::NotAFile { path: path(), found }),
    }
}
