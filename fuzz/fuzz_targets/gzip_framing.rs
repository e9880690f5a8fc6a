//! Gzip framing: any bytes, or built and damaged members, compared with a naive loop over the whole buffer.
//!
//! Input: whether raw bytes or members follow, the read sizes of the input and of the caller, then the bytes.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, Decompress, FlushDecompress, Status};
use libfuzzer_sys::fuzz_target;
use reimport::ErrorKind;
use reimport::source::{GzipFault, InputError, Source};
use reimport_fuzz::{Steps, head, sizes};
use std::io::Write as _;

/// Maximum number of bytes that are decompressed. Decompression bombs have their own test.
const MOST: usize = 4 << 20;

/// A gzip member with all optional header fields.
#[derive(Debug)]
struct Member<'a> {
    level: u8,
    flags: u8,
    extra: &'a [u8],
    label: &'a [u8],
    repeated: u16,
    plain: &'a [u8],
}

impl<'a> Arbitrary<'a> for Member<'a> {
    fn arbitrary(tape: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let (level, flags, repeated) = tape.arbitrary()?;
        Ok(Self {
            level,
            flags,
            extra: tape.arbitrary()?,
            label: tape.arbitrary()?,
            repeated,
            plain: tape.arbitrary()?,
        })
    }
}

impl Member<'_> {
    fn packed(&self) -> Vec<u8> {
        let flags = self.flags & 0b1_1110;
        let mut out = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255];
        if flags & 4 != 0 {
            let extra = &self.extra[..self.extra.len().min(0xffff)];
            out.extend((extra.len() as u16).to_le_bytes());
            out.extend(extra);
        }
        for flag in [8, 16] {
            if flags & flag != 0 {
                out.extend(self.label.iter().filter(|byte| **byte != 0));
                out.push(0);
            }
        }
        if flags & 2 != 0 {
            out.extend((crc(&out) as u16).to_le_bytes());
        }
        let mut plain = self.plain.to_vec();
        plain.extend(vec![b'x'; usize::from(self.repeated)]);
        let mut deflate = DeflateEncoder::new(out, Compression::new(u32::from(self.level % 10)));
        deflate.write_all(&plain).unwrap();
        let mut out = deflate.finish().unwrap();
        out.extend(crc(&plain).to_le_bytes());
        out.extend((plain.len() as u32).to_le_bytes());
        out
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Builds members, possibly compresses them again, and changes some of their bytes.
fn assemble(bytes: &[u8]) -> arbitrary::Result<Vec<u8>> {
    let mut tape = Unstructured::new(bytes);
    let layers: u8 = tape.int_in_range(1..=5)?;
    let padding: u16 = tape.arbitrary::<u16>()? % 600;
    let damages: Vec<(u16, u8, bool)> = tape.arbitrary()?;
    let members: Vec<Member<'_>> = tape.arbitrary()?;
    let mut packed: Vec<u8> = members.iter().flat_map(Member::packed).collect();
    for _ in 1..layers.saturating_sub(1) {
        packed = Member { level: 1, flags: 0, extra: &[], label: &[], repeated: 0, plain: &packed }.packed();
    }
    packed.resize(packed.len() + usize::from(padding), 0);
    for (at, byte, cut) in damages.into_iter().take(3) {
        let at = usize::from(at) % packed.len().max(1);
        if cut && byte == 0 {
            packed.truncate(at);
        } else if let Some(damaged) = packed.get_mut(at) {
            *damaged ^= byte;
        }
    }
    Ok(packed)
}

/// Plain bytes, and the error after them.
type Stream = (Vec<u8>, Option<Fault>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Gzip(GzipFault),
    TooOften,
}

/// Returns the plain bytes of `input`, which may be compressed several times. `None` if there are too many.
fn naive(mut stream: Stream) -> Option<Stream> {
    for layer in 0.. {
        if stream.0.len() < 2 && stream.1.is_some() {
            // The error is before the bytes that identify gzip data.
            return Some((Vec::new(), stream.1));
        }
        if !stream.0.starts_with(&[0x1f, 0x8b]) {
            return Some(stream);
        }
        if layer == 4 {
            return Some((Vec::new(), Some(Fault::TooOften)));
        }
        stream = unpacked(&stream)?;
    }
    None
}

fn unpacked((bytes, end): &Stream) -> Option<Stream> {
    let mut plain = Vec::new();
    let mut at = 0;
    let fault = loop {
        match member(&bytes[at..], *end, &mut plain) {
            Ok(length) => at += length,
            Err(fault) => break Some(fault),
        }
        if plain.len() > MOST {
            return None;
        }
        let rest = &bytes[at..];
        match rest.first() {
            None => break *end,
            Some(0x1f) => {}
            Some(0) if rest.iter().all(|byte| *byte == 0) => break *end,
            Some(_) => break Some(Fault::Gzip(GzipFault::Trailing)),
        }
    };
    Some((plain, fault))
}

/// Appends the plain bytes of one member to `plain`. Returns the length of the member.
fn member(bytes: &[u8], end: Option<Fault>, plain: &mut Vec<u8>) -> Result<usize, Fault> {
    let cut_off = end.unwrap_or(Fault::Gzip(GzipFault::CutOff));
    let byte = |at: usize| bytes.get(at).copied().ok_or(cut_off);
    let wrong = |fault| Err(Fault::Gzip(fault));
    for (at, magic) in [0x1f, 0x8b].into_iter().enumerate() {
        if byte(at)? != magic {
            return wrong(GzipFault::Trailing);
        }
    }
    if byte(2)? != 8 {
        return wrong(GzipFault::Method);
    }
    let flags = byte(3)?;
    if flags & 0b1110_0000 != 0 {
        return wrong(GzipFault::ReservedFlags);
    }
    byte(9)?;
    let mut at = 10;
    if flags & 4 != 0 {
        let length = u16::from_le_bytes([byte(at)?, byte(at + 1)?]);
        at += 2 + usize::from(length);
        byte(at - 1)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            while byte(at)? != 0 {
                at += 1;
            }
            at += 1;
        }
    }
    if flags & 2 != 0 {
        let stored = u16::from_le_bytes([byte(at)?, byte(at + 1)?]);
        if stored != crc(&bytes[..at]) as u16 {
            return wrong(GzipFault::HeaderChecksum);
        }
        at += 2;
    }
    let mut inflate = Decompress::new(false);
    let mut out = Vec::new();
    loop {
        out.reserve(1 << 16);
        let before = (inflate.total_in(), inflate.total_out());
        let taken = inflate.total_in() as usize;
        let status = inflate.decompress_vec(&bytes[at + taken..], &mut out, FlushDecompress::None);
        let stuck = before == (inflate.total_in(), inflate.total_out());
        let over = match status {
            Ok(Status::StreamEnd) => break,
            Ok(_) if stuck && at + taken == bytes.len() => cut_off,
            Ok(_) if !stuck && out.len() <= MOST => continue,
            Ok(_) | Err(_) => Fault::Gzip(GzipFault::Deflate),
        };
        plain.extend(out);
        return Err(over);
    }
    at += inflate.total_in() as usize;
    plain.extend(&out);
    let stored: Vec<u8> = (at..at + 8).map(byte).collect::<Result<_, _>>()?;
    if stored[..4] != crc(&out).to_le_bytes() {
        return wrong(GzipFault::Checksum);
    }
    if stored[4..] != (out.len() as u32).to_le_bytes() {
        return wrong(GzipFault::Length);
    }
    Ok(at + 8)
}

/// Returns all plain bytes before the end or the error, and the error message.
fn read(packed: &[u8], arriving: Vec<usize>, asked: &[usize]) -> (Stream, String) {
    let mut source = Source::from_reader("x", Steps::new(packed, arriving));
    let mut plain = Vec::new();
    let mut buf = vec![0; asked.iter().copied().max().unwrap_or(1).clamp(1, 1 << 16)];
    let mut turn = 0;
    loop {
        let size = asked[turn % asked.len()].clamp(1, 1 << 16);
        turn += 1;
        match source.read(&mut buf[..size]) {
            Ok(0) => {
                assert_eq!(source.read(&mut buf).unwrap(), 0, "the end is final");
                return ((plain, None), String::new());
            }
            Ok(count) => plain.extend(&buf[..count]),
            Err(error) => {
                let fault = match error.kind() {
                    ErrorKind::Input(InputError::Gzip(fault)) => Fault::Gzip(fault.fault),
                    ErrorKind::Input(InputError::GzippedTooOften) => Fault::TooOften,
                    other => panic!("{other}"),
                };
                return ((plain, Some(fault)), error.to_string());
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let ([kind, arriving, asked], bytes) = head(data);
    let packed = if kind % 2 == 0 {
        bytes.to_vec()
    } else {
        let Ok(packed) = assemble(bytes) else { return };
        packed
    };
    let Some((plain, fault)) = naive((packed.clone(), None)) else { return };
    if plain.len() > MOST {
        return;
    }
    let whole = read(&packed, vec![1 << 20], &[1 << 16]);
    assert!(whole.0.0 == plain, "{} bytes instead of {}", whole.0.0.len(), plain.len());
    assert_eq!(whole.0.1, fault);
    let stepwise = read(&packed, sizes(arriving), &sizes(asked));
    assert!(stepwise.0.0 == plain);
    assert_eq!((stepwise.0.1, stepwise.1), (fault, whole.1));
});
