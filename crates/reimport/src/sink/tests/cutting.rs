//! Tests of the division into parts: never above the limit, no part shorter than necessary, nothing lost, in order.

use std::collections::HashMap;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::parts_folder::PartLines;
use crate::run::Summary;
use crate::sink::{PartBytes, Parts, PartsOptions};

/// The simplest implementation: tries the whole part with one more user.
fn naive(users: &[String], max_bytes: usize, max_users: usize) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    for user in users {
        if let Some(last) = parts.last_mut() {
            let mut longer = last.clone();
            longer.push(user.clone());
            if longer.len() <= max_users && format!("[\n{}\n]", longer.join(",\n")).len() <= max_bytes {
                *last = longer;
                continue;
            }
        }
        parts.push(vec![user.clone()]);
    }
    parts
}

fn users() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(
        (0usize..30).prop_map(|length| format!("{{\"a\":\"{}\"}}", "x".repeat(length))),
        0..60,
    )
}

proptest! {
    #![proptest_config(crate::cases::cases(48))]

    #[test]
    fn parts_agree_with_naive_cutting_and_list_every_line(
        users in users(),
        max_bytes in 42usize..200,
        max_users in prop_oneof![Just(None), (1u64..8).prop_map(Some)],
    ) {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("parts");
        let options = PartsOptions::default().max_part_bytes(max_bytes as u64).max_part_users(max_users);
        let mut parts = Parts::create(&out, options).unwrap();
        let from = From::new();
        for (at, user) in users.iter().enumerate() {
            // After every three users, one line is not a written user.
            let line = (at + at / 3 + 1) as u64;
            let password = at % 2 == 0;
            parts
                .write(Written { bytes: user.as_bytes(), origin: from.at(line), connection: None, password })
                .unwrap();
        }
        let manifest = parts.finish(&Summary::default()).unwrap().manifest;

        let expected = naive(&users, max_bytes, max_users.unwrap_or(u64::MAX).try_into().unwrap());
        prop_assert_eq!(manifest.parts.len(), expected.len());
        for (info, expected) in manifest.parts.iter().zip(&expected) {
            let bytes = fs::read(out.join(&info.file)).unwrap();
            prop_assert_eq!(&String::from_utf8(bytes.clone()).unwrap(), &format!("[\n{}\n]", expected.join(",\n")));
            prop_assert!(bytes.len() <= max_bytes);
            prop_assert_eq!(info.bytes, bytes.len() as u64);
            prop_assert_eq!(info.users, expected.len() as u64);
            prop_assert_eq!(&info.xxh3_128, &format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)));
        }
        let passwords: u64 = manifest.parts.iter().map(|part| part.password_hashes).sum();
        prop_assert_eq!(passwords, users.len().div_ceil(2) as u64);

        let mut lines: HashMap<String, Vec<u64>> = HashMap::new();
        for line in fs::read_to_string(out.join("lines.ndjson")).unwrap_or_default().lines() {
            let PartLines { part, source, lines: ranges } = serde_json::from_str(line).unwrap();
            prop_assert_eq!(source, "tenant.json.gz");
            let lines = lines.entry(part).or_default();
            lines.extend(ranges.iter().flat_map(|(first, count)| *first..first + count));
        }
        let all: Vec<u64> = manifest.parts.iter().flat_map(|part| lines[&part.file].clone()).collect();
        prop_assert_eq!(all, (0..users.len()).map(|at| (at + at / 3 + 1) as u64).collect::<Vec<_>>());
        for part in &manifest.parts {
            prop_assert_eq!(lines[&part.file].len() as u64, part.users);
        }
    }

    #[test]
    fn part_bytes_agree_with_parts_of_a_folder(users in users(), max_bytes in 42usize..200) {
        let mut parts = Vec::new();
        let mut sink = PartBytes::new(max_bytes as u64, |_, bytes| {
            parts.push(String::from_utf8(bytes.to_vec()).unwrap());
            Ok(())
        }).unwrap();
        for user in &users {
            write(&mut sink, user, None).unwrap();
        }
        sink.finish(&Summary::default()).unwrap();
        let expected = naive(&users, max_bytes, usize::MAX);
        prop_assert_eq!(parts, expected.iter().map(|part| format!("[\n{}\n]", part.join(",\n"))).collect::<Vec<_>>());
    }
}

#[test]
fn record_of_maximum_length_fills_a_part() {
    let home = tempfile::tempdir().unwrap();
    let mut parts = Parts::create(home.path().join("p"), PartsOptions::default().max_part_bytes(20)).unwrap();
    assert_eq!(parts.max_record_bytes(), Some(16));
    write(&mut parts, "{}", None).unwrap();
    write(&mut parts, &format!("{{\"a\":\"{}\"}}", "x".repeat(8)), None).unwrap();
    let error = write(&mut parts, &format!("{{\"a\":\"{}\"}}", "x".repeat(9)), None).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::RecordTooLong { bytes: 17, limit: 16 }));
    let manifest = parts.finish(&Summary::default()).unwrap().manifest;
    assert_eq!(manifest.parts.iter().map(|part| part.bytes).collect::<Vec<_>>(), [6, 20]);
}

#[test]
fn large_part_is_spilled_and_is_one_array() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("p");
    let mut parts = Parts::create(&out, PartsOptions::default().max_part_bytes(1 << 40)).unwrap();
    let user = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
    for _ in 0..25 {
        write(&mut parts, &user, None).unwrap();
    }
    let manifest = parts.finish(&Summary::default()).unwrap().manifest;
    let bytes = fs::read(out.join("users-00001.json")).unwrap();
    let read: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((read.len(), manifest.parts.len()), (25, 1));
    assert_eq!(manifest.parts[0].xxh3_128, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)));
}
