//! Parsing of export requests.

use crate::projection::{ExportFormat, ExportRequest, Projection};
use crate::run::{CsvFormat, Rendering, Transform};

/// Returns the format, limit and connection of a request, and the header of its projection.
fn summary(request: &[u8]) -> String {
    let request = ExportRequest::from_slice(request).unwrap();
    let header = Projection::from_request(&request).unwrap().header(Rendering::Csv(CsvFormat::default()));
    let header = String::from_utf8(header).unwrap();
    format!("{:?} {:?} {:?} {header}", request.format.unwrap(), request.limit, request.connection)
}

macro_rules! request {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../testdata/requests/", $name))
    };
}

#[test]
fn the_documented_requests_are_read() {
    for (request, expected) in [
        (
            &request!("csv-consent.json")[..],
            "Csv Some(5) None email,user_metadata.consent.given,user_metadata.consent.date,user_metadata.consent.text_details",
        ),
        (request!("csv-country.json"), "Csv Some(20) None user_id,email,user_metadata.country"),
        (request!("csv-provider.json"), "Csv Some(5) None email,provider"),
        (
            request!("job-of-csv-provider.json"),
            "Csv Some(5) Some(\"Username-Password-Authentication\") user_id,name,email,provider",
        ),
        (request!("json-consent.json"), "Ndjson Some(5) None email,user_metadata.consent"),
        (request!("json-names.json"), "Ndjson None None user_id,email,name"),
    ] {
        assert_eq!(summary(request), expected);
        let request = ExportRequest::from_slice(request).unwrap();
        assert_eq!(request.connection_id.as_deref(), Some("con_0000000000000001"));
    }
}

#[test]
fn omitted_members_have_defaults() {
    for request in ["{}", r#"{"fields":[],"limit":null,"format":null,"id":[7]}"#, "\u{feff}{\"fields\":null}"]
    {
        let request = ExportRequest::from_slice(request.as_bytes()).unwrap();
        assert_eq!(request, ExportRequest::default());
        assert_eq!(Projection::from_request(&request).unwrap().fields().count(), 11);
    }
    let ndjson = ExportRequest::from_slice(br#"{"format":"json"}"#).unwrap();
    assert_eq!(ndjson.format, Some(ExportFormat::Ndjson));
}

#[test]
fn errors_name_the_key() {
    for (request, expected) in [
        ("[]", "request: expected an object, but found an array"),
        (r#"{"format":"xml"}"#, r#"format: expected "json" or "csv", but found another string"#),
        (r#"{"format":1}"#, "format: expected a string, but found a number"),
        (r#"{"connection_id":{}}"#, "connection_id: expected a string, but found an object"),
        (r#"{"limit":0}"#, "limit: expected a whole number from 1, but found 0"),
        (r#"{"limit":2.5}"#, "limit: expected a whole number from 1, but found another number"),
        (r#"{"limit":"5"}"#, "limit: expected a whole number from 1, but found a string"),
        (r#"{"fields":"email"}"#, "fields: expected an array, but found a string"),
        (r#"{"fields":[[{"name":"a"}]]}"#, "fields[0]: expected an object, but found an array"),
        (r#"{"fields":[{}]}"#, "fields[0]: expected a `name`, but found none"),
        (r#"{"fields":[{"name":true}]}"#, "fields[0].name: expected a string, but found a boolean"),
        (r#"{"fields":[{"name":""}]}"#, "fields[0].name: expected a name, but found an empty string"),
        (
            r#"{"fields":[{"name":"a","export_as":""}]}"#,
            "fields[0].export_as: expected a name, but found an empty string",
        ),
        (
            r#"{"fields":[{"name":"a"},{"name":"b","export_as":"a"}]}"#,
            "fields[1].export_as: another field is named `a` already; give one of them another `export_as`",
        ),
        (
            r#"{"fields":[{"name":"a"},{"name":"a"}]}"#,
            "fields[1].name: another field is named `a` already; give one of them another `export_as`",
        ),
        (
            r#"{"fields":[{"name":"a[*]"}]}"#,
            "fields[0].name: field path `a[*]`: expected a name, but found `*` at column 3; a field is one value, \
             so give an index: identities[0]; a key that contains a `*` goes in quotes: [\"*\"]",
        ),
    ] {
        let error = ExportRequest::from_slice(request.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{request}");
        assert_eq!(error.category(), crate::error::Category::Usage);
    }
    let broken = ExportRequest::from_slice(b"{").unwrap_err().to_string();
    assert_eq!(
        broken,
        "expected an export request in JSON, but EOF while parsing an object at line 1 column 1"
    );
}
