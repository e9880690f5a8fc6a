//! Damaged data gives an error with its location: never a silent end, wrong bytes or an endless loop.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Returns two members, the first with every optional header field; the decompressed bytes; and the offset of the
/// second member.
fn two_members() -> (Vec<u8>, Vec<u8>, usize) {
    let first = Member {
        extra: Some(vec![1, 2, 3]),
        name: Some(b"a.json".to_vec()),
        comment: Some(b"x".to_vec()),
        header_checksum: true,
        ..Member::of(b"{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n")
    };
    let second = Member::of(b"{\"email\":\"c@example.com\"}\n");
    let (one, two) = (first.packed(), second.packed());
    let border = one.len();
    ([one, two].concat(), [first.plain, second.plain].concat(), border)
}

#[test]
fn truncation_is_an_error_at_its_byte() {
    let (packed, plain, border) = two_members();
    for cut in 2..packed.len() {
        let (read, end) = drain(&mut Source::from_reader("x", Cursor::new(packed[..cut].to_vec())), &[5]);
        assert!(plain.starts_with(&read));
        if cut == border {
            // A complete member is a complete file.
            end.unwrap();
        } else {
            assert_eq!(gzip_fault(&end.unwrap_err()), (GzipFault::CutOff, cut as u64, 0));
        }
    }
}

#[test]
fn changed_byte_is_detected_or_has_no_effect() {
    let (packed, plain, border) = two_members();
    // Without a header checksum, the text flag, the time, the level and the system can change without an error.
    let free = [border + 3, border + 4, border + 5, border + 6, border + 7, border + 8, border + 9];
    let mut unnoticed = Vec::new();
    // Without the magic bytes, the file is not gzip data.
    for at in 2..packed.len() {
        for change in 1..=255 {
            let mut changed = packed.clone();
            changed[at] ^= change;
            match plain_of(&changed) {
                Ok(read) => {
                    assert!(read == plain, "byte {at} changed by {change:#x} changed the text");
                    unnoticed.push(at);
                }
                Err(error) => {
                    let (_, named, layer) = gzip_fault(&error);
                    assert_eq!(layer, 0);
                    assert!(named <= packed.len() as u64);
                }
            }
        }
    }
    unnoticed.dedup();
    // The last byte of deflate data has unused bits.
    let spare = [border - 9, packed.len() - 9];
    assert!(unnoticed.iter().all(|at| free.contains(at) || spare.contains(at)), "{unnoticed:?}");
    assert!(free.iter().all(|at| unnoticed.contains(at)), "{unnoticed:?}");
}

proptest! {
    #[test]
    fn random_damage_gives_an_error_or_correct_bytes(
        plain in vec(any::<u8>(), 0..2000),
        level in 0..10_u32,
        double in any::<bool>(),
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<Index>()),
        asked in 1..5000_usize,
    ) {
        let mut packed = Member { level, ..Member::of(&plain) }.packed();
        if double {
            packed = gzip(&packed);
        }
        for (at, byte) in damage {
            // The magic bytes stay: without them, the data is plain text.
            let at = at.index(packed.len() - 2) + 2;
            packed[at] = byte;
        }
        if let Some(cut) = cut {
            packed.truncate(2 + cut.index(packed.len() - 2));
        }
        let (read, end) = drain(&mut Source::from_reader("x", Cursor::new(packed)), &[asked]);
        if end.is_ok() {
            prop_assert!(read == plain);
        }
    }

    #[test]
    fn noise_after_a_header_terminates(noise in vec(any::<u8>(), 0..3000), asked in 1..100_usize) {
        let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        packed.extend(noise);
        let (read, end) = drain(&mut Source::from_reader("x", Cursor::new(packed)), &[asked]);
        prop_assert!(end.is_err() || read.is_empty());
    }
}

#[test]
fn each_fault_is_reported_at_its_byte() {
    let packed = gzip(b"abc");
    let length = packed.len();
    let changed = |at: usize, byte: u8| {
        let mut packed = packed.clone();
        packed[at] = byte;
        packed
    };
    assert_eq!(fault_of(&changed(2, 7)), (GzipFault::Method, 2, 0));
    for flag in [0x20, 0x40, 0x80, 0xe0] {
        assert_eq!(fault_of(&changed(3, flag)), (GzipFault::ReservedFlags, 3, 0));
    }
    assert_eq!(
        fault_of(&changed(length - 8, !packed[length - 8])),
        (GzipFault::Checksum, length as u64 - 8, 0)
    );
    assert_eq!(fault_of(&changed(length - 4, 4)), (GzipFault::Length, length as u64 - 4, 0));
    // A block of type 3, which is invalid.
    assert_eq!(fault_of(&changed(10, 0xff)), (GzipFault::Deflate, 11, 0));

    let mut named =
        Member { name: Some(b"a".to_vec()), header_checksum: true, ..Member::of(b"abc") }.packed();
    assert_eq!(plain_of(&named).unwrap(), b"abc");
    named[10] = b'b';
    assert_eq!(fault_of(&named), (GzipFault::HeaderChecksum, 12, 0));
}

#[test]
fn trailing_data_is_reported_at_its_first_byte() {
    let packed = gzip(b"abc");
    let length = packed.len() as u64;
    let trailing = |tail: &[u8]| fault_of(&[&packed, tail].concat());
    assert_eq!(trailing(b"x"), (GzipFault::Trailing, length, 0));
    assert_eq!(trailing(b"\n"), (GzipFault::Trailing, length, 0));
    assert_eq!(trailing(b"\0\0\0x"), (GzipFault::Trailing, length + 3, 0));
    assert_eq!(trailing(b"\x1fx"), (GzipFault::Trailing, length, 0));
    assert_eq!(trailing(b"\x1f"), (GzipFault::CutOff, length + 1, 0));
    // Nothing is read after padding, so a member after it would be lost.
    assert_eq!(trailing(&[b"\0", &packed[..]].concat()), (GzipFault::Trailing, length + 1, 0));
}

#[test]
fn all_bytes_before_a_fault_are_returned_first() {
    let mut packed = gzip(b"abc");
    packed.push(b'x');
    for size in [1, 2, 3, 4, 100] {
        let mut source = Source::from_reader("users.json.gz", Cursor::new(packed.clone()));
        let (read, end) = drain(&mut source, &[size]);
        assert_eq!(read, b"abc");
        assert_eq!(
            end.unwrap_err().to_string(),
            format!(
                "users.json.gz: the gzip data is followed by something else at byte {} of the compressed file: \
                 remove what was added there, or download it again",
                packed.len() - 1
            )
        );
    }
}

#[test]
fn bytes_before_invalid_deflate_data_are_returned_first() {
    // A header, a stored block of three bytes, and a block of type 3, which is invalid.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(b"\x00\x03\x00\xfc\xffabc\x07........");
    for size in [1, 2, 3, 4, 100] {
        let (read, end) = drain(&mut Source::from_reader("x", Cursor::new(packed.clone())), &[size]);
        assert_eq!(read, b"abc");
        assert_eq!(gzip_fault(&end.unwrap_err()), (GzipFault::Deflate, 19, 0));
    }
}

#[test]
fn inner_layer_fault_is_reported_by_that_layer() {
    let inner = gzip(b"abc");
    assert_eq!(fault_of(&gzip(&inner[..15])), (GzipFault::CutOff, 15, 1));
    let outer = gzip(&inner);
    assert_eq!(fault_of(&outer[..outer.len() - 1]), (GzipFault::CutOff, outer.len() as u64 - 1, 0));
}

#[test]
fn data_before_broken_layer_is_independent_of_read_size() {
    // A few bytes of the inner layer decompress to many bytes, so most of them are not yet returned when the outer
    // layer is truncated.
    let inner = Member { level: 9, ..Member::of(&b"{\"a\":1}\n".repeat(500)) }.packed();
    let packed = Member { level: 0, ..Member::of(&inner) }.packed();
    for cut in 2..packed.len() {
        let read = |asked: &[usize]| {
            let mut source = Source::from_reader("x", Cursor::new(packed[..cut].to_vec()));
            let (plain, end) = drain(&mut source, asked);
            (plain, gzip_fault(&end.unwrap_err()))
        };
        let whole = read(&[1 << 16]);
        for asked in [&[1][..], &[2, 5], &[100]] {
            assert_eq!(read(asked), whole, "cut at {cut}, asked for {asked:?}");
        }
    }
}
