//! The projection against a naive walk, and the exact words that people read.

mod agreement;
mod csv_cells;
mod oracle;
mod paths;
mod projecting;
mod random;
mod requests;
mod round_trip;

use crate::position::Position;
use crate::projection::Projection;
use crate::record::Record;
use crate::run::{Rendering, Verdict, apply};

fn record(json: &str) -> Record<'_> {
    Record::new(json, Position::START)
}

/// One record projected: the verdict, the rendered text, and the names of what was noted.
fn project(projection: &Projection, rendering: Rendering, json: &str) -> (Verdict, String, Vec<String>) {
    let applied = apply(projection, rendering, record(json)).unwrap();
    let noted = applied.facts.iter().map(ToString::to_string).collect();
    (applied.verdict, String::from_utf8(applied.bytes).unwrap(), noted)
}

/// The rendered text of a record that must be written.
fn written(projection: &Projection, rendering: Rendering, json: &str) -> String {
    let (verdict, text, _) = project(projection, rendering, json);
    assert_eq!(verdict, Verdict::Written);
    text
}

fn projection(fields: &[&str]) -> Projection {
    let fields = fields.iter().map(|field| crate::projection::Field::from_argument(field).unwrap());
    Projection::builder().fields(fields).build().unwrap()
}
