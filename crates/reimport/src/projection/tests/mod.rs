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
use crate::run::{About, Facts, Output, Rendering, SideLines, Transform, Verdict};

fn record(json: &str) -> Record<'_> {
    Record::new(json, Position::START)
}

/// One record projected: the verdict, the rendered text, and the names of what was noted.
fn project(projection: &Projection, rendering: Rendering, json: &str) -> (Verdict, String, Vec<String>) {
    let mut scratch = projection.scratch(rendering).unwrap();
    let (mut bytes, mut facts, mut keys, mut sides) =
        (Vec::new(), Facts::default(), Vec::new(), SideLines::default());
    let mut output = Output {
        bytes: &mut bytes,
        facts: &mut facts,
        keys: &mut keys,
        sides: &mut sides,
        about: About::default(),
    };
    let verdict = projection.transform(record(json), &mut scratch, &mut output);
    let noted = facts.events(0..facts.len()).iter().map(|&id| facts.name(id).to_string()).collect();
    (verdict, String::from_utf8(bytes).unwrap(), noted)
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
