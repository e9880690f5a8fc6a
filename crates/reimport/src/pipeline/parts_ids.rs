//! The form of the user ids in an input file, read from the manifest next to it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::parts_folder::{MAX_MANIFEST_BYTES, read_regular};
use crate::record::UserIds;
use crate::run::OutputName;

/// Determines which files are parts with bare ids. Keeps the result for the last folder, so the manifest is read
/// once for consecutive files of a folder.
#[derive(Debug, Default)]
pub(super) struct PartsIds {
    folder: Option<PathBuf>,
    bare: HashSet<String>,
}

/// The members of a manifest that are needed here.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    user_ids: UserIds,
    parts: Vec<ListedPart>,
}

#[derive(Deserialize)]
struct ListedPart {
    file: String,
}

impl PartsIds {
    /// Returns the form of the user ids in the file at `path`: bare if a manifest next to it has bare ids and lists
    /// the file as a part.
    pub(super) fn of(&mut self, path: &Path) -> UserIds {
        let folder = path.parent().unwrap_or(Path::new(""));
        if self.folder.as_deref() != Some(folder) {
            self.folder = Some(folder.to_owned());
            // A file that is not a manifest of this tool has no effect.
            self.bare = bare_parts(&folder.join(OutputName::Manifest)).unwrap_or_default();
        }
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if self.bare.contains(name) => UserIds::Bare,
            _ => UserIds::Exported,
        }
    }
}

fn bare_parts(manifest: &Path) -> Option<HashSet<String>> {
    let listed: Listed = serde_json::from_slice(&read_regular(manifest, MAX_MANIFEST_BYTES).ok()?).ok()?;
    (listed.user_ids == UserIds::Bare).then(|| listed.parts.into_iter().map(|part| part.file).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_listed_parts_have_bare_ids() {
        let home = tempfile::tempdir().unwrap();
        let folder = |name: &str, manifest: &str| {
            let folder = home.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("manifest.json"), manifest).unwrap();
            folder
        };
        let parts = r#""parts":[{"file":"users-00001.json","users":1}]"#;
        let bare = folder("bare", &format!(r#"{{"version":1,"user_ids":"bare",{parts}}}"#));
        let mut ids = PartsIds::default();
        assert_eq!(ids.of(&bare.join("users-00001.json")), UserIds::Bare);
        assert_eq!(ids.of(&bare.join("users-00002.json")), UserIds::Exported);
        assert_eq!(ids.of(&bare.join("skipped.ndjson")), UserIds::Exported);
        for (name, manifest) in [
            ("exported", format!(r#"{{"version":1,"user_ids":"exported",{parts}}}"#)),
            ("silent", format!(r#"{{"version":1,{parts}}}"#)),
            ("other", r#"{"name":"a web application","icons":[]}"#.to_owned()),
            ("damaged", format!(r#"{{"version":1,"user_ids":"bare",{parts}"#)),
        ] {
            let folder = folder(name, &manifest);
            assert_eq!(ids.of(&folder.join("users-00001.json")), UserIds::Exported, "{name}");
        }
        assert_eq!(ids.of(&bare.join("users-00001.json")), UserIds::Bare);
        assert_eq!(ids.of(Path::new("no-such-folder/users-00001.json")), UserIds::Exported);
        assert_eq!(ids.of(Path::new("users-00001.json")), UserIds::Exported);
    }
}
