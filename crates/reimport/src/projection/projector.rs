//! The projection: renders selected fields of every record as flat JSON or CSV.

use std::collections::HashSet;

use super::error::ProjectionError;
use super::field::{DEFAULT_FIELDS, Field};
use super::render::{self, CsvCells};
use super::request::ExportRequest;
use super::row::{Cell, Row, RowBuffer};
use super::tree::PathTree;
use crate::error::Result;
use crate::path::{FieldPath, Segment, suggest};
use crate::record::Record;
use crate::run::{
    CsvDelimiter, CsvEscape, Fact, OfThisLibrary, Output, Rendering, Seen, Summary, Transform, Verdict,
};
use crate::user::kinds;
use crate::user::property::{Property, Type};

/// Selected fields of every record: a [`Transform`] that renders flat JSON objects or CSV lines. Each record is
/// read once.
///
/// JSON: one flat object. Missing fields are left out, `null` is kept. CSV: strings are decoded, objects and arrays
/// are compact JSON, missing fields and `null` are empty cells. Every record is validated to its end. A record that
/// is not a JSON object is rejected as unreadable.
///
/// ```
/// use reimport::{CsvFormat, Projection, Rendering, Transform};
///
/// let projection = Projection::builder()
///     .field("email")?
///     .field_as("identities[0].connection", "provider")?
///     .build()?;
/// assert_eq!(projection.header(Rendering::Csv(CsvFormat::default())), b"email,provider");
/// # Ok::<(), reimport::Error>(())
/// ```
///
/// A field that no record has is not an error: it is missing in every record. After the run, [`unseen`](Self::unseen)
/// returns such fields, whose paths are probably mistyped. If all sources are CSV, a field without a column is an error.
///
/// ```
/// use reimport::{Pipeline, Projection, sink::Ndjson, source::Source};
///
/// let projection = Projection::builder().field("email")?.field("user_metdata.plan")?.build()?;
/// let export = br#"{"email":"a@example.com","user_metadata":{"plan":"pro"}}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// Pipeline::new().run([source], &projection, Ndjson::new(Vec::new()))?;
/// let unseen: Vec<String> = projection.unseen().iter().map(|field| field.path().to_string()).collect();
/// assert_eq!(unseen, ["user_metdata.plan"]);
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
    /// `"NAME":`, the escaped name with a colon.
    json_key: Vec<u8>,
    /// The column name in the count of cells that a spreadsheet would run as formulas.
    name: String,
    date_property: bool,
    seen: Seen,
}

impl Projection {
    /// Returns a builder without fields.
    pub fn builder() -> ProjectionBuilder {
        ProjectionBuilder::default()
    }

    /// Creates the projection of an export request: its fields, or the [default fields](DEFAULT_FIELDS) if it has
    /// none.
    ///
    /// The caller applies the format, limit and connection of the request.
    ///
    /// # Errors
    /// Never for a request as read by [`ExportRequest::from_slice`]. If the caller changed the request, two fields
    /// can have the same name or a name can be empty.
    pub fn from_request(request: &ExportRequest) -> Result<Self> {
        if request.fields.is_empty() {
            return Self::default_fields();
        }
        Self::builder().fields(request.fields.iter().cloned()).build()
    }

    /// Creates the projection of the [default fields](DEFAULT_FIELDS).
    ///
    /// # Errors
    /// Never returns an error.
    pub fn default_fields() -> Result<Self> {
        let fields = DEFAULT_FIELDS.into_iter().map(Field::from_argument).collect::<Result<Vec<_>>>()?;
        Self::builder().fields(fields).build()
    }

    /// Compiles the fields. The caller has checked that the output names are unique and not empty.
    pub(super) fn compile(fields: Vec<Field>) -> Self {
        let tree = PathTree::new(fields.iter().map(|field| field.path().clone()));
        Self { tree, columns: fields.into_iter().map(Column::new).collect() }
    }

    /// Returns the fields in output order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.columns.iter().map(|column| &column.field)
    }

    /// Returns the fields that no valid record has had since the projection was built. A field with the value
    /// `null` counts as present. Records that a filter has left out do not count, because they do not reach the
    /// projection.
    ///
    /// All records that a run has read count. A run with a limit reads ahead, so records after the limit can count
    /// as well, and the result can depend on the number of threads. Without a limit it never does.
    pub fn unseen(&self) -> Vec<&Field> {
        let unseen = self.columns.iter().filter(|column| !column.seen.is());
        unseen.map(|column| &column.field).collect()
    }
}

impl Projection {
    /// Checks that every field has a column. The columns of a CSV are known, so a field without a column is an
    /// error. A column for the start of a path contains the rest of the path only if its property is an object or
    /// an array.
    fn require_columns(&self, columns: &[FieldPath]) -> std::result::Result<(), ProjectionError> {
        let covers = |path: &FieldPath, column: &FieldPath| {
            let (path, column) = (path.segments(), column.segments());
            let nested = matches!(column, [Segment::Name(name)] if Property::named(name).is_some_and(Property::is_nested));
            (nested || path.len() <= column.len())
                && path.iter().zip(column).all(|(step, other)| step.can_equal(other))
        };
        let missing = self
            .columns
            .iter()
            .map(|column| column.field.path())
            .find(|path| !columns.iter().any(|column| covers(path, column)));
        let Some(path) = missing else { return Ok(()) };
        let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let path = path.to_string();
        let nearest = suggest(&path, names.iter().map(String::as_str)).map(String::into_boxed_str);
        let mut list = String::new();
        for (index, column) in names.iter().enumerate() {
            if index == MAX_COLUMNS_NAMED {
                list += " and others";
                break;
            }
            list += if index == 0 { "" } else { ", " };
            list += column;
        }
        Err(ProjectionError::NoColumn { path: path.into(), nearest, columns: list.into() })
    }
}

/// The maximum number of columns in an error message.
const MAX_COLUMNS_NAMED: usize = 40;

impl Transform for Projection {
    type Scratch = ProjectionScratch;

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        let columns: Option<Vec<&[FieldPath]>> =
            summary.sources.iter().map(|source| source.columns.as_deref()).collect();
        // If at least one source is not CSV, a record can have any path. With a limit of 0, no header was read.
        if let Some(columns) = columns.filter(|_| summary.read > 0 || !summary.limited) {
            self.require_columns(&columns.concat())?;
        }
        Ok(Vec::new())
    }

    fn scratch(&self, rendering: Rendering) -> Result<ProjectionScratch> {
        let delimiter = match rendering {
            Rendering::Csv(format) => format.delimiter,
            Rendering::Json => CsvDelimiter::default(),
        };
        Ok(ProjectionScratch { rendering, buffer: RowBuffer::new(), cells: CsvCells::new(delimiter) })
    }

    fn header(&self, rendering: Rendering) -> Vec<u8> {
        match rendering {
            Rendering::Json => Vec::new(),
            Rendering::Csv(format) => render::csv_header(self.fields().map(Field::name), format),
        }
    }

    fn validates(&self) -> bool {
        true
    }

    fn reads(&self, name: &str) -> bool {
        self.tree.may_read(name)
    }

    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
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
            Rendering::Csv(format) => self.render_csv(&row, format.escape, &mut scratch.cells, output),
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
        for (cell, column) in row.cells().zip(&self.columns) {
            let Cell::Value(value) = cell else {
                cells.skip(output.bytes);
                continue;
            };
            let facts = cells.write(&value, escape, column.date_property, output.bytes);
            if facts.formula {
                output.note_warned(kinds::SPREADSHEET_FORMULA, &column.name);
            }
            if facts.lone_surrogate {
                output.note_warned(kinds::LONE_SURROGATE, "");
            }
        }
        cells.end(start, output.bytes);
    }
}

/// The buffers of a [`Projection`] for one thread.
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

/// Builds a [`Projection`] from fields.
#[derive(Debug, Default, Clone)]
pub struct ProjectionBuilder {
    fields: Vec<Field>,
}

impl ProjectionBuilder {
    /// Adds the field at `path`. Its output name is `path` as typed.
    ///
    /// # Errors
    /// Returns an error if `path` is not a valid field path.
    pub fn field(self, path: &str) -> Result<Self> {
        self.field_as(path, path)
    }

    /// Adds the field at `path` with the output name `name`.
    ///
    /// # Errors
    /// Returns an error if `path` is not a valid field path.
    pub fn field_as(mut self, path: &str, name: &str) -> Result<Self> {
        self.fields.push(Field::parse(path, name)?);
        Ok(self)
    }

    /// Adds parsed fields.
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Builds the projection.
    ///
    /// # Errors
    /// Returns an error if there are no fields, if two fields have the same output name, or if an output name is
    /// empty.
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
