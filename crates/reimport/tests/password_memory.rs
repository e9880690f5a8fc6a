//! Memory of a table of password hashes. The only test of its binary, because it measures the memory of the
//! process.

#![cfg(target_os = "linux")]

use std::io::Read;

use reimport::import::PasswordTable;
use reimport::source::Source;

const HASHES: u64 = 200_000;

/// A hash export that is generated while it is read, so that only the table is in memory.
struct Export {
    next: u64,
    line: Vec<u8>,
    at: usize,
}

impl Read for Export {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.line.len() && self.next < HASHES {
            let number = self.next;
            self.next += 1;
            self.at = 0;
            self.line = format!(
                "{{\"_id\":{{\"$oid\":\"{number:024x}\"}},\"email\":\"user{number}@example.com\",\"passwordHash\":\
                 \"$2b$10${number:0>53}\",\"password_set_date\":{{\"$date\":\"2025-06-01T08:00:00.000Z\"}},\
                 \"connection\":\"Users\"}}\n"
            )
            .into_bytes();
        }
        let count = out.len().min(self.line.len() - self.at);
        out[..count].copy_from_slice(&self.line[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Returns the peak memory of this process so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the file has the peak");
    let kibibytes: u64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number");
    kibibytes * 1024
}

#[test]
fn hash_takes_less_than_200_bytes_with_email() {
    let read = |next| {
        let export = Export { next, line: Vec::new(), at: 0 };
        PasswordTable::by_email().read(Source::from_reader("hashes", export)).expect("it has hashes")
    };
    // A smaller table is read first, so that the pages of the program and its buffers are not counted.
    drop(read(HASHES - 1_000));
    let before = peak();
    let table = read(0);
    assert_eq!(table.hashes(), HASHES);
    let each = (peak() - before) / HASHES;
    assert!(
        (156..200).contains(&each),
        "{each} bytes a hash: 60 of text, 64 and 32 next to it are the least"
    );
}
