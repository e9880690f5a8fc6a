//! Publication of files: one file, or several that belong together. They appear complete, by renames.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::drafts::{Draft, Placed};
use super::moves::Moves;
use super::{Existing, existing_at, existing_parent, inputs, normalized, parent_of, sync_folder};
use crate::sink::OutputError;
use crate::sink::disk::Output;

/// A file under a temporary name next to its target. Removed when dropped.
pub(crate) struct FileDraft {
    target: PathBuf,
    force: bool,
    draft: Draft,
}

impl FileDraft {
    /// Makes all checks that are possible before there is something to write, and creates the draft.
    pub(crate) fn create(target: &Path, force: bool) -> Result<(Self, Output), OutputError> {
        let target = normalized(target);
        let Some(name) = target.file_name() else { return Err(OutputError::NoName { path: target }) };
        if check(&target)? && !force {
            return Err(OutputError::FileExists { path: target });
        }
        let (draft, file) = Draft::file(existing_parent(&target)?, name)?;
        Ok((Self { target, force, draft }, file))
    }

    /// Returns the final path.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Fails if `other` has the same target. Ignores ASCII case in the file name.
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

    /// Fails if one of `inputs` is the file that would be replaced.
    pub(crate) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        inputs::refuse_same(&self.target, inputs)
    }

    /// Syncs the file and renames it to its target.
    pub(crate) fn publish(self, file: Output) -> Result<(), OutputError> {
        place(vec![(self, Some(file))])?.keep()?;
        Ok(())
    }
}

/// Publishes files that belong together, in this order: all of them, or none. A draft without a file is dropped. If
/// replacing is allowed, an older file at its target is removed too, because it belongs to an earlier run.
///
/// Until [`Placed::keep`] is called, everything can be undone.
pub(crate) fn place(files: Vec<(FileDraft, Option<Output>)>) -> Result<Placed, OutputError> {
    for (draft, file) in &files {
        if let Some(file) = file {
            file.sync().map_err(OutputError::io("cannot sync", &draft.target))?;
        }
    }
    let (targets, drafts): (Vec<_>, Vec<_>) = files
        .into_iter()
        .map(|(FileDraft { target, force, draft }, file)| ((target, force, file.is_some()), draft))
        .unzip();
    Placed::place(drafts, |drafts, moves| {
        for ((target, force, has_content), draft) in targets.iter().zip(drafts) {
            publish_name(draft.path(), target, *force, *has_content, moves)?;
        }
        let mut parents: Vec<_> = targets.iter().map(|(target, ..)| parent_of(target)).collect();
        parents.dedup();
        parents.into_iter().try_for_each(sync_folder)
    })
}

fn publish_name(
    built: &Path,
    target: &Path,
    force: bool,
    has_content: bool,
    moves: &mut Moves,
) -> Result<(), OutputError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => OutputError::Appeared { path: target.to_owned() },
        _ => OutputError::io("cannot publish", target)(error),
    };
    // Checks again, because a link or a device may have appeared, and the rename would replace it.
    let replaces = force && check(target)?;
    match (replaces, has_content) {
        (true, true) => moves.replace_file(built, target).map_err(failed),
        (true, false) => moves.replace_draft(target, built).map_err(OutputError::io("cannot remove", target)),
        (false, true) => moves.take_free_name(built, target).map_err(failed),
        (false, false) => Ok(()),
    }
}

/// Returns whether a regular file exists. Fails if the path is anything else.
fn check(target: &Path) -> Result<bool, OutputError> {
    let path = || target.to_owned();
    match existing_at(target)? {
        None => Ok(false),
        Some(Existing::File) => Ok(true),
        Some(Existing::Symlink) => Err(OutputError::Symlink { path: path() }),
        Some(Existing::Folder) => Err(OutputError::NotAFile { path: path(), found: "a folder" }),
        Some(Existing::Other(found)) => Err(OutputError::NotAFile { path: path(), found }),
    }
}
