//! Fixing, checking and rendering one user: a single pass over its properties, in their order.

use super::rules::Rules;
use super::schema::{IMPORTABLE, PROPERTIES, Type, at};
use super::user::{Predicted, User, fixed_name};
use crate::Topic;
use crate::json::{Kind, Value, strip_decoded_prefix};
use crate::transform::{Output, Problem};

/// Buffers of one thread.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) predicted: Predicted,
    /// The record after its edits.
    pub(super) edited: String,
}

/// One user on its way to the output.
pub(super) struct Check<'c, 'a> {
    pub(super) rules: &'c Rules,
    pub(super) user: &'c User<'a>,
    pub(super) problems: &'c mut Vec<Problem>,
}

impl<'a> Check<'_, 'a> {
    /// Renders the user as far as it is sound; every broken rule becomes a problem.
    pub(super) fn render(mut self, output: &mut Output<'_>) {
        let _ = self.rules;
        output.about.present = self.user.present();
        output.bytes.push(b'{');
        let start = output.bytes.len();
        let mut has_email = false;
        for (place, value) in self.user.importable() {
            if value.kind() == Kind::Null {
                output.note(Topic::Fixed, &fixed_name("null-dropped", PROPERTIES[place].name));
                output.about.present &= !(1 << place);
                continue;
            }
            has_email |= place == at::EMAIL;
            if output.bytes.len() > start {
                output.bytes.push(b',');
            }
            output.bytes.push(b'"');
            output.bytes.extend_from_slice(PROPERTIES[place].name.as_bytes());
            output.bytes.extend_from_slice(b"\":");
            self.property(place, value, output);
        }
        output.bytes.push(b'}');
        if !has_email {
            self.problem("missing-identifier", "email", "expected an e-mail address, but found none");
        }
        if self.user.lone_surrogates > 0 {
            output.note(Topic::Warned, "lone-surrogate");
        }
    }

    fn problem(&mut self, rule: &'static str, path: &str, message: &str) {
        self.problems.push(Problem::new(rule, path, message));
    }

    /// Checks one property and renders its value.
    fn property(&mut self, place: usize, value: Value<'a>, output: &mut Output<'_>) {
        debug_assert!(place < IMPORTABLE);
        let expected = match PROPERTIES[place].is {
            Type::String => Kind::String,
            Type::Boolean => Kind::Boolean,
            Type::Object => Kind::Object,
            Type::Array | Type::ExportOnly => Kind::Array,
        };
        if value.kind() != expected {
            if expected == Kind::Boolean
                && let Some(text @ ("true" | "false")) = value.as_str().as_deref()
            {
                output.note(Topic::Fixed, &fixed_name("boolean-text", PROPERTIES[place].name));
                output.bytes.extend_from_slice(text.as_bytes());
                return;
            }
            let message = format!("expected {expected}, but found {}", value.kind());
            self.problem("wrong-type", PROPERTIES[place].name, &message);
            return;
        }
        match place {
            at::USER_ID => return self.user_id(value, output),
            at::EMAIL => self.email(value),
            at::PASSWORD_HASH | at::CUSTOM_PASSWORD_HASH => output.about.password = true,
            _ => {}
        }
        value.write_compact(output.bytes);
    }

    /// The importer prepends the strategy itself: exactly one `auth0|` is taken off.
    fn user_id(&mut self, value: Value<'a>, output: &mut Output<'_>) {
        let text = value.text();
        match strip_decoded_prefix(&text[1..], "auth0|") {
            Some(rest) => {
                output.bytes.push(b'"');
                output.bytes.extend_from_slice(rest.as_bytes());
            }
            None => output.bytes.extend_from_slice(text.as_bytes()),
        }
    }

    fn email(&mut self, value: Value<'a>) {
        if !value.as_str().is_some_and(|email| email.contains('@')) {
            self.problem("invalid-email", "email", "expected an e-mail address, but found other text");
        }
    }
}
