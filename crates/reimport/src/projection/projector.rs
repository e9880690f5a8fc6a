//! The projection: named fields of every record, as flat JSON or as CSV.

use std::collections::HashSet;

use super::error::ProjectionError;
use super::field::{DEFAULT_FIELDS, Field};
use super::render::{self, CsvCells};
use super::request::ExportRequest;
use super::row::{Cell, Row, RowBuffer};
use super::tree::PathTree;
use crate::error::Result;
use crate::path::{FieldPath, Segment};
use crate::record::Record;
use crate::run::{CsvEscape, Fact, Output, Rendering, Seen, Summary, Transform, Verdict};
use crate::user::kinds;
use crate::user::property::{Property, Type};

/// Named fields of every record, in one walk each: a [`Transform`] to flat JSON objects or CSV lines.
///
/// JSON: one flat object; a missing field is left out, `null` stays. CSV: strings decoded, objects and arrays as compact
/// JSON, missing and null empty. Every record is validated to its end; one that is no JSON object is rejected as
/// unreadable.
///
/// ```
/// use reimport::{CsvEscape, Projection, Rendering, Transform};
///
/// let projection = Projection::builder()
///     .field("email")?
///     .field_as("identities[0].connection", "provider")?
///     .build()?;
/// assert_eq!(projection.header(Rendering::Csv(CsvEscape::None)), b"email,provider");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct Projection {
    tree: PathTree,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    field: Field,
    /// `"NAME":`
    json_key: Vec<u8>,
    /// The name under which cells that a spreadsheet would run are counted.
    name: String,
    date_property: bool,
    seen: Seen,
}

impl Projection {
    /// A projection of no fields yet.
    pub fn builder() -> ProjectionBuilder {
        ProjectionBuilder::default()
    }

    /// What an export job with this request gives: its fields, or the [default ones](DEFAULT_FIELDS).
    ///
    /// Format, limit and connection of the request are for the caller to obey.
    ///
    /// # Errors
    /// Never for a request that was read; a changed one can name two fields alike.
    pub fn from_request(request: &ExportRequest) -> Result<Self> {
        if request.fields.is_empty() {
            return Self::default_fields();
        }
        Self::builder().fields(request.fields.iter().cloned()).build()
    }

    /// The [default fields](DEFAULT_FIELDS).
    ///
    /// # Errors
    /// Never.
    pub fn default_fields() -> Result<Self> {
        let fields = DEFAULT_FIELDS.into_iter().map(Field::from_argument).collect::<Result<Vec<_>>>()?;
        Self::builder().fields(fields).build()
    }

    /// Compiles fields whose names are there and unique.
    pub(super) fn compile(fields: Vec<Field>) -> Self {
        let tree = PathTree::new(fields.iter().map(|field| field.path().clone()));
        Self { tree, columns: fields.into_iter().map(Column::new).collect() }
    }

    /// The fields, in the order of the output.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.columns.iter().map(|column| &column.field)
    }

    /// The fields that no valid record has had since the projection was built; `null` is had.
    ///
    /// What a run read counts, also behind a limit by as much as it read ahead; so with a limit the answer may depend on
    /// the number of threads, and without one it never does.
    pub fn unseen(&self) -> Vec<&Field> {
        let unseen = self.columns.iter().filter(|column| !column.seen.is());
        unseen.map(|column| &column.field).collect()
    }
}

impl Projection {
    /// In a CSV every path has a column, so a field without one is a mistake. A column above a field holds an object or an
    /// array only if its property is one.
    fn demand_columns(&self, columns: &[FieldPath]) -> std::result::Result<(), ProjectionError> {
        let leads_to = |path: &FieldPath, column: &FieldPath| {
            let (path, column) = (path.segments(), column.segments());
            let nested = matches!(column, [Segment::Name(name)] if Property::named(name).is_some_and(Property::is_nested));
            (nested || path.len() <= column.len())
                && path.iter().zip(column).all(|(step, other)| step.meets(other))
        };
        let missing = self
            .columns
            .iter()
            .map(|column| column.field.path())
            .find(|path| !columns.iter().any(|column| leads_to(path, column)));
        let Some(path) = missing else { return Ok(()) };
        let mut list = String::new();
        for (index, column) in columns.iter().enumerate() {
            if index == MAX_COLUMNS_NAMED {
                list += " and others";
                break;
            }
            list += if index == 0 { "" } else { ", " };
            list += &column.to_string();
        }
        Err(ProjectionError::NoColumn { path: path.to_string().into(), columns: list.into() })
    }
}

/// How many columns an error names.
const MAX_COLUMNS_NAMED: usize = 40;

impl Transform for Projection {
    type Scratch = ProjectionScratch;

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let columns: Option<Vec<&[FieldPath]>> =
            summary.sources.iter().map(|source| source.columns.as_deref()).collect();
        // If a source is not a CSV, any path may be in it.
        if let Some(columns) = columns {
            self.demand_columns(&columns.concat())?;
        }
        Ok(Vec::new())
    }

    fn scratch(&self, rendering: Rendering) -> Result<ProjectionScratch> {
        Ok(ProjectionScratch { rendering, buffer: RowBuffer::new(), cells: CsvCells::default() })
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        match rendering {
            Rendering::Json => Vec::new(),
            Rendering::Csv(_) => render::csv_header(self.fields().map(Field::name)),
        }
    }

    fn validates(&self) -> bool {
        true
    }

    fn transform(
        &self,
        record: Record<'_>,
        scratch: &mut ProjectionScratch,
        output: &mut Output<'_>,
    ) -> Verdict {
        let row = match self.tree.walk_record(record.json(), &mut scratch.buffer) {
            Ok(row) => row,
            Err(error) => {
                return Verdict::Unreadable(error.into());
            }
        };
        for (cell, column) in row.cells().zip(&self.columns) {
            if cell != Cell::Missing {
                column.seen.note();
            }
        }
        match scratch.rendering {
            Rendering::Json => {
                let keys = self.columns.iter().map(|column| &*column.json_key);
                render::json(&row, keys, output.bytes);
            }
            Rendering::Csv(escape) => self.render_csv(&row, escape, &mut scratch.cells, output),
        }
        Verdict::Written
    }
}

impl Projection {
    fn render_csv(
        &self,
        row: &Row<'_, '_>,
        escape: CsvEscape,
        cells: &mut CsvCells,
        output: &mut Output<'_>,
    ) {
        let start = output.bytes.len();
        for (place, (cell, column)) in row.cells().zip(&self.columns).enumerate() {
            if place > 0 {
                output.bytes.push(b',');
            }
            let Cell::Value(value) = cell else { continue };
            let facts = cells.write(&value, escape, column.date_property, output.bytes);
            if facts.formula {
                output.note_warned(kinds::SPREADSHEET_FORMULA, &column.name);
            }
            if facts.lone_surrogate {
                output.note_warned(kinds::LONE_SURROGATE, "");
            }
        }
        if output.bytes.len() == start {
            // One empty cell: without quotes it would be a blank line.
            output.bytes.extend_from_slice(b"\"\"");
        }
    }
}

/// The buffers of a [`Projection`] on one thread.
#[derive(Debug)]
pub struct ProjectionScratch {
    rendering: Rendering,
    buffer: RowBuffer,
    cells: CsvCells,
}

impl Column {
    fn new(field: Field) -> Self {
        Self {
            json_key: render::json_key(field.name()),
            name: field.name().to_owned(),
            date_property: Property::named(&field.path().to_string())
                .is_some_and(|property| property.is() == Type::Date),
            seen: Seen::default(),
            field,
        }
    }
}

/// Collects the fields of a [`Projection`].
#[derive(Debug, Default, Clone)]
pub struct ProjectionBuilder {
    fields: Vec<Field>,
}

impl ProjectionBuilder {
    /// Adds the field at `path`, named as the path is typed.
    ///
    /// # Errors
    /// Where it is no path.
    pub fn field(self, path: &str) -> Result<Self> {
        self.field_as(path, path)
    }

    /// Adds the field at `path`, named `name` in the output.
    ///
    /// # Errors
    /// Where it is no path.
    pub fn field_as(mut self, path: &str, name: &str) -> Result<Self> {
        self.fields.push(Field::parse(path, name)?);
        Ok(self)
    }

    /// Adds fields that were read already.
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Compiles the fields.
    ///
    /// # Errors
    /// Where there are none, or two have one output name, or one has an empty one.
    pub fn build(self) -> Result<Projection> {
        if self.fields.is_empty() {
            return Err(ProjectionError::NoFields.into());
        }
        let mut names = HashSet::new();
        for field in &self.fields {
            if field.name().is_empty() {
                return Err(ProjectionError::EmptyName { path: field.path().to_string().into() }.into());
            }
            if !names.insert(field.name()) {
                return Err(ProjectionError::RepeatedName { name: field.name().into() }.into());
            }
        }
        drop(names);
        Ok(Projection::compile(self.fields))
    }
}
