//! Field paths: the location of a value in a record.
//!
//! # The grammar
//!
//! ```text
//! path     = [ "user." ] name *step           email   user_metadata.first login   user.email
//!          / quoted *step                     ["a key.with dots"].b
//!          / pointer                          /user_metadata/first login
//! step     = "." name                         a step into an object; digits also step into an array: a.0.b
//!          / "[" index "]"                    a step into an array: identities[0].connection
//!          / quoted                           a step into an object, whatever its key holds
//! quoted   = "[" JSON-string "]"
//! name     = all up to the next `.` or `[`, spaces included; without `$` and `*`
//! index    = "0" / a number without leading zeros
//! pointer  = 1*( "/" token )                  RFC 6901: `~1` stands for `/`, `~0` for `~`
//! ```
//!
//! A leading `user.` is dropped; the path of a member named `user` is `["user"].x`. `connection` alone is short for
//! `identities[0].connection`; a member of this name is `["connection"]`. Names are compared decoded:
//! `email` matches `"em\u0061il"`. On the command line, `PATH=NAME` sets the output name; it is split at the first
//! `=` outside brackets.

mod brackets;
mod error;
mod parser;
mod suggest;

use std::fmt;
use std::str::FromStr;

use crate::json::{MAX_DEPTH, escape_into};

pub use brackets::outside_brackets;
pub use error::{PathError, PathExpected};
pub use suggest::suggest;

/// The location of a value in a record: `user_metadata.consent.given`, `identities[0].connection`.
///
/// The [module documentation](self) has the grammar. `Display` writes a string that parses to the same path, also
/// when `=NAME` follows it. Two strings that spell the same path parse to equal values.
///
/// ```
/// use reimport::path::FieldPath;
///
/// let path: FieldPath = r#"user.user_metadata["first login"]"#.parse()?;
/// assert_eq!(path.to_string(), "user_metadata.first login");
/// assert_eq!("/user_metadata/first login".parse::<FieldPath>()?, path);
///
/// let error = "identities[0]connection".parse::<FieldPath>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "field path `identities[0]connection`: expected `.`, `[` or the end, but found `c` at column 14"
/// );
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    segments: Box<[Segment]>,
}

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A member of an object, by its decoded name.
    Name(Box<str>),
    /// An item of an array, counted from 0: `[0]`.
    Index(u32),
    /// A number in the place of a name, as in `a.0`. An index if the value is an array, a name if it is an object.
    Number(u32),
}

/// Serializes the path as a string.
impl serde::Serialize for FieldPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FieldPath {
    /// Creates a path from its steps.
    ///
    /// Returns `None` if there are no steps, if there are more than a record can nest (128), or if the first is an
    /// [`Index`](Segment::Index), since a record is an object.
    pub fn from_segments(segments: impl IntoIterator<Item = Segment>) -> Option<Self> {
        let segments: Box<[Segment]> = segments.into_iter().collect();
        let possible = match segments.first() {
            None | Some(Segment::Index(_)) => false,
            Some(_) => segments.len() <= MAX_DEPTH as usize,
        };
        possible.then_some(Self { segments })
    }

    /// Creates a path of one step. `name` can contain any characters.
    ///
    /// ```
    /// use reimport::path::FieldPath;
    ///
    /// assert_eq!(FieldPath::of_name("email").to_string(), "email");
    /// assert_eq!(FieldPath::of_name("pw.hash").to_string(), r#"["pw.hash"]"#);
    /// ```
    pub fn of_name(name: &str) -> Self {
        Self { segments: Box::new([Segment::Name(name.into())]) }
    }

    /// Returns the path with its first step replaced by the name `root`.
    pub(crate) fn with_root(&self, root: &str) -> Option<Self> {
        let mut segments = self.segments.clone();
        *segments.first_mut()? = Segment::Name(root.into());
        Some(Self { segments })
    }

    /// Parses a path, like `FromStr`. The error does not name it: for a path that may be a key of a record, or that is part
    /// of a longer string.
    pub(crate) fn parsed(text: &str) -> Result<Self, PathError> {
        Ok(Self { segments: parser::parse(text)?.into() })
    }

    /// Parses the place of a field in nested output. The grammar is that of a path, but all characters of a bare name are
    /// ordinary, and neither `user.` nor `connection` has another meaning.
    pub(crate) fn of_output(text: &str) -> Result<Self, PathError> {
        Ok(Self { segments: parser::parse_output(text)?.into() })
    }

    /// Parses a path that was read from a file, such as a CSV header. Here `$` and `*` are ordinary characters.
    pub(crate) fn found(text: &str) -> Result<Self, PathError> {
        Ok(Self { segments: parser::parse_found(text)?.into() })
    }

    /// Returns the steps from the record to the value. Never empty.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parsed(text).map_err(|error| error.of_path(text))
    }
}

impl Segment {
    /// Returns `true` if this step can lead from an object to the member with this decoded name.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => **own == *name,
            Self::Number(number) => number_in(name) == Some(*number),
            Self::Index(_) => false,
        }
    }

    /// Returns `true` if this step can lead from an array to this item.
    pub(crate) fn is_index(&self, index: u32) -> bool {
        match self {
            Self::Index(own) | Self::Number(own) => *own == index,
            Self::Name(_) => false,
        }
    }

    /// Returns `true` if both can be the same step in some record.
    pub(crate) fn can_equal(&self, other: &Self) -> bool {
        match other {
            Self::Name(name) => self.is_name(name),
            Self::Index(index) => self.is_index(*index),
            Self::Number(number) => match self {
                Self::Name(name) => other.is_name(name),
                Self::Index(own) | Self::Number(own) => own == number,
            },
        }
    }
}

/// Parses `text` as an array index: digits without leading zeros.
pub(crate) fn number_in(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) { None } else { text.parse().ok() }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.segments.iter().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Number(number) => write!(f, "{dot}{number}")?,
                Segment::Name(name) => write_name(name, place, self.segments.len() == 1, f)?,
            }
        }
        Ok(())
    }
}

/// Writes the step to the member `name` so that it parses back. `alone` is `true` if it is the whole path.
pub(crate) fn write_name(name: &str, place: usize, alone: bool, out: &mut impl fmt::Write) -> fmt::Result {
    if is_bare(name, place, alone) {
        return write!(out, "{}{name}", if place == 0 { "" } else { "." });
    }
    let mut quoted = Vec::new();
    escape_into(name, &mut quoted);
    write!(out, "[{}]", String::from_utf8_lossy(&quoted))
}

/// Returns `true` if the name parses back without quotes, alone and in a list of fields. There, `=` begins an output
/// name, `,` the next field and `"` a constant, and white space next to a comma is ignored.
fn is_bare(name: &str, place: usize, alone: bool) -> bool {
    let special = |char: char| matches!(char, '.' | '[' | '$' | '*' | '=' | ',') || char.is_control();
    let special_first =
        name.starts_with(['/', '"']) || (name == "user" && !alone) || (name == "connection" && alone);
    // Alone in a field, these endings are types.
    let typed = name.ends_with(":json") || name.ends_with(":base64");
    let quoted = name.is_empty()
        || name.contains(special)
        || name.trim() != name
        || number_in(name).is_some()
        || typed
        || (place == 0 && special_first);
    !quoted
}
