//! Valid data is read correctly, for every way to compress it and to split it into reads.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        // Long repetitions: much more output than input.
        (any::<u8>(), 0..40_000_usize).prop_map(|(byte, count)| vec![byte; count]),
        // Random bytes: stored blocks.
        vec(any::<u8>(), 0..3000),
    ]
}

fn label() -> impl Strategy<Value = Option<Vec<u8>>> {
    option::of(vec(1..=255_u8, 0..300))
}

fn member() -> impl Strategy<Value = Member> {
    (text(), 0..10_u32, option::of(vec(any::<u8>(), 0..300)), label(), label(), any::<bool>()).prop_map(
        |(plain, level, extra, name, comment, header_checksum)| Member {
            plain,
            level,
            extra,
            name,
            comment,
            header_checksum,
        },
    )
}

/// Sizes of reads. Reading one byte at a time is slow, so it is only one of the cases.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), vec(1..20_usize, 1..5), vec(1..70_000_usize, 1..5)]
}

proptest! {
    #[test]
    fn gzip_members_round_trip(
        members in vec(member(), 1..5),
        padding in 0..600_usize,
        mut arriving in sizes(),
        interruption in option::of(0..5_usize),
        asked in sizes(),
    ) {
        if let Some(at) = interruption {
            arriving.insert(at.min(arriving.len()), 0);
        }
        let mut packed: Vec<u8> = members.iter().flat_map(Member::packed).collect();
        packed.resize(packed.len() + padding, 0);
        let length = packed.len() as u64;
        let expected: Vec<u8> = members.iter().flat_map(|member| member.plain.clone()).collect();
        // The content can itself begin like gzip data. It would be decompressed, too.
        prop_assume!(!expected.starts_with(&[0x1f, 0x8b]));

        let mut source = Source::from_reader("x", Steps::new(packed, arriving));
        let (plain, end) = drain(&mut source, &asked);
        end.unwrap();
        prop_assert!(plain == expected);
        prop_assert_eq!(source.progress().compressed_bytes(), length);
        prop_assert_eq!(source.gzip_layers(), 1);
    }

    #[test]
    fn plain_text_is_unchanged(plain in text(), arriving in sizes(), asked in sizes()) {
        prop_assume!(!plain.starts_with(&[0x1f, 0x8b]));
        let mut source = Source::from_reader("x", Steps::new(plain.clone(), arriving));
        let (read, end) = drain(&mut source, &asked);
        end.unwrap();
        prop_assert!(read == plain);
        prop_assert_eq!(source.progress().compressed_bytes(), plain.len() as u64);
        prop_assert_eq!(source.gzip_layers(), 0);
    }
}

#[test]
fn buffer_is_filled_across_short_reads_and_members() {
    let packed: Vec<u8> = [&b"ab"[..], b"", b"cde"].iter().flat_map(|plain| gzip(plain)).collect();
    let mut source = Source::from_reader("x", Steps::new(packed, vec![1]));
    let mut buf = [0; 4];
    assert_eq!(source.read(&mut []).unwrap(), 0);
    assert_eq!(source.read(&mut buf).unwrap(), 4);
    assert_eq!(&buf, b"abcd");
    assert_eq!(source.read(&mut buf).unwrap(), 1);
    assert_eq!(source.read(&mut buf).unwrap(), 0);
    assert_eq!(source.read(&mut buf).unwrap(), 0);
}

#[test]
fn texts_shorter_than_gzip_magic_are_read() {
    for plain in [&b""[..], b"a", b"\x1f", b"\x1fa", b"\x8b\x1f"] {
        assert_eq!(plain_of(plain).unwrap(), plain);
    }
}

#[test]
fn empty_members_are_read() {
    for level in [0, 1, 9] {
        let nothing = Member { level, ..Member::default() }.packed();
        let something = Member { level, ..Member::of(b"a") }.packed();
        assert_eq!(plain_of(&nothing).unwrap(), b"");
        assert_eq!(plain_of(&[nothing.clone(), nothing.clone()].concat()).unwrap(), b"");
        assert_eq!(plain_of(&[&something[..], &nothing, &something, &nothing].concat()).unwrap(), b"aa");
    }
}

#[test]
fn long_header_fields_are_skipped() {
    let member = Member {
        extra: Some(vec![7; 65_535]),
        name: Some(vec![b'n'; 1_000_000]),
        comment: Some(vec![b'c'; 300_000]),
        header_checksum: true,
        ..Member::of(b"a")
    };
    assert_eq!(plain_of(&member.packed()).unwrap(), b"a");
}

#[test]
fn up_to_four_gzip_layers_are_unpacked() {
    let mut packed = b"{}\n".repeat(1000);
    for layers in 0..=4 {
        let mut source = Source::from_reader("x", Steps::new(packed.clone(), vec![1, 7, 3000]));
        let (plain, end) = drain(&mut source, &[1, 100]);
        end.unwrap();
        assert!(plain == b"{}\n".repeat(1000));
        assert_eq!(source.gzip_layers(), layers);
        packed = gzip(&packed);
    }
    let error = plain_of(&packed).unwrap_err();
    assert!(matches!(error.kind(), Kind::Input(InputError::GzippedTooOften)), "{error}");
}

#[test]
fn long_padding_is_skipped() {
    let mut packed = gzip(b"a");
    packed.resize(1_000_000, 0);
    assert_eq!(plain_of(&packed).unwrap(), b"a");
}

#[test]
fn gzip_bomb_is_read_with_a_small_buffer() {
    const LENGTH: usize = 64 << 20;
    let packed = gzip(&vec![0; LENGTH]);
    let mut source = Source::from_reader("x", Cursor::new(packed));
    let mut buf = vec![1; 64 << 10];
    let mut length = 0;
    loop {
        let count = source.read(&mut buf).unwrap();
        if count == 0 {
            break;
        }
        assert_eq!(count, buf.len());
        length += count;
    }
    assert_eq!(length, LENGTH);
}
