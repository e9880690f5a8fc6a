//! A user of a part, or of the export made after the import, with the properties that can be compared.
//!
//! Only properties that an import brings and an export shows are read. Password hashes and MFA factors are not in
//! any export. Names are read as by the import rules: titles are used if the exact name is absent, flat keys are
//! read as nested.

use std::borrow::Cow;

use crate::import::{Predicted, identities, is_flat, nest_flat};
use crate::json::{Kind, Scanner, SyntaxError, Value};
use crate::run::Buffers;
use crate::user::property::{IMPORTABLE, Property, Type};
use crate::user::spelling;
use crate::user::strategy::{DATABASE, STRATEGIES};

/// The properties that the service fills in if an import does not have them.
pub(super) const FILLED_IN: [&str; 3] = ["name", "nickname", "picture"];

/// The known properties of one record. The last of a repeated name counts.
#[derive(Debug, Default)]
pub(super) struct User<'a> {
    slots: [Option<Value<'a>>; IMPORTABLE],
    /// True if the first identity names a provider, and the provider is not a database.
    other_provider: bool,
}

/// The normalised value of a property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NormalizedValue<'a> {
    /// The same as an absent property: `null`, an empty metadata object, `false`.
    Nothing,
    True,
    /// A string that is compared in lower case.
    Text(Cow<'a, str>),
    Value(Value<'a>),
}

/// Returns the properties that are compared, in schema order. `user_id` is not included, because it is compared
/// separately.
pub(super) fn compared() -> impl Iterator<Item = Property> {
    Property::importable().filter(|property| {
        !matches!(
            property,
            Property::UserId | Property::PasswordHash | Property::CustomPasswordHash | Property::MfaFactors
        )
    })
}

impl<'a> User<'a> {
    /// Reads `json` to its last byte. Returns the user, and true if the record has a flat key.
    fn read(json: &'a str, predicted: &mut Predicted) -> Result<(Self, bool), SyntaxError> {
        let mut user = Self::default();
        let (mut titled, mut respelled) = ([None; IMPORTABLE], [None; IMPORTABLE]);
        let mut flat = false;
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        let mut previous = None;
        while let Some(name) = scanner.name()? {
            let value = scanner.value()?;
            if let Some(property) = predicted.find(previous, name) {
                previous = Some(property);
                if property.is_importable() {
                    user.slots[property.place()] = Some(value);
                } else if property == Property::Identities {
                    user.other_provider = is_other_provider(value);
                }
            } else {
                let name = name.decoded();
                flat |= is_flat(&name);
                if let Some(alias) = spelling::alias_of(&name)
                    && let Some(property) =
                        Property::named(alias.path).filter(|property| property.is_importable())
                {
                    let place = property.place();
                    match alias.title {
                        Some(_) => titled[place] = Some(value),
                        None => respelled[place] = respelled[place].or(Some(value)),
                    }
                }
            }
        }
        scanner.end()?;
        for (slot, (title, other)) in user.slots.iter_mut().zip(titled.into_iter().zip(respelled)) {
            *slot = slot.or(title).or(other);
        }
        Ok((user, flat))
    }

    /// Returns the decoded text of an identifier, or `None` if it is absent, empty or not a string.
    pub(super) fn identifier(&self, property: Property) -> Option<Cow<'a, str>> {
        self.slots[property.place()].as_ref().and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Returns the `user_id` as in a part, and true if this is a database user, the only kind that an import
    /// creates.
    pub(super) fn imported_id(&self) -> (Option<Cow<'a, str>>, bool) {
        let Some(id) = self.identifier(Property::UserId) else { return (None, !self.other_provider) };
        match id.split_once('|') {
            Some((DATABASE, _)) => {
                let from = DATABASE.len() + 1;
                let id = match id {
                    Cow::Borrowed(id) => Cow::Borrowed(&id[from..]),
                    Cow::Owned(id) => Cow::Owned(id[from..].to_owned()),
                };
                (Some(id), true)
            }
            Some((strategy, _)) if STRATEGIES.contains(&strategy) => (None, false),
            _ => (Some(id), true),
        }
    }

    /// Returns one bit per importable property that the record has, in schema order.
    pub(super) fn present(&self) -> u64 {
        self.slots.iter().enumerate().fold(0, |bits, (place, slot)| bits | u64::from(slot.is_some()) << place)
    }

    /// Returns true if the value is `false`, which compares like a missing value.
    pub(super) fn is_false(&self, property: Property) -> bool {
        let value = self.slots[property.place()];
        property.is() == Type::Boolean && value.is_some_and(|value| value.json().trim_matches('"') == "false")
    }

    /// Returns the normalised value of a property.
    pub(super) fn normalized_value(&self, property: Property) -> NormalizedValue<'a> {
        let Some(value) = self.slots[property.place()] else { return NormalizedValue::Nothing };
        match (value.kind(), property) {
            (Kind::Null, _) => NormalizedValue::Nothing,
            (Kind::Object, Property::AppMetadata | Property::UserMetadata) if is_empty(value) => {
                NormalizedValue::Nothing
            }
            (Kind::String, Property::Email | Property::Username) => {
                NormalizedValue::Text(fold(value.as_str().unwrap_or_default()))
            }
            (Kind::Boolean | Kind::String, _) if property.is() == Type::Boolean => {
                // Some exports write booleans of federated users as strings.
                match value.json().trim_matches('"') {
                    "true" => NormalizedValue::True,
                    "false" => NormalizedValue::Nothing,
                    _ => NormalizedValue::Value(value),
                }
            }
            _ => NormalizedValue::Value(value),
        }
    }
}

/// Returns the text in lower case.
pub(super) fn fold(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        text
    }
}

/// Returns `json` with its flat keys nested.
fn nested(json: &str) -> Result<String, SyntaxError> {
    let mut text = String::new();
    let mut buffers = Buffers::default();
    nest_flat(json, &mut text, &mut buffers.output())?;
    Ok(text)
}

/// Reads `json` and passes the user to `visit`. If there are flat keys, they are nested first.
pub(super) fn with_user<T>(
    json: &str,
    predicted: &mut Predicted,
    visit: impl FnOnce(&User<'_>) -> Result<T, SyntaxError>,
) -> Result<T, SyntaxError> {
    let (user, flat) = User::read(json, predicted)?;
    if !flat {
        return visit(&user);
    }
    // Flat keys that cannot be nested stay flat, and are not properties then.
    visit(&User::read(&nested(json)?, predicted)?.0)
}

fn is_empty(object: Value<'_>) -> bool {
    let mut scanner = Scanner::new(object.json());
    // The JSON was validated when it was read.
    scanner.enter_object().is_ok() && matches!(scanner.name(), Ok(None))
}

fn is_other_provider(value: Value<'_>) -> bool {
    let mut other = false;
    identities::each(value, |index, identity| {
        other |= index == 0 && identity.provider_name().is_some() && !identity.is_database();
    });
    other
}
