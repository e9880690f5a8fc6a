//! State per connection, and folder names for connections. The names are safe on every file system, and distinct
//! for distinct connections.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use xxhash_rust::xxh3::xxh3_128;

use super::OutputError;
use crate::run::is_reserved;

/// Maximum number of connection folders in one output. A run that needs more fails.
pub const MAX_CONNECTIONS: usize = 1_000;

/// A value for each connection, in the order of their first users. `None` is the key of users that name no
/// connection.
#[derive(Debug)]
pub(super) struct PerConnection<T> {
    all: Vec<(Option<Box<str>>, T)>,
    places: HashMap<Option<Box<str>>, usize>,
    /// Index of the connection that was used last. Most users have the same connection as the user before.
    last: usize,
}

impl<T> PerConnection<T> {
    pub(super) fn new() -> Self {
        Self { all: Vec::new(), places: HashMap::new(), last: 0 }
    }

    /// Returns the value for `connection`. Creates it with `begin` if the connection is new.
    #[inline]
    pub(super) fn of(
        &mut self,
        connection: Option<&str>,
        begin: impl FnOnce() -> Result<T, OutputError>,
    ) -> Result<&mut T, OutputError> {
        let is_last = self.all.get(self.last).is_some_and(|(name, _)| name.as_deref() == connection);
        if !is_last {
            self.last = self.place(connection, begin)?;
        }
        let (_, of_last) = &mut self.all[self.last];
        Ok(of_last)
    }

    fn place(
        &mut self,
        connection: Option<&str>,
        begin: impl FnOnce() -> Result<T, OutputError>,
    ) -> Result<usize, OutputError> {
        let name = connection.map(Box::from);
        if let Some(&place) = self.places.get(&name) {
            return Ok(place);
        }
        if self.all.len() >= MAX_CONNECTIONS {
            return Err(OutputError::TooManyConnections { limit: MAX_CONNECTIONS });
        }
        self.all.push((name.clone(), begin()?));
        self.places.insert(name, self.all.len() - 1);
        Ok(self.all.len() - 1)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.all.iter_mut().map(|(_, of_one)| of_one)
    }

    /// Returns all values with their connections.
    pub(super) fn into_all(self) -> Vec<(Option<Box<str>>, T)> {
        self.all
    }
}

/// Maximum length of a folder name. A longer one is cut, and the hash of the connection name is appended.
const LONGEST: usize = 120;

/// The folder names that are already used, in lower case, because some file systems ignore case.
#[derive(Default)]
pub(super) struct FolderNames(HashSet<String>);

impl FolderNames {
    /// Returns a new folder name for a connection that has none yet. `None` stands for users that name no
    /// connection.
    ///
    /// The result is not a name that a run or an upload uses for other content of an output folder.
    pub(super) fn name(&mut self, connection: Option<&str>) -> String {
        let safe = connection.map_or_else(|| "no-connection".to_owned(), safe);
        let mut name = safe.clone();
        let mut others = 1;
        // In a safe name, `~` occurs only before a hash. So every possible clash with a suffixed name is found
        // here. A name with a suffix is never reserved, so the loop ends.
        while is_reserved(&name) || !self.0.insert(name.to_ascii_lowercase()) {
            others += 1;
            name = format!("{safe}~{others}");
        }
        name
    }
}

/// Escapes a connection name. Letters, digits, `.`, `_` and `-` are kept. Every other byte becomes `%XX`, and so do
/// a dot at either end and the first letter of a Windows device name.
fn safe(connection: &str) -> String {
    let mut safe = String::new();
    let last = connection.len().saturating_sub(1);
    let device = is_device(connection);
    for (at, byte) in connection.bytes().enumerate() {
        match byte {
            b'.' if at == 0 || at == last => safe.push_str("%2E"),
            _ if at == 0 && device => drop(write!(safe, "%{byte:02X}")),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => safe.push(char::from(byte)),
            // Writing to a string never fails.
            _ => drop(write!(safe, "%{byte:02X}")),
        }
    }
    if safe.is_empty() {
        return "%".to_owned();
    }
    if safe.len() > LONGEST {
        safe.truncate(LONGEST);
        let _ = write!(safe, "~{:032x}", xxh3_128(connection.as_bytes()));
    }
    safe
}

/// Returns whether Windows treats a name as a device. Ignores case and extensions.
///
/// Device names with other characters (`CONIN$`, `COM¹`) are not checked, because they are escaped anyway.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|device| stem.strip_prefix(device));
    ["CON", "PRN", "AUX", "NUL"].contains(&&*stem)
        || numbered
            .into_iter()
            .any(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unsafe_names_are_escaped_and_others_are_kept() {
        let mut names = FolderNames::default();
        for (connection, folder) in [
            ("Username-Password-Authentication", "Username-Password-Authentication"),
            ("a/b", "a%2Fb"),
            ("..", "%2E%2E"),
            (".hidden", "%2Ehidden"),
            ("", "%"),
            ("users", "users"),
            ("Users", "Users~2"),
            ("USERS", "USERS~3"),
            ("users~2", "users%7E2"),
            ("manifest.json", "manifest.json~2"),
            ("Manifest.JSON", "Manifest.JSON~3"),
            ("missing", "missing~2"),
            ("users-00001.json", "users-00001.json~2"),
            ("upload-t.ndjson", "upload-t.ndjson~2"),
            ("upload-users", "upload-users"),
            ("é", "%C3%A9"),
            // The letter e with a separate accent, and the letter in upper case.
            ("e\u{301}", "e%CC%81"),
            ("É", "%C3%89"),
        ] {
            assert_eq!(names.name(Some(connection)), folder);
        }
        assert_eq!(names.name(None), "no-connection");
        assert_eq!(names.name(Some("no-connection")), "no-connection~2");
    }

    #[test]
    fn device_names_are_escaped() {
        for (connection, folder) in [
            ("CON", "%43ON"),
            ("nul", "%6Eul"),
            ("Aux.x.json", "%41ux.x.json"),
            ("con.txt", "%63on.txt"),
            ("PRN.", "%50RN%2E"),
            ("COM1", "%43OM1"),
            ("lpt0", "%6Cpt0"),
            ("com", "com"),
            ("COM10", "COM10"),
            ("COMx", "COMx"),
            ("console", "console"),
            (".con", "%2Econ"),
            ("COM¹", "COM%C2%B9"),
            ("CONIN$", "CONIN%24"),
            ("con ", "con%20"),
            ("%43ON", "%2543ON"),
        ] {
            assert_eq!(FolderNames::default().name(Some(connection)), folder);
        }
        let mut names = FolderNames::default();
        assert_eq!(["CON", "con"].map(|name| names.name(Some(name))), ["%43ON", "%63on"]);
    }

    proptest! {
        #[test]
        fn distinct_connections_have_distinct_safe_folders(
            connections in proptest::collection::hash_set("[aAbB./~%é ]{0,3}|x{119,130}|([cC][oO][nN]|NUL|[lL][pP]t)[0-9]?[.a]?", 1..40)
        ) {
            let mut names = FolderNames::default();
            let mut seen = HashSet::new();
            for connection in &connections {
                let folder = names.name(Some(connection));
                prop_assert!(!folder.is_empty() && !folder.starts_with('.') && folder.len() < 200);
                prop_assert!(folder.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-%~".contains(&b)));
                prop_assert!(seen.insert(folder.to_ascii_lowercase()), "{}", folder);
                prop_assert!(!is_device(&folder) && !is_reserved(&folder), "{}", folder);
            }
        }
    }
}
