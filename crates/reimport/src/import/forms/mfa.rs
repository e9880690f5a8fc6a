//! Checks `mfa_factors`: one to ten factors, each with one of totp, phone and email. Fixes TOTP secrets if that is
//! safe.

use std::borrow::Cow;

use super::types::Members;
use super::types::{expect_kind, expect_string};
use super::{email, phone};
use crate::json::{Kind, Scanner, SyntaxError, Value, compact_into, escape_into};
use crate::run::Problem;
use crate::user::names;

const ROOT: &str = "mfa_factors";
const MAX_FACTORS: usize = 10;

/// What [`check`] finds in addition to problems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// The number of secrets that [`rewrite`] has to fix.
    pub(crate) fixes: usize,
    /// The [`TotpSecret::warning`] of a secret, if there is one.
    pub(crate) warning: Option<&'static str>,
}

/// Checks a whole `mfa_factors`, as it will be after [`rewrite`].
pub(crate) fn check(value: Value<'_>, problems: &mut Vec<Problem>) -> Secrets {
    let mut secrets = Secrets::default();
    if !expect_kind(value, Kind::Array, ROOT, problems) {
        return secrets;
    }
    let mut count = 0;
    let mut scanner = Scanner::new(value.json());
    if scanner.enter_array().is_ok() {
        while let Ok(true) = scanner.item() {
            let Ok(factor) = scanner.value() else { break };
            check_factor(factor, count, &mut secrets, problems);
            count += 1;
        }
    }
    if count == 0 || count > MAX_FACTORS {
        problems.push(Problem::new(
            names::MFA_COUNT,
            ROOT,
            format!("expected 1 to {MAX_FACTORS} factors, but found {count}"),
        ));
    }
    secrets
}

fn check_factor(factor: Value<'_>, place: usize, secrets: &mut Secrets, problems: &mut Vec<Problem>) {
    let mut broken = Vec::new();
    check_factor_alone(factor, secrets, &mut broken);
    // The path is only built for a broken factor.
    problems.extend(
        broken
            .into_iter()
            .map(|problem| Problem { path: format!("{ROOT}[{place}]{}", problem.path), ..problem }),
    );
}

/// Checks one factor. Paths are relative to it.
fn check_factor_alone(factor: Value<'_>, secrets: &mut Secrets, problems: &mut Vec<Problem>) {
    if !expect_kind(factor, Kind::Object, "", problems) {
        return;
    }
    let members = Members::of(factor, ["totp", "phone", "email"]);
    let [totp, phone_number, address] = members.slots;
    let kinds = members.slots.iter().flatten().count();
    if members.others > 0 || kinds > 1 {
        problems.push(Problem::new(
            names::MFA_ONE_KIND,
            "",
            if members.others > 0 {
                "expected one of totp, phone and email, but found another property"
            } else {
                "expected one of totp, phone and email, but found more than one"
            },
        ));
    } else if kinds == 0 {
        problems.push(Problem::new(
            names::MFA_EMPTY,
            "",
            "expected one of totp, phone and email, but found an empty object",
        ));
    }
    if let Some(value) = only_member(phone_number, "value", ".phone", ".phone.value", ".phone.*", problems) {
        phone::check(value, ".phone.value", problems);
    }
    if let Some(value) = only_member(address, "value", ".email", ".email.value", ".email.*", problems) {
        email::check(value, ".email.value", problems);
    }
    if let Some(value) = only_member(totp, "secret", ".totp", ".totp.secret", ".totp.*", problems) {
        check_secret(value, secrets, problems);
    }
}

/// Returns the one member that such an object must have. Pushes a problem if it is missing, and one if there are
/// other members.
fn only_member<'a>(
    object: Option<Value<'a>>,
    name: &str,
    path: &str,
    path_of_member: &str,
    path_of_others: &str,
    problems: &mut Vec<Problem>,
) -> Option<Value<'a>> {
    let object = object?;
    if !expect_kind(object, Kind::Object, path, problems) {
        return None;
    }
    let Members { slots: [member], others } = Members::of(object, [name]);
    if others > 0 {
        problems.push(Problem::new(
            names::UNKNOWN_PROPERTY,
            path_of_others,
            format!("expected only {name}, but found {others} other{}", if others == 1 { "" } else { "s" }),
        ));
    }
    if member.is_none() {
        problems.push(Problem::new(
            names::MISSING_PROPERTY,
            path_of_member,
            "expected this property, but it is missing",
        ));
    }
    member
}

fn check_secret(value: Value<'_>, secrets: &mut Secrets, problems: &mut Vec<Problem>) {
    let Some(text) = expect_string(value, ".totp.secret", problems) else { return };
    match TotpSecret::judge(&text) {
        Some(secret) => {
            secrets.fixes += usize::from(secret.text != text);
            secrets.warning = secrets.warning.or(secret.warning());
        }
        None => problems.push(Problem::new(
            names::TOTP_SECRET,
            ".totp.secret",
            "expected a secret in Base32 (A to Z and 2 to 7), but found another string",
        )),
    }
}

/// A TOTP secret in the form that the importer accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TotpSecret<'a> {
    /// Unpadded Base32; borrowed if it was written so.
    pub(crate) text: Cow<'a, str>,
}

impl<'a> TotpSecret<'a> {
    /// Normalizes `secret`. Returns `None` if it is not Base32.
    pub(crate) fn judge(secret: &'a str) -> Option<Self> {
        let text = normalise_totp(secret);
        (!text.is_empty() && text.bytes().all(is_base32)).then_some(Self { text })
    }

    /// Returns the rule that only warns about the secret, if it applies. No encoder writes Base32 of this length, so
    /// characters are missing or added, and the codes of the user's app are different.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        // A digit has 5 bits. After the last whole byte, an encoder writes fewer than 5 unused bits.
        (self.text.len() * 5 % 8 >= 5).then_some(names::TOTP_SECRET_LENGTH)
    }
}

fn is_base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

/// Returns a TOTP secret in upper case, without white space, dashes and final padding; borrowed if it was written so.
///
/// Does not check that the rest is Base32.
fn normalise_totp(secret: &str) -> Cow<'_, str> {
    if secret.bytes().all(is_base32) {
        return Cow::Borrowed(secret);
    }
    let mut normal: String = secret
        .chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .map(|character| character.to_ascii_uppercase())
        .collect();
    normal.truncate(normal.trim_end_matches('=').len());
    Cow::Owned(normal)
}

/// Appends `mfa_factors` in compact form with every TOTP secret normalized. Returns the number of secrets that this
/// changed.
///
/// Everything else stays as written, and so does a value that is not a list of factors. This is only necessary if
/// [`check`] found something to fix.
pub(crate) fn rewrite(value: Value<'_>, out: &mut Vec<u8>) -> usize {
    let text = value.json();
    let mut scanner = Scanner::new(text);
    let (mut from, mut fixes) = (0, 0);
    // The value was scanned before, so no step can fail. Anything that could not be read would stay as written.
    let _ = each_secret(&mut scanner, |secret, end| {
        let Some(written) = secret.as_str() else { return };
        let normal = normalise_totp(&written);
        if normal != written {
            compact_into(&text[from..end - secret.json().len()], out);
            escape_into(&normal, out);
            from = end;
            fixes += 1;
        }
    });
    compact_into(&text[from..], out);
    fixes
}

/// Calls `visit` with each secret and the offset of its end. The whole value is read with one scanner, because the
/// offsets of a part of it would be relative to the part.
fn each_secret<'a>(
    scanner: &mut Scanner<'a>,
    mut visit: impl FnMut(Value<'a>, usize),
) -> Result<(), SyntaxError> {
    if scanner.kind()? != Kind::Array {
        return Ok(());
    }
    scanner.enter_array()?;
    while scanner.item()? {
        if scanner.kind()? != Kind::Object {
            scanner.value()?;
            continue;
        }
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            if !name.is("totp") || scanner.kind()? != Kind::Object {
                scanner.value()?;
                continue;
            }
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                let secret = scanner.value()?;
                if name.is("secret") {
                    visit(secret, scanner.offset());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn broken(text: &str) -> (Vec<(String, &'static str)>, usize) {
        let mut problems = Vec::new();
        let Secrets { fixes, .. } = check(Scanner::new(text).value().unwrap(), &mut problems);
        (problems.into_iter().map(|problem| (problem.path, problem.rule)).collect(), fixes)
    }

    #[test]
    fn factors_are_checked_individually_and_together() {
        type Expected = [(&'static str, &'static str)];
        let table: &[(&str, &Expected, usize)] = &[
            (r#"[{"totp":{"secret":"JBSWY3DPEHPK3PXP"}},{"phone":{"value":"+1"}}]"#, &[], 0),
            (r#"[{"email":{"value":"a@b.example"}}]"#, &[], 0),
            (r#"[{"totp":{"secret":"jbsw y3dp-ehpk 3pxp===="}}]"#, &[], 1),
            (r#"[{"totp":{"secret":"JBSW1"}}]"#, &[("mfa_factors[0].totp.secret", "totp-secret")], 0),
            (r#"[{"totp":{"secret":" - ="}}]"#, &[("mfa_factors[0].totp.secret", "totp-secret")], 0),
            (r#"[{"totp":{"secret":"JB=SW"}}]"#, &[("mfa_factors[0].totp.secret", "totp-secret")], 0),
            (r#"[{"totp":{}}]"#, &[("mfa_factors[0].totp.secret", "missing-property")], 0),
            (r"[]", &[("mfa_factors", "mfa-count")], 0),
            (r"{}", &[("mfa_factors", "wrong-type")], 0),
            (r"[{}]", &[("mfa_factors[0]", "mfa-empty")], 0),
            (r"[7]", &[("mfa_factors[0]", "wrong-type")], 0),
            (
                r#"[{"phone":{"value":"+1"},"email":{"value":"a@b.example"}}]"#,
                &[("mfa_factors[0]", "mfa-one-kind")],
                0,
            ),
            (r#"[{"recovery":{}}]"#, &[("mfa_factors[0]", "mfa-one-kind")], 0),
            (
                r#"[{"phone":{"value":"555","verified":true}},{"email":{"value":"a@"}},{"phone":7}]"#,
                &[
                    ("mfa_factors[0].phone.*", "unknown-property"),
                    ("mfa_factors[0].phone.value", "invalid-phone"),
                    ("mfa_factors[1].email.value", "invalid-email"),
                    ("mfa_factors[2].phone", "wrong-type"),
                ],
                0,
            ),
            (r#"[{"phone":7,"phone":{"value":"+1"}}]"#, &[], 0),
        ];
        for (text, expected, fixes) in table {
            let (found, fixed) = broken(text);
            let found: Vec<_> = found.iter().map(|(path, rule)| (&**path, *rule)).collect();
            assert_eq!((found.as_slice(), fixed), (*expected, *fixes), "{text}");
        }
        let eleven = format!("[{}]", [r#"{"phone":{"value":"+1"}}"#; 11].join(","));
        assert_eq!(broken(&eleven).0, [("mfa_factors".to_owned(), "mfa-count")]);
        let ten = format!("[{}]", [r#"{"phone":{"value":"+1"}}"#; 10].join(","));
        assert_eq!(broken(&ten).0, []);
    }

    #[test]
    fn rewriting_changes_only_secrets() {
        for (text, expected, fixes) in [
            (
                r#"[ {"totp": {"secret": "jbsw y3dp=="}}, {"phone":{"value":"+1 a-b"}}, 7, {"totp":[1, 2]} ]"#,
                r#"[{"totp":{"secret":"JBSWY3DP"}},{"phone":{"value":"+1 a-b"}},7,{"totp":[1,2]}]"#,
                1,
            ),
            (r#"[{"t\u006ftp":{"secret":"\u0061b"}},{"totp":{"secret":"AB"}}]"#, "", 1),
            (r#"[{"totp":{"secret":"a\"","secret":"b"}}]"#, r#"[{"totp":{"secret":"A\"","secret":"B"}}]"#, 2),
            (r#"{"totp":{"secret":"ab"}}"#, r#"{"totp":{"secret":"ab"}}"#, 0),
        ] {
            let expected = if expected.is_empty() {
                r#"[{"t\u006ftp":{"secret":"AB"}},{"totp":{"secret":"AB"}}]"#
            } else {
                expected
            };
            let mut out = Vec::new();
            assert_eq!(rewrite(Scanner::new(text).value().unwrap(), &mut out), fixes);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn normalized_secret_is_borrowed() {
        assert!(matches!(normalise_totp("JBSWY3DPEHPK3PXP"), Cow::Borrowed(_)));
        assert_eq!(normalise_totp("ab\u{a0}c-2=="), "ABC2");
    }

    #[test]
    fn secret_of_impossible_length_is_a_warning() {
        let warning = |text: &str| {
            let mut problems = Vec::new();
            let found = check(Scanner::new(text).value().unwrap(), &mut problems);
            assert_eq!(problems, [], "{text}");
            found.warning
        };
        let bad = Some("totp-secret-length");
        for (text, expected) in [
            (r#"[{"totp":{"secret":"JBSWY3DPEHPK3PXP"}}]"#, None),
            (r#"[{"totp":{"secret":"JBSWY3DPEHPK3PX"}}]"#, None),
            (r#"[{"totp":{"secret":"JBSWY3DPEHPK3P"}}]"#, bad),
            (r#"[{"totp":{"secret":"jbsw y3dp-ehpk 3p"}}]"#, bad),
            (
                r#"[{"phone":{"value":"+1"}},{"totp":{"secret":"JBSWY3DPE"}},{"totp":{"secret":"JBSWY3DP"}}]"#,
                bad,
            ),
            (r#"[{"email":{"value":"a@b.example"}}]"#, None),
        ] {
            assert_eq!(warning(text), expected, "{text}");
        }
    }

    proptest! {
        /// Every length of a correct encoding is accepted, and the lengths between two such lengths cause a warning.
        #[test]
        fn only_lengths_of_an_encoder_pass(bytes in 1_usize..40) {
            let encoded = "A".repeat((bytes * 8).div_ceil(5));
            let next = "A".repeat(((bytes + 1) * 8).div_ceil(5));
            prop_assert_eq!(TotpSecret::judge(&encoded).unwrap().warning(), None);
            for length in encoded.len() + 1..next.len() {
                let between = "A".repeat(length);
                prop_assert_eq!(TotpSecret::judge(&between).unwrap().warning(), Some("totp-secret-length"));
            }
        }

        #[test]
        fn normalizing_is_idempotent(secret in "[A-Za-z2-7 =é-]{0,20}") {
            let once = normalise_totp(&secret).into_owned();
            prop_assert_eq!(&*normalise_totp(&once), &*once);
        }

        #[test]
        fn rewritten_factors_need_no_fix(secrets in prop::collection::vec("[A-Za-z2-7 =\\-]{1,12}", 1..5)) {
            let factors: Vec<_> =
                secrets.iter().map(|secret| format!("{{\"totp\": {{\"secret\":\"{secret}\"}}}}")).collect();
            let text = format!("[{}]", factors.join(", "));
            let value = Scanner::new(&text).value().unwrap();
            let mut problems = Vec::new();
            let announced = check(value, &mut problems);
            let mut out = Vec::new();
            let fixes = rewrite(value, &mut out);
            let after = String::from_utf8(out).unwrap();
            let after = Scanner::new(&after).value().unwrap();
            let mut problems_after = Vec::new();
            prop_assert_eq!(check(after, &mut problems_after), Secrets { fixes: 0, ..announced });
            prop_assert_eq!(rewrite(after, &mut Vec::new()), 0);
            prop_assert_eq!(&problems_after, &problems);
            if problems.is_empty() {
                prop_assert_eq!(announced.fixes, fixes);
            }
        }
    }
}
