//! A user of a part, or of the export made after the import, with the properties that can be compared.
//!
//! Only properties that an import brings and an export shows are read. Password hashes and MFA factors are not in
//! any export. Names are read as by the import rules: titles are used if the exact name is absent, flat keys are
//! read as nested.

use std::borrow::Cow;

use super::canonical::Canonical;
use crate::import::{Predicted, identities, is_flat, nest_flat};
use crate::json::{Kind, Scanner, Span, SyntaxError, Value};
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
    /// The hashes of metadata objects, in the order of [`HASHED`]. `None` if there is no such object under its exact
    /// name, or if no hashes are needed.
    hashes: [Option<u64>; 2],
    identities: Option<Value<'a>>,
}

/// The properties that are hashed while the record is read, because they are large.
const HASHED: [Property; 2] = [Property::AppMetadata, Property::UserMetadata];

/// Values under other spellings of known properties. They are used if the exact name is absent.
#[derive(Default)]
struct Spellings<'a> {
    titled: [Option<Value<'a>>; IMPORTABLE],
    respelled: [Option<Value<'a>>; IMPORTABLE],
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
    /// Reads `json` to its last byte. Returns the user, and true if the record has a flat key. With `canonical`, metadata
    /// is hashed at the same time.
    fn read(
        json: &'a str,
        predicted: &mut Predicted,
        mut canonical: Option<&mut Canonical>,
    ) -> Result<(Self, bool), SyntaxError> {
        let mut user = Self::default();
        let mut spellings: Option<Box<Spellings<'a>>> = None;
        let mut flat = false;
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        let mut previous = None;
        loop {
            let property = if let Some(property) = predicted.pass(previous, &mut scanner) {
                property
            } else if scanner.guess_end() {
                break;
            } else {
                let Some(name) = scanner.name()? else { break };
                let Some(property) = predicted.find(previous, name) else {
                    let name = name.decoded();
                    flat |= is_flat(&name);
                    let value = scanner.value()?;
                    add_spelling(&name, value, &mut spellings);
                    continue;
                };
                property
            };
            previous = Some(property);
            if let Some(which) = HASHED.iter().position(|hashed| *hashed == property) {
                let (value, hash) = match &mut canonical {
                    Some(canonical) => hashed(&mut scanner, canonical)?,
                    None => (scanner.value()?, None),
                };
                user.hashes[which] = hash;
                user.slots[property.place()] = Some(value);
                continue;
            }
            let value = scanner.value()?;
            if property.is_importable() {
                user.slots[property.place()] = Some(value);
            } else if property == Property::Identities {
                user.identities = Some(value);
            }
        }
        scanner.end()?;
        if let Some(spellings) = spellings {
            let others = spellings.titled.into_iter().zip(spellings.respelled);
            for (slot, (title, other)) in user.slots.iter_mut().zip(others) {
                *slot = slot.or(title).or(other);
            }
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
        let Some(id) = self.identifier(Property::UserId) else { return (None, !self.has_other_provider()) };
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

    /// Returns true if the first identity names a provider, and the provider is not a database.
    fn has_other_provider(&self) -> bool {
        let mut other = false;
        if let Some(value) = self.identities {
            identities::each(value, |index, identity| {
                other |= index == 0 && identity.provider_name().is_some() && !identity.is_database();
            });
        }
        other
    }

    /// Returns the hash of a value of the user.
    pub(super) fn hash_of(
        &self,
        property: Property,
        value: Value<'a>,
        canonical: &mut Canonical,
    ) -> Result<u64, SyntaxError> {
        let which = HASHED.iter().position(|hashed| *hashed == property);
        match which.and_then(|which| self.hashes[which]) {
            Some(hash) => Ok(hash),
            None => canonical.hash(value),
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
    let (user, flat) = User::read(json, predicted, None)?;
    if !flat {
        return visit(&user);
    }
    // Flat keys that cannot be nested stay flat, and are not properties then.
    visit(&User::read(&nested(json)?, predicted, None)?.0)
}

/// Same as [`with_user`], but hashes the metadata while it is read.
pub(super) fn with_hashed_user<T>(
    json: &str,
    predicted: &mut Predicted,
    canonical: &mut Canonical,
    visit: impl FnOnce(&User<'_>, &mut Canonical) -> Result<T, SyntaxError>,
) -> Result<T, SyntaxError> {
    let (user, flat) = User::read(json, predicted, Some(canonical))?;
    if !flat {
        return visit(&user, canonical);
    }
    let nested = nested(json)?;
    let (user, _) = User::read(&nested, predicted, Some(canonical))?;
    visit(&user, canonical)
}

/// Keeps a value whose name is not exactly that of a property, if it is another spelling of one. The last of a
/// repeated title counts, and the first of all other spellings.
fn add_spelling<'a>(name: &str, value: Value<'a>, spellings: &mut Option<Box<Spellings<'a>>>) {
    if let Some(alias) = spelling::alias_of(name)
        && let Some(property) = Property::named(alias.path).filter(|property| property.is_importable())
    {
        let spellings = spellings.get_or_insert_default();
        let place = property.place();
        match alias.title {
            Some(_) => spellings.titled[place] = Some(value),
            None => spellings.respelled[place] = spellings.respelled[place].or(Some(value)),
        }
    }
}

/// Reads the next value. If it is an object, also returns its hash.
fn hashed<'a>(
    scanner: &mut Scanner<'a>,
    canonical: &mut Canonical,
) -> Result<(Value<'a>, Option<u64>), SyntaxError> {
    if scanner.kind()? != Kind::Object {
        return Ok((scanner.value()?, None));
    }
    let (start, spaces) = (scanner.offset(), scanner.spaces());
    let hash = canonical.value(scanner)?;
    let span = Span::new(start, scanner.offset(), Kind::Object, false, scanner.spaces() != spaces);
    Ok((span.of(scanner.text()), Some(hash)))
}

fn is_empty(object: Value<'_>) -> bool {
    let mut scanner = Scanner::new(object.json());
    // The JSON was validated when it was read.
    scanner.enter_object().is_ok() && matches!(scanner.name(), Ok(None))
}
