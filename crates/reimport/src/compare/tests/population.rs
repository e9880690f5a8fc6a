//! Verifies random sets of users, and compares the result with a naive in-memory comparison.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::oracle::{canonical, members};
use super::{Comparison, Inputs, counts};

const FILLED_IN: [&str; 3] = ["name", "nickname", "picture"];
const BOOLEANS: [&str; 3] = ["email_verified", "phone_verified", "blocked"];
const TEXTS: [&str; 4] = ["given_name", "family_name", "username", "phone_number"];

fn member(prefix: &'static str) -> impl Strategy<Value = String> {
    let id = (0..6_u8).prop_map(move |id| format!(r#""user_id":"{prefix}{id}""#));
    let email = prop::sample::select(vec!["a", "b", "c", "A", "\\u0061", "d"])
        .prop_map(|name| format!(r#""email":"{name}@x.example""#));
    let other = prop::sample::select(vec![
        r#""name":"N""#,
        r#""name":"M""#,
        r#""name":null"#,
        r#""nickname":"n""#,
        r#""picture":"p""#,
        r#""email_verified":true"#,
        r#""email_verified":false"#,
        r#""email_verified":"true""#,
        r#""blocked":null"#,
        r#""given_name":"G""#,
        r#""given_name":"\u0047""#,
        r#""username":"U""#,
        r#""username":"u""#,
        r#""app_metadata":{}"#,
        r#""app_metadata":{"a":9007199254740993,"b":[1,2]}"#,
        r#""app_metadata":{"b":[1.0,2],"a":9007199254740992}"#,
        r#""app_metadata":{"b":[1,2.0],"a":9007199254740993}"#,
        r#""user_metadata":null"#,
        r#""password_hash":"x""#,
        r#""logins_count":1"#,
    ])
    .prop_map(str::to_owned);
    prop_oneof![2 => id, 2 => email, 3 => other]
}

fn users(prefixes: [&'static str; 3]) -> impl Strategy<Value = Vec<String>> {
    let user = prop::sample::select(prefixes.to_vec())
        .prop_flat_map(|prefix| prop::collection::vec(member(prefix), 1..6))
        .prop_map(|members| format!("{{{}}}", members.join(",")));
    prop::collection::vec(user, 0..8)
}

type User = BTreeMap<String, String>;

fn text(user: &User, name: &str) -> Option<String> {
    serde_json::from_str::<Option<String>>(user.get(name)?)
        .expect("a string or null")
        .filter(|text| !text.is_empty())
}

/// Returns the ID as in a part, or `Err` for a login that is not a database user.
fn id_of_new(user: &User) -> Result<Option<String>, ()> {
    match text(user, "user_id") {
        Some(id) if id.starts_with("google-oauth2|") => Err(()),
        id => Ok(id.map(|id| id.strip_prefix("auth0|").unwrap_or(&id).to_owned())),
    }
}

fn email(user: &User) -> Option<String> {
    text(user, "email").map(|email| email.to_lowercase())
}

/// Returns the properties of a user that are compared, in normalised form.
fn properties(user: &User) -> User {
    let mut counted = User::new();
    for (name, value) in user {
        let value = canonical(value);
        let nothing = value == "null" || (name.ends_with("_metadata") && value == "{}");
        let value = match name.as_str() {
            _ if nothing => continue,
            "email" | "username" => value.to_lowercase(),
            name if BOOLEANS.contains(&name) => match value.trim_matches('"') {
                "true" => "true".to_owned(),
                _ => continue,
            },
            name if TEXTS.contains(&name) || FILLED_IN.contains(&name) || name.ends_with("_metadata") => {
                value
            }
            _ => continue,
        };
        counted.insert(name.clone(), value);
    }
    counted
}

fn are_same(part: &User, new: &User) -> bool {
    let (part, mut new) = (properties(part), properties(new));
    new.retain(|name, _| part.contains_key(name) || !FILLED_IN.contains(&name.as_str()));
    part == new
}

/// Compares the users. Returns the number of same users, the new records that changed, how many of these have
/// another ID, the missing users of the parts, and the extra records.
fn naive(parts: &[User], new: &[User]) -> (u64, Vec<usize>, usize, Vec<usize>, Vec<usize>) {
    let key = |part: &User| match (text(part, "user_id"), email(part)) {
        (Some(id), _) => Some((true, id)),
        (None, email) => email.map(|email| (false, email)),
    };
    let expected: Vec<usize> = (0..parts.len())
        .filter(|&at| {
            key(&parts[at]).is_some() && (0..at).all(|before| key(&parts[before]) != key(&parts[at]))
        })
        .collect();
    let mut is: Vec<Option<usize>> = vec![None; new.len()];
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, record) in new.iter().enumerate() {
        let Ok(id) = id_of_new(record) else { continue };
        if let Some(id) = id
            && let Some(&part) = expected.iter().find(|&&part| key(&parts[part]) == Some((true, id.clone())))
        {
            // A repeated record is the same user.
            found.entry(part).or_insert(at);
            is[at] = Some(part);
        }
    }
    let mut taken = Vec::new();
    for (at, record) in new.iter().enumerate() {
        if is[at].is_some() || id_of_new(record).is_err() {
            continue;
        }
        if let Some(email) = email(record)
            && let Some(&part) =
                expected.iter().find(|&&part| key(&parts[part]) == Some((false, email.clone())))
        {
            if *found.entry(part).or_insert(at) == at {
                is[at] = Some(part);
            }
            taken.push(at);
        }
    }
    let unfound: Vec<usize> = expected.iter().copied().filter(|part| !found.contains_key(part)).collect();
    let by_id = |part: &usize| key(&parts[*part]).is_some_and(|key| key.0);
    let mut other_id = Vec::new();
    for &part in unfound.iter().filter(|part| by_id(part)) {
        let Some(address) = email(&parts[part]) else { continue };
        let rivals =
            unfound.iter().filter(|part| by_id(part) && email(&parts[**part]).as_ref() == Some(&address));
        if rivals.count() > 1 {
            continue;
        }
        let fits = |at: &usize| {
            is[*at].is_none()
                && !taken.contains(at)
                && id_of_new(&new[*at]).is_ok()
                && email(&new[*at]).as_ref() == Some(&address)
        };
        if let Some(at) = (0..new.len()).find(fits) {
            is[at] = Some(part);
            found.insert(part, at);
            other_id.push(part);
        }
    }
    let same = |part: &usize| !other_id.contains(part) && are_same(&parts[*part], &new[found[part]]);
    let (same, changed): (Vec<usize>, Vec<usize>) =
        expected.iter().copied().filter(|part| found.contains_key(part)).partition(same);
    let missing = expected.iter().copied().filter(|part| !found.contains_key(part)).collect();
    let extra = (0..new.len()).filter(|&at| is[at].is_none()).collect();
    // A record without an ID does not have another ID.
    let other_id =
        other_id.iter().filter(|part| id_of_new(&new[found[part]]).is_ok_and(|id| id.is_some())).count();
    (same.len() as u64, changed.iter().map(|part| found[part]).collect(), other_id, missing, extra)
}

proptest! {
    #![proptest_config(crate::cases::cases(300))]

    #[test]
    fn verification_agrees_with_naive_comparison(
        mut parts in users(["", "", ""]),
        mut new in users(["auth0|", "", "google-oauth2|"]),
        copies in prop::collection::vec((0..8_usize, any::<bool>()), 0..6),
        held in prop_oneof![Just(0_usize), Just(150), Just(1 << 20)],
    ) {
        // Most users of the parts are added to the export, unchanged or with small changes.
        for (place, whole) in copies {
            if let Some(part) = parts.get(place) {
                let arrived = part.replace(r#""user_id":""#, r#""user_id":"auth0|"#);
                new.insert(new.len() / 2, if whole { arrived } else { arrived.replace("740993", "740992") });
            }
        }
        let anchor = r#"{"user_id":"anchor"}"#.to_owned();
        parts.push(anchor.clone());
        new.push(anchor);
        let (old_users, new_users): (Vec<User>, Vec<User>) =
            (parts.iter().map(|text| members(text)).collect(), new.iter().map(|text| members(text)).collect());
        let (same, changed, other_id, missing, extra) = naive(&old_users, &new_users);

        let (inputs, comparison) = (Inputs::new(&parts, &new), Comparison::new().held_bytes(held));
        let (report, mut recorded) = inputs.verify_with(&comparison);
        // The same if the old side is read again as a whole.
        let whole = inputs.verify_with(&comparison.without_pieces());
        prop_assert_eq!(&whole.1, &recorded);
        prop_assert_eq!(&whole.0.changed_by, &report.changed_by);
        prop_assert_eq!(
            counts(&report),
            [same, (changed.len() - other_id) as u64, missing.len() as u64, extra.len() as u64]
        );
        prop_assert_eq!(report.other_id, other_id as u64);
        let of = |indices: &[usize], texts: &[String]| {
            indices.iter().map(|&at| texts[at].clone()).collect::<Vec<_>>()
        };
        prop_assert_eq!(recorded.missing, of(&missing, &parts));
        prop_assert_eq!(recorded.extra, of(&extra, &new));
        let mut records = of(&changed, &new);
        records.sort();
        recorded.records.sort();
        prop_assert_eq!(recorded.records, records);
        prop_assert!(recorded.changed.iter().all(|(_, paths)| !paths.is_empty()));

        let (old, new) = (report.old, report.new);
        let without = old.without_key.map_or(0, |count| count.records);
        prop_assert_eq!(old.read, report.same + report.changed + report.other_id + report.missing + old.repeated + without);
        prop_assert_eq!(new.read, report.same + report.changed + report.other_id + report.extra + new.repeated);
    }
}
