//! [`Column`]: one column of an output: where its values are, their type, and its name.

use std::fmt;
use std::str::FromStr;

use arrow_schema::{DataType, TimeUnit};
use reimport::json::{Kind, Name, Value};
use reimport::path::{FieldPath, PathError, outside_brackets};
use reimport::projection::Constant;

use crate::fit::{Fit, store};

/// The type of a column. The [crate documentation](crate) says which values fit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// Strings.
    String,
    /// Any value as text.
    Text,
    /// Any value as JSON text.
    Json,
    /// Booleans.
    Bool,
    /// Integers of 64 bits.
    Int,
    /// Numbers of 64 bits in base 2.
    Double,
    /// Numbers with `precision` decimal digits, of which `scale` are after the point.
    Decimal {
        /// 1 to 38.
        precision: u8,
        /// 0 to `precision`.
        scale: u8,
    },
    /// Moments in UTC, in microseconds.
    Timestamp,
}

impl ColumnType {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::String | Self::Text | Self::Json => DataType::Utf8,
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Double => DataType::Float64,
            // Both are at most 38.
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale.cast_signed()),
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// Returns what a value must be, for messages.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::String => "a string without lone surrogates".to_owned(),
            Self::Text => "text without lone surrogates".to_owned(),
            Self::Json => "a value".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int => "an integer of 64 bits without a fraction or an exponent".to_owned(),
            Self::Double => "a number that a double holds exactly".to_owned(),
            Self::Decimal { precision, scale } => {
                format!("a number with at most {precision} digits, {scale} of them after the point")
            }
            Self::Timestamp => "a moment as in 2025-06-01T08:00:00.000Z".to_owned(),
        }
    }
}

/// Formats as in `PATH:TYPE`.
impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Json => "json",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Decimal { precision, scale } => return write!(f, "decimal({precision},{scale})"),
            Self::Timestamp => "timestamp",
        })
    }
}

/// Parses the types of `PATH:TYPE`: `string`, `text`, `json`, `bool`, `int`, `double`, `decimal(P,S)`, `timestamp`.
impl FromStr for ColumnType {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        let numbers = text.strip_prefix("decimal(");
        let decimal = |numbers: &str| {
            let (precision, scale) = numbers.strip_suffix(')')?.split_once(',')?;
            let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
            ((1..=38).contains(&precision) && scale <= precision)
                .then_some(Self::Decimal { precision, scale })
        };
        match text {
            "string" => Ok(Self::String),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "bool" => Ok(Self::Bool),
            "int" => Ok(Self::Int),
            "double" => Ok(Self::Double),
            "timestamp" => Ok(Self::Timestamp),
            _ => match numbers.map(decimal) {
                Some(Some(decimal)) => Ok(decimal),
                Some(None) => Err(ColumnError::Decimal { found: text.into() }),
                None => Err(ColumnError::Type { found: text.into() }),
            },
        }
    }
}

/// One column: the path of its values, their type, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    path: FieldPath,
    is: ColumnType,
    name: Box<str>,
    constant: Option<Constant>,
}

/// A string is not a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// The path is not valid.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Nothing follows the `=`.
    #[error("field path `{path}`: expected a name after `=`")]
    NoName {
        /// The path as typed.
        path: Box<str>,
    },
    /// The type is not known.
    #[error(
        "expected one of the types string, text, json, bool, int, double, decimal(P,S), timestamp, but found `{found}`"
    )]
    Type {
        /// The type as typed.
        found: Box<str>,
    },
    /// A constant is not valid, or has no name.
    #[error("field `{argument}`: {what}; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME")]
    Constant {
        /// The constant as typed.
        argument: Box<str>,
        /// What was expected.
        what: String,
    },
    /// The type is one of output without types.
    #[error(
        "field `{argument}`: base64 is for CSV, TSV, NDJSON and JSON; a typed column has the value itself"
    )]
    Base64 {
        /// The field as typed.
        argument: Box<str>,
    },
    /// The numbers of a decimal are not valid.
    #[error(
        "expected decimal(P,S) with 1 to 38 digits, at most all of them after the point, but found `{found}`"
    )]
    Decimal {
        /// The type as typed.
        found: Box<str>,
    },
}

impl Column {
    /// Creates a column.
    pub fn new(path: FieldPath, is: ColumnType, name: impl Into<Box<str>>) -> Self {
        Self { path, is, name: name.into(), constant: None }
    }

    /// Creates a column with the same value in every row. Its [path](Self::path) is its name.
    ///
    /// # Errors
    /// If the value does not fit the type.
    ///
    /// ```
    /// use reimport::projection::Constant;
    /// use reimport_columns::{Column, ColumnType};
    ///
    /// let column = Column::constant(Constant::text("bcrypt"), ColumnType::Text, "algorithm")?;
    /// assert_eq!(column, "\"bcrypt\"=algorithm".parse()?);
    /// assert!(Column::constant(Constant::text("bcrypt"), ColumnType::Int, "cost").is_err());
    /// # Ok::<(), reimport_columns::ColumnError>(())
    /// ```
    pub fn constant(
        constant: Constant,
        is: ColumnType,
        name: impl Into<Box<str>>,
    ) -> Result<Self, ColumnError> {
        let (name, value) = (name.into(), constant.value());
        let fits = value.kind() == Kind::Null || store(&value, is, &mut Vec::new()) != Fit::None;
        if !fits {
            let what = format!("expected {}", is.expected());
            return Err(ColumnError::Constant { argument: constant.json().into(), what });
        }
        Ok(Self { path: FieldPath::of_name(&name), is, name, constant: Some(constant) })
    }

    /// Returns the value of a [constant](Self::constant) column. `_rest` never has it.
    pub fn constant_value(&self) -> Option<Value<'_>> {
        self.constant.as_ref().map(Constant::value)
    }

    /// Returns the path of the values.
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Returns the type.
    pub fn is(&self) -> ColumnType {
        self.is
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a name that no engine needs quotes for: letters, digits and `_` of ASCII, and no digit first. A run of other
    /// characters becomes one `_`, or none at the end.
    ///
    /// ```
    /// assert_eq!(reimport_columns::Column::safe_name("user_metadata.first login"), "user_metadata_first_login");
    /// ```
    pub fn safe_name(path: &str) -> String {
        let mut name = String::with_capacity(path.len());
        for char in path.chars() {
            match char {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => name.push(char),
                _ if name.is_empty() || name.ends_with('_') => {}
                _ => name.push('_'),
            }
        }
        let end = name.trim_end_matches('_').len();
        if end > 0 {
            name.truncate(end);
        }
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, '_');
        }
        name
    }

    /// Parses `PATH[:TYPE][=NAME]`, or a constant: `"TEXT"=NAME` or `"JSON":TYPE=NAME`. Without `:TYPE`, the type is [text](ColumnType::Text).
    ///
    /// `:TYPE` is part of the path if it is not one of the types, because attributes of SAML have colons. Without `=NAME`, the
    /// name is the [safe name](Self::safe_name) of the path. White space around a part is ignored.
    ///
    /// # Errors
    /// If the path, the name or the numbers of a decimal are not valid.
    ///
    /// ```
    /// use reimport_columns::{Column, ColumnType};
    ///
    /// let column: Column = "app_metadata.quota:int=quota".parse()?;
    /// assert_eq!((column.path().to_string().as_str(), column.is(), column.name()), ("app_metadata.quota", ColumnType::Int, "quota"));
    /// let column: Column = "identities[0].connection".parse()?;
    /// assert_eq!((column.is(), column.name()), (ColumnType::Text, "identities_0_connection"));
    /// let column: Column = "urn:oid:mail".parse()?;
    /// assert_eq!((column.path().to_string().as_str(), column.name()), ("urn:oid:mail", "urn_oid_mail"));
    /// # Ok::<(), reimport_columns::ColumnError>(())
    /// ```
    pub fn from_argument(argument: &str) -> Result<Self, ColumnError> {
        if argument.starts_with('"') {
            return Self::parse_constant(argument);
        }
        let (typed, name) = match outside_brackets(argument, b"=").next() {
            Some(at) => (&argument[..at], Some(argument[at + 1..].trim())),
            None => (argument, None),
        };
        if name == Some("") {
            return Err(ColumnError::NoName { path: typed.into() });
        }
        let (path, is) = match outside_brackets(typed, b":").last() {
            Some(at) => match typed[at + 1..].trim().parse() {
                Ok(is) => (&typed[..at], is),
                Err(error @ ColumnError::Decimal { .. }) => return Err(error),
                Err(_) if typed[at + 1..].trim() == "base64" => {
                    return Err(ColumnError::Base64 { argument: argument.into() });
                }
                Err(_) => (typed, ColumnType::Text),
            },
            None => (typed, ColumnType::Text),
        };
        let path = path.trim();
        let name: Box<str> = name.map_or_else(|| Self::safe_name(path).into(), Into::into);
        Ok(Self::new(path.parse()?, is, name))
    }

    fn parse_constant(argument: &str) -> Result<Self, ColumnError> {
        let wrong = |what: &str| ColumnError::Constant { argument: argument.into(), what: what.to_owned() };
        let (text, rest) = Constant::split_argument(argument)
            .map_err(|_| wrong("expected a string in double quotes, escaped as in JSON"))?;
        let (is, name) = rest.split_once('=').ok_or_else(|| wrong("expected `=NAME`"))?;
        let name = name.trim();
        if name.is_empty() {
            return Err(wrong("expected a name after `=`"));
        }
        let is = match is.trim().strip_prefix(':') {
            Some(is) => is.trim().parse()?,
            None if is.trim().is_empty() => ColumnType::Text,
            None => return Err(wrong("expected `:TYPE` or `=NAME` after the constant")),
        };
        let constant = match is {
            ColumnType::Text | ColumnType::String | ColumnType::Timestamp => Constant::text(&text),
            _ => Constant::parse_json(&text).map_err(|_| wrong("expected JSON in the quotes"))?,
        };
        Self::constant(constant, is, name)
    }

    /// Parses a list of [columns](Self::from_argument), separated by commas outside brackets and constants. The comma of `decimal(P,S)`
    /// separates nothing.
    ///
    /// # Errors
    /// As [`from_argument`](Self::from_argument), for the first column that is not valid.
    ///
    /// ```
    /// use reimport_columns::Column;
    ///
    /// let columns = Column::list_from_argument("email, app_metadata.price:decimal(10,2)=price")?;
    /// let names: Vec<_> = columns.iter().map(Column::name).collect();
    /// assert_eq!(names, ["email", "price"]);
    /// # Ok::<(), reimport_columns::ColumnError>(())
    /// ```
    pub fn list_from_argument(argument: &str) -> Result<Vec<Self>, ColumnError> {
        let (mut columns, mut start) = (Vec::new(), 0);
        let commas: Vec<usize> = outside_brackets(argument, b",").collect();
        for comma in commas.into_iter().chain([argument.len()]) {
            let item = &argument[start..comma];
            let within_decimal = item.rsplit_once(":decimal(").is_some_and(|(_, rest)| {
                rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
                    && argument[comma..].split_once(')').is_some_and(|(scale, _)| {
                        scale.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b' ')
                    })
            });
            if !within_decimal {
                columns.push(Self::from_argument(item.trim())?);
                start = (comma + 1).min(argument.len());
            }
        }
        Ok(columns)
    }
}

/// Returns whether a path can have this member name: a name with a lone surrogate has no decoded form of its own.
pub(crate) fn is_nameable(name: &Name<'_>) -> bool {
    !name.is_escaped() || !name.decoded().contains(char::REPLACEMENT_CHARACTER)
}

impl FromStr for Column {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        Self::from_argument(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(argument: &str) -> Result<(String, String, String), ColumnError> {
        let column = Column::from_argument(argument)?;
        Ok((column.path.to_string(), column.is.to_string(), column.name.into()))
    }

    #[test]
    fn columns_are_parsed() {
        for (argument, path, is, name) in [
            ("email", "email", "text", "email"),
            ("email:text=mail", "email", "text", "mail"),
            ("email:string", "email", "string", "email"),
            ("a.b:int", "a.b", "int", "a_b"),
            ("urn:oid:0.9", "urn:oid:0.9", "text", "urn_oid_0_9"),
            ("urn:oid:int", "urn:oid", "int", "urn_oid"),
            ("[\"urn:int\"]", "urn:int", "text", "urn_int"),
            ("[\"a=b:int\"]:bool=x:y", "[\"a=b:int\"]", "bool", "x:y"),
            ("a:decimal( 38 , 38 )=d", "a", "decimal(38,38)", "d"),
            ("2fa.on:bool", "2fa.on", "bool", "_2fa_on"),
            ("identities[1].user_id", "identities[1].user_id", "text", "identities_1_user_id"),
            ("user_metadata.Größe (cm)", "user_metadata.Größe (cm)", "text", "user_metadata_Gr_e_cm"),
            ("/a/b:timestamp", "a.b", "timestamp", "a_b"),
        ] {
            let expected = (path.to_owned(), is.to_owned(), name.to_owned());
            assert_eq!(parsed(argument), Ok(expected), "{argument}");
        }
    }

    #[test]
    fn constants_are_parsed_and_fit_their_type() {
        let columns = Column::list_from_argument(
            r#""a, b=c"=x, "1":int=n,"1.50":decimal(3,2)=d,"{\"a\": 1}":json=j,"2025-06-01":timestamp=t"#,
        );
        let columns = columns.unwrap();
        let shown: Vec<_> = columns
            .iter()
            .map(|column| (column.constant_value().unwrap().json(), column.is().to_string(), column.name()))
            .collect();
        let expected = [
            (r#""a, b=c""#, "text", "x"),
            ("1", "int", "n"),
            ("1.50", "decimal(3,2)", "d"),
            (r#"{"a":1}"#, "json", "j"),
            (r#""2025-06-01""#, "timestamp", "t"),
        ];
        assert_eq!(shown, expected.map(|(json, is, name)| (json, is.to_owned(), name)));
    }

    #[test]
    fn wrong_columns_are_refused() {
        for (argument, message) in [
            ("\"x\"", "field `\"x\"`: expected `=NAME`; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME"),
            (
                "\"x=a",
                "field `\"x=a`: expected a string in double quotes, escaped as in JSON; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME",
            ),
            (
                "\"1.5\":int=a",
                "field `1.5`: expected an integer of 64 bits without a fraction or an exponent; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME",
            ),
            (
                "\"x\":int=a",
                "field `\"x\":int=a`: expected JSON in the quotes; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME",
            ),
            (
                "\"x\"int=a",
                "field `\"x\"int=a`: expected `:TYPE` or `=NAME` after the constant; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME",
            ),
            (
                "\"x\":text= ",
                "field `\"x\":text= `: expected a name after `=`; write \"TEXT\"=NAME or \"JSON\":TYPE=NAME",
            ),
            (
                "a:base64=b",
                "field `a:base64=b`: base64 is for CSV, TSV, NDJSON and JSON; a typed column has the value itself",
            ),
            ("a=", "field path `a`: expected a name after `=`"),
            (
                "a:decimal(39,2)",
                "expected decimal(P,S) with 1 to 38 digits, at most all of them after the point, but found `decimal(39,2)`",
            ),
            (
                "a:decimal(3,4)",
                "expected decimal(P,S) with 1 to 38 digits, at most all of them after the point, but found `decimal(3,4)`",
            ),
        ] {
            assert_eq!(parsed(argument).unwrap_err().to_string(), message);
        }
        assert!(parsed("a..b").is_err() && parsed(":int").is_err());
        assert!("number".parse::<ColumnType>().unwrap_err().to_string().contains("found `number`"));
    }

    #[test]
    fn commas_separate_columns_but_not_the_numbers_of_a_decimal() {
        let names = |argument| {
            let columns = Column::list_from_argument(argument)?;
            Ok::<_, ColumnError>(
                columns.iter().map(|column| format!("{} {}", column.name, column.is)).collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            names("a:decimal(10,2),b , c:decimal(5, 0)=d,[\"x,y\"]:int").unwrap(),
            ["a decimal(10,2)", "b text", "d decimal(5,0)", "x_y int"]
        );
        assert!(names("a,,b").is_err() && names("a,").is_err());
        assert!(names("a:decimal(10,b)").is_err());
    }
}
