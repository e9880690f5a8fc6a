//! Commands to run next, with the options of the command that ran.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use reimport::sink::PublishedParts;

use super::setup;
use crate::args::{Cli, RecordedOptions};
use crate::report::{Fix, quoted};

/// Options of the report of `check`.
const REPORT: [&str; 6] = ["html", "examples", "force", "json", "quiet", "progress"];

/// Options of `convert` that are left out of a proposed command, because they belong to one run: those of the input, the
/// output, the report and the limit.
const OF_ONE_RUN: [&str; 11] = [
    "input-format",
    "delimiter",
    "csv-dialect",
    "csv-types",
    "limit",
    "output",
    "rejected",
    "skipped",
    "force",
    "json",
    "quiet",
];

/// Returns the command as it was typed, quoted for a shell.
#[cfg(feature = "jobs")]
pub(super) fn again(typed: impl IntoIterator<Item = OsString>) -> String {
    let typed = typed.into_iter().skip(1).map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("reimport".to_owned()).chain(typed).collect::<Vec<_>>().join(" ")
}

/// Returns the command after `check`: the typed words as `reimport convert … -o parts`, followed by `more`.
pub(super) fn convert(typed: impl IntoIterator<Item = OsString>, more: &str) -> String {
    let mut words = vec!["reimport".to_owned(), "convert".to_owned()];
    words.extend(typed_words(typed, "check").into_iter().filter_map(|word| word.unless(&REPORT)));
    if !more.is_empty() {
        words.push(more.to_owned());
    }
    // With `--like`, the folder of the earlier conversion is often called `parts`.
    let is_like = words.iter().any(|word| word.starts_with("--like "));
    let output = unused(Path::new(if is_like { "new-parts" } else { "parts" }));
    words.push(format!("-o {}", output.display()));
    words.join(" ")
}

/// Returns the command after `convert`: the same conversion for its rejected records, after they are fixed. Uses
/// `--like parts` instead of the options that the manifest in `parts` records, if that makes the command shorter.
pub(super) fn convert_again(
    typed: impl IntoIterator<Item = OsString>,
    rejected: &Path,
    output: &Path,
    parts: Option<&Path>,
) -> String {
    let mut words = vec!["reimport".to_owned(), "convert".to_owned(), quoted(&rejected.to_string_lossy())];
    let options: Vec<Word> =
        typed_words(typed, "convert").into_iter().filter(|word| !matches!(word, Word::Value(_))).collect();
    let (recorded, other): (Vec<Word>, Vec<Word>) = options.iter().cloned().partition(Word::is_recorded);
    let all: Vec<String> = options.into_iter().filter_map(|word| word.unless(&OF_ONE_RUN)).collect();
    let like = parts.filter(|_| !recorded.is_empty()).map(|parts| {
        let like = format!("--like {}", quoted(&parts.to_string_lossy()));
        let other = other.into_iter().filter_map(|word| word.unless(&OF_ONE_RUN));
        std::iter::once(like).chain(other).collect::<Vec<_>>()
    });
    let length = |words: &[String]| words.iter().map(|word| word.len() + 1).sum::<usize>();
    words.extend(like.filter(|like| length(like) < length(&all)).unwrap_or(all));
    words.push(format!("-o {}", quoted(&unused(&fixed(output)).to_string_lossy())));
    words.join(" ")
}

/// Returns how to correct users by hand in parts that `retry` wrote: the files to edit, and the command that writes new
/// parts from them. An upload refuses parts that were edited.
pub(super) fn correct(output: &Path, published: &PublishedParts) -> Vec<Fix> {
    let update = published.manifest.options.get("for").is_some_and(|value| value == "update");
    let options = if update { " --for update" } else { "" };
    let fixed = unused(&fixed(output));
    let fix = |folder: &Path, parts: u64, output: &Path| {
        let file = if parts == 1 { "users-00001.json" } else { "users-*.json" };
        let folder = folder.display().to_string();
        let command = format!(
            "reimport convert {}/{file}{options} -o {}",
            quoted(&folder),
            quoted(&output.display().to_string())
        );
        Fix { file: format!("{folder}/{file}"), command }
    };
    let manifest = &published.manifest;
    if manifest.connections.is_empty() {
        return vec![fix(output, manifest.parts.len() as u64, &fixed)];
    }
    let filled = manifest.connections.iter().filter(|each| each.users > 0);
    let each = filled.map(|each| {
        fix(&output.join(&each.folder), each.parts, &with_suffix(&fixed, &format!("-{}", each.folder)))
    });
    each.collect()
}

/// Returns the command after `verify` without an output: the same comparison with a folder to write. `None` if the
/// export came from standard input.
pub(super) fn verify_again(parts: &[PathBuf], new: &Path) -> Option<String> {
    if super::inputs::is_stdio(new) {
        return None;
    }
    let files: Vec<String> =
        parts.iter().map(PathBuf::as_path).chain([new]).map(|path| quoted(&path.to_string_lossy())).collect();
    Some(format!("reimport verify {} -o {}", files.join(" "), unused(Path::new("check")).display()))
}

/// Returns a name that does not exist yet: `parts`, `parts-2`, `parts-3`…
fn unused(output: &Path) -> PathBuf {
    let is_unused = |path: &PathBuf| path.symlink_metadata().is_err();
    let numbered = (2..100).map(|number| with_suffix(output, &format!("-{number}")));
    std::iter::once(output.to_owned()).chain(numbered).find(is_unused).unwrap_or_else(|| output.to_owned())
}

/// Returns the name of the next output: `parts-fixed` for `parts`, `users-fixed.json` for `users.json`. A name that has
/// the suffix, with or without a number, does not get it again.
fn fixed(output: &Path) -> PathBuf {
    const SUFFIX: &str = "-fixed";
    let (stem, _) = divided(output);
    // Standard output, `.` and `..` have no name to extend.
    if stem.is_empty() || stem == "-" {
        return output.with_file_name("fixed.json");
    }
    let base = stem.trim_end_matches(|char: char| char.is_ascii_digit());
    let base = base.strip_suffix('-').filter(|_| base.len() < stem.len()).unwrap_or(&stem);
    if base.ends_with(SUFFIX) {
        let (_, end) = divided(output);
        return output.with_file_name(format!("{base}{end}"));
    }
    with_suffix(output, SUFFIX)
}

/// Returns the path with a suffix before the `.json` of its name, or at the end of its name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let (stem, end) = divided(path);
    path.with_file_name(format!("{stem}{suffix}{end}"))
}

/// Divides the name of an output before its `.json`. A folder has no file extension: `v1.2` is one name.
fn divided(path: &Path) -> (String, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let json =
        path.extension().filter(|_| setup::is_json(path)).map(|end| format!(".{}", end.to_string_lossy()));
    let end = json.unwrap_or_default();
    (name[..name.len() - end.len()].to_owned(), end)
}

/// A word that was typed after the name of the subcommand.
#[derive(Clone)]
enum Word {
    Value(String),
    /// An option: its long name, and the option as it was typed.
    Option {
        name: String,
        typed: String,
    },
}

impl Word {
    /// Whether a manifest records the value of the option, so that `--like` can replace it. Options that name files are
    /// not included.
    fn is_recorded(&self) -> bool {
        const LIKE: [&str; 2] = ["like", "without"];
        let Self::Option { name, .. } = self else { return false };
        !RecordedOptions::FILES.contains(&&**name)
            && (LIKE.contains(&&**name) || RecordedOptions::names().any(|known| known == *name))
    }

    /// Returns the word as a shell reads it, unless it is one of these options.
    fn unless(self, options: &[&str]) -> Option<String> {
        match self {
            Self::Value(value) => Some(quoted(&value)),
            Self::Option { name, typed } => (!options.contains(&&*name)).then_some(typed),
        }
    }
}

/// Splits the words after `subcommand` into values and options, in the way of clap.
fn typed_words(typed: impl IntoIterator<Item = OsString>, subcommand: &str) -> Vec<Word> {
    let command = Cli::command();
    let arguments = command.find_subcommand(subcommand).into_iter().flat_map(clap::Command::get_arguments);
    let arguments: Vec<&clap::Arg> = arguments.collect();
    let long = |name: &str| arguments.iter().find(|argument| argument.get_long() == Some(name));
    let short = |char| arguments.iter().find(|argument| argument.get_short() == Some(char));
    let takes_value = |argument: &&&clap::Arg| argument.get_action().takes_values();
    let mut typed = typed.into_iter().map(|word| word.to_string_lossy().into_owned());
    let mut words = Vec::new();
    typed.by_ref().find(|word| word == subcommand);
    while let Some(word) = typed.next() {
        if word == "--" {
            words.extend(typed.by_ref().map(Word::Value));
        } else if let Some(name) = word.strip_prefix("--") {
            let (name, value) =
                name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            let value = match value {
                Some(value) => Some(value.to_owned()),
                None => long(name).filter(takes_value).and_then(|_| typed.next()),
            };
            let value = value.map(|value| format!(" {}", quoted(&value))).unwrap_or_default();
            words.push(Word::Option { name: name.to_owned(), typed: format!("--{name}{value}") });
        } else if word.len() > 1 && word.starts_with('-') {
            let mut chars = word.chars();
            chars.next();
            while let Some(char) = chars.next() {
                let argument = short(char);
                let value = argument.filter(takes_value).and_then(|_| match chars.as_str() {
                    "" => typed.next(),
                    attached => Some(attached.strip_prefix('=').unwrap_or(attached).to_owned()),
                });
                let name = argument.and_then(|argument| argument.get_long()).unwrap_or_default().to_owned();
                let is_last = value.is_some();
                let value = value.map(|value| format!(" {}", quoted(&value))).unwrap_or_default();
                words.push(Word::Option { name, typed: format!("-{char}{value}") });
                if is_last {
                    break;
                }
            }
        } else {
            words.push(Word::Value(word));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns words; `_` is a space inside a word.
    fn typed(words: &str) -> impl Iterator<Item = OsString> {
        words.split(' ').map(|word| word.replace('_', " ").into())
    }

    #[test]
    fn convert_keeps_options_of_check_except_report_options() {
        for (words, expected) in [
            (
                "/bin/reimport check a.json --html r.html --examples -q --drop x --progress=never",
                "reimport convert a.json --drop x -o parts",
            ),
            ("reimport check --html=r.html my_export.json", "reimport convert 'my export.json' -o parts"),
            ("reimport check check --limit 3", "reimport convert check --limit 3 -o parts"),
            ("reimport check a --like parts", "reimport convert a --like parts -o new-parts"),
        ] {
            assert_eq!(convert(typed(words), ""), expected);
        }
        assert_eq!(
            convert(typed("reimport check a"), "--by-connection"),
            "reimport convert a --by-connection -o parts"
        );
    }

    #[test]
    fn fixed_rejects_are_converted_with_the_same_rules() {
        for (words, output, expected) in [
            (
                "reimport convert a.csv b.csv -o parts --passwords h_1.json --where=a_=_b --limit 7 --csv-dialect plain",
                "parts",
                "reimport convert parts/rejected.ndjson --passwords 'h 1.json' --where 'a = b' -o parts-fixed",
            ),
            (
                "reimport convert -qoout/users.json --by-connection -- -odd.json",
                "out/users.json",
                "reimport convert parts/rejected.ndjson --by-connection -o out/users-fixed.json",
            ),
            ("reimport convert - -o -", "-", "reimport convert parts/rejected.ndjson -o fixed.json"),
            ("reimport convert a -o v1.2", "v1.2", "reimport convert parts/rejected.ndjson -o v1.2-fixed"),
        ] {
            let command =
                convert_again(typed(words), Path::new("parts/rejected.ndjson"), Path::new(output), None);
            assert_eq!(command, expected);
        }
    }

    #[test]
    fn name_of_a_fixed_output_gets_its_suffix_once() {
        for (output, expected) in [
            ("parts", "parts-fixed"),
            ("out/v1.2", "out/v1.2-fixed"),
            ("users.json", "users-fixed.json"),
            ("parts-fixed", "parts-fixed"),
            ("out/parts-fixed-2", "out/parts-fixed"),
            ("users-fixed-12.json", "users-fixed.json"),
            ("parts-2", "parts-2-fixed"),
            ("-fixed2", "-fixed2-fixed"),
            ("-", "fixed.json"),
            ("..", "../fixed.json"),
        ] {
            assert_eq!(fixed(Path::new(output)), Path::new(expected), "{output}");
        }
    }

    #[test]
    fn an_existing_name_gets_a_number_before_its_extension() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        for name in ["users.json", "users-2.json", "v1.2"] {
            std::fs::write(path(name), "").unwrap();
        }
        for (output, expected) in [("users.json", "users-3.json"), ("v1.2", "v1.2-2"), ("new", "new")] {
            assert_eq!(unused(&path(output)), path(expected));
        }
    }

    #[test]
    fn uses_like_when_the_command_is_shorter() {
        for (words, parts, expected) in [
            (
                "reimport convert a -o new --linked promote --passwords h --where a_=_b --threads 2 --not-ids=n",
                "new",
                "reimport convert new/rejected.ndjson --like new --passwords h --threads 2 --not-ids n -o new-fixed",
            ),
            (
                "reimport convert a -o new --like parts --without where,passwords --rules import",
                "my parts",
                "reimport convert new/rejected.ndjson --like 'my parts' -o new-fixed",
            ),
            (
                "reimport convert a -o new --like parts --mfa-secrets s",
                "a-longer-name",
                "reimport convert new/rejected.ndjson --like parts --mfa-secrets s -o new-fixed",
            ),
            (
                "reimport convert a -o new --drop a.b",
                "new",
                "reimport convert new/rejected.ndjson --drop a.b -o new-fixed",
            ),
            (
                "reimport convert a -o new --limit 7 --csv-types infer --max-reject-bytes 1GiB",
                "new",
                "reimport convert new/rejected.ndjson --max-reject-bytes 1GiB -o new-fixed",
            ),
        ] {
            let (rejected, output) = (Path::new("new/rejected.ndjson"), Path::new("new"));
            assert_eq!(convert_again(typed(words), rejected, output, Some(Path::new(parts))), expected);
        }
    }
}
