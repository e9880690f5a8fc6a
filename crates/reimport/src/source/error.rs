//! Everything a source as a whole can be told, on one page.

use std::fmt;

/// A source that is damaged, or is something else than an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Nothing in it, or only white space.
    #[error("the file is empty: a failed download? Export and download it again")]
    Empty,
    /// A regular file that was cut while it was read.
    #[error(
        "the file became shorter while it was read: something else writes it; wait for that, then run again"
    )]
    Shrank,
    /// A regular file that was added to while it was read.
    #[error("the file grew while it was read: is it still being downloaded? Wait for that, then run again")]
    Grew,
    /// A folder where a file was asked for.
    #[error("this is a folder: name the export file in it")]
    Folder,
    /// Damaged gzip data, or something after it.
    #[error(transparent)]
    Gzip(#[from] GzipError),
    /// Gzip data in gzip data, deeper than anyone packs by mistake.
    #[error("this is gzipped more than {} times over: unpack it first, with `gzip -d`", super::MAX_LAYERS)]
    GzippedTooOften,
    /// A web page, as an expired link answers.
    #[error(
        "this looks like an HTML page: the download link has probably expired (it lives 60 seconds); ask for a new one"
    )]
    HtmlPage,
    /// An XML document, as an expired link of a storage service answers.
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
    #[error("this is compressed with zstd: unpack it, as `zstd -dc FILE` does")]
    Zstd,
    /// Bzip2 data.
    #[error("this is compressed with bzip2: unpack it, as `bzip2 -dc FILE` does")]
    Bzip2,
    /// XZ data.
    #[error("this is compressed with xz: unpack it, as `xz -dc FILE` does")]
    Xz,
    /// An encrypted PGP message, binary or armored.
    #[error("this is encrypted with PGP: decrypt it, as `gpg -d FILE` does")]
    Pgp,
    /// Text in UTF-16 or UTF-32.
    #[error(
        "this is text in {encoding}, but UTF-8 was expected: convert it, as \
         `iconv -f {encoding} -t UTF-8 FILE` does"
    )]
    WideText {
        /// Its name as `iconv` knows it.
        encoding: &'static str,
    },
    /// NUL bytes where no text has them.
    #[error("this holds NUL bytes, so it is binary data and no export: check that it is the right file")]
    Binary,
}

/// Where gzip data goes wrong, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GzipError {
    /// What is wrong.
    pub fault: GzipFault,
    /// The compressed byte at which it was noticed, counted from 0.
    pub at: u64,
    /// In which data that byte counts: 0 is the file as it is, 1 what it holds once unpacked, and so on.
    pub layer: u32,
}

/// What is wrong with gzip data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GzipFault {
    /// It ends inside a member.
    CutOff,
    /// A header names another method than deflate, the only one there is.
    Method,
    /// A header has flags that no version of the format uses.
    ReservedFlags,
    /// A header does not match the CRC-16 it carries.
    HeaderChecksum,
    /// The compressed bits mean nothing.
    Deflate,
    /// The unpacked data does not match its CRC-32.
    Checksum,
    /// The unpacked data does not match its length.
    Length,
    /// Something else than zeros or another member follows a member.
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
    fn every_sentence_says_what_was_found_and_what_to_do() {
        let expired = "the download link has probably expired (it lives 60 seconds); ask for a new one";
        let expected = [
            (InputError::Empty, "the file is empty: a failed download? Export and download it again".to_owned()),
            (
                InputError::Shrank,
                "the file became shorter while it was read: something else writes it; wait for that, then run again"
                    .to_owned(),
            ),
            (
                InputError::Grew,
                "the file grew while it was read: is it still being downloaded? Wait for that, then run again"
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
                "this is compressed with zstd: unpack it, as `zstd -dc FILE` does"
                    .to_owned(),
            ),
            (
                InputError::Bzip2,
                "this is compressed with bzip2: unpack it, as `bzip2 -dc FILE` does"
                    .to_owned(),
            ),
            (
                InputError::Xz,
                "this is compressed with xz: unpack it, as `xz -dc FILE` does".to_owned(),
            ),
            (
                InputError::Pgp,
                "this is encrypted with PGP: decrypt it, as `gpg -d FILE` does".to_owned(),
            ),
            (
                InputError::WideText { encoding: "UTF-16LE" },
                "this is text in UTF-16LE, but UTF-8 was expected: convert it, as \
                 `iconv -f UTF-16LE -t UTF-8 FILE` does"
                    .to_owned(),
            ),
            (
                InputError::Binary,
                "this holds NUL bytes, so it is binary data and no export: check that it is the right file".to_owned(),
            ),
        ];
        for (error, text) in expected {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn every_gzip_fault_names_its_compressed_byte() {
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
    fn a_fault_in_an_inner_layer_says_so() {
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
