//! `--like PARTS`: uses the options of an earlier conversion, from its manifest.
//!
//! The recorded options are inserted into the command line before the typed words, so each value is parsed as a typed
//! one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{anyhow, bail, ensure};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser as _};
use reimport::parts_folder::{Manifest, read_manifest};
use serde_json::Value;

use crate::args::{Cli, Command, LikeArgs, RecordedOptions, WrongOption, member};
use crate::report::quoted;
use crate::style::{labelled_line, write_stderr};

/// Options that are not used again, each with the reason.
const OF_ONE_RUN: [(&str, &str); 2] =
    [("limit", "only for that run"), ("input-format", "only for that input")];

/// Options that are refused without another option.
const DEPENDENT: [(&str, &str); 2] = [("passwords-by", "passwords"), ("stale-passwords", "passwords")];

/// Returns the arguments of `subcommand` with the recorded options of `--like`, or `None` without `--like`. Prints the
/// used options, unless `quiet`.
///
/// # Errors
/// If the manifest cannot be read, does not record the options of a conversion, records an unknown option, or records
/// an option with files that must be given again.
pub(super) fn complete<A: FromArgMatches>(
    like: &LikeArgs,
    subcommand: &str,
    quiet: bool,
) -> anyhow::Result<Option<A>> {
    let Some(folder) = &like.like else { return Ok(None) };
    let typed: Vec<OsString> = std::env::args_os().collect();
    let taken = Taken::new(folder, &recorded(folder)?, &like.without, &typed, subcommand)?;
    let lines = taken.lines(folder);
    let matches = Cli::command()
        .try_get_matches_from(taken.before(typed, subcommand))
        .map_err(|error| refused_value(folder, &error))?;
    if !quiet {
        for (label, words) in &lines {
            write_stderr(&labelled_line(label, words));
        }
    }
    let matches = matches.subcommand_matches(subcommand);
    matches.map(|matches| Ok(A::from_arg_matches(matches)?)).transpose()
}

/// Reads the options that the manifest of a folder records.
fn recorded(folder: &Path) -> anyhow::Result<RecordedOptions> {
    let shown = folder.display();
    ensure!(!folder.is_file(), "--like {shown}: expected the folder of parts, but this is a file");
    let manifest = read_manifest(folder)?;
    ensure!(
        manifest.version == Manifest::VERSION,
        "{shown}/manifest.json has version {}, but this program supports version {}",
        manifest.version,
        Manifest::VERSION
    );
    let recorded = RecordedOptions::from_manifest(&manifest.options).map_err(|wrong| match wrong {
        WrongOption::Unknown(name) => anyhow!(
            "{shown}/manifest.json records the option `{}`, which this version of reimport does not know; use the \
             version that wrote it, or give the options without --like",
            name.chars().take(60).collect::<String>()
        ),
        WrongOption::Type(name) => wrong_value(folder, name),
    })?;
    ensure!(
        recorded.is_of_conversion(),
        "--like {shown}: its manifest does not record the options of a conversion; name a folder that reimport convert \
         has written"
    );
    Ok(recorded)
}

/// Returns the error for an option with an invalid value. It does not contain the value.
fn wrong_value(folder: &Path, name: &str) -> anyhow::Error {
    anyhow!(
        "{}/manifest.json: the value of the option `{}` is not one that reimport convert writes; give the options \
         without --like",
        folder.display(),
        member(name)
    )
}

/// Returns the error for recorded options that clap refuses. The typed words alone are valid.
fn refused_value(folder: &Path, error: &clap::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::ArgumentConflict {
        return anyhow!(
            "{}/manifest.json records options that cannot be used together; give the options without --like",
            folder.display()
        );
    }
    let name = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(usage)) => usage.split_whitespace().next(),
        _ => None,
    };
    wrong_value(folder, name.unwrap_or_default().trim_start_matches('-'))
}

/// Recorded options that are used, and those that are not.
#[derive(Debug, Default)]
struct Taken {
    /// The words of each option, for example `--require` and `email`.
    words: Vec<(String, Option<String>)>,
    /// Recorded options that are not used, as they are typed, with the reason.
    left: Vec<String>,
}

impl Taken {
    fn new(
        folder: &Path,
        recorded: &RecordedOptions,
        without: &[String],
        typed: &[OsString],
        subcommand: &str,
    ) -> anyhow::Result<Self> {
        let mut cli = Cli::command();
        cli.build();
        let matches = cli.clone().try_get_matches_from(typed)?;
        let matches = matches.subcommand_matches(subcommand);
        let command = cli.find_subcommand(subcommand);
        let (Some(matches), Some(command)) = (matches, command) else { return Ok(Self::default()) };
        let is_given = |arg: &Arg| is_given(matches, arg);
        let long = |name: &str| command.get_arguments().find(|arg| arg.get_long() == Some(name));
        let conflict = |arg: &Arg| {
            command
                .get_arguments()
                .find(|other| is_given(other) && conflicts(command, arg, other))?
                .get_long()
        };
        let (defaults, recorded) = (defaults()?, recorded.to_manifest());
        let (mut taken, mut missing) = (Self::default(), Vec::new());
        for name in RecordedOptions::names() {
            let Some(arg) = long(&name) else { continue };
            let is_without = without.contains(&name);
            ensure!(
                !is_without || !is_given(arg),
                "--without {name} and --{name} are both given; leave one of them out"
            );
            let member = member(&name);
            let Some(value) = recorded.get(&member).filter(|value| defaults.get(&member) != Some(value))
            else {
                continue;
            };
            if is_without {
                continue;
            }
            if RecordedOptions::FILES.contains(&&*name) {
                if !is_given(arg) {
                    missing.push(name);
                }
                continue;
            }
            let reason = if let Some((_, reason)) = OF_ONE_RUN.iter().find(|(once, _)| *once == name) {
                Some((*reason).to_owned())
            } else if is_given(arg) {
                Some("given".to_owned())
            } else if let Some(other) = conflict(arg) {
                Some(format!("not with --{other}"))
            } else {
                let needed = DEPENDENT.iter().find(|(dependent, _)| *dependent == name);
                let needed = needed.filter(|(_, needed)| !long(needed).is_some_and(is_given));
                needed.map(|(_, needed)| format!("without --{needed}"))
            };
            let words = words(arg, &name, value);
            match reason {
                Some(reason) => taken.left.push(format!("{} ({reason})", shown(&words))),
                None => taken.words.extend(words),
            }
        }
        ensure_complete(folder, &missing)?;
        Ok(taken)
    }

    /// Returns the lines to print, each with its label.
    fn lines(&self, folder: &Path) -> Vec<(&'static str, String)> {
        let taken = match &*self.words {
            [] => "the defaults".to_owned(),
            words => shown(words),
        };
        let mut lines = vec![("like", format!("{}: {taken}", folder.display()))];
        if !self.left.is_empty() {
            lines.push(("", format!("not used: {}", self.left.join(", "))));
        }
        lines
    }

    /// Returns the recorded options followed by the typed words. This order is needed because typed words may end with
    /// values after `--`.
    fn before(&self, typed: Vec<OsString>, subcommand: &str) -> Vec<OsString> {
        let name = typed.iter().skip(1).position(|word| word == subcommand).map_or(1, |at| at + 2);
        let mut words = typed;
        let rest = words.split_off(name.min(words.len()));
        words.extend(self.words.iter().map(|(option, value)| match value {
            Some(value) => format!("{option}={value}").into(),
            None => option.into(),
        }));
        words.extend(rest);
        words
    }
}

/// Returns the options that are recorded for a command line without options.
fn defaults() -> anyhow::Result<BTreeMap<String, Value>> {
    match Cli::try_parse_from(["reimport", "check", "-"])?.command {
        Some(Command::Check(args)) => Ok(args.recorded().to_manifest()),
        _ => bail!("cannot parse a command line without options"),
    }
}

fn is_given(matches: &ArgMatches, arg: &Arg) -> bool {
    matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
}

/// Whether one of two options excludes the other. clap records this only for the option that declares it.
fn conflicts(command: &clap::Command, one: &Arg, other: &Arg) -> bool {
    let excludes = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
    };
    excludes(one, other) || excludes(other, one)
}

/// Returns the words of an option with a recorded value, as they are typed.
fn words(arg: &Arg, name: &str, value: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let option = format!("--{name}");
    match value {
        Value::Bool(_) => vec![(option, None)],
        Value::Array(values) => {
            let values = values.iter().map(text);
            match arg.get_value_delimiter() {
                Some(delimiter) => {
                    let joined = values.collect::<Vec<_>>().join(&delimiter.to_string());
                    vec![(option, Some(joined))]
                }
                None => values.map(|value| (option.clone(), Some(value))).collect(),
            }
        }
        value => vec![(option, Some(text(value)))],
    }
}

/// Returns words as a shell reads them.
fn shown(words: &[(String, Option<String>)]) -> String {
    let each = words.iter().map(|(option, value)| match value {
        // With `=`, a value that begins with `-` is not parsed as an option.
        Some(value) if value.starts_with('-') => format!("{option}={}", quoted(value)),
        Some(value) => format!("{option} {}", quoted(value)),
        None => option.clone(),
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Returns an error if the earlier conversion had options that name files and this one does not.
fn ensure_complete(folder: &Path, missing: &[String]) -> anyhow::Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let options = missing.iter().map(|name| format!("--{name} FILE")).collect::<Vec<_>>().join(" ");
    bail!(
        "--like {}: the conversion had {options}, and a manifest does not record file names; give {} again, or convert \
         without it: --without {}",
        folder.display(),
        if missing.len() == 1 { "it" } else { "them" },
        missing.join(",")
    )
}

#[cfg(test)]
mod tests;
