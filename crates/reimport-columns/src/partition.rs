//! [`Partition`]: the folder of a partition, as engines read it: `tenant=acme/month=2024-05`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::column::Column;
use crate::layout::Layout;

/// A key and a value that are the same for all rows of a folder: `tenant=acme`. Engines read it as a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    key: Box<str>,
    value: Box<str>,
}

/// A partition is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// It is not `KEY=VALUE`.
    #[error("expected KEY=VALUE, for example tenant=acme, with a key of letters, digits and `_`")]
    Form,
    /// The key is the name of a column, ignoring case.
    #[error("the key {key} is the name of a column; use another key")]
    IsColumn {
        /// The key.
        key: Box<str>,
    },
    /// Two partitions have the same key, ignoring case.
    #[error("the key {key} is given twice")]
    Twice {
        /// The key.
        key: Box<str>,
    },
}

impl Partition {
    /// Returns the folder of these partitions, the first outermost.
    ///
    /// # Errors
    /// If a key is the name of a column or is given twice, ignoring case.
    ///
    /// ```
    /// use reimport_columns::{Layout, Partition};
    ///
    /// let partitions = ["tenant=acme".parse()?, "region=eu/west".parse::<Partition>()?];
    /// let folder = Partition::folder(&partitions, &Layout::fixed())?;
    /// assert_eq!(folder, std::path::Path::new("tenant=acme/region=eu%2Fwest"));
    /// # Ok::<(), reimport_columns::PartitionError>(())
    /// ```
    pub fn folder(partitions: &[Self], layout: &Layout) -> Result<PathBuf, PartitionError> {
        let mut folder = PathBuf::new();
        for (place, Self { key, .. }) in partitions.iter().enumerate() {
            if layout.schema().fields().iter().any(|field| field.name().eq_ignore_ascii_case(key)) {
                return Err(PartitionError::IsColumn { key: key.clone() });
            }
            if partitions[..place].iter().any(|other| other.key.eq_ignore_ascii_case(key)) {
                return Err(PartitionError::Twice { key: key.clone() });
            }
            folder.push(partitions[place].to_string());
        }
        Ok(folder)
    }
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let (key, value) = text.split_once('=').ok_or(PartitionError::Form)?;
        // Names that begin with `_` are hidden from engines.
        if value.is_empty() || key.is_empty() || key.starts_with('_') || Column::safe_name(key) != key {
            return Err(PartitionError::Form);
        }
        Ok(Self { key: key.into(), value: value.into() })
    }
}

/// Formats as the name of the folder. All bytes of the value but letters, digits, `_`, `-` and `.` are percent-encoded.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.key)?;
        for byte in self.value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                    write!(f, "{}", char::from(byte))?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(partitions: &[&str]) -> Result<String, PartitionError> {
        let partitions: Vec<Partition> =
            partitions.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        Ok(Partition::folder(&partitions, &Layout::fixed())?.to_str().unwrap().to_owned())
    }

    #[test]
    fn values_are_encoded() {
        assert_eq!(
            folder(&["tenant=a=b c/../ü%", "m=2024-05"]).unwrap(),
            "tenant=a%3Db%20c%2F..%2F%C3%BC%25/m=2024-05"
        );
    }

    #[test]
    fn impossible_partitions_are_refused() {
        for wrong in ["tenant", "=acme", "tenant=", "te nant=acme", "1t=acme", "_t=acme", "a/b=c"] {
            assert_eq!(folder(&[wrong]), Err(PartitionError::Form), "{wrong}");
        }
        assert_eq!(folder(&["Email=x"]), Err(PartitionError::IsColumn { key: "Email".into() }));
        assert_eq!(folder(&["t=x", "T=y"]), Err(PartitionError::Twice { key: "T".into() }));
    }
}
