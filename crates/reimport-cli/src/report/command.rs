//! Commands to run next, as they are typed.

use reimport::sink::PublishedParts;

use super::page::Page;
use super::summary::printable;

/// A folder of parts that was written.
pub(crate) struct WrittenParts {
    /// As given.
    pub(crate) folder: String,
    /// How many there are, in all folders.
    pub(crate) parts: u64,
    /// The folders of connections in it, and the connections, where each has its own.
    connections: Vec<(String, Option<String>)>,
}

impl WrittenParts {
    /// What was published, with the folder as it was given.
    pub(crate) fn new(folder: String, published: &PublishedParts) -> Self {
        let inside = published.connections.iter().map(|manifest| manifest.parts.len());
        let filled = published.manifest.connections.iter().filter(|each| each.users > 0);
        Self {
            folder,
            parts: (published.manifest.parts.len() + inside.sum::<usize>()) as u64,
            connections: filled.map(|each| (each.folder.clone(), each.connection.clone())).collect(),
        }
    }

    /// The words that send them, for each connection.
    pub(super) fn uploads(&self) -> Vec<String> {
        if self.connections.is_empty() {
            return vec![upload(&self.folder, None)];
        }
        let each = |(inside, connection): &(String, Option<String>)| {
            upload(&format!("{}/{inside}", self.folder), connection.as_deref())
        };
        self.connections.iter().map(each).collect()
    }

    /// Adds them to a page, the first of many.
    pub(super) fn say_uploads(&self, page: &mut Page, mut label: &str) {
        const SHOWN: usize = 3;
        let uploads = self.uploads();
        for upload in uploads.iter().take(SHOWN) {
            page.command(std::mem::take(&mut label), &printable(upload));
        }
        if uploads.len() > SHOWN {
            page.say("", &format!("and {} more, one for each folder there", uploads.len() - SHOWN));
        }
    }
}

/// The words that send the parts of a folder: to the connection where it is known, else to one yet to be named.
fn upload(folder: &str, connection: Option<&str>) -> String {
    if cfg!(feature = "jobs") {
        let to = connection.map_or_else(|| "CONNECTION".to_owned(), quoted);
        format!("reimport upload {} --tenant HOST --to {to}", quoted(folder))
    } else {
        format!("upload {folder}/users-*.json, one import job each, at most two at a time")
    }
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_@%+=:,./-".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        for (word, typed) in
            [("parts", "parts"), ("", "''"), ("my parts", "'my parts'"), ("it's", r"'it'\''s'")]
        {
            assert_eq!(quoted(word), typed);
        }
    }

    #[cfg(feature = "jobs")]
    #[test]
    fn each_connection_has_its_upload() {
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
        let said = |written: &WrittenParts| {
            let mut page = Page::default();
            written.say_uploads(&mut page, "next");
            page.to_string()
        };
        assert_eq!(
            said(&written),
            "next      reimport upload parts/Users --tenant HOST --to Users\n          \
             reimport upload parts/a%20b --tenant HOST --to 'a b'\n          \
             reimport upload parts/none --tenant HOST --to CONNECTION\n"
        );
        written.connections.extend([("x".to_owned(), None), ("y".to_owned(), None)]);
        assert!(said(&written).ends_with("\n          and 2 more, one for each folder there\n"));
        written.connections.clear();
        assert_eq!(said(&written), "next      reimport upload parts --tenant HOST --to CONNECTION\n");
    }
}
