//! Side files: lists next to the output of users and logins that need attention, one line each.
//!
//! A transform adds lines while it renders a record. They count only if the record is written. A list therefore
//! does not depend on a limit, on duplicates or on the number of threads. Like the output, the lists contain values
//! of users.

use crate::csv_row::RowWriter;
use crate::run::OutputName;

/// A list that is written next to the output, in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SideFile {
    /// CSV: written users without a password hash, and the reason.
    NoPassword,
    /// CSV: written users who changed their password after their hash was exported.
    StalePassword,
    /// CSV: written users whose hash was joined by e-mail address, and the line of that hash.
    PasswordByEmail,
    /// NDJSON: linked logins of written users that an import file cannot contain.
    Links,
    /// NDJSON: database logins that became users, with the old id and the new id.
    Promoted,
}

impl SideFile {
    /// All side files.
    pub const ALL: [Self; 5] =
        [Self::NoPassword, Self::StalePassword, Self::PasswordByEmail, Self::Links, Self::Promoted];

    /// Returns the file name in an output folder.
    pub fn output_name(self) -> OutputName {
        match self {
            Self::NoPassword => OutputName::NoPassword,
            Self::StalePassword => OutputName::StalePassword,
            Self::PasswordByEmail => OutputName::PasswordByEmail,
            Self::Links => OutputName::Links,
            Self::Promoted => OutputName::Promoted,
        }
    }

    /// Returns the header line of a CSV file, without its line end. `None` for NDJSON.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::NoPassword => Some("source,line,user_id,email,reason"),
            Self::StalePassword => Some("source,line,user_id,email,last_password_reset,password_set_date"),
            Self::PasswordByEmail => Some("source,line,email,connection,hash_file,hash_line"),
            Self::Links | Self::Promoted => None,
        }
    }

    /// Returns whether each line begins with `source,line`. The ordering step writes these cells.
    pub(crate) fn names_places(self) -> bool {
        self.header().is_some()
    }
}

/// The lines for side files of one block of records, stored one after another.
#[derive(Debug, Default)]
pub(crate) struct SideLines {
    bytes: Vec<u8>,
    /// For each line: its side file, and the offset of its end in `bytes`.
    ends: Vec<(SideFile, usize)>,
    row: RowWriter,
}

impl SideLines {
    /// Appends one line, given without its line end.
    pub(crate) fn add(&mut self, list: SideFile, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.ends.push((list, self.bytes.len()));
    }

    /// Appends one line of a CSV list.
    pub(crate) fn add_cells(&mut self, list: SideFile, cells: &[&str]) {
        self.row.escaped_row(cells.iter().copied(), &mut self.bytes);
        self.ends.push((list, self.bytes.len()));
    }

    /// Returns the number of lines so far: the end of the lines of the current record.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the line with this number, counted from 0, and its side file.
    pub(crate) fn line(&self, number: usize) -> (SideFile, &[u8]) {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let (list, end) = self.ends[number];
        (list, &self.bytes[start..end])
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_returned_as_added() {
        let mut lines = SideLines::default();
        lines.add(SideFile::Links, b"{}");
        lines.add_cells(SideFile::NoPassword, &["=a", "", "b,c"]);
        lines.add(SideFile::NoPassword, b"");
        lines.add(SideFile::Links, b"{\"a\":1}");
        assert_eq!(lines.len(), 4);
        assert_eq!(lines.line(0), (SideFile::Links, &b"{}"[..]));
        assert_eq!(lines.line(1), (SideFile::NoPassword, &b"'=a,,\"b,c\""[..]));
        assert_eq!(lines.line(2), (SideFile::NoPassword, &b""[..]));
        assert_eq!(lines.line(3), (SideFile::Links, &b"{\"a\":1}"[..]));
    }
}
