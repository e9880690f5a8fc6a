//! Input that makes memory or disk usage grow: memory has a known limit, and the disk is not filled.
//!
//! `REIMPORT_LONG=1` runs the full sizes. Otherwise sizes are a tenth, which exceeds the same limits.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::traced::is_long;
use crate::harness::{WorkFolder, users};

/// Writes a gzip file: a beginning, many repetitions of `piece`, and an end.
fn bomb(place: &WorkFolder, before: &str, piece: &[u8], bytes: usize, after: &str) {
    let file = fs::File::create(place.path().join("bomb.gz")).unwrap();
    let mut encoder = GzEncoder::new(file, Compression::fast());
    encoder.write_all(before.as_bytes()).unwrap();
    let many = piece.repeat((1 << 20) / piece.len());
    let mut left = bytes;
    while left > 0 {
        let count = left.min(many.len());
        encoder.write_all(&many[..count]).unwrap();
        left -= count;
    }
    encoder.write_all(after.as_bytes()).unwrap();
    encoder.finish().unwrap();
}

fn size(full: usize) -> usize {
    if is_long() { full } else { full / 10 }
}

/// Description, beginning, repeated piece, number of repeated bytes, end, and exit status.
type Bomb<'a> = (&'a str, &'a str, &'a [u8], usize, &'a str, i32);

#[test]
fn gzip_bombs_are_reported_in_bounded_memory() {
    let user = users(1);
    // One record is in memory, up to its limit of 16 MiB, and twice that while its buffer grows.
    let bound = 32;
    let cases: [Bomb<'_>; 8] = [
        ("spaces before a record", "", b" ", 200_000_000, &user, 0),
        ("spaces behind a record", &user, b" ", 200_000_000, "", 0),
        ("one long string", "{\"user_id\":\"", b"x", 200_000_000, "\"}\n", 1),
        ("line ends", &user, b"\n", 64_000_000, &user.replace("|0", "|1").replace("u0", "u1"), 0),
        ("open brackets", "{\"a\":", b"[", 64_000_000, "\n", 1),
        ("open braces", &user, b"{\"a\":", 64_000_000, "\n", 1),
        ("an open array of spaces", "[", b" ", 200_000_000, "", 2),
        ("NUL bytes", "", b"\0", 200_000_000, "", 2),
    ];
    for (what, before, piece, bytes, after, status) in cases {
        let place = WorkFolder::new();
        bomb(&place, before, piece, size(bytes), after);
        let ran = place.measure("convert bomb.gz -o parts --threads 4 -q");
        // A tenth of a long record is below the limit, and is rejected for another reason than its length.
        assert_eq!(ran.status, status, "{what}: {}", ran.err);
        assert!((1..bound).contains(&ran.peak), "{what}: {} MiB", ran.peak);
        let names = place.names(".");
        assert_eq!(names, if status == 2 { &["bomb.gz"][..] } else { &["bomb.gz", "parts"] }, "{what}");
    }
}

#[test]
fn unclosed_quote_is_reported_by_line_in_bounded_memory() {
    let place = WorkFolder::new();
    bomb(&place, "user_id,email\nauth0|1,a@example.com\nauth0|2,\"", b"x,y\n", size(200_000_000), "");
    let ran = place.measure("convert bomb.gz -o parts");
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("line 3") && ran.err.contains("quote"), "{}", ran.err);
    assert!((1..32).contains(&ran.peak), "{} MiB", ran.peak);
    assert_eq!(place.names("."), ["bomb.gz"]);
}

#[test]
fn million_bad_lines_have_positions_in_bounded_memory() {
    let place = WorkFolder::new();
    bomb(&place, "{}\n", b"x\n", size(2_000_000), "");
    let ran = place.measure("convert bomb.gz -o parts --rules none");
    assert_eq!(ran.status, 1, "{}", ran.err);
    // The data about each line is much larger than the line, so a block has few lines.
    assert!((1..16).contains(&ran.peak), "{} MiB", ran.peak);
    let rejected = place.read("parts/rejected.ndjson");
    assert_eq!(rejected.lines().count(), size(2_000_000) / 2);
    assert!(rejected.lines().last().unwrap().contains(&format!("\"line\":{}", size(2_000_000) / 2 + 1)));
    // What could fill the disk has a limit, which is in the message.
    let ran = place.measure("convert bomb.gz -o other --rules none --max-reject-bytes 100kB");
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("more than 100000 bytes, the limit for them"), "{}", ran.err);
    let ran = place.measure("select bomb.gz -f email -o emails.csv --max-reject-bytes 100kB");
    assert_eq!((ran.status, ran.err.contains("--max-reject-bytes")), (2, true), "{}", ran.err);
    assert_eq!(place.names("."), ["bomb.gz", "parts"]);
}

#[test]
fn millions_of_empty_users_use_bounded_memory() {
    let place = WorkFolder::new();
    bomb(&place, "", b"{}\n", size(15_000_000), "");
    let ran = place.measure("convert bomb.gz -o parts --threads 4");
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!((1..40).contains(&ran.peak), "{} MiB", ran.peak);
    assert_eq!(place.read("parts/rejected.ndjson").lines().count(), size(15_000_000) / 3);
}

#[test]
fn reads_header_of_five_thousand_columns() {
    let place = WorkFolder::new();
    let mut csv = "user_id,email".to_owned();
    (0..5_000).for_each(|n| write!(csv, ",user_metadata.k{n}").unwrap());
    for row in 0..20 {
        write!(csv, "\nauth0|{row},u{row}@example.com").unwrap();
        (0..5_000).for_each(|n| write!(csv, ",{n}").unwrap());
    }
    fs::write(place.path().join("wide.csv"), csv).unwrap();
    let ran = place.measure("convert wide.csv -o parts -q");
    // Users above 10 kB are a warning.
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!((1..16).contains(&ran.peak), "{} MiB", ran.peak);
    assert!(place.read("parts/users-00001.json").contains("\"k4999\":\"4999\""));
}

#[test]
fn million_property_names_are_counted_as_other_in_bounded_memory() {
    let place = WorkFolder::new();
    let mut export = String::new();
    let count = size(1_000_000);
    for n in 0..count / 10 {
        // The input determines the names of properties; strategies and connections come from ids and identities.
        write!(export, "{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\"").unwrap();
        (0..10).for_each(|k| write!(export, ",\"p{}\":1", n * 10 + k).unwrap());
        writeln!(export, ",\"identities\":[{{\"provider\":\"auth0\",\"connection\":\"Users\"}}]}}").unwrap();
        writeln!(
            export,
            "{{\"user_id\":\"x{n}|1\",\"identities\":[{{\"provider\":\"s{n}\",\"connection\":\"c{n}\"}}]}}"
        )
        .unwrap();
    }
    fs::write(place.path().join("tenant.json"), export).unwrap();
    let ran = place.measure("convert tenant.json -o parts --json");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!((1..32).contains(&ran.peak), "{} MiB", ran.peak);
    let summary: serde_json::Value =
        serde_json::from_str(&place.run("convert tenant.json -o again --json").out).unwrap();
    for counted in ["unknown", "skipped_by"] {
        let names = summary[counted].as_object().unwrap();
        assert!(names.len() <= 1_001 && names.len() > 300, "{counted}: {}", names.len());
        let other: u64 =
            names.iter().filter(|(name, _)| name.contains("other")).map(|(_, n)| n.as_u64().unwrap()).sum();
        assert!(other > 0, "{counted} has no `other`");
    }
    let total: u64 = summary["unknown"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(total as usize, count);
    // Each user has its own connection. A thousand connections are counted, and more folders are refused.
    let mut export = String::new();
    for n in 0..count / 10 {
        writeln!(export, "{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",\"identities\":[{{\"provider\":\"auth0\",\"connection\":\"c{n}\"}}]}}").unwrap();
    }
    fs::write(place.path().join("many.json"), export).unwrap();
    let ran = place.measure("convert many.json -o many --merge-connections -q");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!((1..40).contains(&ran.peak), "{} MiB", ran.peak);
    let ran = place.measure("convert many.json -o folders --by-connection -q");
    assert_eq!((ran.status, ran.err.contains("more than 1000 connections")), (2, true), "{}", ran.err);
    let ran = place.measure("convert many.json -o one -q");
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.len() < 100_000, "an error of {} bytes", ran.err.len());
}

#[test]
fn fifteen_mebibyte_records_use_bounded_memory() {
    let place = WorkFolder::new();
    let file = fs::File::create(place.path().join("large.gz")).unwrap();
    let mut encoder = GzEncoder::new(file, Compression::fast());
    let long = "x".repeat(15 << 20);
    let count = if is_long() { 64 } else { 24 };
    for n in 0..count {
        write!(
            encoder,
            "{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",\"user_metadata\":{{\"a\":\""
        )
        .unwrap();
        encoder.write_all(long.as_bytes()).unwrap();
        encoder.write_all(b"\"}}\n").unwrap();
    }
    encoder.finish().unwrap();
    let ran = place.measure("convert large.gz -o parts --threads 8 --max-part-bytes 20MiB -q");
    // Users above 10 kB are a warning.
    assert_eq!(ran.status, 1, "{}", ran.err);
    // At most 8 threads and 2 spare blocks: each can have the record, the same size read ahead, and the rendered record.
    assert!((1..(8 + 2) * 3 * 16).contains(&ran.peak), "{} MiB", ran.peak);
    assert_eq!(place.names("parts").iter().filter(|name| name.starts_with("users-")).count(), count);
}
