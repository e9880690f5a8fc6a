//! [`Types`]: the set of types that every value of a path fits.

use reimport::json::{Kind, Value};

use crate::column::ColumnType;
use crate::fit::{fits, integer};

/// The types of an inferred schema, the narrowest first.
const ORDER: [ColumnType; 7] = [
    ColumnType::Bool,
    ColumnType::Int,
    ColumnType::Decimal { precision: 38, scale: 0 },
    ColumnType::Double,
    ColumnType::Timestamp,
    ColumnType::String,
    ColumnType::Json,
];

/// The types for numbers: those from the second to the fourth.
const NUMBERS: Types = Types(0b000_1110);

/// The type that every value fits: the last.
const JSON: Types = Types(0b100_0000);

/// Up to this absolute value, a double holds every integer.
const EXACT_IN_DOUBLE: u64 = 1 << 53;

/// A set of types, one bit for each, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    /// The types of a path that has no value yet.
    pub(super) const ALL: Self = Self(0b111_1111);

    /// Returns the types that are in both sets.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the first type that every value fits.
    pub(super) fn narrowest(self) -> ColumnType {
        ORDER.get(self.0.trailing_zeros() as usize).copied().unwrap_or(ColumnType::Json)
    }

    /// Returns the types of this set that the value fits. `buffer` is for a value of a column. Not for null.
    pub(super) fn fitting(self, value: &Value<'_>, buffer: &mut Vec<u8>) -> Self {
        // Most numbers are small integers. The check of a double is the slowest of all.
        if value.kind() == Kind::Number
            && integer(value).is_some_and(|number| number.unsigned_abs() <= EXACT_IN_DOUBLE)
        {
            return Self((self.0 & NUMBERS.0) | JSON.0);
        }
        let mut fitting = JSON.0;
        for (bit, is) in ORDER.iter().enumerate().take(ORDER.len() - 1) {
            if self.0 >> bit & 1 == 1 && fits(value, *is, buffer) {
                fitting |= 1 << bit;
            }
        }
        Self(fitting)
    }
}

#[cfg(test)]
mod tests {
    use reimport::json::Scanner;

    use super::*;

    fn narrowest(values: &[&str]) -> String {
        let mut buffer = Vec::new();
        let types = values.iter().fold(Types::ALL, |types, json| {
            types.and(types.fitting(&Scanner::new(json).value().unwrap(), &mut buffer))
        });
        types.narrowest().to_string()
    }

    #[test]
    fn narrowest_type_fits_every_value() {
        for (values, expected) in [
            (&["true", "false"][..], "bool"),
            (&["true", "1"], "json"),
            (&["1", "-9223372036854775808"], "int"),
            (&["9007199254740993", "9007199254740992"], "int"),
            (&["1", "9223372036854775808"], "decimal(38,0)"),
            (&["1", "-0"], "decimal(38,0)"),
            (&["5.0", "5e0"], "decimal(38,0)"),
            (&["1", "0.5"], "double"),
            (&["9007199254740992", "0.5"], "double"),
            (&["9007199254740993", "0.5"], "json"),
            (&["1e400"], "json"),
            (&["100000000000000000000000000000000000000"], "double"),
            (&["\"2025-06-01T08:00:00.000Z\""], "timestamp"),
            (&["\"2025-06-01T08:00:00.000Z\"", "\"2025-06-01T08:00:00Z\""], "string"),
            (&["\"1\"", "\"\""], "string"),
            (&["\"\\ud800\"", "\"a\""], "json"),
            (&["\"1\"", "1"], "json"),
            (&["[1]"], "json"),
            (&["{}"], "json"),
        ] {
            assert_eq!(narrowest(values), expected, "{values:?}");
        }
    }
}
