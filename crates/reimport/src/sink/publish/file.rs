//! Files that appear complete, by rename: one, or several that belong together.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::drafts::{Draft, Placed};
use super::moves::Moves;
use super::{Existing, inputs, need_parent, parent_of, sync_folder, tidied, what_is};
use crate::sink::OutputError;
use crate::sink::disk::Output;

/// A file under a temporary name beside its target; dropped, it is gone.
pub(crate) struct FileDraft {
    target: PathBuf,
    force: bool,
    draft: Draft,
}

impl FileDraft {
    /// Checks all that can be known before there is anything to write, and opens the draft.
    pub(crate) fn create(target: &Path, force: bool) -> Result<(Self, Output), OutputError> {
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
    pub(crate) fn publish(self, file: Output) -> Result<(), OutputError> {
        place(vec![(self, Some(file))])?.keep()?;
        Ok(())
    }
}

/// Publishes files that belong together, in this order: all of them, or none. One that has nothing to say is dropped;
/// if replacing is allowed, an older file of its name goes, too, because it would speak of another run.
///
/// Until it is [kept](Placed::keep), everything can be taken back.
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
        for ((target, force, speaks), draft) in targets.iter().zip(drafts) {
            give_name(draft.path(), target, *force, *speaks, moves)?;
        }
        let mut parents: Vec<_> = targets.iter().map(|(target, ..)| parent_of(target)).collect();
        parents.dedup();
        parents.into_iter().try_for_each(sync_folder)
    })
}

fn give_name(
    built: &Path,
    target: &Path,
    force: bool,
    speaks: bool,
    moves: &mut Moves,
) -> Result<(), OutputError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => OutputError::Appeared { path: target.to_owned() },
        _ => OutputError::io("cannot publish", target)(error),
    };
    // A link or device may have appeared; a rename would replace it, which is not what was agreed to.
    let replaces = force && check(target)?;
    match (replaces, speaks) {
        (true, true) => moves.replace_file(built, target).map_err(failed),
        (true, false) => moves.over_draft(target, built).map_err(OutputError::io("cannot remove", target)),
        (false, true) => moves.take_free_name(built, target).map_err(failed),
        (false, false) => Ok(()),
    }
}

/// Whether a regular file is there; an error where anything else is.
fn check(target: &Path) -> Result<bool, OutputError> {
    let path = || target.to_owned();
    match what_is(target)? {
        None => Ok(false),
        Some(Existing::File) => Ok(true),
        Some(Existing::Symlink) => Err(OutputError::Symlink { path: path() }),
        Some(Existing::Folder) => Err(OutputError::NotAFile { path: path(), found: "a folder" }),
        Some(Existing::Other(found)) => Err(OutputError::NotAFile { path: path(), found }),
    }
}
