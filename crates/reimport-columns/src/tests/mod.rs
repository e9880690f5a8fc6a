//! Tests of the columns: every member of every record comes back.

pub(crate) mod oracle;
pub(crate) mod random;

use std::fmt::Write as _;
use std::fs::File;
use std::num::NonZero;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_ipc::reader::StreamReader;
use oracle::{assert_comes_back, cells, members, text_of};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use reimport::filter::{Filter, Filtered};
use reimport::run::{Sink as _, SkipReason, Transform, apply};
use reimport::sink::{FileOptions, LeftoverOptions};
use reimport::source::Source;
use reimport::{Output, Pipeline, Record, Rendering, Summary, Topic, Verdict};

use super::*;

/// Users with most properties.
pub(crate) fn users(number: usize) -> String {
    let mut export = String::new();
    for number in 0..number {
        writeln!(
            export,
                "{{\"user_id\":\"auth0|{number:024x}\",\"email\":\"user{number}@example.com\",\"email_verified\":{},\
                 \"created_at\":\"2024-0{}-01T08:00:00.000Z\",\"logins_count\":{},\"identities\":[{{\"connection\":\"db\",\
                 \"provider\":\"auth0\",\"user_id\":\"{number}\"}}],\"user_metadata\":{{\"plan\":\"pro\",\"n\":{number}}}}}",
                number % 2 == 0,
                number % 9 + 1,
                number % 40,
        )
        .unwrap();
    }
    export
}

pub(crate) fn batches_of_file(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect()
}

pub(crate) fn stream(rows: &TypedRows, export: &str) -> (Summary, Vec<RecordBatch>) {
    let source = Source::from_reader("in/tenant.json", std::io::Cursor::new(export.to_owned().into_bytes()));
    let sink = ArrowStream::new(Vec::new(), rows.layout()).unwrap();
    let (summary, bytes) = Pipeline::new().threads(NonZero::<usize>::MIN).run([source], rows, sink).unwrap();
    (summary, StreamReader::try_new(&bytes[..], None).unwrap().map(Result::unwrap).collect())
}

pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn every_member_comes_back(records in prop::collection::vec(random::record(), 1..6)) {
        let export = records.join("\n");
        let rows = TypedRows::new(Layout::fixed());
        let (summary, batches) = stream(&rows, &export);
        prop_assert_eq!(summary.written as usize, records.len());
        prop_assert_eq!(batches.len(), 1);
        for (row, record) in records.iter().enumerate() {
            let cells = cells(&batches[0], row);
            assert_comes_back(record, &cells);
            prop_assert_eq!(cells["_source"].as_str(), "\"tenant.json\"");
            prop_assert_eq!(&cells["_line"], &(row + 1).to_string());
        }
    }
}

#[test]
fn parquet_has_the_rows_of_the_stream() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("users.parquet");
    let export = users(20_000);
    let rows = TypedRows::new(Layout::fixed());
    let file = ParquetFile::create(&path, rows.layout(), ParquetOptions::default()).unwrap();
    let source = Source::from_reader("in/tenant.json", std::io::Cursor::new(export.clone().into_bytes()));
    Pipeline::new().run([source], &rows, file).unwrap();
    let of_rows = |batches: &[RecordBatch]| -> Vec<_> {
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| cells(batch, row))).collect()
    };
    let found = of_rows(&batches_of_file(&path));
    assert_eq!(found.len(), 20_000);
    assert_eq!(found, of_rows(&stream(&rows, &export).1));
    assert_eq!(found[19_999]["_line"], "20000");
}

#[test]
fn rest_has_what_no_column_has() {
    let record =
        r#"{"user_id":"auth0|1","email":null,"email_verified":"true","logins_count":5.0,"locale":"en",
        "created_at":"2025-06-01","identities":[{"connection":"db","provider":"auth0"}],"nickname":"\ud800"}"#
            .replace('\n', "");
    let rows = TypedRows::new(Layout::fixed());
    let (summary, batches) = stream(&rows, &record);
    let cells = cells(&batches[0], 0);
    let shown: Vec<String> = cells.iter().map(|(name, json)| format!("{name}={json}")).collect();
    assert_eq!(
        shown,
        [
            "_line=1",
            concat!(
                r#"_rest="{\"locale\":\"en\",\"email_verified\":\"true\",\"created_at\":\"2025-06-01\","#,
                r#"\"logins_count\":5.0,\"email\":null,\"nickname\":\"\\ud800\"}""#
            ),
            r#"_source="tenant.json""#,
            r#"connection="db""#,
            r#"created_at="2025-06-01T00:00:00.000Z""#,
            r#"identities="[{\"connection\":\"db\",\"provider\":\"auth0\"}]""#,
            r#"provider="auth0""#,
            r#"user_id="auth0|1""#,
        ]
    );
    let warned: Vec<String> =
        summary.of(Topic::Warned).map(|(fact, count)| format!("{fact} {count}")).collect();
    assert_eq!(
        warned,
        ["column-type email_verified 1", "column-type logins_count 1", "column-type nickname 1"]
    );
}

#[test]
fn value_under_another_spelling_is_in_the_column_and_in_rest() {
    let (_, batches) =
        stream(&TypedRows::new(Layout::fixed()), r#"{"Email":"a@example.com","Created At":null}"#);
    let cells = cells(&batches[0], 0);
    assert_eq!(cells["email"], "\"a@example.com\"");
    assert_eq!(text_of(&cells, "_rest").unwrap(), r#"{"Email":"a@example.com","Created At":null}"#);
}

fn chosen(columns: &str, has_rest: bool) -> TypedRows {
    TypedRows::new(Layout::chosen(Column::list_from_argument(columns).unwrap(), has_rest).unwrap())
}

#[test]
fn chosen_columns_have_their_types() {
    let rows = chosen(
        "user_id,app_metadata.n:int=n,app_metadata.d:double=d,app_metadata.p:decimal(6,2)=p,app_metadata.b:bool=b,\
         app_metadata:json=meta,last_login:timestamp,app_metadata.big=big,app_metadata.none=none",
        true,
    );
    let export = concat!(
        r#"{"user_id":"auth0|1","app_metadata":{"n":7,"d":0.5,"p":12.5,"b":true,"big":9007199254740993},"#,
        r#""last_login":"2025-06-01T08:00:00.000Z","other":1}"#,
        "\n",
        r#"{"user_id":null,"app_metadata":{"n":1.0,"d":1e400,"p":1.234,"b":"x","big":{"a" : 1}},"last_login":"never"}"#,
    );
    let (summary, batches) = stream(&rows, export);
    let first: Vec<_> =
        cells(&batches[0], 0).into_iter().map(|(name, json)| format!("{name}={json}")).collect();
    assert_eq!(
        first,
        [
            "b=true",
            "big=\"9007199254740993\"",
            "d=0.5",
            "last_login=\"2025-06-01T08:00:00.000Z\"",
            r#"meta="{\"n\":7,\"d\":0.5,\"p\":12.5,\"b\":true,\"big\":9007199254740993}""#,
            "n=7",
            "p=12.50",
            "user_id=\"auth0|1\"",
        ]
    );
    let second = cells(&batches[0], 1);
    assert_eq!(
        members(&text_of(&second, "_rest").unwrap()),
        members(r#"{"user_id":null,"n":1.0,"d":1e400,"p":1.234,"b":"x","last_login":"never"}"#)
    );
    assert_eq!(second.keys().collect::<Vec<_>>(), ["_rest", "big", "meta"]);
    assert_eq!(summary.of(Topic::Warned).map(|(_, count)| count).sum::<u64>(), 5);
    let unseen: Vec<String> = rows.unseen().iter().map(ToString::to_string).collect();
    assert_eq!(unseen, ["app_metadata.none"]);
}

#[test]
fn constant_columns_have_one_value_in_every_row() {
    let rows = chosen(r#"email,"a"=text,"7":int=n,"null":json=none,"2025-06-01":timestamp=day"#, true);
    // A member with the name of a constant is not read.
    let (summary, batches) = stream(&rows, "{\"email\":\"x\",\"n\":8}\n{\"none\":1,\"text\":null}\n");
    assert_eq!(summary.facts.len(), 0);
    let row = |row| {
        let cells = cells(&batches[0], row);
        ["email", "text", "n", "none", "day", "_rest"]
            .map(|name| cells.get(name).cloned().unwrap_or_default())
    };
    let day = &row(0)[4];
    assert!(day.contains("2025-06-01"), "{day}");
    assert_eq!(row(0), ["\"x\"", "\"a\"", "7", "", day, ""]);
    assert_eq!(row(1), ["", "\"a\"", "7", "", day, ""]);
    assert!(rows.unseen().is_empty(), "the email was seen, and constants need no record");
}

#[test]
fn without_rest_there_are_only_the_columns() {
    let (summary, batches) = stream(&chosen("a:int,b", false), r#"{"a":"x","b":null}"#);
    assert!(cells(&batches[0], 0).is_empty());
    assert_eq!(batches[0].num_columns(), 2);
    assert_eq!(summary.of(Topic::Warned).count(), 1);
}

#[test]
fn strict_rows_are_rejected_with_all_their_problems() {
    let rows = chosen("user_id,n:int,at:timestamp", true).strict(true);
    let export = "{\"user_id\":\"a\",\"n\":1,\"at\":\"2025-06-01\"}\n{\"n\":\"secret\",\"at\":[]}\n";
    let (summary, batches) = stream(&rows, export);
    assert_eq!((summary.written, summary.rejected, batches[0].num_rows()), (1, 1, 1));
    let record = Record::parse("{\"n\":\"secret\",\"at\":[]}").unwrap();
    let Verdict::Rejected(problems) = apply(&rows, Rendering::Json, record).unwrap().verdict else {
        panic!("not rejected");
    };
    let messages: Vec<String> =
        problems.iter().map(|problem| format!("{} {problem}", problem.rule)).collect();
    assert_eq!(
        messages,
        [
            "column-type n: expected an integer of 64 bits without a fraction or an exponent, but found a string that does not fit",
            "column-type at: expected a moment as in 2025-06-01T08:00:00.000Z, but found an array that does not fit",
        ]
    );
}

#[test]
fn problem_says_what_its_type_expects() {
    let rows = chosen("a:string,b:bool,c:double,d:decimal(3,1),e:text", true).strict(true);
    let record = Record::parse(r#"{"a":1,"b":"true","c":1e400,"d":100,"e":"\ud800"}"#).unwrap();
    let Verdict::Rejected(problems) = apply(&rows, Rendering::Json, record).unwrap().verdict else {
        panic!("not rejected");
    };
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "a: expected a string without lone surrogates, but found a number that does not fit",
            "b: expected true or false, but found a string that does not fit",
            "c: expected a number that a double holds exactly, but found a number that does not fit",
            "d: expected a number with at most 3 digits, 1 of them after the point, but found a number that does not fit",
            "e: expected text without lone surrogates, but found a string that does not fit",
        ]
    );
}

#[test]
fn rows_are_for_the_sinks_of_this_crate() {
    let rows = chosen("user_id,app_metadata.n:int=n", true);
    let error = rows.scratch(Rendering::Csv(reimport::run::CsvFormat::default())).unwrap_err();
    assert_eq!(error.to_string(), "typed rows cannot be written as CSV");
    assert_eq!(format!("{:?}", rows.scratch(Rendering::Json).unwrap()), "TypedRowsScratch");
    assert_eq!(
        ["user_id", "app_metadata", "User ID", "email"].map(|name| rows.reads(name)),
        [true, true, true, false]
    );
    assert!(TypedRows::new(Layout::fixed()).reads("anything"));
}

#[test]
fn stream_of_a_failed_run_is_cut_off() {
    let rows = TypedRows::new(Layout::fixed());
    let mut bytes = Vec::new();
    {
        let sink = ArrowStream::new(&mut bytes, rows.layout()).unwrap();
        let source = Source::from_reader("x.gz", &b"\x1f\x8b\x08\0\0\0\0\0\0\xffcut"[..]);
        assert!(Pipeline::new().run([source], &rows, sink).is_err());
    }
    let read: Result<Vec<_>, _> = StreamReader::try_new(&bytes[..], None).unwrap().collect();
    assert!(read.is_err());
}

/// Takes some bytes, and then no more.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn stream_that_takes_no_more_bytes_is_an_error_of_the_system() {
    let full = "reading or writing failed: no storage space";
    assert_eq!(ArrowStream::new(Full(0), Layout::fixed()).map(drop).unwrap_err().to_string(), full);
    let rows = chosen("user_id", true);
    let sink = ArrowStream::new(Full(700), rows.layout()).unwrap();
    let source = Source::from_reader("x", std::io::Cursor::new(users(100).into_bytes()));
    let error = Pipeline::new().run([source], &rows, sink).map(drop).unwrap_err();
    assert_eq!(error.to_string(), full);
}

#[test]
fn stream_keeps_rejected_records() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("rejected.ndjson");
    let rows = chosen("n:int", true).strict(true);
    let sink = ArrowStream::new(Vec::new(), rows.layout()).unwrap();
    let sink = sink.rejected(&path, LeftoverOptions::default()).unwrap();
    let source = Source::from_reader("x", &b"{\"n\":1}\n{\"n\":\"x\"}\n"[..]);
    let rows = Filtered::new(Filter::new().and("n!=7".parse().unwrap()), rows);
    Pipeline::new().run([source], &rows, sink).unwrap();
    let rejected = std::fs::read_to_string(&path).unwrap();
    assert!(rejected.lines().count() == 1 && rejected.contains("\"line\":2"), "{rejected}");
}

#[test]
fn empty_stream_has_a_schema() {
    let (_, batches) = stream(&TypedRows::new(Layout::fixed()), "[]");
    assert!(batches.is_empty());
}

#[test]
fn rows_and_batches_are_cut_without_loss() {
    let export = users(30_000);
    let (_, batches) = stream(&TypedRows::new(Layout::fixed()), &export);
    assert!(batches.len() > 3);
    let lines: Vec<i64> = batches
        .iter()
        .flat_map(|batch| batch["_line"].as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert!(lines.into_iter().eq(1..=30_000));
}

#[test]
fn stream_and_batches_refuse_rows_of_another_layout() {
    let source = || Source::from_reader("x", &br#"{"user_id":"auth0|1"}"#[..]);
    let rows = || chosen("user_id", true);
    let sink = ArrowStream::new(Vec::new(), Layout::fixed()).unwrap();
    let streamed = Pipeline::new().run([source()], &rows(), sink).unwrap_err();
    let mut batches = Batches::start(Pipeline::new(), [source()], rows(), Layout::fixed()).unwrap();
    let pulled = batches.next().unwrap().unwrap_err();
    let expected =
        "the sink takes the rows of another transform: use the layout of the transform for the sink";
    assert_eq!(streamed.to_string(), expected);
    assert_eq!(pulled.to_string(), format!("External error: {expected}"));
}

/// Rows of the same form are refused as well: their values would be in columns with another name or type.
#[test]
fn layouts_with_other_names_or_types_are_not_the_same() {
    let layout = |columns: &str| Layout::chosen(Column::list_from_argument(columns).unwrap(), true).unwrap();
    let export = &br#"{"user_id":"auth0|1"}"#[..];
    let mut accepted = Vec::new();
    for columns in ["user_id:string", "user_id:string=id", "user_id:timestamp", "email:string=user_id"] {
        let sink = ArrowStream::new(Vec::new(), layout(columns)).unwrap();
        let rows = chosen("user_id:string", true);
        let ran = Pipeline::new().run([Source::from_reader("x", export)], &rows, sink);
        accepted.extend(ran.is_ok().then_some(columns));
    }
    // The path of a column is not part of its rows.
    assert_eq!(accepted, ["user_id:string", "email:string=user_id"]);
}

#[test]
fn sinks_refuse_inputs_that_they_would_replace() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir(at("lake")).unwrap();
    for name in ["users.parquet", "rejected.ndjson", "lake/part-00000.parquet", "other"] {
        std::fs::write(at(name), "{}").unwrap();
    }
    let force = || FileOptions::default().force(true);
    let file =
        ParquetFile::create(at("users.parquet"), Layout::fixed(), ParquetOptions::default().file(force()));
    let folder = ParquetFolder::create(at("lake"), Layout::fixed(), FolderOptions::default().file(force()));
    let stream = ArrowStream::new(Vec::new(), Layout::fixed())
        .unwrap()
        .rejected(at("rejected.ndjson"), LeftoverOptions::default().force(true));
    let (file, folder, stream) = (file.unwrap(), folder.unwrap(), stream.unwrap());
    let refused = |name: &str| {
        let inputs = [at("other"), at(name)];
        [file.refuse_inputs(&inputs), folder.refuse_inputs(&inputs), stream.refuse_inputs(&inputs)]
            .map(|refused| refused.is_err())
    };
    assert_eq!(refused("users.parquet"), [true, false, false]);
    assert_eq!(refused("lake/part-00000.parquet"), [false, true, false]);
    assert_eq!(refused("rejected.ndjson"), [false, false, true]);
    assert_eq!(refused("other"), [false; 3]);
}

/// Rows of the database users. The others are skipped.
struct DatabaseUsers(TypedRows);

impl Transform for DatabaseUsers {
    type Scratch = TypedRowsScratch;

    fn scratch(&self, rendering: Rendering) -> reimport::Result<TypedRowsScratch> {
        self.0.scratch(rendering)
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        self.0.header(rendering)
    }

    fn transform(
        &self,
        record: Record<'_>,
        scratch: &mut TypedRowsScratch,
        output: &mut Output<'_>,
    ) -> Verdict {
        if record.json().contains("samlp|") {
            return Verdict::Skipped(SkipReason::NotADatabaseUser);
        }
        self.0.transform(record, scratch, output)
    }
}

#[test]
fn skipped_records_are_next_to_the_rows() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let source = || Source::from_reader("x", &b"{\"user_id\":\"auth0|1\"}\n{\"user_id\":\"samlp|2\"}\n"[..]);
    let rows = || DatabaseUsers(TypedRows::new(Layout::fixed()));
    let file = ParquetFile::create(at("users.parquet"), Layout::fixed(), ParquetOptions::default());
    let folder = ParquetFolder::create(at("lake"), Layout::fixed(), FolderOptions::default());
    let (summary, _) = Pipeline::new().run([source()], &rows(), file.unwrap()).unwrap();
    assert_eq!((summary.written, summary.skipped), (1, 1));
    Pipeline::new().run([source()], &rows(), folder.unwrap()).unwrap();
    for name in ["users.parquet.skipped.ndjson", "lake/_skipped.ndjson"] {
        let skipped = std::fs::read_to_string(at(name)).unwrap();
        assert_eq!(skipped, "{\"user_id\":\"samlp|2\"}\n", "{name}");
    }
    // A stream and batches have no such file.
    let stream = ArrowStream::new(Vec::new(), Layout::fixed()).unwrap();
    assert_eq!(Pipeline::new().run([source()], &rows(), stream).unwrap().0.skipped, 1);
    let mut batches = Batches::start(Pipeline::new(), [source()], rows(), Layout::fixed()).unwrap();
    assert_eq!(batches.by_ref().map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 1);
    assert_eq!(batches.summary().unwrap().skipped, 1);
}
