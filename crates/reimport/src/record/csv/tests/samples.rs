//! Tests with the sample of the export job's CSV.

use super::{good, read};

#[test]
fn sample_of_the_export_job_gives_its_users() {
    let expected = include_str!("../../../../../../testdata/users.csv.ndjson");
    assert_eq!(
        good(include_str!("../../../../../../testdata/users.csv")),
        expected.lines().collect::<Vec<_>>()
    );
}

#[test]
fn line_numbers_of_the_sample_match_an_editor() {
    let (rows, _) = read(include_str!("../../../../../../testdata/users.csv"));
    let lines: Vec<u64> = rows.iter().map(|(position, _)| position.line).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7, 8, 9, 10]);
}
