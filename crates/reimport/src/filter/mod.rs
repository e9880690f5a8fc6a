//! The user's own filter: selects the records of a run, before any transform.
//!
//! # Conditions
//!
//! ```text
//! condition = path operator value             logins_count >= 5        app_metadata.plan = "pro"
//!           / path ( "exists" / "missing" )   phone_number exists
//! operator  = "=" / "==" / "!=" / "<" / "<=" / ">" / ">="
//! value     = number / "true" / "false" / "null" / date / JSON-string / single-quoted / text
//! ```
//!
//! The type of the value determines how it is compared. If the value in a record has another type, only `!=` matches.
//!
//! - A number is compared by its exact decimal value: `1.0` is `1`, and `9007199254740993` is not `9007199254740992`.
//! - A date (`2024-05-01`, or `2024-05-01T10:00:00Z` with or without a fraction, or with an offset instead of the
//!   `Z`) is compared with strings that are dates, by time, to the millisecond. A date without a time is that whole
//!   day in UTC, so `<= 2024-05-01` includes the whole day, and `= 2024-05-01` matches any time on it. A time without
//!   a zone is not a date.
//! - Any other text, in quotes or not, is compared with decoded strings, by their characters.
//!   Double quotes are those of JSON, with its escapes. In single quotes, `''` is one quote and nothing else is escaped.
//! - `true`, `false` and `null`, in any case, can only be compared with `=` and `!=`.
//!
//! An order (`<`, `>=` …) compared with a text that looks like a date in another form (`2024-1-1`, `01/02/2024`, `today`)
//! is an error, unless the text is in quotes. A condition is one comparison: `and` and `or` between two of them is an
//! error, too.
//!
//! If there is nothing at a path, only `missing` and negated conditions match. `null` is a value, so `exists` matches. A name that
//! contains one of `= < >` or `!=` must be quoted: `["a=b"] = 1`.
//!
//! # Lists of ids
//!
//! [`Ids`] are read from files with one user id per line, or from a CSV. A leading `auth0|` is ignored, in the list
//! and in records.

mod date;
mod error;
#[expect(clippy::module_inception, reason = "the file has the name of its type")]
mod filter;
mod filtered;
mod ids;
mod ids_reader;
mod mismatch;
mod parser;
mod where_;

#[cfg(test)]
mod tests;

pub use error::{IdsError, WhereError};
pub use filter::Filter;
pub use filtered::{Filtered, FilteredScratch};
pub use ids::{Ids, UnmatchedIds};
pub use mismatch::{Mismatch, MistypedCondition};
pub use where_::Where;
