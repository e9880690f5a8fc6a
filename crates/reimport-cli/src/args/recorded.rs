//! The options that shape an output: recorded in its manifest, and taken from it by `--like`.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::common::{EditArgs, JoinArgs, ReadArgs, RulesArgs, RunArgs};
use super::convert::PartArgs;
use super::filter::FilterArgs;

/// The options of a conversion that shape its output: the member `options` of a manifest.
///
/// Each member has the name of its option, with `_` for `-`, and a value as the option takes it. No value is a path, a
/// time or a secret: of an option that names files, it says only whether the option was given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that has no value of its own in a manifest"
)]
pub(crate) struct RecordedOptions {
    input_format: Option<String>,
    delimiter: Option<String>,
    csv_dialect: Option<String>,
    csv_types: Option<String>,
    user_ids: Option<String>,
    max_record_bytes: Option<u64>,
    limit: Option<u64>,
    max_rejected: Option<String>,
    r#where: Vec<String>,
    where_not: Vec<String>,
    ids: bool,
    not_ids: bool,
    connection: Vec<String>,
    by_connection: bool,
    merge_connections: bool,
    rules: Option<String>,
    unknown: Option<String>,
    r#move: Vec<String>,
    drop: Vec<String>,
    set: Vec<String>,
    require: Vec<String>,
    unique: Vec<String>,
    no_duplicate_check: bool,
    r#for: Option<String>,
    metadata: Option<String>,
    linked: Option<String>,
    passwords: bool,
    passwords_by: Option<String>,
    stale_passwords: Option<String>,
    mfa_secrets: bool,
    max_part_bytes: Option<u64>,
    max_part_users: Option<u64>,
}

/// What is wrong with the member `options` of a manifest, and the name of the option.
#[derive(Debug, PartialEq)]
pub(crate) enum WrongOption<'m> {
    /// This version has no such option.
    Unknown(&'m str),
    /// The value has another type.
    Type(&'m str),
}

impl RecordedOptions {
    /// Options that name files. The manifest says whether they were given, but cannot restore them.
    pub(crate) const FILES: [&str; 4] = ["ids", "not-ids", "passwords", "mfa-secrets"];

    /// The options that were given, and the defaults of the others.
    pub(crate) fn of(read: &ReadArgs, parts: &PartArgs, rules: &RulesArgs, run: &RunArgs) -> Self {
        // Without `..`, a new option does not compile before it is recorded here, or ignored by name.
        let ReadArgs {
            exports: _,
            input_format,
            delimiter,
            csv_dialect,
            csv_types,
            user_ids,
            max_record_bytes,
        } = read;
        let RunArgs { limit, max_rejected, threads: _, filter } = run;
        let FilterArgs { conditions, not_conditions, ids, not_ids } = filter;
        let PartArgs { by_connection, max_part_bytes, max_part_users } = parts;
        let RulesArgs {
            rules,
            unknown,
            edits,
            require,
            unique,
            no_duplicate_check,
            join,
            linked,
            purpose,
            metadata,
            connections,
            merge_connections,
        } = rules;
        let JoinArgs { passwords, passwords_by, stale_passwords, mfa_secrets } = join;
        let EditArgs { moves, drops, sets } = edits;
        Self {
            input_format: input_format.as_ref().and_then(value),
            delimiter: delimiter.map(delimiter_value),
            csv_dialect: csv_dialect.as_ref().and_then(value),
            csv_types: value(csv_types),
            user_ids: user_ids.as_ref().and_then(value),
            max_record_bytes: Some(max_record_bytes.0),
            limit: *limit,
            max_rejected: max_rejected.as_ref().map(ToString::to_string),
            r#where: conditions.iter().map(ToString::to_string).collect(),
            where_not: not_conditions.iter().map(ToString::to_string).collect(),
            ids: !ids.is_empty(),
            not_ids: !not_ids.is_empty(),
            connection: connections.clone(),
            by_connection: *by_connection,
            merge_connections: *merge_connections,
            rules: value(rules),
            unknown: value(unknown),
            r#move: moves.iter().map(|(from, to)| format!("{from}={to}")).collect(),
            drop: drops.iter().map(ToString::to_string).collect(),
            set: sets.iter().map(|(path, json)| format!("{path}={json}")).collect(),
            require: require.iter().filter_map(value).collect(),
            unique: unique.iter().filter_map(value).collect(),
            no_duplicate_check: *no_duplicate_check,
            r#for: value(purpose),
            metadata: value(metadata),
            linked: value(linked),
            passwords: !passwords.is_empty(),
            passwords_by: value(passwords_by),
            stale_passwords: value(stale_passwords),
            mfa_secrets: !mfa_secrets.is_empty(),
            max_part_bytes: Some(max_part_bytes.0),
            max_part_users: *max_part_users,
        }
    }

    /// Reads the member `options` of a manifest.
    ///
    /// # Errors
    /// The first option that is unknown, or whose value has another type.
    pub(crate) fn from_manifest(options: &BTreeMap<String, Value>) -> Result<Self, WrongOption<'_>> {
        for (name, value) in options {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if Self::names().all(|known| member(&known) != *name) {
                return Err(WrongOption::Unknown(name));
            }
            if !is_set(value) || serde_json::from_value::<Self>(alone.into()).is_err() {
                return Err(WrongOption::Type(name));
            }
        }
        let all = options.clone().into_iter().collect::<Map<_, _>>();
        // Each member was read by itself, so that all of them can be read.
        Ok(serde_json::from_value(all.into()).unwrap_or_default())
    }

    /// The member `options` of a manifest: without the options that have no value.
    pub(crate) fn to_manifest(&self) -> BTreeMap<String, Value> {
        self.members().into_iter().filter(|(_, value)| is_set(value)).collect()
    }

    /// The names of all options that are recorded, as they are typed.
    pub(crate) fn names() -> impl Iterator<Item = String> {
        Self::default().members().into_iter().map(|(name, _)| name.replace('_', "-"))
    }

    /// Whether these are the options of a conversion, which always records its rules.
    pub(crate) fn is_of_conversion(&self) -> bool {
        self.rules.is_some()
    }

    fn members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            // A struct is serialized as an object.
            _ => Map::new(),
        }
    }
}

/// The member of an option.
pub(crate) fn member(option: &str) -> String {
    option.replace('-', "_")
}

/// Whether an option has a value, so that it is recorded.
fn is_set(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
}

/// A choice as it is typed.
fn value(choice: &impl ValueEnum) -> Option<String> {
    choice.to_possible_value().map(|value| value.get_name().to_owned())
}

/// A delimiter as it is typed: one ASCII character.
fn delimiter_value(byte: u8) -> String {
    if byte == b'\t' { "tab".to_owned() } else { char::from(byte).to_string() }
}

#[cfg(test)]
pub(crate) mod tests;
