//! Names of files and folders in an output folder. No other module contains such a name.
//!
//! This module recognizes every name that a run or an upload writes. This is used to replace an earlier output, and
//! to keep the folder of a connection from getting a name that is reserved.

use std::fmt;
use std::path::Path;

/// A file or folder that a run writes into an output folder under a fixed name.
///
/// The import files themselves are `users-00001.json` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OutputName {
    /// `manifest.json`: the description of the folder, written last.
    Manifest,
    /// `lines.ndjson`: the source and the lines of the users of each part.
    Lines,
    /// `skipped.ndjson`: records that an import file cannot contain.
    Skipped,
    /// `rejected.ndjson`: records that break a rule, with their problems.
    Rejected,
    /// `no-password.csv`: written users without a password hash.
    NoPassword,
    /// `stale-password.csv`: written users with a hash of an earlier password.
    StalePassword,
    /// `password-by-email.csv`: written users whose hash was joined by e-mail address.
    PasswordByEmail,
    /// `links.ndjson`: linked logins of written users that an import file cannot contain.
    Links,
    /// `promoted.ndjson`: database logins that became users.
    Promoted,
    /// `missing`: a folder of parts with the users that did not arrive in the tenant.
    Missing,
    /// `changed.ndjson`: users that differ between the two sides of a comparison.
    Changed,
    /// `extra.ndjson`: users that are in no part.
    Extra,
    /// `new.ndjson`: users that only the later export has.
    New,
    /// `gone.csv`: users that only the earlier export has.
    Gone,
}

impl OutputName {
    /// All names.
    pub const ALL: [Self; 14] = [
        Self::Manifest,
        Self::Lines,
        Self::Skipped,
        Self::Rejected,
        Self::NoPassword,
        Self::StalePassword,
        Self::PasswordByEmail,
        Self::Links,
        Self::Promoted,
        Self::Missing,
        Self::Changed,
        Self::Extra,
        Self::New,
        Self::Gone,
    ];

    /// Returns the name, as in `manifest.json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest.json",
            Self::Lines => "lines.ndjson",
            Self::Skipped => "skipped.ndjson",
            Self::Rejected => "rejected.ndjson",
            Self::NoPassword => "no-password.csv",
            Self::StalePassword => "stale-password.csv",
            Self::PasswordByEmail => "password-by-email.csv",
            Self::Links => "links.ndjson",
            Self::Promoted => "promoted.ndjson",
            Self::Missing => "missing",
            Self::Changed => "changed.ndjson",
            Self::Extra => "extra.ndjson",
            Self::New => "new.ndjson",
            Self::Gone => "gone.csv",
        }
    }

    /// Returns the output of this exact name.
    ///
    /// ```
    /// use reimport::OutputName;
    ///
    /// assert_eq!(OutputName::of("manifest.json"), Some(OutputName::Manifest));
    /// assert_eq!(OutputName::of("Manifest.json"), None);
    /// ```
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|output| output.as_str() == name)
    }

    /// Returns whether it is the name of a folder.
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl fmt::Display for OutputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<Path> for OutputName {
    fn as_ref(&self) -> &Path {
        Path::new(self.as_str())
    }
}

/// A file or folder that an upload writes next to the parts, recognized by its name.
///
/// The crate `reimport-jobs` writes these files. If you change a name there, also change it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadName {
    /// `upload-….ndjson`: the journal, the only record of which parts were sent.
    Journal,
    /// `upload-….errors`: a folder with the error lists of the jobs.
    ErrorFolder,
    /// `upload-….errors.ndjson`: the source and the line of each refused user.
    ErrorList,
    /// Any other name that begins like the name of a journal, for example a copy of a journal.
    Other,
}

impl UploadName {
    /// Returns the kind of a name. A folder with such a name can also be the folder of a connection.
    ///
    /// ```
    /// use reimport::UploadName;
    ///
    /// assert_eq!(UploadName::of("upload-a.eu.auth0.com-con_1.ndjson"), Some(UploadName::Journal));
    /// assert_eq!(UploadName::of("users-00001.json"), None);
    /// ```
    pub fn of(name: &str) -> Option<Self> {
        if !(name.starts_with("upload-") || name.starts_with("upload.journal")) {
            None
        } else if name.ends_with(".errors") {
            Some(Self::ErrorFolder)
        } else if name.ends_with(".errors.ndjson") {
            Some(Self::ErrorList)
        } else if name.ends_with(".ndjson") {
            Some(Self::Journal)
        } else {
            Some(Self::Other)
        }
    }
}

/// The file names of the parts of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PartNames {
    /// `users-00001.json` and so on: import files.
    #[default]
    Import,
    /// `part-00000.csv` and so on, with this extension: files for other programs. No command takes them for import files.
    Other(&'static str),
}

/// The extensions of [`PartNames::Other`].
const OTHER_ENDS: [&str; 4] = ["csv", "tsv", "ndjson", "json"];

impl PartNames {
    /// Returns the file name of a part. `number` is counted from 1.
    pub(crate) fn name(self, number: u64) -> String {
        match self {
            Self::Import => format!("users-{number:05}.json"),
            Self::Other(end) => format!("part-{:05}.{end}", number.saturating_sub(1)),
        }
    }
}

/// Returns whether the name is one of [`PartNames::Other`].
pub(crate) fn is_other_part(name: &str) -> bool {
    let end = |end: &&str| name.strip_suffix(end).and_then(|name| name.strip_suffix('.'));
    let stem = OTHER_ENDS.iter().find_map(end);
    let digits = stem.and_then(|stem| stem.strip_prefix("part-"));
    digits.is_some_and(|digits| digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns whether the name is `users-NNNNN.json`, with five or more digits.
pub(crate) fn is_part(name: &str) -> bool {
    let digits = name.strip_prefix("users-").and_then(|rest| rest.strip_suffix(".json"));
    digits.is_some_and(|digits| digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns whether the name is `….errors.json`: the error list of a job, saved next to the parts.
pub(crate) fn is_job_errors(name: &str) -> bool {
    name.ends_with(".errors.json")
}

/// Returns whether a run or an upload may write a file or folder of this name. Ignores ASCII case.
///
/// A name with a suffix appended is never reserved. The folders of connections rely on that.
pub(crate) fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    OutputName::of(&name).is_some()
        || is_part(&name)
        || is_job_errors(&name)
        || UploadName::of(&name).is_some_and(|upload| upload != UploadName::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_output_has_a_unique_name() {
        for output in OutputName::ALL {
            assert_eq!(OutputName::of(output.as_str()), Some(output));
            assert_eq!(Path::new("out").join(output).to_str().unwrap(), format!("out/{output}"));
            assert!(!is_part(output.as_str()) && UploadName::of(output.as_str()).is_none());
            assert!(is_reserved(output.as_str()) && is_reserved(&output.as_str().to_uppercase()));
        }
    }

    #[test]
    fn parts_have_five_digits_or_more() {
        let part_name = |number| PartNames::Import.name(number);
        for part in [part_name(1), part_name(99_999), part_name(100_000)] {
            assert!(is_part(&part) && is_reserved(&part), "{part}");
        }
        assert_eq!([part_name(7), part_name(123_456)], ["users-00007.json", "users-123456.json"]);
        for other in ["users-1.json", "users-0000x.json", "users-.json", "users-00001.json.bak", "notes", ""]
        {
            assert!(!is_part(other) && !is_reserved(other), "{other}");
        }
    }

    #[test]
    fn parts_for_other_programs_have_other_names() {
        for end in OTHER_ENDS {
            let name = PartNames::Other(end).name(1);
            assert_eq!(name, format!("part-00000.{end}"));
            assert!(is_other_part(&name) && !is_part(&name), "{name}");
        }
        for other in
            ["part-0.csv", "part-00000.parquet", "part-00000csv", "part-00000.csv.gz", "users-00001.json"]
        {
            assert!(!is_other_part(other), "{other}");
        }
    }

    #[test]
    fn names_of_an_upload_are_recognized_by_their_ends() {
        for (name, upload, reserved) in [
            ("upload-t-con_1.ndjson", Some(UploadName::Journal), true),
            ("upload-t-con_1.errors", Some(UploadName::ErrorFolder), true),
            ("upload-t-con_1.errors.ndjson", Some(UploadName::ErrorList), true),
            ("upload-t-con_1.ndjson.bak", Some(UploadName::Other), false),
            ("upload-users", Some(UploadName::Other), false),
            ("upload.journal", Some(UploadName::Other), false),
            ("job.errors.json", None, true),
            ("uploads.ndjson", None, false),
            ("errors.json", None, false),
        ] {
            assert_eq!((UploadName::of(name), is_reserved(name)), (upload, reserved), "{name}");
            assert!(!is_reserved(&format!("{name}~2")), "{name}");
        }
    }
}
