//! Commands to run next, quoted for a shell.

use std::fmt::Write as _;

use reimport::sink::PublishedParts;

use super::page::Page;
use crate::terminal::steers;

/// A folder of parts that was written.
pub(crate) struct WrittenParts {
    /// As given.
    pub(crate) folder: String,
    /// Number of parts, in all folders.
    pub(crate) parts: u64,
    /// Folder and name of each connection, if each has its own folder.
    connections: Vec<(String, Option<String>)>,
}

impl WrittenParts {
    /// Describes published parts; `folder` is the folder as given.
    pub(crate) fn new(folder: String, published: &PublishedParts) -> Self {
        let filled = published.manifest.connections.iter().filter(|each| each.users > 0);
        Self {
            folder,
            parts: published.parts().count() as u64,
            connections: filled.map(|each| (each.folder.clone(), each.connection.clone())).collect(),
        }
    }

    /// Returns the commands that upload the parts, one for each connection.
    pub(super) fn uploads(&self) -> Vec<String> {
        if self.connections.is_empty() {
            return vec![upload(&self.folder, None)];
        }
        let each = |(inside, connection): &(String, Option<String>)| {
            upload(&format!("{}/{inside}", self.folder), connection.as_deref())
        };
        self.connections.iter().map(each).collect()
    }

    /// Adds these commands to a page.
    pub(super) fn add_uploads(&self, page: &mut Page, mut label: &str) {
        for upload in self.uploads() {
            page.command(std::mem::take(&mut label), &upload);
        }
    }
}

/// Returns the command that uploads the parts of a folder. The connection is a placeholder if it is not known.
fn upload(folder: &str, connection: Option<&str>) -> String {
    if cfg!(feature = "jobs") {
        let to = connection.map_or_else(|| "CONNECTION".to_owned(), quoted);
        format!("reimport upload {} --tenant HOST --to {to}", quoted(folder))
    } else {
        format!("upload {folder}/users-*.json, one import job each, at most two at a time")
    }
}

/// Quotes a word for a shell, without any character that controls a terminal.
///
/// Such a character is written as its UTF-8 bytes in `$'…'`, which bash, zsh and ksh support. The escapes have three
/// octal digits; `\x` and `\u` escapes have no fixed length in some shells.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_@%+=:,./-".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.contains(steers) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut quoted = "$'".to_owned();
    for char in word.chars() {
        match char {
            '\'' | '\\' => quoted.extend(['\\', char]),
            char if steers(char) => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            char => quoted.push(char),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skips::skip;

    #[test]
    fn quotes_words_for_the_shell() {
        for (word, typed) in
            [("parts", "parts"), ("", "''"), ("my parts", "'my parts'"), ("it's", r"'it'\''s'")]
        {
            assert_eq!(quoted(word), typed);
        }
    }

    #[test]
    fn control_characters_are_quoted_for_bash_and_zsh() {
        assert_eq!(quoted("a\u{1b}[31m7\n'b\\\u{2028}ü"), r"$'a\033[31m7\012\'b\\\342\200\250ü'");
        let name: String = ('\u{1}'..='\u{e0100}').filter(|char| steers(*char) || char.is_ascii()).collect();
        let typed = quoted(&name);
        assert!(!typed.contains(steers));
        for shell in ["bash", "zsh", "ksh"] {
            let printed =
                std::process::Command::new(shell).args(["-c", &format!("printf %s {typed}")]).output();
            match printed {
                Ok(printed) => assert_eq!(String::from_utf8(printed.stdout).unwrap(), name, "{shell}"),
                Err(error) => skip(&format!("{shell}: {error}")),
            }
        }
    }

    #[cfg(feature = "jobs")]
    #[test]
    fn each_connection_has_its_own_upload_command() {
        let connections = [("Users", Some("Users")), ("a%20b", Some("a b")), ("none", None)];
        let owned = |(folder, name): (&str, Option<&str>)| (folder.to_owned(), name.map(str::to_owned));
        let mut written = WrittenParts {
            folder: "parts".to_owned(),
            parts: 3,
            connections: connections.map(owned).to_vec(),
        };
        assert_eq!(
            written.uploads(),
            [
                "reimport upload parts/Users --tenant HOST --to Users",
                "reimport upload parts/a%20b --tenant HOST --to 'a b'",
                "reimport upload parts/none --tenant HOST --to CONNECTION",
            ]
        );
        let printed = |written: &WrittenParts| {
            let mut page = Page::default();
            written.add_uploads(&mut page, "next");
            page.to_string()
        };
        assert_eq!(
            printed(&written),
            "next      reimport upload parts/Users --tenant HOST --to Users\n          \
             reimport upload parts/a%20b --tenant HOST --to 'a b'\n          \
             reimport upload parts/none --tenant HOST --to CONNECTION\n"
        );
        written.connections.clear();
        assert_eq!(printed(&written), "next      reimport upload parts --tenant HOST --to CONNECTION\n");
    }
}
