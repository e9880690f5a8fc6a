//! Renames that can be taken back: what gives a draft its name, and what restores the old state where it fails.

use std::io;
use std::path::{Path, PathBuf};

use crate::sink::disk;

/// The renames of one publication, in order.
#[derive(Default)]
pub(super) struct Moves {
    done: Vec<Move>,
    /// Old content that could not be brought under the name of its draft.
    aside: Option<PathBuf>,
}

enum Move {
    /// One was renamed to the other, which was free.
    Renamed { from: PathBuf, to: PathBuf },
    /// One was renamed to the other, which was an empty folder.
    OverEmpty { from: PathBuf, to: PathBuf },
    /// The two have each other's names.
    Exchanged { one: PathBuf, other: PathBuf },
    /// What was there is gone for good.
    Final,
}

impl Moves {
    /// Renames `from` to `to`; fails with `AlreadyExists` where that is not free.
    pub(super) fn take_free_name(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename_without_replacing(from, to)?;
        self.done.push(Move::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Renames `from` over `to`, which holds nothing.
    pub(super) fn over_draft(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename(from, to)?;
        self.done.push(Move::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Renames the folder `from` over the folder `to`, which is empty; it fails where it is not.
    pub(super) fn over_empty(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disk::rename(from, to)?;
        self.done.push(Move::OverEmpty { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    /// Gives the file `new` the name of the file `old`, which is then under the name of `new`; or gone, where the
    /// system knows no exchange: that is one step, too, but not to be taken back.
    pub(super) fn replace_file(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        if self.exchange(new, old)? {
            return Ok(());
        }
        disk::rename(new, old)?;
        self.done.push(Move::Final);
        Ok(())
    }

    /// Gives the folder `new` the name of the folder `old`, which is then under the name of `new`.
    pub(super) fn replace_folder(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        if self.exchange(new, old)? { Ok(()) } else { self.by_three_renames(new, old) }
    }

    /// Whether the system exchanged them.
    fn exchange(&mut self, one: &Path, other: &Path) -> io::Result<bool> {
        let Some(done) = disk::exchange(one, other) else { return Ok(false) };
        done?;
        self.done.push(Move::Exchanged { one: one.to_owned(), other: other.to_owned() });
        Ok(true)
    }

    /// Where no exchange is known: killed after the first, OLD is missing and both are whole under temporary names.
    pub(super) fn by_three_renames(&mut self, new: &Path, old: &Path) -> io::Result<()> {
        let mut aside = new.as_os_str().to_owned();
        aside.push(".old");
        let aside = PathBuf::from(aside);
        self.take_free_name(old, &aside)?;
        self.take_free_name(new, old)?;
        // The new one is published: an old one that stays aside is no failure.
        if self.take_free_name(&aside, new).is_err() {
            self.aside = Some(aside);
        }
        Ok(())
    }

    /// Whether old content stands where no draft is.
    pub(super) fn left_aside(&self) -> bool {
        self.aside.is_some()
    }

    /// Restores what was there before, the last move first; stops at the first that cannot be taken back.
    pub(super) fn take_back(&mut self) -> io::Result<()> {
        while let Some(last) = self.done.pop() {
            match last {
                Move::Renamed { from, to } => disk::rename_without_replacing(&to, &from)?,
                Move::OverEmpty { from, to } => {
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
