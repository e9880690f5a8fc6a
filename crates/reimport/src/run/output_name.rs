//! The names of the files and folders that an output folder can hold.

/// How the name of an upload journal begins: a folder that holds one is never replaced.
pub const JOURNAL_PREFIX: &str = "upload-";

/// Whether the name is `users-NNNNN.json`, with five digits or more.
pub(crate) fn is_part(name: &str) -> bool {
    let digits = name.strip_prefix("users-").and_then(|rest| rest.strip_suffix(".json"));
    digits.is_some_and(|digits| digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
