//! The inputs of a run.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::source::Source;

/// One input of a run: a path, or a [`Source`] that is already open.
#[non_exhaustive]
pub enum Input {
    /// A file. It is opened when all inputs before it have been read.
    Path(PathBuf),
    /// An open source.
    Source(Source),
}

impl Input {
    /// Returns the path of a file that is not open yet.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Source(_) => None,
        }
    }

    /// Opens it.
    pub(super) fn open(self) -> Result<Source> {
        match self {
            Self::Path(path) => Source::open(path),
            Self::Source(source) => Ok(source),
        }
    }
}

impl From<&str> for Input {
    fn from(path: &str) -> Self {
        Self::Path(path.into())
    }
}

impl From<String> for Input {
    fn from(path: String) -> Self {
        Self::Path(path.into())
    }
}

impl From<&String> for Input {
    fn from(path: &String) -> Self {
        Self::Path(path.into())
    }
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        Self::Path(path.into())
    }
}

impl From<&PathBuf> for Input {
    fn from(path: &PathBuf) -> Self {
        Self::Path(path.into())
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<Source> for Input {
    fn from(source: Source) -> Self {
        Self::Source(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_can_be_borrowed_or_owned() {
        let (text, path) = ("a.json".to_owned(), PathBuf::from("a.json"));
        let inputs: [Input; 6] = [
            "a.json".into(),
            (&text).into(),
            (&path).into(),
            path.as_path().into(),
            text.clone().into(),
            path.clone().into(),
        ];
        assert!(inputs.iter().all(|input| matches!(input, Input::Path(found) if *found == path)));
    }
}
