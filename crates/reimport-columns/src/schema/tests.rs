//! Tests of schemas: their file, and outputs with their columns.

use std::collections::BTreeMap;
use std::num::NonZero;

use proptest::prelude::*;
use reimport::path::Segment;
use reimport::sink::Nothing;
use reimport::source::Source;
use reimport::{Pipeline, Topic};
use serde_json::value::RawValue;

use super::*;
use crate::column::ColumnType;
use crate::survey::tests::{digits, plain_record};
use crate::tests::oracle::{cells, text_of};
use crate::tests::random::record;
use crate::tests::{cases, stream};
use crate::{SchemaSurvey, TypedRows};

fn schema_of(export: &str) -> Schema {
    let survey = SchemaSurvey::new();
    let source = Source::from_reader("in/tenant.json", std::io::Cursor::new(export.to_owned().into_bytes()));
    let pipeline = Pipeline::new().threads(NonZero::new(2).unwrap());
    let (summary, ()) = pipeline.run([source], &survey, Nothing::new()).unwrap();
    survey.into_schema(&summary)
}

/// A JSON value that is compared: numbers by value, strings decoded, the last of repeated members.
#[derive(Debug, PartialEq)]
enum Tree {
    Leaf(String),
    Object(BTreeMap<String, Tree>),
}

fn tree(json: &str) -> Tree {
    match json.as_bytes()[0] {
        b'{' => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
            Tree::Object(members.into_iter().map(|(name, value)| (name, tree(value.get()))).collect())
        }
        b'[' => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(json).unwrap();
            Tree::Leaf(format!("{:?}", items.iter().map(|item| tree(item.get())).collect::<Vec<_>>()))
        }
        b'"' => Tree::Leaf(
            serde_json::from_str(json).map_or(json.to_owned(), |text: String| format!("decoded {text}")),
        ),
        b'-' | b'0'..=b'9' => Tree::Leaf(format!("{:?}", digits(json))),
        _ => Tree::Leaf(json.to_owned()),
    }
}

fn merge(base: &mut BTreeMap<String, Tree>, rest: BTreeMap<String, Tree>) {
    for (name, value) in rest {
        match (base.get_mut(&name), value) {
            (Some(Tree::Object(base)), Tree::Object(value)) => merge(base, value),
            (_, value) => _ = base.insert(name, value),
        }
    }
}

/// Puts a record together from its columns and `_rest`.
fn put_together(schema: &Schema, cells: &BTreeMap<String, String>) -> Tree {
    let mut record = BTreeMap::new();
    for found in schema.columns() {
        let (path, name) = (found.column().path(), found.column().name());
        let Some(cell) = cells.get(name) else { continue };
        let json = match found.column().is() {
            ColumnType::Json => text_of(cells, name).unwrap(),
            _ => cell.clone(),
        };
        let mut value = tree(&json);
        let is_copy = path.segments().iter().any(|segment| !matches!(segment, Segment::Name(_)));
        for segment in path.segments().iter().rev() {
            let Segment::Name(name) = segment else { continue };
            value = Tree::Object(BTreeMap::from([(name.to_string(), value)]));
        }
        if let (false, Tree::Object(value)) = (is_copy, value) {
            merge(&mut record, value);
        }
    }
    if let Some(Tree::Object(rest)) = text_of(cells, "_rest").as_deref().map(tree) {
        merge(&mut record, rest);
    }
    Tree::Object(record)
}

/// Returns whether `found` has everything that `expected` has.
fn has(found: &Tree, expected: &Tree) -> bool {
    match (found, expected) {
        (Tree::Object(found), Tree::Object(expected)) => {
            expected.iter().all(|(name, value)| found.get(name).is_some_and(|found| has(found, value)))
        }
        (found, expected) => found == expected,
    }
}

fn warnings(summary: &Summary) -> u64 {
    summary.of(Topic::Warned).map(|(_, count)| count).sum()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn record_is_put_together_from_columns_and_rest(
        known in prop::collection::vec(plain_record(), 1..4),
        later in prop::collection::vec(plain_record(), 1..4),
    ) {
        let schema = schema_of(&known.join("\n"));
        let all = [known.clone(), later].concat();
        let rows = TypedRows::new(schema.layout());
        let (summary, batches) = stream(&rows, &known.join("\n"));
        prop_assert_eq!(warnings(&summary), 0);
        prop_assert_eq!(batches[0].num_columns(), schema.columns().len() + 3);
        let (_, batches) = stream(&rows, &all.join("\n"));
        for (row, record) in all.iter().enumerate() {
            let cells = cells(&batches[0], row);
            prop_assert_eq!(put_together(&schema, &cells), tree(record), "{} as {}\n{}", record, schema, cells.get("_rest").map_or("", |rest| rest));
            prop_assert_eq!(&cells["_line"], &(row + 1).to_string());
        }
    }

    #[test]
    fn records_with_spelled_names_lose_nothing(records in prop::collection::vec(record(), 1..6)) {
        let schema = schema_of(&records.join("\n"));
        let (summary, batches) = stream(&TypedRows::new(schema.layout()), &records.join("\n"));
        prop_assert_eq!(warnings(&summary), 0, "{}", schema);
        for (row, record) in records.iter().enumerate() {
            let found = put_together(&schema, &cells(&batches[0], row));
            prop_assert!(has(&found, &tree(record)), "{record} as {schema}");
        }
    }

    #[test]
    fn file_of_a_schema_is_read_as_it_was_written(records in prop::collection::vec(record(), 0..6)) {
        let schema = schema_of(&format!("[{}]", records.join(",")));
        prop_assert_eq!(Schema::parse(schema.to_string().as_bytes()).unwrap(), schema);
    }
}

#[test]
fn file_has_one_line_for_each_column() {
    let schema = schema_of(concat!(
        "{\"user_id\":\"auth0|1\",\"app_metadata\":{\"plan\":\"pro\",\"quota\":5,\"_rest\":1}}\n",
        "{\"user_id\":\"auth0|2\",\"app_metadata\":{\"plan\":null,\"quota\":0.5,\"Plan\":true},\"app_metadata_plan\":[]}\n",
    ));
    let expected = r#"{
  "version": 1,
  "sources": [
    {"name":"tenant.json","records":2}
  ],
  "records": 2,
  "columns": [
    {"path":"user_id","name":"user_id","type":"string","values":2,"nulls":0,"missing":0},
    {"path":"app_metadata.Plan","name":"app_metadata_Plan","type":"bool","values":1,"nulls":0,"missing":1},
    {"path":"app_metadata._rest","name":"app_metadata__rest","type":"int","values":1,"nulls":0,"missing":1},
    {"path":"app_metadata.plan","name":"app_metadata_plan_2","type":"string","values":1,"nulls":1,"missing":0},
    {"path":"app_metadata.quota","name":"app_metadata_quota","type":"double","values":2,"nulls":0,"missing":0},
    {"path":"app_metadata_plan","name":"app_metadata_plan_3","type":"json","values":1,"nulls":0,"missing":1}
  ]
}
"#;
    assert_eq!(schema.to_string(), expected);
    let empty = schema_of("[]");
    assert!(empty.columns().is_empty());
    assert_eq!(empty.layout().schema().fields().len(), 3);
}

#[test]
fn own_names_are_never_given_to_a_path() {
    let schema = schema_of(r#"{"_rest":1,"_LINE":2,"_source":3}"#);
    let names: Vec<&str> = schema.columns().iter().map(|found| found.column().name()).collect();
    assert_eq!(names, ["_LINE_2", "_rest_2", "_source_2"]);
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let column = |members: &str| format!("{{\"version\":1,\n\"columns\":[\n{{{members}}}]}}");
    for (file, message) in [
        ("[]".to_owned(), "invalid length 0, expected struct Version with 1 element at line 1 column 2"),
        ("{}".to_owned(), "missing field `version` at line 1 column 2"),
        (
            "{\"version\":2}".to_owned(),
            "expected version 1 of a schema, but found version 2; make the schema again with this version of the program, or use a newer one",
        ),
        ("{\"version\":1}".to_owned(), "missing field `columns` at line 1 column 13"),
        (
            column(r#""path":"a..b","name":"a","type":"int""#),
            "field path `a..b`: expected a name, but found `.` at column 3 at line 3 column 14",
        ),
        (
            column(r#""path":"a","name":"a","type":"number""#),
            "expected one of the types string, text, json, bool, int, double, decimal(P,S), timestamp, but found `number` at line 3 column 39",
        ),
        (
            column(r#""path":"a","name":"a b","type":"int""#),
            "expected a name of letters, digits and `_`, without a digit first, as in `a_b`, but found `a b` at line 3 column 24",
        ),
        (column(r#""path":"a","type":"int""#), "missing field `name` at line 3 column 25"),
        (
            column(r#""path":"a","name":"_Line","type":"int""#),
            "the column of `a` has the name `_Line`, which every output uses itself; change it",
        ),
        (
            column(r#""path":"a","name":"A","type":"int"},{"path":"b","name":"a","type":"int""#),
            "the columns of `a` and `b` have the same name `a`, ignoring case; change one of them, for example to `a_2`",
        ),
    ] {
        assert_eq!(Schema::parse(file.as_bytes()).unwrap_err().to_string(), message, "{file}");
    }
}

#[test]
fn edited_schema_has_the_types_of_the_person() {
    let file = r#"{"version":1,"future":true,"columns":[
        {"path":"n","name":"number","type":"decimal(10,2)","hint":"x"},
        {"path":"identities[0].connection","name":"connection","type":"string"},
        {"path":"app_metadata.plan","name":"plan","type":"text"},
        {"path":"app_metadata.plan.id","name":"id","type":"int"}
    ]}"#;
    let schema = Schema::parse(file.as_bytes()).unwrap();
    let export = concat!(
        r#"{"n":1.5,"identities":[{"connection":"db"}],"app_metadata":{"plan":{"id":7},"other":{},"n":null}}"#,
        "\n",
        r#"{"n":1.555,"identities":null,"app_metadata":{}}"#,
        "\n",
        r#"{"n":"x","app_metadata":{"plan":null}}"#,
    );
    let (summary, batches) = stream(&TypedRows::new(schema.layout()), export);
    let shown = |row| {
        let cells = cells(&batches[0], row);
        let cells = cells.iter().filter(|(name, _)| !["_line", "_source"].contains(&&***name));
        cells.map(|(name, json)| format!("{name}={json}")).collect::<Vec<_>>()
    };
    assert_eq!(
        shown(0),
        [
            r#"_rest="{\"app_metadata\":{\"other\":{},\"n\":null},\"identities\":[{\"connection\":\"db\"}]}""#,
            "connection=\"db\"",
            "id=7",
            "number=1.50",
            r#"plan="{\"id\":7}""#,
        ]
    );
    assert_eq!(shown(1), [r#"_rest="{\"n\":1.555,\"app_metadata\":{},\"identities\":null}""#]);
    assert_eq!(shown(2), [r#"_rest="{\"n\":\"x\",\"app_metadata\":{\"plan\":null}}""#]);
    let warned: Vec<String> =
        summary.of(Topic::Warned).map(|(fact, count)| format!("{fact} {count}")).collect();
    assert_eq!(warned, ["column-type n 2"]);
}

#[test]
fn only_the_last_of_repeated_objects_is_in_rest() {
    let schema = schema_of(r#"{"m":{"a":1,"o":{"b":1}}}"#);
    let record = r#"{"m":{"new":1,"o":{"new":1},"o":{"x":2,"b":3}}}"#;
    let (_, batches) = stream(&TypedRows::new(schema.layout()), record);
    let cells = cells(&batches[0], 0);
    assert_eq!(text_of(&cells, "_rest").unwrap(), r#"{"m":{"new":1,"o":{"x":2}}}"#);
    assert_eq!(cells["m_o_b"], "3");
}
