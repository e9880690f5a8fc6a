//! Reduces codes and paths of error lists to forms that cannot hold a value of a user.

use crate::user::property::Property;

/// The maximum length of a code, and of a step of a path.
const LONGEST: usize = 60;

/// Returns a code as the list spells it, if it is one word.
pub(super) fn code(code: &str) -> Option<&str> {
    is_word(code).then_some(code)
}

/// Returns a path that contains only names of the import schema and of what is nested in them. `app_metadata.*` means
/// all paths in metadata, `*` for a property that is not known.
pub(super) fn path(path: &str) -> Option<String> {
    let mut steps = path.split(['.', '/', '[', '#']).map(|step| step.trim_end_matches(']'));
    let first = steps.find(|step| !step.is_empty())?;
    if Property::named(first).is_none() {
        return Some("*".to_owned());
    }
    let mut plain = first.to_owned();
    for step in steps.filter(|step| !step.is_empty()) {
        if first.ends_with("_metadata") || !is_word(step) {
            plain.push_str(".*");
            break;
        }
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            plain.extend(["[", step, "]"]);
        } else {
            plain.extend([".", step]);
        }
    }
    Some(plain)
}

fn is_word(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_code_is_one_word() {
        for (text, plain) in [
            ("INVALID_FORMAT", Some("INVALID_FORMAT")),
            ("too_new", Some("too_new")),
            ("", None),
            ("ada@example.com", None),
            ("two words", None),
            (&"X".repeat(61), None),
        ] {
            assert_eq!(code(text), plain, "{text}");
        }
    }

    #[test]
    fn printable_path_hides_names_chosen_by_users() {
        for (text, plain) in [
            ("email", Some("email")),
            ("#/email", Some("email")),
            ("identities[0].profileData.email", Some("identities[0].profileData.email")),
            ("mfa_factors/1/totp/secret", Some("mfa_factors[1].totp.secret")),
            ("user_metadata.ada.quill", Some("user_metadata.*")),
            ("user_metadata[\"ada@example.com\"]", Some("user_metadata.*")),
            ("user_metadata", Some("user_metadata")),
            ("custom_password_hash.ada@example.com", Some("custom_password_hash.*")),
            ("ada@example.com", Some("*")),
            ("", None),
            ("#/", None),
        ] {
            assert_eq!(path(text).as_deref(), plain, "{text}");
        }
    }
}
