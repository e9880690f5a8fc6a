//! Renames that can be undone. They give drafts their final names, and restore the old state if a step fails.

use std::io;
use std::path::{Path, PathBuf};

use crate::sink::disk;

/// The renames of one publication, in order.
#[derive(Default)]
pub(super) struct Moves {
    done: Vec<Move>,
    /// Old content that could not be moved to the path of its draft.
    aside: Option<PathBuf>,
}

enum Move {
    /// `from` was renamed to `to`, which was free.
    Renamed { from: PathBuf, to: PathBuf },
    /// `from` was renamed to `to`, which was an empty folder.
    ReplaceEmpty { from: PathBuf, to: PathBuf },
    /// The two names were exchanged.
    Exchanged { one: PathBuf, other: PathBuf },
    /// The old content was replaced and cannot be restored.
    Final,
}

impl Moves {
    /// Renames `from` to `to`. Fails with `AlreadyExists` if `to` exists.
    pub(super) fn take_free_name(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename_without_replacing(from, to)?;
        self.done.push(Move::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Renames `from` over `to`, which is an empty draft.
    pub(super) fn replace_draft(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename(from, to)?;
        self.done.push(Move::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Renames the folder `from` over the empty folder `to`. Fails if `to` is not empty.
    pub(super) fn replace_empty_folder(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename(from, to)?;
        self.done.push(Move::ReplaceEmpty { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Gives the file `new` the name `old`. The old file is then at the path `new`. If the system cannot exchange
    /// names, `new` replaces `old`; this is also one step, but it cannot be undone.
    pub(super) fn replace_file(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        if self.exchange(new, old)? {
            return Ok(());
        }
        disk::rename(new, old)?;
        self.done.push(Move::Final);
        Ok(())
    }

    /// Gives the folder `new` the name `old`. The old folder is then at the path `new`.
    pub(super) fn replace_folder(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        if self.exchange(new, old)? { Ok(()) } else { self.by_three_renames(new, old) }
    }

    /// Exchanges two names. Returns whether the system supports it.
    fn exchange(&mut self, one: &Path, other: &Path) -> io::Result<bool> {
        let Some(done) = disk::exchange(one, other) else { return Ok(false) };
        done?;
        self.done.push(Move::Exchanged { one: one.to_owned(), other: other.to_owned() });
        Ok(true)
    }

    /// Replaces a folder on a system that cannot exchange names. If the process is killed after the first rename,
    /// nothing is at `old`, and both folders are complete under temporary names.
    pub(super) fn by_three_renames(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        let mut aside = new.as_os_str().to_owned();
        aside.push(".old");
        let aside = PathBuf::from(aside);
        self.take_free_name(old, &aside)?;
        self.take_free_name(new, old)?;
        // The new folder is published. It is not an error if the old one stays aside.
        if self.take_free_name(&aside, new).is_err() {
            self.aside = Some(aside);
        }
        Ok(())
    }

    /// Returns whether old content is at a path that does not belong to a draft.
    pub(super) fn left_aside(&self) -> bool {
        self.aside.is_some()
    }

    /// Undoes the moves, the last one first. Stops at the first one that cannot be undone.
    pub(super) fn revert(&mut self) -> io::Result<()> {
        while let Some(last) = self.done.pop() {
            match last {
                Move::Renamed { from, to } => disk::rename_without_replacing(&to, &from)?,
                Move::ReplaceEmpty { from, to } => {
                    disk::rename_without_replacing(&to, &from)?;
                    disk::create_folder(&to)?;
                }
                Move::Exchanged { one, other } => match disk::exchange(&one, &other) {
                    Some(done) => done?,
                    None => return Err(io::ErrorKind::Unsupported.into()),
                },
                Move::Final => return Err(io::ErrorKind::Unsupported.into()),
            }
        }
        Ok(())
    }
}
