//! Which records a run is about: the user's own filter, before any transform.
//!
//! # Conditions
//!
//! ```text
//! condition = path operator value             logins_count >= 5        app_metadata.plan = "pro"
//!           / path ( "exists" / "missing" )   phone_number exists
//! operator  = "=" / "!=" / "<" / "<=" / ">" / ">="
//! value     = number / "true" / "false" / "null" / date / JSON-string / text
//! ```
//!
//! The type of the value decides how it is compared; a record's value of another type does not match, except with `!=`:
//!
//! - a number by its exact decimal value: `1.0` is `1`, and `9007199254740993` is not `9007199254740992`;
//! - a date (`2024-05-01`, `2024-05-01T10:00:00Z`, with or without a fraction, or an offset instead of the `Z`) with
//!   strings that are dates, as moments, to the millisecond; one without a time stands for that whole day in UTC, so
//!   `<= 2024-05-01` takes in all of it, and `= 2024-05-01` any time on it; a time without a zone is no date;
//! - any other text, in double quotes or not, with strings, decoded, by their characters;
//! - `true`, `false` and `null` with `=` and `!=` only.
//!
//! A path at which nothing stands matches `missing` and nothing else; `null` is something, and `exists`. A name that
//! holds one of `= < >` or `!=` goes in quotes: `["a=b"] = 1`.
//!
//! # Lists of ids
//!
//! [`Ids`] are read from files of one user id a line, or from a CSV; `auth0|` before an id may be there or not, on both
//! sides.

mod date;
mod error;
#[expect(clippy::module_inception, reason = "it has the type `Filter`, where a reader looks for it")]
mod filter;
mod filtered;
mod ids;
mod ids_reader;
mod mismatch;
mod where_;

#[cfg(test)]
mod tests;

pub use error::{IdsError, WhereError};
pub use filter::Filter;
pub use filtered::{Filtered, FilteredScratch};
pub use ids::{Ids, UnmatchedIds};
pub use mismatch::Mismatch;
pub use where_::Where;
