//! Test sources of all kinds, built by hand.

mod damage;
mod opening;
mod reading;

use std::io::{self, ErrorKind, Read, Write};

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

use super::error::GzipFault;
use super::{InputError, Source};
use crate::error::{Error, ErrorKind as Kind, Result};

/// A gzip member with all optional parts of its header.
#[derive(Debug, Clone, Default)]
struct Member {
    plain: Vec<u8>,
    level: u32,
    extra: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    comment: Option<Vec<u8>>,
    header_checksum: bool,
}

impl Member {
    fn of(plain: &[u8]) -> Self {
        Self { plain: plain.to_vec(), level: 6, ..Self::default() }
    }

    fn packed(&self) -> Vec<u8> {
        let flag = |bit: u8, set: bool| u8::from(set) << bit;
        let flags = flag(1, self.header_checksum)
            | flag(2, self.extra.is_some())
            | flag(3, self.name.is_some())
            | flag(4, self.comment.is_some());
        let mut out = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255];
        if let Some(extra) = &self.extra {
            out.extend((extra.len() as u16).to_le_bytes());
            out.extend(extra);
        }
        for text in [&self.name, &self.comment].into_iter().flatten() {
            out.extend(text);
            out.push(0);
        }
        if self.header_checksum {
            out.extend((crc(&out) as u16).to_le_bytes());
        }
        let mut deflate = DeflateEncoder::new(out, Compression::new(self.level));
        deflate.write_all(&self.plain).unwrap();
        let mut out = deflate.finish().unwrap();
        out.extend(crc(&self.plain).to_le_bytes());
        out.extend((self.plain.len() as u32).to_le_bytes());
        out
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A reader that returns its bytes in chunks of the given sizes, repeated in order. For a size of 0, it returns
/// `Interrupted` or `WouldBlock`.
struct Steps {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
    turn: usize,
    put_off: usize,
}

impl Steps {
    fn new(bytes: Vec<u8>, sizes: Vec<usize>) -> Self {
        Self { bytes, at: 0, sizes, turn: 0, put_off: 0 }
    }
}

impl Read for Steps {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        if size == 0 {
            // The source pauses a millisecond for each `WouldBlock`, so only the first of every 1000 is one.
            self.put_off += 1;
            return Err(if self.put_off % 1000 == 1 {
                ErrorKind::WouldBlock.into()
            } else {
                ErrorKind::Interrupted.into()
            });
        }
        let count = size.min(out.len()).min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Reads all bytes before the end or the error, with buffers of the given sizes in turn.
fn drain(source: &mut Source, sizes: &[usize]) -> (Vec<u8>, Result<()>) {
    let mut plain = Vec::new();
    for size in sizes.iter().cycle() {
        let mut buf = vec![0; *size];
        match source.read(&mut buf) {
            Ok(0) => break,
            Ok(count) => plain.extend(&buf[..count]),
            Err(error) => {
                assert_eq!(source.read(&mut buf).unwrap(), 0, "an error is reported once");
                return (plain, Err(error));
            }
        }
    }
    assert_eq!(source.read(&mut [0; 9]).unwrap(), 0, "the end is final");
    (plain, Ok(()))
}

fn plain_of(bytes: &[u8]) -> Result<Vec<u8>> {
    let (plain, end) = drain(&mut Source::from_reader("x", io::Cursor::new(bytes.to_vec())), &[4096]);
    end.map(|()| plain)
}

/// Returns the gzip error of this data, its byte offset and its layer.
fn fault_of(bytes: &[u8]) -> (GzipFault, u64, u32) {
    gzip_fault(&plain_of(bytes).unwrap_err())
}

fn gzip_fault(error: &Error) -> (GzipFault, u64, u32) {
    match error.kind() {
        Kind::Input(InputError::Gzip(error)) => (error.fault, error.at, error.layer),
        other => panic!("{other:?}"),
    }
}
