//! [`Layout`]: the columns of an output, in order.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use reimport::path::{FieldPath, Segment};

use crate::column::{Column, ColumnType};
use crate::error::ColumnsError;

/// The number of threads that build columns. A row is stored in this many pieces, one for each thread.
pub(crate) const LANES: usize = 2;

/// The version of the fixed schema and of the metadata of a file.
pub(crate) const SCHEMA_VERSION: &str = "1";

/// The name of the column with what no other column has.
const REST: &str = "_rest";

const SOURCE: &str = "_source";
const LINE: &str = "_line";

/// The names of the columns that a layout with whole records has besides those with paths.
pub(crate) const OWN_NAMES: [&str; 3] = [REST, SOURCE, LINE];

/// The columns of the fixed schema, as `PATH:TYPE=NAME`; text columns are [`ColumnType::String`].
const FIXED: [(&str, ColumnType, &str); 25] = {
    use ColumnType::{Bool, Int, Json, String, Timestamp};
    [
        ("user_id", String, "user_id"),
        ("email", String, "email"),
        ("email_verified", Bool, "email_verified"),
        ("username", String, "username"),
        ("phone_number", String, "phone_number"),
        ("phone_verified", Bool, "phone_verified"),
        ("name", String, "name"),
        ("given_name", String, "given_name"),
        ("family_name", String, "family_name"),
        ("nickname", String, "nickname"),
        ("picture", String, "picture"),
        ("blocked", Bool, "blocked"),
        ("identities[0].connection", String, "connection"),
        ("identities[0].provider", String, "provider"),
        ("created_at", Timestamp, "created_at"),
        ("updated_at", Timestamp, "updated_at"),
        ("last_login", Timestamp, "last_login"),
        ("last_password_reset", Timestamp, "last_password_reset"),
        ("multifactor_last_modified", Timestamp, "multifactor_last_modified"),
        ("last_ip", String, "last_ip"),
        ("logins_count", Int, "logins_count"),
        ("identities", Json, "identities"),
        ("app_metadata", Json, "app_metadata"),
        ("user_metadata", Json, "user_metadata"),
        ("multifactor", Json, "multifactor"),
    ]
};

/// Columns of the fixed schema whose values are nearly all different, or long: a dictionary would not make them smaller.
const DISTINCT: [&str; 8] =
    ["user_id", "email", "username", "phone_number", "name", "nickname", "picture", "last_ip"];

/// The columns of the fixed schema that queries look up single values of.
const LOOKED_UP: [&str; 2] = ["user_id", "email"];

/// The columns of an output, in order. Shared by the transform and the sink of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    columns: Vec<Column>,
    kind: Kind,
    has_rest: bool,
    schema: SchemaRef,
    lanes: [Vec<Stored>; LANES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The fixed schema or that of a file: with whole records, and with source and line.
    Whole,
    /// Columns that the caller chose.
    Chosen,
}

/// A column that is stored in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its place in the schema.
    pub(crate) place: usize,
    pub(crate) is: ColumnType,
}

/// Columns cannot be in one output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// There are no columns.
    #[error("expected at least one column")]
    NoColumns,
    /// Two columns have the same name, ignoring case, as most engines do.
    #[error(
        "the columns of `{first}` and `{second}` have the same name, ignoring case; name one of them, as in `{second}={proposed}`"
    )]
    SameName {
        /// The path of the first column.
        first: Box<str>,
        /// The path of the second column.
        second: Box<str>,
        /// A name that no column has.
        proposed: Box<str>,
    },
    /// A name is that of a column that every output has.
    #[error(
        "the column of `{path}` has a name that this output uses itself; name it otherwise, as in `{path}={proposed}`"
    )]
    Reserved {
        /// The path of the column.
        path: Box<str>,
        /// A name that no column has.
        proposed: Box<str>,
    },
    /// A name has characters that engines need quotes for.
    #[error(
        "the column of `{path}`: expected a name of letters, digits and `_`, without a digit first, as in `{path}={proposed}`"
    )]
    Name {
        /// The path of the column.
        path: Box<str>,
        /// A name that no column has.
        proposed: Box<str>,
    },
}

/// Returns whether the fixed schema has a column for a member of the record.
pub(crate) fn is_fixed_member(name: &str) -> bool {
    FIXED.iter().any(|(path, ..)| *path == name)
}

/// Returns the position in the fixed schema of the column of the property of a path. Greater than all of them if it has none.
pub(crate) fn fixed_position(path: &FieldPath) -> usize {
    let position = match path.segments() {
        [Segment::Name(first), ..] => FIXED.iter().position(|(path, ..)| *path == &**first),
        _ => None,
    };
    position.unwrap_or(FIXED.len())
}

impl Layout {
    /// Returns the fixed schema: always the same columns, so that the files of all tenants and months fit together.
    ///
    /// The known properties have columns of their types; `connection` and `provider` are those of the first identity.
    /// `identities`, `app_metadata`, `user_metadata` and `multifactor` are JSON text. `_rest` has every other member, each
    /// value that does not fit its column, and each null, as one JSON object, or is null. `_source` and `_line` say where the
    /// record was.
    ///
    /// ```
    /// let layout = reimport_columns::Layout::fixed();
    /// assert_eq!(layout.schema().fields().len(), 28);
    /// assert_eq!(layout.schema().field(27).name(), "_line");
    /// ```
    pub fn fixed() -> Arc<Self> {
        let columns = FIXED.into_iter().filter_map(|(path, is, name)| {
            // All of these are paths.
            path.parse::<FieldPath>().ok().map(|path| Column::new(path, is, name))
        });
        Self::whole(columns.collect())
    }

    /// Returns a layout of these columns, `_rest` with everything else of the record, `_source` and `_line`.
    pub(crate) fn whole(columns: Vec<Column>) -> Arc<Self> {
        Arc::new(Self::new(columns, Kind::Whole, true))
    }

    /// Returns a layout of these columns. With `has_rest`, the column `_rest` after them has, as one JSON object by the names of
    /// the columns, the values that do not fit and the nulls. It never has a value of another path.
    ///
    /// # Errors
    /// If there are no columns, or if a name is not possible or exists twice, ignoring case.
    ///
    /// ```
    /// use reimport_columns::{Column, Layout};
    ///
    /// let columns = Column::list_from_argument("user_id,app_metadata.quota:int=quota")?;
    /// assert_eq!(Layout::chosen(columns, true)?.schema().fields().len(), 3);
    /// let error = Layout::chosen(Column::list_from_argument("a.b,a_B")?, true).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the columns of `a.b` and `a_B` have the same name, ignoring case; name one of them, as in `a_B=a_B_2`"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chosen(columns: Vec<Column>, has_rest: bool) -> Result<Arc<Self>, LayoutError> {
        if columns.is_empty() {
            return Err(LayoutError::NoColumns);
        }
        let mut names: HashMap<String, &Column> = HashMap::new();
        let free = |name: &str| {
            let safe = Column::safe_name(name);
            let taken = |name: &str| columns.iter().any(|other| other.name().eq_ignore_ascii_case(name));
            let mut numbered = (2..).map(|number| format!("{safe}_{number}")).filter(|name| !taken(name));
            let safe = Some(safe.clone()).filter(|name| !taken(name) && !name.eq_ignore_ascii_case(REST));
            safe.or_else(|| numbered.next()).unwrap_or_default().into_boxed_str()
        };
        for column in &columns {
            let (path, name) = (|| column.path().to_string().into_boxed_str(), column.name());
            if Column::safe_name(name) != name {
                return Err(LayoutError::Name { path: path(), proposed: free(name) });
            }
            if has_rest && name.eq_ignore_ascii_case(REST) {
                return Err(LayoutError::Reserved { path: path(), proposed: free(name) });
            }
            if let Some(first) = names.insert(name.to_ascii_lowercase(), column) {
                let first = first.path().to_string().into();
                return Err(LayoutError::SameName { first, second: path(), proposed: free(name) });
            }
        }
        drop(names);
        Ok(Arc::new(Self::new(columns, Kind::Chosen, has_rest)))
    }

    fn new(columns: Vec<Column>, kind: Kind, has_rest: bool) -> Self {
        let mut fields: Vec<Field> =
            columns.iter().map(|column| Field::new(column.name(), column.is().data_type(), true)).collect();
        let mut lanes: [Vec<Stored>; LANES] = Default::default();
        for (place, column) in columns.iter().enumerate() {
            lanes[place % LANES].push(Stored { place, is: column.is() });
        }
        if has_rest {
            // Last in the last lane, because it is known after all other columns.
            lanes[LANES - 1].push(Stored { place: fields.len(), is: ColumnType::Json });
            fields.push(Field::new(REST, DataType::Utf8, true));
        }
        if kind == Kind::Whole {
            fields.push(Field::new(SOURCE, DataType::Utf8, false));
            fields.push(Field::new(LINE, DataType::Int64, false));
        }
        Self { columns, kind, has_rest, schema: Arc::new(Schema::new(fields)), lanes }
    }

    /// Returns the columns whose values are at a path. The schema may have more.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the Arrow schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns whether there is a column `_rest`.
    pub fn has_rest(&self) -> bool {
        self.has_rest
    }

    /// Returns whether the columns and `_rest` together have the whole record: in the [fixed schema](Self::fixed) and in that
    /// of a [file](crate::Schema).
    pub fn is_whole(&self) -> bool {
        self.kind == Kind::Whole
    }

    /// Returns the columns of each lane, in the order in which a row stores them.
    pub(crate) fn lanes(&self) -> &[Vec<Stored>; LANES] {
        &self.lanes
    }

    /// Returns the place of `_source`, in the first lane.
    pub(crate) fn source_place(&self) -> Option<usize> {
        self.is_whole().then(|| self.schema.fields().len() - 2)
    }

    /// Returns the place of `_line`, in the last lane.
    pub(crate) fn line_place(&self) -> Option<usize> {
        self.is_whole().then(|| self.schema.fields().len() - 1)
    }

    /// Returns the places of the columns of a lane, also of those that are not stored in rows.
    pub(crate) fn places(&self, lane: usize) -> impl Iterator<Item = usize> {
        let computed = [(0, self.source_place()), (LANES - 1, self.line_place())];
        let computed = computed.into_iter().filter(move |(of, _)| *of == lane).filter_map(|(_, place)| place);
        self.lanes[lane].iter().map(|stored| stored.place).chain(computed)
    }

    /// Returns a text that is equal for two layouts only if their rows have the same form.
    pub(crate) fn signature(&self) -> String {
        let mut signature = format!("reimport-columns {SCHEMA_VERSION}");
        for field in self.schema.fields() {
            // Writing to a string does not fail.
            let _ = write!(signature, "\n{} {}", field.name(), field.data_type());
        }
        signature
    }

    /// Checks that the rows of a run have this layout, by the header of its transform.
    pub(crate) fn check(&self, header: &[u8]) -> reimport::Result<()> {
        if header == self.signature().as_bytes() { Ok(()) } else { Err(ColumnsError::OtherLayout.into()) }
    }

    /// Returns whether a dictionary can make the column smaller.
    pub(crate) fn has_dictionary(&self, place: usize) -> bool {
        let text = |column: &Column| {
            matches!(column.is(), ColumnType::String | ColumnType::Text)
                && !DISTINCT.contains(&&*column.path().to_string())
        };
        self.columns.get(place).is_some_and(|column| text(column) || column.is() == ColumnType::Int)
            || Some(place) == self.source_place()
    }

    /// Returns whether the column is JSON text, whose smallest and largest value say nothing.
    pub(crate) fn is_json(&self, place: usize) -> bool {
        match self.columns.get(place) {
            Some(column) => column.is() == ColumnType::Json,
            None => self.has_rest && place == self.columns.len(),
        }
    }

    /// Returns whether queries look up single values of the column.
    pub(crate) fn is_looked_up(&self, place: usize) -> bool {
        self.columns.get(place).is_some_and(|column| {
            matches!(column.is(), ColumnType::String | ColumnType::Text)
                && LOOKED_UP.contains(&&*column.path().to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_schema_has_all_its_columns() {
        let layout = Layout::fixed();
        let fields: Vec<String> = layout
            .schema()
            .fields()
            .iter()
            .map(|field| format!("{} {} {}", field.name(), field.data_type(), field.is_nullable()))
            .collect();
        assert_eq!(layout.columns().len(), FIXED.len(), "every path of the table is a path");
        assert_eq!(fields[0], "user_id Utf8 true");
        assert_eq!(fields[14], "created_at Timestamp(µs, \"UTC\") true");
        assert_eq!(fields[25..], ["_rest Utf8 true", "_source Utf8 false", "_line Int64 false"]);
    }

    #[test]
    fn impossible_columns_are_refused_with_a_proposal() {
        let error = |columns: &str, has_rest| {
            let columns = Column::list_from_argument(columns).unwrap();
            Layout::chosen(columns, has_rest).map(|_| ()).unwrap_err().to_string()
        };
        assert!(error("a=x y", true).ends_with("as in `a=x_y`"));
        assert!(error("a=1", true).ends_with("as in `a=_1`"));
        assert!(error("a,b=A,c=a_2", true).ends_with("as in `b=A_3`"), "{}", error("a,b=A,c=a_2", true));
        assert!(error("a=_Rest", true).ends_with("as in `a=_Rest_2`"));
        assert!(Layout::chosen(Column::list_from_argument("a=_rest").unwrap(), false).is_ok());
        assert_eq!(Layout::chosen(Vec::new(), true), Err(LayoutError::NoColumns));
    }

    #[test]
    fn every_column_is_in_one_lane() {
        for layout in [
            Layout::fixed(),
            Layout::chosen(Column::list_from_argument("a,b:int,c").unwrap(), true).unwrap(),
            Layout::chosen(Column::list_from_argument("a").unwrap(), false).unwrap(),
        ] {
            let mut places: Vec<usize> = (0..LANES).flat_map(|lane| layout.places(lane)).collect();
            places.sort_unstable();
            assert_eq!(places, (0..layout.schema().fields().len()).collect::<Vec<_>>());
        }
    }
}
