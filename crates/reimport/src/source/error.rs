//! Error kinds for a source as a whole, and their messages.

use std::fmt;

/// A source that is damaged or is not an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The source is empty, or only white space.
    #[error("the input is empty: did a download fail, or the command before a pipe?")]
    Empty,
    /// A regular file became shorter while it was read.
    #[error(
        "the file became shorter while it was read: another program writes to it; wait until that has ended, then run again"
    )]
    Shrank,
    /// A regular file became longer while it was read.
    #[error(
        "the file grew while it was read: is it still being downloaded? Wait until that has ended, then run again"
    )]
    Grew,
    /// The path is a folder instead of a file.
    #[error("this is a folder: name the export file in it")]
    Folder,
    /// The gzip data is damaged, or other data follows it.
    #[error(transparent)]
    Gzip(#[from] GzipError),
    /// The data has more nested gzip layers than can happen by mistake.
    #[error("this is gzipped more than {} times over: unpack it first, with `gzip -d`", super::MAX_LAYERS)]
    GzippedTooOften,
    /// A web page, as returned for an expired link.
    #[error(
        "this looks like an HTML page: the download link has probably expired (it lives 60 seconds); ask for a new one"
    )]
    HtmlPage,
    /// An XML document, as returned by a storage service for an expired link.
    #[error(
        "this looks like an XML page: the download link has probably expired (it lives 60 seconds); ask for a new one"
    )]
    XmlPage,
    /// A zip archive.
    #[error("this is a zip archive: unzip it first (an Excel workbook is one, too: save it as CSV)")]
    Zip,
    /// A tar archive.
    #[error("this is a tar archive: unpack it first, with `tar -x`")]
    Tar,
    /// Zstandard data.
    #[error("this is compressed with zstd: unpack it, for example with `zstd -dc FILE`")]
    Zstd,
    /// Bzip2 data.
    #[error("this is compressed with bzip2: unpack it, for example with `bzip2 -dc FILE`")]
    Bzip2,
    /// XZ data.
    #[error("this is compressed with xz: unpack it, for example with `xz -dc FILE`")]
    Xz,
    /// An encrypted PGP message, binary or armored.
    #[error("this is encrypted with PGP: decrypt it, for example with `gpg -d FILE`")]
    Pgp,
    /// Text in UTF-16 or UTF-32.
    #[error(
        "this is text in {encoding}, but UTF-8 was expected: convert it, for example with `iconv -f {encoding} -t UTF-8 FILE`"
    )]
    WideText {
        /// The name of the encoding, as `iconv` knows it.
        encoding: &'static str,
    },
    /// The data has NUL bytes at a place where text has none.
    #[error(
        "this contains NUL bytes, so it is binary data and not an export: check that it is the right file"
    )]
    Binary,
}

/// An error in gzip data and its location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GzipError {
    /// What is wrong.
    pub fault: GzipFault,
    /// The compressed byte at which the error was found, counted from 0.
    pub at: u64,
    /// The layer in which `at` counts: 0 is the file itself, 1 is the content of the outermost gzip data, and so
    /// on.
    pub layer: u32,
}

/// What is wrong with gzip data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GzipFault {
    /// The data ends in the middle of a gzip member.
    CutOff,
    /// A header names a compression method other than deflate, the only one that exists.
    Method,
    /// A header has flags set that are reserved in the format.
    ReservedFlags,
    /// A header does not match its CRC-16.
    HeaderChecksum,
    /// The deflate data is invalid.
    Deflate,
    /// The decompressed data does not match its CRC-32.
    Checksum,
    /// The decompressed data does not match its length.
    Length,
    /// A member is followed by something other than zeros or another member.
    Trailing,
}

impl fmt::Display for GzipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            GzipFault::CutOff => "the gzip data is cut off",
            GzipFault::Method => "the gzip header names an unknown compression method",
            GzipFault::ReservedFlags => "the gzip header has reserved flags set",
            GzipFault::HeaderChecksum => "the gzip header does not match its checksum",
            GzipFault::Deflate => "the gzip data is broken",
            GzipFault::Checksum => "the unpacked data does not match its checksum",
            GzipFault::Length => "the unpacked data does not match its length",
            GzipFault::Trailing => "the gzip data is followed by something else",
        };
        write!(f, "{what} at byte {} of the compressed file", self.at)?;
        match self.layer {
            0 => {}
            1 => f.write_str(" (unpacked once)")?,
            2 => f.write_str(" (unpacked twice)")?,
            n => write!(f, " (unpacked {n} times)")?,
        }
        f.write_str(match self.fault {
            GzipFault::Trailing => ": remove what was added there, or download it again",
            _ => ": download it again",
        })
    }
}

impl std::error::Error for GzipError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_states_the_cause_and_remedy() {
        let expired = "the download link has probably expired (it lives 60 seconds); ask for a new one";
        let expected = [
            (InputError::Empty, "the input is empty: did a download fail, or the command before a pipe?".to_owned()),
            (
                InputError::Shrank,
                "the file became shorter while it was read: another program writes to it; wait until that has ended, then run again"
                    .to_owned(),
            ),
            (
                InputError::Grew,
                "the file grew while it was read: is it still being downloaded? Wait until that has ended, then run again"
                    .to_owned(),
            ),
            (InputError::Folder, "this is a folder: name the export file in it".to_owned()),
            (
                InputError::GzippedTooOften,
                "this is gzipped more than 4 times over: unpack it first, with `gzip -d`".to_owned(),
            ),
            (InputError::HtmlPage, format!("this looks like an HTML page: {expired}")),
            (InputError::XmlPage, format!("this looks like an XML page: {expired}")),
            (
                InputError::Zip,
                "this is a zip archive: unzip it first (an Excel workbook is one, too: save it as CSV)".to_owned(),
            ),
            (InputError::Tar, "this is a tar archive: unpack it first, with `tar -x`".to_owned()),
            (
                InputError::Zstd,
                "this is compressed with zstd: unpack it, for example with `zstd -dc FILE`"
                    .to_owned(),
            ),
            (
                InputError::Bzip2,
                "this is compressed with bzip2: unpack it, for example with `bzip2 -dc FILE`"
                    .to_owned(),
            ),
            (
                InputError::Xz,
                "this is compressed with xz: unpack it, for example with `xz -dc FILE`".to_owned(),
            ),
            (
                InputError::Pgp,
                "this is encrypted with PGP: decrypt it, for example with `gpg -d FILE`".to_owned(),
            ),
            (
                InputError::WideText { encoding: "UTF-16LE" },
                "this is text in UTF-16LE, but UTF-8 was expected: convert it, for example with `iconv -f UTF-16LE -t UTF-8 FILE`"
                    .to_owned(),
            ),
            (
                InputError::Binary,
                "this contains NUL bytes, so it is binary data and not an export: check that it is the right file".to_owned(),
            ),
        ];
        for (error, text) in expected {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn gzip_errors_state_the_compressed_byte() {
        let expected = [
            (
                GzipFault::CutOff,
                "the gzip data is cut off at byte 123456 of the compressed file: download it again",
            ),
            (
                GzipFault::Method,
                "the gzip header names an unknown compression method at byte 123456 of the compressed file: \
                 download it again",
            ),
            (
                GzipFault::ReservedFlags,
                "the gzip header has reserved flags set at byte 123456 of the compressed file: download it again",
            ),
            (
                GzipFault::HeaderChecksum,
                "the gzip header does not match its checksum at byte 123456 of the compressed file: \
                 download it again",
            ),
            (
                GzipFault::Deflate,
                "the gzip data is broken at byte 123456 of the compressed file: download it again",
            ),
            (
                GzipFault::Checksum,
                "the unpacked data does not match its checksum at byte 123456 of the compressed file: \
                 download it again",
            ),
            (
                GzipFault::Length,
                "the unpacked data does not match its length at byte 123456 of the compressed file: \
                 download it again",
            ),
            (
                GzipFault::Trailing,
                "the gzip data is followed by something else at byte 123456 of the compressed file: \
                 remove what was added there, or download it again",
            ),
        ];
        for (fault, text) in expected {
            assert_eq!(InputError::from(GzipError { fault, at: 123_456, layer: 0 }).to_string(), text);
        }
    }

    #[test]
    fn error_in_an_inner_layer_names_the_layer() {
        let text = |layer| GzipError { fault: GzipFault::CutOff, at: 7, layer }.to_string();
        assert_eq!(
            text(1),
            "the gzip data is cut off at byte 7 of the compressed file (unpacked once): download it again"
        );
        assert_eq!(
            text(2),
            "the gzip data is cut off at byte 7 of the compressed file (unpacked twice): download it again"
        );
        assert_eq!(
            text(3),
            "the gzip data is cut off at byte 7 of the compressed file (unpacked 3 times): download it again"
        );
    }
}
