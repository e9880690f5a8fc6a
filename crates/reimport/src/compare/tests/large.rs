//! 100 000 users in a different order, with known differences of every kind.

use super::{Inputs, counts};
use crate::compare::FieldChangeKind;

const USERS: u64 = 100_000;

/// Returns a pseudorandom number. It is used to shuffle the users.
fn scattered(number: u64) -> u64 {
    (number ^ (number >> 7)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

fn user(prefix: &str, number: u64, plan: &str, crm: u64) -> String {
    format!(
        r#"{{"user_id":"{prefix}{number:024x}","email":"user{number}@example.com","email_verified":true,"app_metadata":{{"plan":"{plan}","crm_id":{crm}}}}}"#
    )
}

/// Returns which difference a user has: 1 removed, 2 changed, 3 rounded, otherwise none.
fn planted(number: u64) -> u64 {
    // One user in 500 has each difference.
    number % 500
}

fn crm(number: u64) -> u64 {
    9_007_199_254_740_993 + number * 2
}

fn through_a_float(number: u64) -> u64 {
    format!("{:.0}", number as f64).parse().expect("a whole number")
}

#[test]
fn finds_planted_differences_in_48_bytes_per_user() {
    let old: Vec<String> = (0..USERS).map(|number| user("", number, "pro", crm(number))).collect();
    let mut new: Vec<(u64, String)> = (0..USERS)
        .filter(|&number| planted(number) != 1)
        .map(|number| {
            let record = match planted(number) {
                2 => user("auth0|", number, "free", crm(number)),
                // The value after conversion to a double.
                3 => user("auth0|", number, "pro", through_a_float(crm(number))),
                _ => user("auth0|", number, "pro", crm(number)),
            };
            (scattered(number), record)
        })
        .collect();
    new.extend(
        (0..300).map(|number| (scattered(number + 7), user("auth0|", USERS + number, "pro", crm(number)))),
    );
    new.sort();
    let new: Vec<String> = new.into_iter().map(|(_, record)| record).collect();
    let inputs = Inputs::new(&old, &new);

    let (report, recorded) = inputs.verify();
    let each = USERS / 500;
    assert_eq!(counts(&report), [USERS - 3 * each, 2 * each, each, 300]);
    assert_eq!(report.lost_digits, each);
    let by: Vec<_> = report.changed_by.iter().map(|((path, kind), users)| (&**path, *kind, *users)).collect();
    assert_eq!(
        by,
        [
            ("app_metadata.crm_id", FieldChangeKind::LostDigits, each),
            ("app_metadata.plan", FieldChangeKind::Value, each)
        ]
    );
    let removed: Vec<String> = (0..USERS)
        .filter(|&number| planted(number) == 1)
        .map(|number| old[number as usize].clone())
        .collect();
    assert_eq!(recorded.missing, removed);
    let mut changed: Vec<_> =
        recorded.changed.iter().map(|(id, paths)| (id.clone(), paths[0].clone())).collect();
    changed.sort();
    let mut expected: Vec<_> = (0..USERS)
        .filter_map(|number| {
            let path = match planted(number) {
                2 => "app_metadata.plan value",
                3 => "app_metadata.crm_id lost-digits",
                _ => return None,
            };
            Some((format!("auth0|{number:024x}"), path.to_owned()))
        })
        .collect();
    expected.sort();
    assert_eq!(changed, expected);
    let per_user = report.table_bytes as f64 / USERS as f64;
    assert!(per_user <= 48.0, "{per_user} bytes a user");
}
