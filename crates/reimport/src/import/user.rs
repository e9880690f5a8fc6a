//! Reads all known properties of a record in one walk.

use std::borrow::Cow;
use std::ops::Range;

use super::forms::{Findings, MetadataKind, scan_metadata};
use super::identities::Identities;
use super::password_like::is_password_like;
use crate::instant;
use crate::json::{Kind, Name, Scanner, Span, SyntaxError, Value, decode};
use crate::run::{Output, Topic};
use crate::user::kinds;
use crate::user::property::Property;
use crate::user::spelling::{self, Alias};

/// The number of known properties.
const COUNT: usize = Property::ALL.len();

/// The known properties of one record.
///
/// If a name is repeated, the last value counts, at the position of the first.
#[derive(Debug)]
pub(super) struct User<'a> {
    text: &'a str,
    slots: [Option<Span>; COUNT],
    order: [Property; COUNT],
    len: usize,
    /// A bit for each known property that the record has. `null` counts as absent.
    pub(super) present: u64,
    /// A bit for each property whose name is written exactly as `"name":`, with nothing but white space between it
    /// and the value.
    verbatim: u64,
    pub(super) identities: Identities<'a>,
    /// The value with the connection's name, if it does not come from an identity.
    pub(super) connection: Option<Value<'a>>,
    /// Whether the record has a flat key such as `app_metadata.plan`. It is then read again with the key nested.
    pub(super) flat: bool,
    /// The number of properties that are not in the schema.
    pub(super) unknown: u32,
    pub(super) lone_surrogates: u32,
    /// Whether there is no white space between the tokens.
    pub(super) compact: bool,
    /// What is wrong with the names in each metadata object.
    pub(super) metadata: [(MetadataKind, Findings); 2],
}

/// Predicts which property follows which, from the records before. A guess is nearly always right, and is verified.
///
/// Also holds a buffer for the other spellings of one record.
#[derive(Debug)]
pub(crate) struct Predicted {
    /// The two latest successors of each property. The last item is for the start of a record.
    following: [[Property; 2]; COUNT + 1],
    spellings: Vec<Spelling>,
}

impl Default for Predicted {
    fn default() -> Self {
        Self { following: [[Property::Email; 2]; COUNT + 1], spellings: Vec::new() }
    }
}

/// A member under another spelling of a known property.
///
/// At most two are kept for each property: the title, and the first spelling that is neither the title nor the exact
/// name.
#[derive(Debug)]
struct Spelling {
    alias: Alias,
    /// The position of the name in the record, without its quotes.
    name: Range<usize>,
    /// The number of properties under exact names before it.
    before: usize,
    value: Span,
}

impl Predicted {
    /// Reads the name of a property that is likely to follow `previous`. Returns `None` if another name follows.
    #[expect(clippy::inline_always, reason = "called for each member of a user")]
    #[inline(always)]
    pub(crate) fn pass(&self, previous: Option<Property>, scanner: &mut Scanner<'_>) -> Option<Property> {
        let [first, second] = self.following[place_after(previous)];
        if scanner.guess_name(first.following()) {
            return Some(first);
        }
        // The second guess covers properties that many users lack, such as a phone number.
        scanner.guess_name(second.following()).then_some(second)
    }

    /// Returns the property called `name`, and records that it follows `previous`.
    pub(crate) fn find(&mut self, previous: Option<Property>, name: Name<'_>) -> Option<Property> {
        let found =
            if name.is_escaped() { Property::named(&name.decoded()) } else { Property::named(name.raw()) };
        if let Some(property) = found {
            let following = &mut self.following[place_after(previous)];
            *following = [property, following[0]];
        }
        found
    }
}

/// Returns the index in `following` for what follows `previous`.
fn place_after(previous: Option<Property>) -> usize {
    previous.map_or(COUNT, Property::place)
}

impl<'a> User<'a> {
    /// Creates a user without properties. [`walk`](Self::walk) fills it in place, because a user is too large to be
    /// moved.
    pub(super) fn new(json: &'a str) -> Self {
        Self {
            text: json,
            slots: [None; COUNT],
            order: [Property::Email; COUNT],
            len: 0,
            present: 0,
            verbatim: 0,
            identities: Identities::default(),
            connection: None,
            flat: false,
            unknown: 0,
            lone_surrogates: 0,
            compact: true,
            metadata: [(MetadataKind::App, Findings::default()), (MetadataKind::User, Findings::default())],
        }
    }

    /// Walks the record to its last byte.
    pub(super) fn walk(
        &mut self,
        predicted: &mut Predicted,
        output: &mut Output<'_>,
    ) -> Result<(), SyntaxError> {
        let mut scanner = Scanner::new(self.text);
        scanner.enter_object()?;
        let mut previous = None;
        predicted.spellings.clear();
        loop {
            let guessed = predicted.pass(previous, &mut scanner);
            let verbatim = guessed.is_some();
            let property = if let Some(property) = guessed {
                property
            } else if scanner.guess_end() {
                break;
            } else {
                let Some(name) = scanner.name()? else { break };
                let Some(property) = predicted.find(previous, name) else {
                    let value = scanner.span()?;
                    self.add_other_name(name, value, &mut predicted.spellings, output);
                    continue;
                };
                property
            };
            previous = Some(property);
            // Each arm calls `put` itself, so that the most common value, a string, stays in registers.
            match property {
                Property::Identities => {
                    let (identities, value) = Identities::scan(&mut scanner)?;
                    self.identities = identities;
                    self.put(property, value, verbatim);
                }
                Property::AppMetadata | Property::UserMetadata => {
                    let (which, findings) =
                        &mut self.metadata[usize::from(property == Property::UserMetadata)];
                    let (value, found) = scan_metadata(&mut scanner, *which)?;
                    *findings = found;
                    self.put(property, value, verbatim);
                }
                _ => {
                    let value = scanner.span()?;
                    self.put(property, value, verbatim);
                }
            }
        }
        scanner.end()?;
        self.lone_surrogates = scanner.lone_surrogates();
        self.compact = scanner.spaces() == 0;
        if !predicted.spellings.is_empty() {
            self.use_spellings(&predicted.spellings, output)?;
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, property: Property, value: Span, verbatim: bool) {
        let slot = &mut self.slots[property.place()];
        if slot.is_none() {
            self.order[self.len] = property;
            self.len += 1;
        } else {
            self.present &= !property.bit();
            self.verbatim &= !property.bit();
        }
        *slot = Some(value);
        self.present |= u64::from(value.kind() != Kind::Null) << property.place();
        self.verbatim |= u64::from(verbatim) << property.place();
    }

    /// Handles a name that is not exactly a known property: another spelling, a flat key or an unknown property.
    fn add_other_name(
        &mut self,
        name: Name<'_>,
        value: Span,
        spellings: &mut Vec<Spelling>,
        output: &mut Output<'_>,
    ) {
        let decoded = name.decoded();
        let Some(alias) = spelling::alias_of(&decoded) else {
            self.flat |= is_flat(&decoded);
            self.unknown += 1;
            output.note(Topic::Unknown, &decoded);
            if is_password_like(&decoded, value.of(self.text)) {
                output.note(Topic::PasswordLike, &decoded);
            }
            return;
        };
        match spellings.iter_mut().find(|known| known.alias == alias) {
            None => {
                let start = name.raw().as_ptr().addr() - self.text.as_ptr().addr();
                let name = start..start + name.raw().len();
                spellings.push(Spelling { alias, name, before: self.len, value });
            }
            // If a title is repeated, the last value counts.
            Some(known) if alias.title.is_some() => known.value = value,
            Some(_) => self.leave(&decoded, value, alias, output),
        }
    }

    /// Uses the spelling that counts for each known property. The other spellings are unknown properties.
    fn use_spellings(&mut self, spellings: &[Spelling], output: &mut Output<'_>) -> Result<(), SyntaxError> {
        let titled = |path| spellings.iter().any(|one| one.alias.path == path && one.alias.title.is_some());
        let mut connection = None;
        // In reverse order, so that an insertion does not shift the positions of the spellings still to come.
        for spelling in spellings.iter().rev() {
            let Alias { path, title } = spelling.alias;
            let counts = title.is_some() || !titled(path);
            match Property::named(path) {
                None if counts => connection = Some(spelling),
                Some(property) if counts && self.lacks(property) => {
                    self.set_respelled(property, spelling)?;
                    let (kind, name) =
                        title.map_or((kinds::CASE_CHANGED, path), |title| (kinds::TITLE_RENAMED, title));
                    output.note_fixed(kind, name);
                }
                _ => self.leave_spelling(spelling, output),
            }
        }
        let Some(spelling) = connection else { return Ok(()) };
        if self.identities.connection.is_none_or(is_blank) {
            self.connection = Some(spelling.value.of(self.text));
            output.note(Topic::Dropped, "Connection");
        } else {
            self.leave_spelling(spelling, output);
        }
        Ok(())
    }

    /// Returns whether another spelling may be used for a property: if the property is absent, or if it is a password
    /// hash that is `null`, which is never a usable hash.
    fn lacks(&self, property: Property) -> bool {
        match self.slots[property.place()] {
            None => true,
            Some(value) => property == Property::PasswordHash && value.kind() == Kind::Null,
        }
    }

    /// Puts the value of another spelling at the position that it would have under the exact name.
    fn set_respelled(&mut self, property: Property, spelling: &Spelling) -> Result<(), SyntaxError> {
        let Spelling { before, value, .. } = *spelling;
        let mut scanner = Scanner::new(value.of(self.text).json());
        match property {
            Property::Identities => (self.identities, _) = Identities::scan(&mut scanner)?,
            Property::AppMetadata | Property::UserMetadata => {
                let (which, findings) = &mut self.metadata[usize::from(property == Property::UserMetadata)];
                (_, *findings) = scan_metadata(&mut scanner, *which)?;
            }
            _ => {}
        }
        let was_null = self.slots[property.place()].replace(value).is_some();
        self.present |= u64::from(value.kind() != Kind::Null) << property.place();
        self.verbatim &= !property.bit();
        if was_null {
            return Ok(());
        }
        self.order.copy_within(before..self.len, before + 1);
        self.order[before] = property;
        self.len += 1;
        Ok(())
    }

    fn leave_spelling(&mut self, spelling: &Spelling, output: &mut Output<'_>) {
        let name = decode(&self.text[spelling.name.clone()]);
        self.leave(&name, spelling.value, spelling.alias, output);
    }

    /// Counts a spelling that is not used as an unknown property. Adds a warning, because it may hold the intended
    /// value.
    fn leave(&mut self, name: &str, value: Span, alias: Alias, output: &mut Output<'_>) {
        self.unknown += 1;
        output.note(Topic::Unknown, name);
        if alias.path == Property::PasswordHash.name() && value.kind() != Kind::Null {
            output.note(Topic::PasswordLike, name);
        }
        output.note_warned(kinds::SECOND_SPELLING, alias.path);
    }

    /// Returns the JSON text of the record.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the name of the connection that the user belongs to, if it is a string and not empty.
    pub(super) fn connection_name(&self) -> Option<Cow<'a, str>> {
        self.connection_value()?.as_str().filter(|name| !name.is_empty())
    }

    /// Returns the value that should hold the name of the connection.
    pub(super) fn connection_value(&self) -> Option<Value<'a>> {
        self.identities.connection.filter(|value| !is_blank(*value)).or(self.connection)
    }

    /// Returns the e-mail address, if there is one that is not empty.
    pub(super) fn email(&self) -> Option<Cow<'a, str>> {
        self.get(Property::Email)?.as_str().filter(|email| !email.is_empty())
    }

    /// Returns the time of creation in milliseconds since 1970 in UTC, if it is a valid date.
    pub(super) fn created_at(&self) -> Option<i64> {
        self.get(Property::CreatedAt).and_then(instant::of_value)
    }

    /// Returns the value of a property.
    pub(super) fn get(&self, property: Property) -> Option<Value<'a>> {
        self.slots[property.place()].map(|value| value.of(self.text))
    }

    /// Returns a bit for each property whose exact `"name":` is directly before its value.
    pub(super) fn verbatim(&self) -> u64 {
        if self.compact { self.verbatim } else { 0 }
    }

    /// Returns the importable properties of the record, in record order.
    pub(super) fn importable(&self) -> impl Iterator<Item = (Property, Span)> {
        let importable = self.order[..self.len].iter().filter(|property| property.is_importable());
        importable.filter_map(|&property| self.slots[property.place()].map(|value| (property, value)))
    }
}

/// Returns whether a value is `null` or an empty string.
fn is_blank(value: Value<'_>) -> bool {
    value.kind() == Kind::Null || value.json() == "\"\""
}

/// Returns whether a name at the root of a record is a flat key: a path into a nested value.
pub(crate) fn is_flat(name: &str) -> bool {
    ["app_metadata.", "user_metadata.", "identities[0].", "app_metadata[", "user_metadata["]
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}
