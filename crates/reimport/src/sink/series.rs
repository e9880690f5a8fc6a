//! The parts of one folder, for example `users-00001.json` and so on, with their `lines.ndjson` and `manifest.json`.

use std::io::Write;
use std::path::PathBuf;

use super::OutputError;
use super::frame::Frame;
use super::lazy::LazyFile;
use super::lines::Lines;
use super::part::{Limits, Part};
use super::publish::{create_private, sync_folder};
use super::syncer::Syncer;
use crate::parts_folder::{Manifest, PartInfo};
use crate::run::{Origin, OutputName, PartNames, Written};

/// Maximum number of bytes of a part that are held in memory. A larger part is written in pieces.
pub(super) const PIECE: usize = 1024 * 1024;

/// The form of the parts of a folder. The default is that of import files.
#[derive(Debug, Clone, Default)]
pub(super) struct PartForm {
    pub(super) names: PartNames,
    pub(super) frame: Frame,
}

pub(super) struct Series {
    folder: PathBuf,
    names: PartNames,
    part: Part,
    /// Number of the part that is being filled, counted from 1.
    number: u64,
    lines: Lines,
    parts: Vec<PartInfo>,
}

impl Series {
    /// Returns the series of an existing folder. `small` reduces the buffers, for outputs that may have many
    /// folders.
    pub(super) fn new(folder: PathBuf, form: &PartForm, limits: Limits, small: bool) -> Self {
        let lines = folder.join(OutputName::Lines);
        let part = Part::framed(form.frame.clone());
        let (lines, part) = if small {
            (LazyFile::small(lines), part)
        } else {
            let capacity = usize::try_from(limits.bytes()).unwrap_or(PIECE).min(PIECE);
            (LazyFile::new(lines), part.with_capacity(capacity))
        };
        Self { folder, names: form.names, part, number: 1, lines: Lines::new(lines), parts: Vec::new() }
    }

    /// Adds a user. Begins a new part if the current one is full.
    #[inline]
    pub(super) fn push(
        &mut self,
        written: &Written<'_>,
        limits: Limits,
        syncer: &mut Syncer,
    ) -> Result<(), OutputError> {
        if !self.part.fits(written.bytes.len(), limits) {
            self.end_part(syncer)?;
            if !self.part.fits(written.bytes.len(), limits) {
                let limit = limits.max_record_bytes();
                return Err(OutputError::RecordTooLong { bytes: written.bytes.len() as u64, limit });
            }
        }
        self.part.push(written.bytes, written.password);
        let (names, number) = (self.names, self.number);
        self.lines.push(written.origin, || names.name(number))?;
        if self.part.buffered() > PIECE { self.spill() } else { Ok(()) }
    }

    /// Adds a skipped record to the line list.
    pub(super) fn skip(&mut self, origin: Origin<'_>) -> Result<(), OutputError> {
        self.lines.skip(origin)
    }

    /// Returns the number of bytes of memory that are held.
    pub(super) fn capacity(&self) -> usize {
        self.part.capacity()
    }

    /// Writes the current part so far and frees its memory.
    pub(super) fn spill(&mut self) -> Result<(), OutputError> {
        self.part.spill(&self.folder.join(self.names.name(self.number)))
    }

    fn end_part(&mut self, syncer: &mut Syncer) -> Result<(), OutputError> {
        if self.part.is_empty() {
            return Ok(());
        }
        let name = self.names.name(self.number);
        let path = self.folder.join(&name);
        let (file, info) = self.part.finish(&path)?;
        syncer.sync(path, file)?;
        self.lines.end(&name)?;
        self.parts.push(info);
        self.number += 1;
        Ok(())
    }

    /// Ends the last part and the line list. Returns the folder and the information about its parts.
    pub(super) fn finish(mut self, syncer: &mut Syncer) -> Result<(PathBuf, Vec<PartInfo>), OutputError> {
        self.end_part(syncer)?;
        let path = self.lines.path().to_owned();
        if let Some(file) = self.lines.finish()? {
            syncer.sync(path, file)?;
        }
        Ok((self.folder, self.parts))
    }
}

/// Writes `manifest.json`, the last file of its folder, and syncs both.
pub(super) fn write_manifest(folder: &std::path::Path, manifest: &Manifest) -> Result<(), OutputError> {
    let path = folder.join(OutputName::Manifest);
    let text =
        manifest.text().map_err(std::io::Error::from).map_err(OutputError::io("cannot write", &path))?;
    let mut file = create_private(&path)?;
    file.write_all(&text).and_then(|()| file.sync()).map_err(OutputError::io("cannot write", &path))?;
    sync_folder(folder)
}
