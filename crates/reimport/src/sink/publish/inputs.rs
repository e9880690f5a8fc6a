//! Checks that an output does not replace one of its inputs, which may be reached by another name or link.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::list;
use crate::sink::OutputError;

/// Fails if one of `inputs` is in the folder `out`, also if it is reached by another path or link.
pub(super) fn refuse_inside(out: &Path, inputs: &[PathBuf]) -> Result<(), OutputError> {
    let held = files_in(out, 3)?;
    for input in inputs {
        // Compares the files themselves, so the result does not depend on paths, links or mounts.
        if held.iter().any(|held| same_file(held, input)) {
            return Err(OutputError::InputInside { input: input.clone(), path: out.to_owned() });
        }
    }
    Ok(())
}

/// Fails if one of `inputs` is the file `out`, also if it is reached by another path or link.
pub(super) fn refuse_same(out: &Path, inputs: &[PathBuf]) -> Result<(), OutputError> {
    match inputs.iter().find(|input| same_file(out, input)) {
        Some(input) => Err(OutputError::InputIsOutput { input: input.clone(), path: out.to_owned() }),
        None => Ok(()),
    }
}

fn files_in(folder: &Path, levels: u32) -> Result<Vec<PathBuf>, OutputError> {
    let mut files = Vec::new();
    for entry in list(folder)? {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if levels > 1 {
                files.extend(files_in(&entry.path(), levels - 1)?);
            }
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Returns whether both paths lead to the same file or folder. `false` if one of them does not exist.
#[cfg(unix)]
pub fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
pub fn same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_found_at_every_depth_of_an_output() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        let other = home.path().join("other.json");
        fs::write(&other, "").unwrap();
        // The output of a comparison has `missing/`, which has folders of connections.
        fs::create_dir_all(out.join("missing/Users")).unwrap();
        for name in ["a.json", "missing/a.json", "missing/Users/a.json"] {
            let input = out.join(name);
            fs::write(&input, "").unwrap();
            let same = home.path().join(name.replace('/', "-"));
            fs::hard_link(&input, &same).unwrap();
            for input in [input, same] {
                let error = refuse_inside(&out, &[other.clone(), input.clone()]).unwrap_err();
                assert!(
                    matches!(&error, OutputError::InputInside { input: found, .. } if *found == input),
                    "{error}"
                );
            }
        }
        refuse_inside(&out, &[other, home.path().join("none")]).unwrap();
    }
}
