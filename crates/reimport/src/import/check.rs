//! Fixes, checks and renders one user, in a single pass over its properties in record order.

use std::borrow::Cow;

use super::forms::{self, HashForm, MetadataKind, scan_metadata};
use super::passwords::Joined;
use super::rules::{Purpose, Rules};
use super::user::{Predicted, User};
use crate::json::{Kind, Scanner, Span, Value, compact_into, decode, strip_decoded_prefix};
use crate::run::{IdForm, Output, Problem};
use crate::user::Identifier;
use crate::user::property::{IMPORTABLE, Property, Type};
use crate::user::{kinds, names};

/// Buffers of one thread, reused for all its records.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) predicted: Predicted,
    /// The record after its edits.
    pub(super) edited: String,
    /// The record in the form of an export, if its user id is bare.
    pub(super) exported: String,
}

/// The check of one user.
pub(super) struct Check<'c, 'a> {
    pub(super) rules: &'c Rules,
    pub(super) user: &'c User<'a>,
    /// What the joined files have for the user.
    pub(super) joined: Joined<'c>,
    pub(super) problems: &'c mut Vec<Problem>,
}

impl<'a> Check<'_, 'a> {
    /// Renders the user as far as it is valid. Every broken rule becomes a problem.
    pub(super) fn render(mut self, output: &mut Output<'_>) {
        output.info.present = self.user.present;
        output.bytes.push(b'{');
        let start = output.bytes.len();
        let mut run = Run::default();
        // A property that is kept as written may be copied together with its neighbours.
        let copied = self.user.verbatim() & !self.special();
        for (property, value) in self.user.importable() {
            if copied & property.bit() != 0 && value.kind() == KINDS[property.place()] {
                let from = value.start() - before_value(property);
                if !is_certainly_valid(property, value) {
                    self.judge(property, value.of(self.user.text()), output);
                }
                if !run.takes(from, value.end()) {
                    run.write(self.user.text(), start, output);
                    run = Run { from, to: value.end() };
                }
            } else {
                run.write(self.user.text(), start, output);
                run = Run::default();
                self.property(property, value.of(self.user.text()), start, output);
            }
        }
        run.write(self.user.text(), start, output);
        self.join(start, output);
        output.bytes.push(b'}');
        self.whole(start, output);
    }

    /// Checks the user as a whole.
    fn whole(&mut self, start: usize, output: &mut Output<'_>) {
        let present = output.info.present;
        for &identifier in self.rules.required() {
            if present & identifier.property().bit() == 0 || self.is_empty_name(identifier) {
                let (name, what) = (identifier.name(), identifier.words());
                self.problem(names::MISSING_IDENTIFIER, name, format!("expected {what}, but found none"));
            }
        }
        let both = Property::PasswordHash.bit() | Property::CustomPasswordHash.bit();
        if present & both == both && self.rules.purpose == Purpose::Insert {
            let message = "expected one of password_hash and custom_password_hash, but found both";
            self.problem(names::BOTH_PASSWORD_HASHES, "custom_password_hash", message);
        }
        if output.bytes.len() - start > forms::PROFILE_BYTES {
            output.note_warned(names::PROFILE_SIZE, "");
        }
        if self.user.lone_surrogates > 0 {
            output.note_warned(kinds::LONE_SURROGATE, "");
        }
        for (which, findings) in &self.user.metadata {
            if !findings.is_clean() && !self.rules.omit_metadata {
                findings.report(*which, self.problems);
            }
        }
    }

    /// Returns whether an identifier without a format check of its own is present but empty. It then counts as
    /// missing.
    fn is_empty_name(&self, identifier: Identifier) -> bool {
        let prefix = match identifier {
            Identifier::Username => "",
            Identifier::UserId => "auth0|",
            Identifier::Email | Identifier::PhoneNumber => return false,
        };
        let text = self.user.get(identifier.property()).and_then(|value| value.as_str());
        text.is_some_and(|text| text.strip_prefix(prefix).unwrap_or(&text).is_empty())
    }

    fn problem(&mut self, rule: &'static str, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(rule, path, message));
    }

    /// Returns a bit for each property that may be left out, or written in another form.
    fn special(&self) -> u64 {
        self.rules.left_out()
            | Property::UserId.bit()
            | Property::PasswordHash.bit()
            | Property::MfaFactors.bit()
    }

    /// Checks one property and renders it, with its name.
    fn property(&mut self, property: Property, value: Value<'a>, start: usize, output: &mut Output<'_>) {
        let expected = KINDS[property.place()];
        if value.kind() == Kind::Null {
            return output.note_fixed(kinds::NULL_DROPPED, property.name());
        }
        if self.rules.left_out() & property.bit() != 0 {
            return output.note_dropped(property);
        }
        if value.kind() != expected {
            if expected == Kind::Boolean
                && let Some(text @ ("true" | "false")) = value.as_str().as_deref()
            {
                output.note_fixed(kinds::BOOLEAN_TEXT, property.name());
                name(property, start, output);
                output.bytes.extend_from_slice(text.as_bytes());
                return;
            }
            if matches!(property, Property::AppMetadata | Property::UserMetadata)
                && self.json_text(property, value, start, output)
            {
                return;
            }
            forms::expect_kind(value, expected, property.name(), self.problems);
            return;
        }
        match property {
            Property::UserId => return self.user_id(value, start, output),
            Property::PasswordHash => return self.password_hash(value, start, output),
            Property::MfaFactors => return self.mfa_factors(value, start, output),
            _ => self.judge(property, value, output),
        }
        name(property, start, output);
        value.write_compact(output.bytes);
    }

    /// Renders metadata that is a string with the JSON text of an object as that object. Returns `false` if it is not
    /// one.
    fn json_text(
        &mut self,
        property: Property,
        value: Value<'a>,
        start: usize,
        output: &mut Output<'_>,
    ) -> bool {
        let Some(text) = value.as_str() else { return false };
        let which = if property == Property::AppMetadata { MetadataKind::App } else { MetadataKind::User };
        let mut scanner = Scanner::new(&text);
        let Ok((object, findings)) = scan_metadata(&mut scanner, which) else { return false };
        if object.kind() != Kind::Object || scanner.end().is_err() {
            return false;
        }
        if !findings.is_clean() {
            findings.report(which, self.problems);
        }
        output.note_fixed(kinds::JSON_TEXT, property.name());
        name(property, start, output);
        compact_into(&*text, output.bytes);
        true
    }

    /// Checks a property of the right type that is rendered unchanged.
    fn judge(&mut self, property: Property, value: Value<'a>, output: &mut Output<'_>) {
        if property == Property::CustomPasswordHash {
            warn(forms::check_custom_password_hash(value, self.problems), output);
            output.info.password = true;
        } else if value.kind() == Kind::String {
            self.text(property, value, output);
        }
    }

    /// Checks the format of a string, and adds its key if it must be unique.
    fn text(&mut self, property: Property, value: Value<'a>, output: &mut Output<'_>) {
        let Some(text) = value.as_str() else { return };
        match property {
            Property::Email => forms::check_email(value, "email", self.problems),
            Property::PhoneNumber => forms::check_phone(value, "phone_number", self.problems),
            Property::Username if !forms::suits_username(&text) => {
                output.note_warned(names::USERNAME_FORM, "");
            }
            _ => {}
        }
        Self::length(property, &text, output);
        if let Some(identifier) = Identifier::of(property) {
            self.claim(identifier, &text, output);
        }
    }

    fn length(property: Property, text: &str, output: &mut Output<'_>) {
        if forms::suits_any_length(text) {
            return;
        }
        if let Some(longest) = forms::longest(property)
            && !forms::suits_length(text, longest)
        {
            output.note_warned(names::VALUE_LENGTH, property.name());
        }
    }

    fn claim(&self, identifier: Identifier, text: &str, output: &mut Output<'_>) {
        // An empty string is not an identifier, so it may occur twice.
        if self.rules.is_unique(identifier) && !text.is_empty() {
            output.keys.push(self.rules.keys.of(identifier, text));
        }
    }

    /// Renders the id without one leading `auth0|`. The importer adds the strategy itself.
    fn user_id(&mut self, value: Value<'a>, start: usize, output: &mut Output<'_>) {
        let raw = &value.json()[1..value.json().len() - 1];
        let id = strip_decoded_prefix(raw, "auth0|");
        output.info.id = Some(if id.is_some() { IdForm::WithStrategy } else { IdForm::WithoutStrategy });
        let id = id.unwrap_or(raw);
        let decoded = if value.is_escaped() { decode(id) } else { Cow::Borrowed(id) };
        Self::length(Property::UserId, &decoded, output);
        self.claim(Identifier::UserId, &decoded, output);
        name(Property::UserId, start, output);
        output.bytes.push(b'"');
        output.bytes.extend_from_slice(id.as_bytes());
        output.bytes.push(b'"');
    }

    /// Renders the hash. Bcrypt that the service would not produce itself becomes `custom_password_hash`.
    fn password_hash(&mut self, value: Value<'a>, start: usize, output: &mut Output<'_>) {
        output.info.password = true;
        write_hash(value, start, self.problems, output);
    }

    fn mfa_factors(&mut self, value: Value<'a>, start: usize, output: &mut Output<'_>) {
        let secrets = forms::check_mfa_factors(value, self.problems);
        warn(secrets.warning, output);
        name(Property::MfaFactors, start, output);
        if secrets.fixes > 0 {
            output.note_fixed(kinds::TOTP_SECRET_NORMALISED, Property::MfaFactors.name());
            forms::rewrite_mfa_factors(value, output.bytes);
        } else {
            value.write_compact(output.bytes);
        }
    }
}

/// The JSON type that the schema requires of each importable property.
const KINDS: [Kind; IMPORTABLE] = {
    let mut kinds = [Kind::Array; IMPORTABLE];
    let mut place = 0;
    while place < IMPORTABLE {
        kinds[place] = match Property::ALL[place].is() {
            Type::String | Type::Date | Type::Other => Kind::String,
            Type::Boolean => Kind::Boolean,
            Type::Number => Kind::Number,
            Type::Object => Kind::Object,
            Type::Array => Kind::Array,
        };
        place += 1;
    }
    kinds
};

/// Returns the length of a property's name with its quotes and colon, if it is written without escapes and spaces.
#[inline]
fn before_value(property: Property) -> usize {
    const QUOTES_AND_COLON: usize = 3;
    property.name().len() + QUOTES_AND_COLON
}

/// Returns whether a value of the right type is certainly valid and not an identifier. For most values, the property
/// or the length is enough to know.
#[inline]
fn is_certainly_valid(property: Property, value: Span) -> bool {
    // No escape is shorter than the character that it encodes, so a string has at most as many characters as bytes.
    (1..=SOUND[property.place()]).contains(&(value.end() - value.start() - QUOTES))
}

/// The length in bytes up to which a value of each property is certainly valid.
const SOUND: [usize; IMPORTABLE] = {
    let mut sound = [0; IMPORTABLE];
    let mut place = 0;
    while place < IMPORTABLE {
        sound[place] = match Property::ALL[place] {
            Property::Email
            | Property::PhoneNumber
            | Property::UserId
            | Property::Username
            | Property::CustomPasswordHash => 0,
            property => match forms::longest(property) {
                Some(longest) => longest,
                None => usize::MAX,
            },
        };
        place += 1;
    }
    sound
};

/// A run of adjacent properties that are kept as written, from the quote before the first name to the end of the last
/// value. It is copied at once. Empty by default.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    from: usize,
    to: usize,
}

impl Run {
    /// Appends the next property if it follows after a single byte, which is the comma in a compact record. Returns
    /// whether it did.
    #[inline]
    fn takes(&mut self, from: usize, to: usize) -> bool {
        let follows = self.to + 1 == from && self.from < self.to;
        if follows {
            self.to = to;
        }
        follows
    }

    /// Appends the run to the output, after a comma if it is not the first member.
    fn write(self, text: &str, start: usize, output: &mut Output<'_>) {
        if self.from < self.to {
            if output.bytes.len() > start {
                output.bytes.push(b',');
            }
            output.bytes.extend_from_slice(&text.as_bytes()[self.from..self.to]);
        }
    }
}

/// The number of bytes that the quotes of a string take.
const QUOTES: usize = 2;

/// Notes the warning of a rule, if there is one.
pub(super) fn warn(rule: Option<&'static str>, output: &mut Output<'_>) {
    if let Some(rule) = rule {
        output.note_warned(rule, "");
    }
}

/// Checks a hash and renders it as the property that accepts it.
///
/// A string becomes `password_hash`, or `custom_password_hash` if it is bcrypt that the service would not produce
/// itself. An object becomes `custom_password_hash`. Returns whether the hash is rendered. If not, the broken rules
/// are pushed as problems.
pub(super) fn write_hash(
    value: Value<'_>,
    start: usize,
    problems: &mut Vec<Problem>,
    output: &mut Output<'_>,
) -> bool {
    let Some(hash) = forms::judge_hash(value, problems) else { return false };
    warn(hash.warning, output);
    if hash.form == HashForm::MovedBcrypt {
        output.note_fixed(kinds::BCRYPT_MOVED, Property::CustomPasswordHash.name());
    }
    let is_plain = hash.form == HashForm::PasswordHash;
    name(if is_plain { Property::PasswordHash } else { Property::CustomPasswordHash }, start, output);
    hash.form.write(value, output.bytes);
    true
}

/// Appends the name of a property, after a comma if it is not the first member.
pub(super) fn name(property: Property, start: usize, output: &mut Output<'_>) {
    let skip = usize::from(output.bytes.len() == start);
    output.bytes.extend_from_slice(&property.following().as_bytes()[skip..]);
}

#[cfg(test)]
mod tests {
    use crate::import::Rules;
    use crate::import::testing::run;
    use crate::run::Topic;

    #[test]
    fn lone_surrogates_are_counted_in_the_input_record() {
        for members in [
            r#""name":"\ud83d""#,
            r#""app_metadata.a":"\ud83d","app_metadata.a":1"#,
            r#""app_metadata.a\ud83d":1"#,
        ] {
            let seen = run(&Rules::default(), format!(r#"{{"email":"a@example.com",{members}}}"#)).unwrap();
            assert_eq!(seen.facts(Topic::Warned), [("lone-surrogate", 1)], "{members}");
        }
    }

    #[test]
    fn metadata_json_text_is_converted_to_an_object() {
        let user = |text: &str| format!(r#"{{"email":"a@example.com","user_metadata":{text}}}"#);
        let seen =
            run(&Rules::default(), user(r#"" {\"n\" : 9007199254740993,\"a\":\"\\u00e9\"} ""#)).unwrap();
        assert_eq!(
            seen.users,
            [r#"{"email":"a@example.com","user_metadata":{"n":9007199254740993,"a":"\u00e9"}}"#]
        );
        assert_eq!(seen.facts(Topic::Fixed), [("json-text user_metadata", 1)]);
        for (text, rule) in [
            (r#""{\"a.b\":1}""#, "metadata-key"),
            (r#""[]""#, "wrong-type"),
            (r#""{\"a\":1""#, "wrong-type"),
            (r#""{} {}""#, "wrong-type"),
            (r#""""#, "wrong-type"),
        ] {
            assert_eq!(run(&Rules::default(), user(text)).unwrap().rejected, [rule], "{text}");
        }
    }
}
