//! `reimport select --gzip-level`: exact output.

use std::fs;
use std::io::Read as _;

use crate::harness::{WorkFolder, users};

/// Returns the compressed file that `select` writes with these options, and its content.
fn compressed(folder: &WorkFolder, options: &str) -> (Vec<u8>, String) {
    let ran =
        folder.run(&format!("select export.ndjson -f user_id,email -o users.csv.gz --force -q {options}"));
    ran.assert_output(0, "", "");
    let bytes = fs::read(folder.path().join("users.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    (bytes, text)
}

#[test]
fn level_changes_the_size_but_not_the_content() {
    let folder = WorkFolder::new().with("export.ndjson", users(20_000));
    let (default, text) = compressed(&folder, "");
    let sizes = ["0", "1", "3"].map(|level| {
        let (bytes, same) = compressed(&folder, &format!("--gzip-level {level}"));
        assert_eq!(same, text, "{level}");
        assert_eq!(bytes == default, level == "3", "{level}");
        bytes.len()
    });
    assert!(sizes[0] > text.len() && sizes[1] < text.len() && sizes[2] < sizes[1], "{sizes:?}");
}

#[test]
fn level_without_a_compressed_file_is_an_error() {
    let folder = WorkFolder::new().with("export.ndjson", users(1));
    for output in ["", "-o -", "-o users.csv", "-o users.gz.csv", "-o /dev/stderr"] {
        folder.run(&format!("select export.ndjson --gzip-level 1 {output}")).assert_output(
            2,
            "",
            "error: --gzip-level needs an output file whose name ends in .gz\n",
        );
    }
    assert_eq!(folder.names("."), ["export.ndjson"]);
}

#[test]
fn level_is_a_number_from_0_to_9() {
    let folder = WorkFolder::new().with("export.ndjson", users(1));
    for (level, wrong) in [("10", "10 is not in 0..=9"), ("best", "invalid digit found in string")] {
        folder.run(&format!("select export.ndjson -o users.csv.gz --gzip-level {level}")).assert_output(
            2,
            "",
            &format!(
                "error: invalid value '{level}' for '--gzip-level <LEVEL>': {wrong}\n\nFor more information, try '--help'.\n"
            ),
        );
    }
}
