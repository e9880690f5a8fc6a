//! Inputs that are, by any name or link, what an output would replace.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::list;
use crate::sink::OutputError;

/// An error where one of `inputs` lies in the folder `out`, by whatever path or link.
pub(super) fn refuse_inside(out: &Path, inputs: &[PathBuf]) -> Result<(), OutputError> {
    let held = files_in(out, 3)?;
    for input in inputs {
        // The file itself is compared: no path, link or mount hides it.
        if held.iter().any(|held| same_file(held, input)) {
            return Err(OutputError::InputInside { input: input.clone(), path: out.to_owned() });
        }
    }
    Ok(())
}

/// An error where one of `inputs` is the file `out`, by whatever path or link.
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

/// Whether both names lead to one folder or file; `false` where one leads nowhere.
#[cfg(unix)]
pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_found_at_every_depth_that_an_output_has_under_any_name() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        let other = home.path().join("other.json");
        fs::write(&other, "").unwrap();
        // A comparison leaves missing/, which has folders of connections.
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
