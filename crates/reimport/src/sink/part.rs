//! One part: users in a [frame](Frame), so that its exact size is known before a user is added.
//!
//! The frame of an import file is `[` LF, the users separated by `,` LF, then LF `]`. A part is held in memory and written with
//! one call, unless [`spill`](Part::spill) is called. The bytes and the hash are the same in both cases.

use std::io::Write;
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::OutputError;
use super::disk::{self, Output};
use super::frame::Frame;
use super::publish::create_private;
use crate::parts_folder::PartInfo;

/// The maximum size of a part, and the sizes of its frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    bytes: u64,
    users: u64,
    open: u64,
    between: u64,
    close: u64,
}

impl Limits {
    /// Returns the limits of import files.
    pub(super) fn new(bytes: u64, users: Option<u64>) -> Result<Self, OutputError> {
        Self::framed(bytes, users, &Frame::default())
    }

    pub(super) fn framed(bytes: u64, users: Option<u64>, frame: &Frame) -> Result<Self, OutputError> {
        let [open, between, close] =
            [&frame.open[..], frame.between, &frame.close].map(|bytes| bytes.len() as u64);
        // The smallest user is `{}`.
        let least = open + close + 2;
        if bytes < least {
            return Err(OutputError::PartTooSmall { limit: bytes, least });
        }
        match users {
            Some(0) => Err(OutputError::PartWithoutUsers),
            users => Ok(Self { bytes, users: users.unwrap_or(u64::MAX), open, between, close }),
        }
    }

    /// Returns the maximum size of a part.
    pub(super) fn bytes(self) -> u64 {
        self.bytes
    }

    pub(super) fn max_record_bytes(self) -> u64 {
        self.bytes - self.open - self.close
    }

    /// Returns the number of bytes before the next user of a part with `users` users.
    #[inline]
    pub(super) fn bytes_before(self, users: u64) -> u64 {
        if users == 0 { self.open } else { self.between }
    }

    /// Returns the number of bytes after the last user.
    pub(super) fn bytes_after(self) -> u64 {
        self.close
    }

    /// Returns whether a user of `bytes` bytes may be added to a part with `users` users and `begun` bytes without
    /// its end.
    #[inline]
    pub(super) fn allow(self, users: u64, begun: u64, bytes: u64) -> bool {
        users < self.users && begun + self.bytes_before(users) + bytes + self.close <= self.bytes
    }
}

/// The part that is being filled.
#[derive(Default)]
pub(super) struct Part {
    frame: Frame,
    buffer: Vec<u8>,
    spilled: u64,
    hash: Option<Box<Xxh3>>,
    users: u64,
    passwords: u64,
}

impl Part {
    pub(super) fn framed(frame: Frame) -> Self {
        Self { frame, ..Self::default() }
    }

    pub(super) fn with_capacity(self, bytes: usize) -> Self {
        Self { buffer: Vec::with_capacity(bytes), ..self }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.users == 0
    }

    /// Returns the number of bytes of memory that are held.
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns the number of bytes that are not written yet.
    pub(super) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Returns whether a user of `bytes` bytes may be added.
    #[inline]
    pub(super) fn fits(&self, bytes: usize, limits: Limits) -> bool {
        limits.allow(self.users, self.spilled + self.buffer.len() as u64, bytes as u64)
    }

    #[inline]
    pub(super) fn push(&mut self, user: &[u8], password: bool) {
        self.buffer.extend_from_slice(self.frame.before(self.users > 0));
        self.buffer.extend_from_slice(user);
        self.users += 1;
        self.passwords += u64::from(password);
    }

    /// Writes the buffered bytes to the file of this part, and frees the buffer.
    pub(super) fn spill(&mut self, path: &Path) -> Result<(), OutputError> {
        if !self.buffer.is_empty() {
            self.append(path)?;
        }
        self.buffer = Vec::new();
        Ok(())
    }

    fn append(&mut self, path: &Path) -> Result<Output, OutputError> {
        let mut file = if self.spilled == 0 {
            create_private(path)?
        } else {
            disk::append(path).map_err(OutputError::io("cannot open", path))?
        };
        file.write_all(&self.buffer).map_err(OutputError::io("cannot write", path))?;
        self.hash.get_or_insert_default().update(&self.buffer);
        self.spilled += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(file)
    }

    /// Ends the array and writes the rest of the part. The part is then empty. The file is not synced yet.
    pub(super) fn finish(&mut self, path: &Path) -> Result<(Output, PartInfo), OutputError> {
        self.buffer.extend_from_slice(&self.frame.close);
        if self.spilled > 0 {
            let file = self.append(path)?;
            return Ok((file, self.info(path)));
        }
        let mut file = create_private(path)?;
        file.write_all(&self.buffer).map_err(OutputError::io("cannot write", path))?;
        Ok((file, self.info(path)))
    }

    /// Ends the array and returns its bytes. Only for a part that was never spilled. Call [`clear`](Self::clear)
    /// before the next part.
    pub(super) fn close(&mut self, name: &Path) -> (&[u8], PartInfo) {
        self.buffer.extend_from_slice(&self.frame.close);
        let info = self.describe(name);
        (&self.buffer, info)
    }

    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        (self.spilled, self.users, self.passwords, self.hash) = (0, 0, 0, None);
    }

    fn info(&mut self, path: &Path) -> PartInfo {
        let info = self.describe(path);
        self.clear();
        info
    }

    fn describe(&self, path: &Path) -> PartInfo {
        let hash = self.hash.as_ref().map_or_else(|| xxh3_128(&self.buffer), |hash| hash.digest128());
        PartInfo {
            file: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            bytes: self.spilled + self.buffer.len() as u64,
            users: self.users,
            password_hashes: self.passwords,
            xxh3_128: format!("{hash:032x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_has_documented_layout_and_exact_size() {
        let mut part = Part::default();
        let limits = Limits::new(16, None).unwrap();
        assert!(part.fits(12, limits) && !part.fits(13, limits));
        part.push(b"{\"a\":1}", false);
        assert!(part.fits(3, limits) && !part.fits(4, limits));
        part.push(b"{}", true);
        let (bytes, info) = part.close(Path::new("users-00001.json"));
        assert_eq!(bytes, b"[\n{\"a\":1},\n{}\n]");
        assert_eq!((info.bytes, info.users, info.password_hashes), (15, 2, 1));
    }

    #[test]
    fn spilled_part_has_the_same_bytes() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("users-00001.json");
        let mut whole = Part::default();
        let mut spilled = Part::default();
        for user in [&b"{\"a\":1}"[..], b"{}", b"{\"b\":2}"] {
            whole.push(user, true);
            spilled.push(user, true);
            spilled.spill(&path).unwrap();
            assert_eq!(spilled.capacity(), 0);
        }
        let (bytes, info) = whole.close(&path);
        let bytes = bytes.to_vec();
        assert_eq!(spilled.finish(&path).unwrap().1, info);
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert!(spilled.is_empty());
    }

    #[test]
    fn impossible_part_limits_are_refused() {
        assert!(Limits::new(6, Some(1)).is_ok());
        assert!(matches!(Limits::new(5, None), Err(OutputError::PartTooSmall { limit: 5, least: 6 })));
        assert!(matches!(Limits::new(6, Some(0)), Err(OutputError::PartWithoutUsers)));
    }
}
