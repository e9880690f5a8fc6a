//! `reimport select` to typed columns: Parquet and Arrow.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use arrow_ipc::reader::StreamReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::harness::{Ran, WorkFolder};

const FULL: &str = "users-full-profile.ndjson";

fn folder() -> WorkFolder {
    WorkFolder::new().with_testdata(FULL)
}

fn rows(path: impl AsRef<Path>) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let array = batch.column_by_name(column).unwrap_or_else(|| panic!("{column}")).as_string::<i32>();
    array.iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn parquet_has_the_fixed_schema_and_a_short_summary() {
    let folder = folder();
    let ran = folder.run("select users-full-profile.ndjson -o users.parquet --limit 2");
    ran.assert_output(
        0,
        "",
        "\
read      2 records from users-full-profile.ndjson (1.9 kB), stopped at --limit
          2: the rest was neither read nor checked
written   2 users, 28 fields each, as Parquet to users.parquet
done (exit status 0)
",
    );
    let batches = rows(folder.path().join("users.parquet"));
    assert_eq!(batches[0].num_columns(), 28);
    assert_eq!(
        texts(&batches[0], "user_id"),
        ["auth0|13c6bbdce996431cfcb2185a", "auth0|73e46a7ffe78ea20e41b66d4"].map(|id| Some(id.to_owned()))
    );
    assert_eq!(texts(&batches[0], "_source"), vec![Some(FULL.to_owned()); 2]);
    assert_eq!(folder.names("."), ["users-full-profile.ndjson", "users.parquet"]);
}

#[test]
fn filters_choose_the_users_and_are_in_the_metadata() {
    let folder = folder().with("ids.txt", "auth0|13c6bbdce996431cfcb2185a\n");
    let ran = folder.run(&[
        "select",
        FULL,
        "-o",
        "users.parquet",
        "--ids",
        "ids.txt",
        "--where",
        "email_verified = true",
        "-f",
        "user_id,app_metadata:json",
    ]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let file = SerializedFileReader::new(File::open(folder.path().join("users.parquet")).unwrap()).unwrap();
    let entries = file.metadata().file_metadata().key_value_metadata().unwrap();
    let entry = |name: &str| entries.iter().find(|entry| entry.key == name).unwrap().value.clone().unwrap();
    assert_eq!(entry("reimport.filters"), "[\"where email_verified = true\",\"ids ids.txt\"]");
    assert_eq!(
        (entry("reimport.written").as_str(), entry("reimport.sources")),
        ("1", format!("[\"{FULL}\"]"))
    );
    let batches = rows(folder.path().join("users.parquet"));
    let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["user_id", "app_metadata", "_rest"]);
}

#[test]
fn values_that_do_not_fit_are_counted_or_rejected() {
    let export = "{\"user_id\":\"auth0|1\",\"n\":7}\n{\"user_id\":\"auth0|2\",\"n\":\"seven\"}\n";
    let folder = WorkFolder::new().with("tenant.json", export);
    folder.run("select tenant.json -f user_id,n:int -o users.parquet").assert_output(
        1,
        "",
        "\
read      2 records from tenant.json (62 bytes), read whole
written   2 users, 3 fields each, as Parquet to users.parquet
warning   column-type n 1, first on line 2: the value does not fit the type of
          its column, which is null
done, with warnings (exit status 1)
",
    );
    let batch = &rows(folder.path().join("users.parquet"))[0];
    assert_eq!(texts(batch, "_rest"), [None, Some("{\"n\":\"seven\"}".to_owned())]);
    let strict = folder.run("select tenant.json -f user_id,n:int --no-rest --strict-types -o strict.parquet");
    strict.assert_output(
        1,
        "",
        "\
read      2 records from tenant.json (62 bytes), read whole
written   1 user, 2 fields each, as Parquet to strict.parquet
rejected  1 record that cannot be read or does not fit, kept in
          strict.parquet.rejected.ndjson:
          line 2: n: expected an integer of 64 bits without a fraction or an
          exponent, but found a string that does not fit
done, with rejected records (exit status 1)
",
    );
    assert!(
        folder.read("strict.parquet.rejected.ndjson").contains("\"rule\":\"column-type\",\"path\":\"n\"")
    );
}

#[test]
fn csv_export_has_the_same_columns() {
    let folder = WorkFolder::new().with_testdata("users.csv");
    assert!(folder.run("select users.csv -o whole.parquet -q").status < 2);
    assert!(folder.run("select users.csv -f email,email_verified:bool -o chosen.parquet -q").status < 2);
    let [whole, chosen] = ["whole", "chosen"].map(|name| rows(folder.path().join(format!("{name}.parquet"))));
    assert_eq!(texts(&whole[0], "email"), texts(&chosen[0], "email"));
    assert_eq!(whole[0]["email_verified"].as_boolean(), chosen[0]["email_verified"].as_boolean());
    assert!(whole[0]["email_verified"].as_boolean().true_count() > 0);
}

#[test]
fn arrow_is_a_stream_on_standard_output() {
    let folder = folder();
    let output = folder.command("select users-full-profile.ndjson --format arrow -q").output().unwrap();
    // One user has the text "true" in a boolean property.
    assert_eq!(output.status.code(), Some(1));
    let batches: Vec<_> =
        StreamReader::try_new(&output.stdout[..], None).unwrap().map(Result::unwrap).collect();
    let lines = std::fs::read_to_string(folder.path().join(FULL)).unwrap().lines().count();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), lines);
    let emails = batches[0]["email"].as_string::<i32>();
    assert_eq!(
        emails.null_count(),
        texts(&batches[0], "email").iter().filter(|email| email.is_none()).count()
    );
}

#[test]
fn arrow_to_a_fifo_keeps_its_rejected_records() {
    let folder = WorkFolder::new().with("tenant.json", "{\"email\":\"a@example.com\"}\nno record\n");
    folder.mkfifo("users.arrow");
    let path = folder.path().join("users.arrow");
    let reader = std::thread::spawn(move || {
        let reader = StreamReader::try_new(std::fs::File::open(path).unwrap(), None).unwrap();
        reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>()
    });
    let ran = folder.run("select tenant.json --format arrow -o users.arrow --rejected rejected.ndjson");
    assert_eq!((ran.status, reader.join().unwrap()), (1, 1), "{}", ran.err);
    assert!(ran.err.contains("as an Arrow stream to users.arrow\n"), "{}", ran.err);
    assert!(folder.read("rejected.ndjson").contains("\"line\":2"));
    let limited = "select tenant.json --format arrow -o - --rejected more.ndjson --max-reject-bytes 1";
    let output = folder.command(limited).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && message.contains("--max-reject-bytes"), "{message}");
    assert_eq!(folder.names("."), ["rejected.ndjson", "tenant.json", "users.arrow"]);
}

#[test]
fn failed_run_publishes_nothing_and_cuts_the_stream() {
    let folder = WorkFolder::new().with("tenant.json", "{\"email\":\"a@example.com\"}\nno record\n");
    let ran = folder.run("select tenant.json -o users.parquet --max-rejected 0");
    assert_eq!((ran.status, folder.names(".")), (2, vec!["tenant.json".to_owned()]));
    let output = folder.command("select tenant.json --format arrow --max-rejected 0 -q").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let read: Result<Vec<_>, _> = StreamReader::try_new(&output.stdout[..], None).unwrap().collect();
    assert!(read.is_err());
}

#[test]
fn impossible_outputs_are_refused() {
    let folder = folder();
    for (arguments, message) in [
        (
            "--format parquet",
            "Parquet is written to a file or a folder only; name one with -o, as in -o users.parquet",
        ),
        (
            "--format arrow -o users.arrow",
            "-o users.arrow: an Arrow stream is written to standard output only; write Parquet, or redirect standard output",
        ),
        (
            "-o users.parquet.gz",
            "-o users.parquet.gz: select does not write .parquet.gz files; end the name in .csv, .tsv, .ndjson, .jsonl or \
             .json, each with or without .gz, or in .parquet, or choose the format with --format",
        ),
        (
            "-o users.json --format parquet",
            "-o users.json: the file name and --format mean different formats; change one of them",
        ),
        (
            "-o users.csv --strict-types",
            "--strict-types is about typed columns; write Parquet or Arrow (see --format)",
        ),
        (
            "-o users.parquet --partition tenant=acme",
            "--partition needs a folder: end the name of -o in something other than .parquet, with --format parquet",
        ),
        (
            "-o users --format parquet --partition Email=acme",
            "the key Email is the name of a column; use another key",
        ),
        (
            "-o users.parquet --no-rest",
            "--no-rest needs -f: without it, _rest has the members that no column has",
        ),
        (
            "-o users.parquet -f email,user_metadata.Email=EMAIL",
            "the columns of `email` and `user_metadata.Email` have the same name, ignoring case; name one of them, as in \
             `user_metadata.Email=EMAIL_2`",
        ),
        (
            "-o users.parquet -f a:decimal(99,1)",
            "-f: expected decimal(P,S) with 1 to 38 digits, at most all of them after the point, but found `decimal(99,1)`",
        ),
    ] {
        let Ran { status, out, err } = folder.run(&format!("select {FULL} {arguments}"));
        assert_eq!((status, out.as_str()), (2, ""), "{arguments}: {err}");
        assert_eq!(err.lines().next(), Some(format!("error: {message}").as_str()), "{arguments}");
    }
    assert_eq!(folder.names("."), [FULL]);
}

#[test]
fn folder_has_files_that_engines_read_and_side_files_that_they_ignore() {
    let folder = folder();
    let select = format!("select {FULL} --format parquet -o users --partition tenant=acme --limit 2");
    folder.run(&select).assert_output(
        0,
        "",
        "\
read      2 records from users-full-profile.ndjson (1.9 kB), stopped at --limit
          2: the rest was neither read nor checked
written   2 users, 28 fields each, as Parquet to users/tenant=acme
done (exit status 0)
",
    );
    assert_eq!(folder.names("users/tenant=acme"), ["_manifest.json", "part-00000.parquet"]);
    assert_eq!(folder.run(&format!("{select} --where email=hana@example.com -q")).status, 0);
    assert_eq!(rows(folder.path().join("users/tenant=acme/part-00000.parquet"))[0].num_rows(), 1);
    // A folder without partitions is replaced only with --force.
    let whole = format!("select {FULL} --format parquet -o whole -q");
    assert_eq!(folder.run(&whole).status, 1);
    assert_eq!(folder.run(&whole).status, 2);
    assert_eq!(folder.run(&format!("{whole} --force")).status, 1);
    assert_eq!(folder.names("."), ["users", FULL, "whole"]);
    assert_eq!(folder.run(&format!("select {FULL} --format parquet -o users --force -q")).status, 2);
}

#[test]
fn column_that_no_record_has_is_a_warning() {
    let ran = folder()
        .run("select users-full-profile.ndjson -o users.parquet -f user_id,user_metadata.consnt.given");
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no record has user_metadata.consnt.given"), "{}", ran.err);
}

#[test]
fn request_has_columns_of_text_with_safe_names() {
    let request =
        r#"{"fields":[{"name":"user_id"},{"name":"identities[0].connection","export_as":"the connection"}]}"#;
    let folder = folder().with("request.json", request);
    let ran = folder.run("select users-full-profile.ndjson --request request.json -o users.parquet -q");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let batches = rows(folder.path().join("users.parquet"));
    assert_eq!(texts(&batches[0], "the_connection")[0].as_deref(), Some("Username-Password-Authentication"));
}

/// The memory of a run is bounded, whatever the input.
#[cfg(target_os = "linux")]
#[test]
fn parquet_needs_little_memory() {
    let folder = WorkFolder::new();
    let line = |number: u32| {
        format!(
            "{{\"user_id\":\"auth0|{number:024}\",\"email\":\"user{number}@example.com\",\"user_metadata\":{{\"note\":\"{}\"}}}}\n",
            format!("{number:08x}").repeat(40)
        )
    };
    folder.write("tenant.json", (0..200_000).map(line).collect::<String>());
    let measured = folder.measure("select tenant.json -o users.parquet -q");
    assert_eq!((measured.status, measured.err.as_str()), (0, ""));
    assert!(measured.peak < 48, "{} MiB", measured.peak);
}

/// Two exports whose types differ, and a later one that does not fit.
fn tenants() -> WorkFolder {
    WorkFolder::new()
        .with(
            "a.json",
            "{\"user_id\":\"auth0|1\",\"app_metadata\":{\"plan\":\"pro\",\"quota\":5,\"tags\":[1]}}\n\
             {\"user_id\":\"auth0|2\",\"app_metadata\":{\"plan\":null,\"quota\":7}}\n",
        )
        .with("b.json", "{\"user_id\":\"auth0|3\",\"app_metadata\":{\"quota\":0.5}}\n")
        .with(
            "later.json",
            "{\"user_id\":\"auth0|4\"}\n{\"user_id\":\"auth0|5\",\"app_metadata\":{\"plan\":7,\"new\":true,\"quota\":\"x\"}}\n",
        )
}

#[test]
fn schema_of_two_exports_fits_both() {
    let folder = tenants();
    folder.run("fields a.json b.json --schema users.schema.json").assert_output(
        0,
        "",
        "\
read      3 records from 2 files (185 bytes), read whole
written   the schema of 4 columns, 1 of them JSON, to users.schema.json
done (exit status 0)
",
    );
    assert_eq!(
        folder.read("users.schema.json"),
        r#"{
  "version": 1,
  "sources": [
    {"name":"a.json","records":2},
    {"name":"b.json","records":1}
  ],
  "records": 3,
  "columns": [
    {"path":"user_id","name":"user_id","type":"string","values":3,"nulls":0,"missing":0},
    {"path":"app_metadata.plan","name":"app_metadata_plan","type":"string","values":1,"nulls":1,"missing":1},
    {"path":"app_metadata.quota","name":"app_metadata_quota","type":"double","values":3,"nulls":0,"missing":0},
    {"path":"app_metadata.tags","name":"app_metadata_tags","type":"json","values":1,"nulls":0,"missing":2}
  ]
}
"#
    );
    let again = folder.run("fields a.json --schema users.schema.json");
    assert_eq!(again.status, 2, "{again:?}");
    let forced = folder.run("fields a.json --schema users.schema.json --force --json");
    assert_eq!((forced.status, forced.err.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_str(&forced.out).unwrap();
    assert_eq!(
        document["columns"][2],
        serde_json::json!({"path": "app_metadata.quota", "name": "app_metadata_quota", "type": "int", "values": 2,
            "nulls": 0, "missing": 0})
    );
    assert_eq!(folder.names("."), ["a.json", "b.json", "later.json", "users.schema.json"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("users.schema.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn export_that_does_not_fit_a_schema_is_reported_or_rejected() {
    let folder = tenants();
    assert_eq!(folder.run("fields a.json b.json --schema users.schema.json -q").status, 0);
    folder.run("select later.json b.json --schema users.schema.json -o users.parquet").assert_output(
        1,
        "",
        "\
read      3 records from 2 files (144 bytes), read whole
written   3 users, 7 fields each, as Parquet to users.parquet
warning   column-type app_metadata.plan 1, first on later.json line 2: the value
          does not fit the type of its column, which is null
warning   column-type app_metadata.quota 1, first on later.json line 2: the
          value does not fit the type of its column, which is null
done, with warnings (exit status 1)
",
    );
    let batch = &rows(folder.path().join("users.parquet"))[0];
    assert_eq!(
        texts(batch, "_rest"),
        [None, Some("{\"app_metadata\":{\"plan\":7,\"new\":true,\"quota\":\"x\"}}".to_owned()), None]
    );
    assert_eq!(texts(batch, "_source")[2].as_deref(), Some("b.json"));
    let strict = folder.run("select later.json --schema users.schema.json --strict-types -o strict.parquet");
    assert_eq!(strict.status, 1);
    assert!(
        strict.err.contains("line 2: app_metadata.plan: expected a string without lone"),
        "{}",
        strict.err
    );
    let partition = "--format parquet -o lake --partition tenant=a -q";
    assert_eq!(folder.run(&format!("select a.json --schema users.schema.json {partition}")).status, 0);
    assert_eq!(rows(folder.path().join("lake/tenant=a/part-00000.parquet"))[0].num_columns(), 7);
    let output =
        folder.command("select a.json --schema users.schema.json --format arrow -q").output().unwrap();
    let batches: Vec<_> =
        StreamReader::try_new(&output.stdout[..], None).unwrap().map(Result::unwrap).collect();
    assert_eq!((batches[0].num_columns(), batches[0].num_rows()), (7, 2));
}

#[test]
fn wrong_schemas_are_refused() {
    let folder = tenants()
        .with("new.json", "{\"version\":2}")
        .with("clash.json", "{\"version\":1,\"columns\":[{\"path\":\"a\",\"name\":\"a\",\"type\":\"int\"},\n{\"path\":\"b\",\"name\":\"A\",\"type\":\"int\"}]}")
        .with("type.json", "{\"version\":1,\"columns\":[\n{\"type\":\"integer\",\"path\":\"a\",\"name\":\"a\"}]}");
    for (arguments, message) in [
        (
            "select a.json --schema new.json -o users.parquet",
            "new.json: expected version 1 of a schema, but found version 2; make the schema again with this version of the \
             program, or use a newer one",
        ),
        (
            "select a.json --schema clash.json -o users.parquet",
            "clash.json: the columns of `a` and `b` have the same name `A`, ignoring case; change one of them, for example to \
             `A_2`",
        ),
        (
            "select a.json --schema type.json -o users.parquet",
            "type.json: expected one of the types string, text, json, bool, int, double, decimal(P,S), timestamp, but found \
             `integer` at line 2 column 17",
        ),
        (
            "select a.json --schema none.json -o users.parquet",
            "none.json: No such file or directory (os error 2)",
        ),
        (
            "select a.json --schema new.json -o users.csv",
            "--schema is about typed columns; write Parquet or Arrow (see --format)",
        ),
        ("fields a.json --schema -", "--schema needs the name of a file, as in --schema users.schema.json"),
    ] {
        let Ran { status, out, err } = folder.run(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments}: {err}");
        assert_eq!(err.lines().next(), Some(format!("error: {message}").as_str()), "{arguments}");
    }
    for arguments in ["select a.json --schema new.json -f email -o u.parquet", "fields a.json --force"] {
        assert_eq!(folder.run(arguments).status, 2, "{arguments}");
    }
    assert_eq!(folder.run("fields a.json --schema a.json --force").status, 2, "an input");
    assert_eq!(folder.names("."), ["a.json", "b.json", "clash.json", "later.json", "new.json", "type.json"]);
}
