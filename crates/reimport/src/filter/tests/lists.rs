//! Compares lists of ids with a naive set.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use crate::filter::Ids;
use crate::source::Source;

fn read(bytes: impl Into<Vec<u8>>) -> Ids {
    Ids::read(Source::from_reader("ids.txt", Cursor::new(bytes.into()))).unwrap()
}

fn refusal(bytes: impl Into<Vec<u8>>) -> String {
    Ids::read(Source::from_reader("ids.txt", Cursor::new(bytes.into()))).unwrap_err().to_string()
}

#[test]
fn lines_are_ids_with_or_without_prefix() {
    let ids = read("\u{feff}auth0|1\r\n\n  2  \nsms|3\nauth0|auth0|4");
    for (id, expected) in [
        ("1", true),
        ("auth0|1", true),
        ("auth0|2", true),
        ("sms|3", true),
        ("3", false),
        ("auth0|sms|3", true),
        ("auth0|4", false),
        ("4", false),
        ("auth0|auth0|4", true),
        ("", false),
    ] {
        assert_eq!(ids.contains(id), expected, "{id}");
    }
    assert_eq!(ids.len(), 4);
}

#[test]
fn csv_list_uses_id_column_or_first_column() {
    let cases = [
        "email,user_id\na@example.com,auth0|1\nb@example.com,2\n",
        "email;\"user_id\"\n\"a\n;\"\"b\";\"'auth0|1\"\n;'2",
        "Email\tId\r\na\t1\r\nb\t2\r\n",
        "user_id\n\"'auth0|1\"\n'2\n",
        "'user_id,x\n1,9\n2\n",
        "auth0|1,a@example.com\n2,b@example.com\n",
        "\"auth0|1\",\"x\"\n\"'2\"\n",
    ];
    for text in cases {
        let ids = read(text);
        assert!(ids.contains("1") && ids.contains("auth0|2"), "{text}");
        assert!(!ids.contains("a@example.com") && !ids.contains("9") && !ids.contains("user_id"), "{text}");
    }
}

#[test]
fn cell_at_buffer_end_does_not_end_its_row() {
    // Rows of 16 bytes after a header of 24 bytes: any buffer whose size is a power of two ends after a comma.
    let rows =
        (1_000_000_u32..1_040_000).fold(String::new(), |rows, id| rows + "before.," + &id.to_string() + "\n");
    let ids = read(format!("fifteen letters,user_id\n{rows}"));
    assert_eq!(ids.len(), 40_000);
    assert!((1_000_000_u32..1_040_000).all(|id| ids.contains(&id.to_string())));
}

#[test]
fn id_can_contain_a_comma() {
    let ids = read("ad|CN=Ada,OU=Staff\n");
    assert!(ids.contains("ad|CN=Ada,OU=Staff"));
}

#[test]
fn gzipped_lists_are_read() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"user_id\n1\n").unwrap();
    let ids = read(gzip.finish().unwrap());
    assert!(ids.contains("1"));
    assert_eq!(ids.len(), 1);
}

#[test]
fn invalid_lists_are_refused() {
    assert_eq!(
        refusal("\n{\"user_id\":\"auth0|1\"}\n"),
        "ids.txt: expected one user id per line, but found JSON; `jq -r .user_id` makes such a list from an export"
    );
    assert_eq!(
        refusal(b"1\n2\xff\n".to_vec()),
        "ids.txt: line 2 (record 2, byte 2): expected a user id in UTF-8, but found other bytes"
    );
    assert_eq!(
        refusal(format!("1\n{}", "x".repeat(70_000))),
        "ids.txt: line 2 (record 2, byte 2): expected a user id, but found more than 65536 bytes without an end"
    );
    assert_eq!(
        refusal(format!("user_id\n1\n\"{}", "x".repeat(200_000))),
        "ids.txt: line 3 (record 3, byte 0): expected a user id, but found more than 65536 bytes without an end"
    );
    assert_eq!(
        refusal("email, \"'name\",n\u{7}\na@example.com,A,1\n"),
        "ids.txt: expected a column user_id, but the columns are email, name, n\\u{7}"
    );
    assert_eq!(
        refusal("LAST_IP\n192.0.2.1\n"),
        "ids.txt: expected a column user_id, but the columns are LAST_IP"
    );
    assert!(refusal("PK\x03\x04").contains("zip"));
    assert!(read("").is_empty());
}

/// A reader that returns a few bytes at a time.
struct SmallReads(Cursor<Vec<u8>>, usize);

impl std::io::Read for SmallReads {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let length = out.len().min(self.1);
        self.0.read(&mut out[..length])
    }
}

proptest! {
    #[test]
    fn list_contains_exactly_the_written_ids(
        ids in prop::collection::vec("[a-z0-9|]{1,20}", 0..200),
        others in prop::collection::vec("[a-z0-9|]{1,3}", 0..50),
        csv in any::<bool>(),
        padding in 0_usize..5_000,
        size in 1_usize..5_000,
    ) {
        let mut text = String::from(if csv { "name,user_id,x\n" } else { "\n" });
        for id in &ids {
            let row = if csv { format!("\"{}\n\"\"\",{id},\n", "n".repeat(padding)) } else { format!("{id}\n") };
            text.push_str(&row);
        }
        let set = Ids::read(Source::from_reader("x", SmallReads(Cursor::new(text.into_bytes()), size))).unwrap();
        let bare = |id: &str| id.strip_prefix("auth0|").unwrap_or(id).to_owned();
        let naive: BTreeSet<String> = ids.iter().map(|id| bare(id)).collect();
        prop_assert_eq!(set.len(), naive.len());
        // The line of an id is where it occurs first. In the CSV, it is the line of its cell, after a header and a
        // cell of two lines.
        let line = |id: &String| {
            let first = ids.iter().position(|other| bare(other) == bare(id)).unwrap() as u64;
            if csv { 3 + 2 * first } else { 2 + first }
        };
        let lines: BTreeSet<u64> = ids.iter().map(line).collect();
        let unmatched = set.unmatched().next();
        prop_assert_eq!(unmatched.as_ref().map_or(0, |list| list.ids), naive.len());
        prop_assert_eq!(
            unmatched.map_or(Vec::new(), |list| list.lines),
            lines.into_iter().take(3).collect::<Vec<_>>()
        );
        for id in ids.iter().chain(&others) {
            prop_assert_eq!(set.contains(id), naive.contains(&bare(id)));
            prop_assert_eq!(set.contains(&format!("auth0|{}", bare(id))), naive.contains(&bare(id)));
        }
    }
}
