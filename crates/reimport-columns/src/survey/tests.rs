//! Tests of the survey, with a naive oracle over `serde_json`.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use reimport::path::{FieldPath, Segment};
use reimport::projection::{Cell, PathTree, RowBuffer};
use reimport::sink::Nothing;
use reimport::source::Source;
use reimport::{Pipeline, Record};
use serde_json::value::RawValue;

use super::SchemaSurvey;
use super::node::Limits;
use super::tally::TypeTally;
use crate::schema::SchemaColumn;
use crate::tests::cases;
use crate::tests::random::{record, value};

fn tally(records: &[String], limits: Limits) -> TypeTally {
    let mut tally = TypeTally::with_limits(limits);
    for record in records {
        tally.add(Record::parse(record).unwrap()).unwrap();
    }
    tally
}

fn columns(records: &[String]) -> Vec<SchemaColumn> {
    tally(records, Limits::DEFAULT).columns()
}

fn shown(columns: &[SchemaColumn]) -> Vec<String> {
    let shown = columns.iter().map(|found| {
        let column = found.column();
        format!("{} {} {} {} {}", column.path(), column.is(), found.values(), found.nulls(), found.missing())
    });
    shown.collect()
}

/// A JSON value; the last of repeated members counts.
enum Tree {
    Null,
    Bool,
    Number(String),
    String(Option<String>),
    Array,
    Object(BTreeMap<String, Tree>),
}

fn tree(json: &str) -> Tree {
    match json.as_bytes()[0] {
        b'n' => Tree::Null,
        b't' | b'f' => Tree::Bool,
        b'"' => Tree::String(serde_json::from_str(json).ok()),
        b'[' => Tree::Array,
        b'{' => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
            Tree::Object(members.into_iter().map(|(name, value)| (name, tree(value.get()))).collect())
        }
        _ => Tree::Number(json.to_owned()),
    }
}

/// Returns a number with all digits before and after the point, without zeros at the ends.
pub(crate) fn digits(number: &str) -> (bool, String, String) {
    let negative = number.starts_with('-');
    let lower = number.trim_start_matches('-').to_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (mut whole, mut fraction) = (whole.to_owned(), fraction.to_owned());
    for _ in 0..exponent.unsigned_abs() {
        if exponent > 0 {
            whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
        } else {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
    }
    let (whole, fraction) =
        (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
    (negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction)
}

fn is_moment(text: &str) -> bool {
    let form: String = text.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
    if form != "0000-00-00T00:00:00.000Z" {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap();
    let (year, month) = (number(0..4), number(5..7));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&number(8..10)) && number(11..13) < 24 && number(14..16) < 60 && number(17..19) < 60
}

/// Returns the types of the documentation that one value fits, the narrowest first.
fn fitting(value: &Tree) -> Vec<&'static str> {
    let mut fitting = Vec::new();
    match value {
        Tree::Bool => fitting.push("bool"),
        Tree::Number(text) => {
            let all = digits(text);
            if text.parse::<i64>().is_ok_and(|number| number.to_string() == *text) {
                fitting.push("int");
            }
            if all.2.is_empty() && all.1.len() <= 38 {
                fitting.push("decimal(38,0)");
            }
            let double: f64 = text.parse().unwrap();
            if double.is_finite() && digits(&double.to_string()) == all {
                fitting.push("double");
            }
        }
        Tree::String(Some(text)) => {
            if is_moment(text) {
                fitting.push("timestamp");
            }
            fitting.push("string");
        }
        _ => {}
    }
    fitting.push("json");
    fitting
}

/// Returns the columns of records, which all have only names that spell no other path.
fn naive(records: &[String]) -> BTreeSet<String> {
    let mut paths: BTreeMap<Vec<String>, Vec<Tree>> = BTreeMap::new();
    for record in records {
        let mut objects = vec![(Vec::new(), tree(record))];
        while let Some((path, value)) = objects.pop() {
            if let Tree::Object(members) = value {
                for (name, member) in members {
                    let path: Vec<String> = [path.clone(), vec![name]].concat();
                    // The members of an object again below its own path.
                    if let Tree::Object(inner) = member {
                        let names: Vec<String> = inner.keys().cloned().collect();
                        paths
                            .entry(path.clone())
                            .or_default()
                            .push(Tree::Object(names.into_iter().map(|name| (name, Tree::Null)).collect()));
                        objects.push((path, Tree::Object(inner)));
                    } else {
                        paths.entry(path).or_default().push(member);
                    }
                }
            }
        }
    }
    let is_open = |values: &[Tree]| {
        let mut some = false;
        values.iter().all(|value| match value {
            Tree::Null => true,
            Tree::Object(members) => {
                some |= !members.is_empty();
                true
            }
            _ => false,
        }) && some
    };
    let mut columns = BTreeSet::new();
    for (path, values) in &paths {
        let above_are_open = (1..path.len()).all(|length| is_open(&paths[&path[..length]]));
        if is_open(values) || !above_are_open {
            continue;
        }
        let nulls = values.iter().filter(|value| matches!(value, Tree::Null)).count();
        let order = ["bool", "int", "decimal(38,0)", "double", "timestamp", "string", "json"];
        let fits = |is: &str| {
            let mut some = values.iter().filter(|value| !matches!(value, Tree::Null));
            some.all(|value| fitting(value).contains(&is))
        };
        let is = if nulls == values.len() { "json" } else { order.into_iter().find(|is| fits(is)).unwrap() };
        let names = path.iter().map(|name| Segment::Name(name.as_str().into()));
        let path = FieldPath::from_segments(names).unwrap();
        let missing = records.len() - values.len();
        columns.insert(format!("{path} {is} {} {nulls} {missing}", values.len() - nulls));
    }
    columns
}

/// Records with names that spell no other path, and often the same ones.
pub(crate) fn plain_record() -> impl Strategy<Value = String> {
    let members = prop::collection::vec(("[a-c]|user_id|app_metadata", value()), 0..6);
    members.prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", members.join(", "))
    })
}

const SMALL: Limits = Limits { keys: 3, below: [12, 6, 4, 2, 1], columns: 5 };

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn types_are_the_narrowest_that_fit_every_value(records in prop::collection::vec(plain_record(), 1..6)) {
        let found = columns(&records);
        let names: BTreeSet<&str> = found.iter().map(|found| found.column().name()).collect();
        prop_assert_eq!(names.len(), found.len());
        let expected = naive(&records);
        prop_assert_eq!(shown(&found).into_iter().collect::<BTreeSet<_>>(), expected);
    }

    /// A value under a spelled name counts at its path only if a projection of the path finds it there.
    #[test]
    fn column_counts_what_a_projection_of_its_path_finds(records in prop::collection::vec(record(), 1..6)) {
        for found in columns(&records) {
            let column = found.column();
            let paths = PathTree::new([column.path().clone()]);
            let (mut values, mut nulls) = (0, 0);
            for record in &records {
                match paths.read(Record::parse(record).unwrap(), &mut RowBuffer::new()).unwrap().get(0) {
                    Cell::Missing => {}
                    Cell::Null => nulls += 1,
                    Cell::Value(value) => {
                        values += 1;
                        let fitting = fitting(&tree(value.json()));
                        prop_assert!(fitting.contains(&&*column.is().to_string()), "{} in {record}", column.path());
                    }
                }
            }
            let missing = records.len() as u64 - values - nulls;
            prop_assert_eq!((found.values(), found.nulls(), found.missing()), (values, nulls, missing), "{}", column.path());
        }
    }

    #[test]
    fn schema_does_not_depend_on_order_and_threads(
        records in prop::collection::vec(prop_oneof![plain_record(), record()], 1..12),
        parts in prop::collection::vec(0..3_usize, 12),
        small in any::<bool>(),
    ) {
        let limits = if small { SMALL } else { Limits::DEFAULT };
        let whole = tally(&records, limits);
        let mut split = [Vec::new(), Vec::new(), Vec::new()];
        for (record, part) in records.iter().zip(&parts).rev() {
            split[*part].push(record.clone());
        }
        let mut merged = TypeTally::with_limits(limits);
        for part in &split {
            merged.merge(&tally(part, limits));
        }
        prop_assert_eq!(whole.columns(), merged.columns());
        if small {
            prop_assert!(whole.columns().len() <= limits.columns.max(25 + 1), "{:?}", shown(&whole.columns()));
            prop_assert!(whole.nodes.len() <= 200);
        }
    }
}

#[test]
fn spelled_names_count_at_their_paths() {
    let records = [
        r#"{"Email":"a@example.com","app_metadata.plan":"pro","connection":"db"}"#,
        r#"{"email":null,"Email":"b@example.com","app_metadata":{"plan":null,"n":1},"app_metadata.n":"x"}"#,
        r#"{"identities":[{"connection":5}],"app_metadata.0":true}"#,
    ]
    .map(str::to_owned);
    assert_eq!(
        shown(&columns(&records)),
        [
            "email string 1 1 1",
            "identities json 1 0 2",
            "identities[0].connection json 2 0 1",
            "app_metadata[\"0\"] bool 1 0 2",
            "app_metadata.n int 1 0 2",
            "app_metadata.plan string 1 1 1",
        ]
    );
}

#[test]
fn first_of_other_spellings_counts_and_a_better_spelling_before_it() {
    for (record, expected) in [
        (r#"{"EMAIL":"a","eMail":5}"#, "email string 1 0 0"),
        (r#"{"eMail":5,"EMAIL":"a","EMAIL":true}"#, "email int 1 0 0"),
        (r#"{"EMAIL":"a","Email":5}"#, "email int 1 0 0"),
        (r#"{"Email":5,"EMAIL":"a"}"#, "email int 1 0 0"),
        (r#"{"Email":5,"email":null,"EMAIL":"a"}"#, "email json 0 1 0"),
    ] {
        assert_eq!(shown(&columns(&[record.to_owned()])), [expected], "{record}");
    }
}

#[test]
fn last_of_repeated_members_counts() {
    let records = [r#"{"a":{"b":1,"c":2},"a":{"b":"x","b":true}}"#.to_owned()];
    assert_eq!(shown(&columns(&records)), ["a.b bool 1 0 0"]);
}

#[test]
fn object_with_many_keys_is_one_column() {
    let keyed = |keys: std::ops::Range<usize>| {
        let members: Vec<String> = keys.map(|key| format!("\"key {key}\":{{\"at\":1}}")).collect();
        format!("{{\"app_metadata\":{{\"plan\":\"pro\",\"sessions\":{{{}}}}}}}", members.join(","))
    };
    let found = columns(&[keyed(0..500), keyed(500..999)]);
    assert_eq!((found.len(), found[1].column().name()), (1000, "app_metadata_sessions_key_0_at"));
    let found = columns(&[keyed(0..500), keyed(400..1001)]);
    assert_eq!(shown(&found), ["app_metadata.plan string 2 0 0", "app_metadata.sessions json 2 0 0"]);
}

#[test]
fn memory_is_bounded() {
    // Distinct keys in every record, in many places.
    let record = |number: usize| {
        let inner: Vec<String> =
            (0..20).map(|key| format!("\"{number} {key}\":{{\"a{number}\":1}},")).collect();
        let inner = inner.concat();
        format!(
            "{{\"top {number}\":1,\"app_metadata\":{{{inner}\"x\":{{{inner}\"y\":{{{inner}\"z\":1}}}}}}}}"
        )
    };
    let records: Vec<String> = (0..3000).map(record).collect();
    let whole = tally(&records, Limits::DEFAULT);
    assert!(whole.nodes.len() < 100_000, "{}", whole.nodes.len());
    assert_eq!(shown(&whole.columns()), ["app_metadata json 3000 0 0"]);
}

#[test]
fn record_that_is_not_valid_is_not_counted() {
    let survey = SchemaSurvey::new();
    let source = Source::from_reader("in/x.json", &b"{\"a\":1,\n{\"b\":1}\n"[..]);
    let (summary, ()) = Pipeline::new().run([source], &survey, Nothing::new()).unwrap();
    let schema = survey.into_schema(&summary);
    assert_eq!((summary.rejected, schema.records()), (1, 1));
    assert_eq!(shown(schema.columns()), ["b int 1 0 0"]);
}

#[test]
fn objects_with_the_most_columns_become_one_first() {
    // 1203 columns in all: `wide.a` has 600, `wide.b` 2, `deep.x.y` 500, `deep.x` one more, `names` 100.
    let object = |name: &str, keys: usize| {
        let members: Vec<String> = (0..keys).map(|key| format!("\"k{key}\":true")).collect();
        format!("\"{name}\":{{{}}}", members.join(","))
    };
    let record = |a: usize| {
        format!(
            "{{\"wide\":{{{},{}}},\"deep\":{{\"x\":{{{},\"z\":1}}}},{}}}",
            object("a", a),
            object("b", 2),
            object("y", 500),
            object("names", 100)
        )
    };
    let found = |a| -> Vec<String> {
        let columns = columns(&[record(a)]);
        let objects = columns.iter().filter(|found| found.column().is().to_string() == "json");
        let objects = objects.map(|found| found.column().path().to_string()).collect::<Vec<_>>();
        vec![columns.len().to_string(), objects.join(" ")]
    };
    assert_eq!(found(397), ["1000", ""]);
    assert_eq!(found(398), ["502", "deep.x.y"]);
    assert_eq!(found(600), ["604", "wide.a"]);
    // After `wide.a` and `deep.x.y`, an object whose objects are all closed is one, too.
    let limits = Limits { columns: 5, ..Limits::DEFAULT };
    let columns = tally(&[record(600)], limits).columns();
    assert_eq!(
        shown(&columns),
        [
            "deep.x json 1 0 0",
            "names json 1 0 0",
            "wide.a json 1 0 0",
            "wide.b.k0 bool 1 0 0",
            "wide.b.k1 bool 1 0 0"
        ]
    );
    let limits = Limits { columns: 3, ..Limits::DEFAULT };
    let columns = tally(&[record(600)], limits).columns();
    assert_eq!(shown(&columns), ["deep.x json 1 0 0", "names json 1 0 0", "wide json 1 0 0"]);
}

#[test]
fn names_that_have_no_column() {
    let long = |length| "n".repeat(length);
    let found = columns(&[format!(
        r#"{{"\ud800":1,"{}":2,"{}":3,"app_metadata":{{"{}":4}},"user_metadata":{{"\ud800":5,"a":6}},"m":{{"{}":7}}}}"#,
        long(256),
        long(257),
        long(257),
        long(256),
    )]);
    let shown = shown(&found).join("\n").replace(&long(256), "LONG");
    assert_eq!(shown, "app_metadata json 1 0 0\nuser_metadata.a int 1 0 0\nm.LONG int 1 0 0\nLONG int 1 0 0");
}

#[test]
fn connection_of_the_first_identity_counts_nulls() {
    let records = [
        r#"{"connection":null}"#,
        r#"{"connection":"db"}"#,
        r#"{"identities":[{"connection":null}]}"#,
        r#"{"identities":[]}"#,
    ]
    .map(str::to_owned);
    assert_eq!(shown(&columns(&records)), ["identities json 2 0 2", "identities[0].connection string 1 2 1"]);
}

#[test]
fn debug_form_of_a_tally_has_numbers_only() {
    let records = [r#"{"a":{"secret":1}}"#.to_owned()];
    assert_eq!(format!("{:?}", tally(&records, Limits::DEFAULT)), "TypeTally(1 records, 2 paths)");
}
