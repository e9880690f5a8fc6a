//! The projection: renders selected fields of every record as flat JSON or CSV.

use std::collections::HashSet;

use super::error::ProjectionError;
use super::field::{Encoding, Field, FieldValue};
use super::nested::NestedNames;
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
/// JSON: one flat object, or a [nested](ProjectionBuilder::nested) one. Missing fields are left out, `null` is kept. CSV:
/// strings are decoded, objects and arrays are compact JSON, missing fields and `null` are empty cells. Every record is
/// validated to its end. A record that is not a JSON object is rejected as unreadable.
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
/// let unseen: Vec<String> = projection.unseen().iter().map(ToString::to_string).collect();
/// assert_eq!(unseen, ["user_metdata.plan"]);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct Projection {
    tree: PathTree,
    columns: Vec<Column>,
    /// The tree of the output, if it is nested.
    nested: Option<NestedNames>,
}

#[derive(Debug)]
struct Column {
    field: Field,
    /// The index of its path in the tree. `None` for a constant.
    cell: Option<usize>,
    encoding: Option<Encoding>,
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

    /// Creates the projection of an export request: its fields, or the [default fields](super::DEFAULT_FIELDS) if it has
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

    /// Creates the projection of the [default fields](super::DEFAULT_FIELDS).
    ///
    /// # Errors
    /// Never returns an error.
    pub fn default_fields() -> Result<Self> {
        Self::builder().fields(Field::defaults()).build()
    }

    /// Compiles the fields. The caller has checked that the output names are unique and not empty.
    pub(super) fn compile(fields: Vec<Field>, nested: Option<NestedNames>) -> Self {
        let tree = PathTree::new(fields.iter().filter_map(Field::path).cloned());
        let mut cells = 0..;
        let columns = fields.into_iter().map(|field| {
            let cell = field.path().and_then(|_| cells.next());
            Column::new(field, cell)
        });
        Self { columns: columns.collect(), tree, nested }
    }

    /// Returns the fields in output order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.columns.iter().map(|column| &column.field)
    }

    /// Returns the paths of the fields that no valid record has had since the projection was built. A field with the value
    /// `null` counts as present. Records that a filter has left out do not count, because they do not reach the
    /// projection.
    ///
    /// All records that a run has read count. A run with a limit reads ahead, so records after the limit can count
    /// as well, and the result can depend on the number of threads. Without a limit it never does.
    pub fn unseen(&self) -> Vec<&FieldPath> {
        let unseen = self.columns.iter().filter(|column| !column.seen.is());
        unseen.filter_map(|column| column.field.path()).collect()
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
            .filter_map(|column| column.field.path())
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
            Rendering::Csv(_) if self.nested.is_some() => return Err(ProjectionError::NestedCsv.into()),
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
        for column in &self.columns {
            if column.cell(&row) != Cell::Missing {
                column.seen.note();
            }
        }
        match scratch.rendering {
            Rendering::Json => self.render_json(&row, output),
            Rendering::Csv(format) => self.render_csv(&row, format.escape, &mut scratch.cells, output),
        }
        Verdict::Written
    }
}

impl Projection {
    /// Appends one object.
    fn render_json(&self, row: &Row<'_, '_>, output: &mut Output<'_>) {
        let mut lone_surrogate = false;
        if let Some(nested) = &self.nested {
            nested.render(output.bytes, &mut |index, out| {
                let Some(column) = self.columns.get(index) else { return false };
                let cell = column.cell(row);
                lone_surrogate |= column.write_json(&cell, out);
                cell != Cell::Missing
            });
        } else {
            output.bytes.push(b'{');
            let start = output.bytes.len();
            for column in &self.columns {
                let cell = column.cell(row);
                if cell == Cell::Missing {
                    continue;
                }
                if output.bytes.len() > start {
                    output.bytes.push(b',');
                }
                output.bytes.extend_from_slice(&column.json_key);
                lone_surrogate |= column.write_json(&cell, output.bytes);
            }
            output.bytes.push(b'}');
        }
        if lone_surrogate {
            output.note_warned(kinds::LONE_SURROGATE, "");
        }
    }

    fn render_csv(
        &self,
        row: &Row<'_, '_>,
        escape: CsvEscape,
        cells: &mut CsvCells,
        output: &mut Output<'_>,
    ) {
        let start = output.bytes.len();
        for column in &self.columns {
            let Cell::Value(value) = column.cell(row) else {
                cells.skip(output.bytes);
                continue;
            };
            let facts = match column.encoding {
                None => cells.write(&value, escape, column.date_property, output.bytes),
                Some(encoding) => cells.write_encoded(&value, encoding, escape, output.bytes),
            };
            if facts.formula && column.cell.is_some() {
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
    fn new(field: Field, cell: Option<usize>) -> Self {
        let path = field.path().map(ToString::to_string).unwrap_or_default();
        Self {
            cell,
            encoding: match field.value() {
                FieldValue::Encoded(_, encoding) => Some(*encoding),
                FieldValue::Path(_) | FieldValue::Constant(_) => None,
            },
            json_key: render::json_key(field.name()),
            name: field.name().to_owned(),
            date_property: Property::named(&path).is_some_and(|property| property.is() == Type::Date),
            seen: Seen::default(),
            field,
        }
    }
}

impl Column {
    /// Returns the cell of the field: that of a record, or the constant.
    fn cell<'c>(&'c self, row: &Row<'c, '_>) -> Cell<'c> {
        match (self.cell, self.field.value()) {
            (Some(cell), _) => row.get(cell),
            (None, FieldValue::Constant(constant)) if constant.json() == "null" => Cell::Null,
            (None, FieldValue::Constant(constant)) => Cell::Value(constant.value()),
            (None, _) => Cell::Missing,
        }
    }

    /// Appends the value, if there is one. Returns whether a lone surrogate became U+FFFD.
    fn write_json(&self, cell: &Cell<'_>, out: &mut Vec<u8>) -> bool {
        match (cell, self.encoding) {
            (Cell::Missing, _) => false,
            (Cell::Null, _) => {
                out.extend_from_slice(b"null");
                false
            }
            (Cell::Value(value), None) => {
                value.write_compact(out);
                false
            }
            (Cell::Value(value), Some(encoding)) => render::json_encoded(value, encoding, out),
        }
    }
}

/// Builds a [`Projection`] from fields.
#[derive(Debug, Default, Clone)]
pub struct ProjectionBuilder {
    fields: Vec<Field>,
    nested: bool,
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

    /// Sets whether the output is nested: each name is then a path in the output, as in `traits.email` or
    /// `credentials[0].algorithm`. Only for JSON. Default: no.
    ///
    /// Members are in the order in which the fields first name them. A missing value is left out. An object, array or item
    /// is left out if all its values are missing, except constants, so that a user without a password has no item of
    /// constants alone; the items after it move up. Objects that have only constants are always written.
    ///
    /// ```
    /// use reimport::projection::Field;
    /// use reimport::run::{Rendering, apply};
    /// use reimport::{Projection, Record};
    ///
    /// let fields = Field::list_from_argument(r#"email=traits.email,hash=logins[0].hash,"bcrypt"=logins[0].form"#)?;
    /// let projection = Projection::builder().fields(fields).nested(true).build()?;
    /// let render = |json| apply(&projection, Rendering::Json, Record::parse(json)?).map(|applied| applied.bytes);
    /// assert_eq!(
    ///     render(r#"{"email":"a@example.com","hash":"x"}"#)?,
    ///     br#"{"traits":{"email":"a@example.com"},"logins":[{"hash":"x","form":"bcrypt"}]}"#
    /// );
    /// assert_eq!(render(r#"{"email":null}"#)?, br#"{"traits":{"email":null}}"#);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn nested(self, nested: bool) -> Self {
        Self { nested, ..self }
    }

    /// Builds the projection.
    ///
    /// # Errors
    /// Returns an error if there are no fields, if two fields have the same output name, or if an output name is
    /// empty. For [nested](Self::nested) output, also if a name is not a path, or if two names cannot be in one object.
    pub fn build(self) -> Result<Projection> {
        if self.fields.is_empty() {
            return Err(ProjectionError::NoFields.into());
        }
        let mut names = HashSet::new();
        for field in &self.fields {
            if field.name().is_empty() {
                return Err(ProjectionError::EmptyName { path: field.shown() }.into());
            }
            if !names.insert(field.name()) {
                return Err(ProjectionError::RepeatedName { name: field.name().into() }.into());
            }
        }
        drop(names);
        let constant = |field: &Field| field.path().is_none();
        let places = self.fields.iter().map(|field| (field.name(), constant(field)));
        let nested = self.nested.then(|| NestedNames::compile(places)).transpose()?;
        Ok(Projection::compile(self.fields, nested))
    }
}
