//! Compares the options that `--like` uses with a merge of the recorded members, which is written without clap.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use super::Taken;
use crate::args::examples::{EXAMPLES, recorded, word};
use crate::args::{RecordedOptions, member};
use crate::cases::cases;

/// Pairs of options that exclude each other.
const EXCLUSIVE: [(&str, &str); 3] = [
    ("by-connection", "merge-connections"),
    ("merge-connections", "connection"),
    ("no-duplicate-check", "unique"),
];

type Options = BTreeMap<&'static str, Vec<Option<&'static str>>>;

/// Generates options that can be used together: one value each, or several of a repeatable option.
fn options() -> impl Strategy<Value = Options> {
    prop::collection::btree_set(0..EXAMPLES.len(), 0..12).prop_map(|chosen| {
        let mut options = Options::new();
        for index in chosen {
            let (option, value, _) = EXAMPLES[index];
            let repeatable = ["where", "where-not", "connection", "move", "drop", "set"].contains(&option);
            let values = options.entry(option).or_default();
            if values.is_empty() || repeatable {
                values.push(value);
            }
        }
        for (one, other) in EXCLUSIVE {
            if options.contains_key(one) {
                options.remove(other);
            }
        }
        if !options.contains_key("passwords") {
            options.remove("passwords-by");
            options.remove("stale-passwords");
        }
        options
    })
}

fn typed(options: &Options) -> Vec<String> {
    let words = options.iter().flat_map(|(option, values)| values.iter().map(|value| word(option, *value)));
    words.collect()
}

/// Returns the members that apply to the second run.
fn merged(first: &Options, second: &Options, without: &BTreeSet<&str>) -> BTreeMap<String, Value> {
    let (defaults, given) = (recorded(&[]), recorded(&typed(second)));
    let before = recorded(&typed(first));
    let excluded = |option: &str| {
        EXCLUSIVE.iter().any(|(one, other)| {
            (*one == option && second.contains_key(other)) || (*other == option && second.contains_key(one))
        })
    };
    let mut members = BTreeMap::new();
    for option in RecordedOptions::names() {
        let member = member(&option);
        let never =
            ["limit", "input-format", "ids", "not-ids", "passwords", "mfa-secrets"].contains(&&*option);
        let useless =
            ["passwords-by", "stale-passwords"].contains(&&*option) && !second.contains_key("passwords");
        let from = if second.contains_key(&*option) {
            &given
        } else if never || useless || without.contains(&*option) || excluded(&option) {
            &defaults
        } else {
            &before
        };
        members.extend(from.get(&member).map(|value| (member.clone(), value.clone())));
    }
    members
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn manifest_options_apply_unless_given_or_excluded(
        first in options(), second in options(), left_out in prop::collection::btree_set(0..EXAMPLES.len(), 0..4)
    ) {
        let mut without: BTreeSet<&str> = left_out.into_iter().map(|index| EXAMPLES[index].0).collect();
        without.extend(RecordedOptions::FILES.into_iter().filter(|file| first.contains_key(file)));
        without.retain(|option| !second.contains_key(option));
        let manifest = recorded(&typed(&first));
        let manifest = RecordedOptions::from_manifest(&manifest).unwrap();
        let words = ["reimport", "check"].into_iter().map(str::to_owned).chain(typed(&second));
        let words: Vec<OsString> = words.chain(["--".to_owned(), "-".to_owned()]).map(Into::into).collect();
        let names: Vec<String> = without.iter().map(|name| (*name).to_owned()).collect();
        let taken = Taken::new(Path::new("parts"), &manifest, &names, &words, "check").unwrap();
        let all: Vec<String> = taken.before(words, "check").into_iter().map(|word| word.into_string().unwrap()).collect();
        prop_assert_eq!(&all[..2], ["reimport", "check"]);
        let all: Vec<String> = all[2..all.len() - 2].to_vec();
        prop_assert_eq!(recorded(&all), merged(&first, &second, &without), "{:?}", all);
    }
}

#[test]
fn program_named_like_a_subcommand_is_not_the_subcommand() {
    let taken = Taken { words: vec![("--linked".to_owned(), Some("promote".to_owned()))], left: Vec::new() };
    let words = |words: &str| words.split(' ').map(OsString::from).collect::<Vec<_>>();
    assert_eq!(
        taken.before(words("check check -- check"), "check"),
        words("check check --linked=promote -- check")
    );
}

#[test]
fn shows_options_quoted_for_the_shell() {
    let option = |option: &str, value: &str| (option.to_owned(), Some(value.to_owned()));
    let words = vec![
        option("--where", "name = \"it's\""),
        option("--connection", "-a"),
        option("--delimiter", ";"),
        ("--by-connection".to_owned(), None),
    ];
    let taken = Taken { words, left: vec!["--limit 3 (only for that run)".to_owned(), "b".to_owned()] };
    assert_eq!(
        taken.lines(Path::new("my parts")),
        [
            (
                "like",
                r#"my parts: --where 'name = "it'\''s"' --connection=-a --delimiter ';' --by-connection"#
                    .to_owned()
            ),
            ("", "not used: --limit 3 (only for that run), b".to_owned())
        ]
    );
    assert_eq!(Taken::default().lines(Path::new("parts")), [("like", "parts: the defaults".to_owned())]);
}
