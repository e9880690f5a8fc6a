//! The lists that stand beside an output: users and logins that a person must look after, one line each.
//!
//! A transform notes lines while it renders a record; they count only where that record ends up written, so a limit,
//! a duplicate or another number of threads never changes a list. They hold values of users, as the output does.

use crate::run::OutputName;

/// A list beside the output, in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SideFile {
    /// Written users for whom no password hash was found, and why: CSV.
    NoPassword,
    /// Written users who have set another password since their hash was exported: CSV.
    StalePassword,
    /// Written users whose hash was joined by e-mail address, and the line of that hash: CSV.
    PasswordByEmail,
    /// Logins of written users that no import brings: NDJSON.
    Links,
    /// Database logins that became users, with the old id and the new one: NDJSON.
    Promoted,
}

impl SideFile {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoPassword, Self::StalePassword, Self::PasswordByEmail, Self::Links, Self::Promoted];

    /// The name of its file in an output folder.
    pub fn output_name(self) -> OutputName {
        match self {
            Self::NoPassword => OutputName::NoPassword,
            Self::StalePassword => OutputName::StalePassword,
            Self::PasswordByEmail => OutputName::PasswordByEmail,
            Self::Links => OutputName::Links,
            Self::Promoted => OutputName::Promoted,
        }
    }

    /// The first line of its file, without a line end, where it is a CSV.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::NoPassword => Some("source,line,user_id,email,reason"),
            Self::StalePassword => Some("source,line,user_id,email,last_password_reset,password_set_date"),
            Self::PasswordByEmail => Some("source,line,email,connection,hash_file,hash_line"),
            Self::Links | Self::Promoted => None,
        }
    }

    /// Whether each line begins with the name of its source and the line there, which the ordering step writes.
    pub(crate) fn names_places(self) -> bool {
        self.header().is_some()
    }
}

/// The lines for side lists of one block of records, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct SideLines {
    bytes: Vec<u8>,
    /// Which list each line is for, and where it ends.
    ends: Vec<(SideFile, usize)>,
}

impl SideLines {
    /// Appends one line, which `write` makes without its end.
    pub(crate) fn add(&mut self, list: SideFile, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push((list, self.bytes.len()));
    }

    /// How many lines there are so far: the end of one record's.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The line of that number.
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
    fn lines_come_back_as_they_were_added() {
        let mut lines = SideLines::default();
        lines.add(SideFile::Links, |out| out.extend_from_slice(b"{}"));
        lines.add(SideFile::NoPassword, |_| {});
        lines.add(SideFile::Links, |out| out.extend_from_slice(b"{\"a\":1}"));
        assert_eq!(lines.len(), 3);
        assert_eq!(lines.line(0), (SideFile::Links, &b"{}"[..]));
        assert_eq!(lines.line(1), (SideFile::NoPassword, &b""[..]));
        assert_eq!(lines.line(2), (SideFile::Links, &b"{\"a\":1}"[..]));
    }
}
