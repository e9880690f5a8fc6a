//! Tests of the projection: against a naive implementation, and for the exact text of messages.

mod agreement;
mod csv_cells;
mod nested;
mod oracle;
mod paths;
mod projecting;
mod random;
mod requests;
mod round_trip;

use crate::projection::Projection;
use crate::record::Record;
use crate::run::{Rendering, Verdict, apply};

fn record(json: &str) -> Record<'_> {
    Record::new(json)
}

/// Projects one record. Returns the verdict, the rendered text and the noted facts as strings.
fn project(projection: &Projection, rendering: Rendering, json: &str) -> (Verdict, String, Vec<String>) {
    let applied = apply(projection, rendering, record(json)).unwrap();
    let noted = applied.facts.iter().map(ToString::to_string).collect();
    (applied.verdict, String::from_utf8(applied.bytes).unwrap(), noted)
}

/// Projects one record, asserts that it is written, and returns the rendered text.
fn written(projection: &Projection, rendering: Rendering, json: &str) -> String {
    let (verdict, text, _) = project(projection, rendering, json);
    assert_eq!(verdict, Verdict::Written);
    text
}

fn projection(fields: &[&str]) -> Projection {
    let fields = fields.iter().map(|field| crate::projection::Field::from_argument(field).unwrap());
    Projection::builder().fields(fields).build().unwrap()
}
