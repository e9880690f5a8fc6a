//! One walk of a record: every known property into its slot.

use std::borrow::Cow;
use std::ops::Range;

use super::forms::{Findings, Which, scan_metadata};
use super::identities::Identities;
use super::password_like::is_password_like;
use crate::instant;
use crate::json::{Kind, Name, Scanner, Span, SyntaxError, Value, decode};
use crate::run::{Output, Topic};
use crate::user::kinds;
use crate::user::property::Property;
use crate::user::spelling::{self, Alias};

/// How many known properties there are.
const COUNT: usize = Property::ALL.len();

/// The known properties of one record; the last of a repeated name counts, at the place of the first.
#[derive(Debug)]
pub(super) struct User<'a> {
    text: &'a str,
    slots: [Option<Span>; COUNT],
    order: [Property; COUNT],
    len: usize,
    /// A bit for each known property it has; `null` counts as none.
    pub(super) present: u64,
    /// A bit for each of which the record has exactly `"name":` before the value, or before white space in front of it.
    verbatim: u64,
    pub(super) identities: Identities<'a>,
    /// The connection's name, where something else than an identity gives it.
    pub(super) connection: Option<Value<'a>>,
    /// A name like `app_metadata.plan` stands at the top: the record is read again with it nested.
    pub(super) flat: bool,
    /// How many properties the schema does not know.
    pub(super) unknown: u32,
    pub(super) lone_surrogates: u32,
    /// Whether no white space stands between its tokens.
    pub(super) compact: bool,
    /// What is wrong with the names in each metadata object.
    pub(super) metadata: [(Which, Findings); 2],
}

/// Which property came after which in the records before: a guess that is nearly always right, and checked. And the room
/// for the other spellings of one record.
#[derive(Debug)]
pub(crate) struct Predicted {
    /// By the property before; the last is for none.
    following: [[Property; 2]; COUNT + 1],
    spellings: Vec<Spelling>,
}

impl Default for Predicted {
    fn default() -> Self {
        Self { following: [[Property::Email; 2]; COUNT + 1], spellings: Vec::new() }
    }
}

/// Another spelling of a known property: of each the title, and the first that is neither the title nor the exact name.
#[derive(Debug)]
struct Spelling {
    alias: Alias,
    /// Where the name is in the record, without its quotes.
    name: Range<usize>,
    /// How many properties of exact names came before it.
    before: usize,
    value: Span,
}

impl Predicted {
    /// Passes the name of the property that is likely to follow `previous`, if it does.
    #[inline]
    fn pass(&self, previous: Option<Property>, scanner: &mut Scanner<'_>) -> Option<Property> {
        let [first, second] = self.following[place_after(previous)];
        if scanner.guess_name(first.following()) {
            return Some(first);
        }
        // What many users lack, like a phone number, is followed by the second guess.
        scanner.guess_name(second.following()).then_some(second)
    }

    /// The property called `name`, which came after `previous`.
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

/// The place of what follows `previous` among the predictions.
fn place_after(previous: Option<Property>) -> usize {
    previous.map_or(COUNT, Property::place)
}

impl<'a> User<'a> {
    /// Nothing yet of `json`, for [`walk`](Self::walk) to find: a user is too large to be handed about.
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
            metadata: [(Which::App, Findings::default()), (Which::User, Findings::default())],
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
                    self.take_other(name, value, &mut predicted.spellings, output);
                    continue;
                };
                property
            };
            previous = Some(property);
            // Each arm puts for itself: what most take, a string, then stays in registers all the way.
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

    /// A name that is not exactly a known property: another spelling of one, a flat path, or unknown.
    fn take_other(
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
            // A repeated name: the last counts.
            Some(known) if alias.title.is_some() => known.value = value,
            Some(_) => self.leave(&decoded, value, alias, output),
        }
    }

    /// Takes for each known property the spelling that counts; the others are unknown properties.
    fn use_spellings(&mut self, spellings: &[Spelling], output: &mut Output<'_>) -> Result<(), SyntaxError> {
        let titled = |path| spellings.iter().any(|one| one.alias.path == path && one.alias.title.is_some());
        let mut connection = None;
        // From the last to the first, so that those put in do not shift the places of those to come.
        for spelling in spellings.iter().rev() {
            let Alias { path, title } = spelling.alias;
            let counts = title.is_some() || !titled(path);
            match Property::named(path) {
                None if counts => connection = Some(spelling),
                Some(property) if counts && self.lacks(property) => {
                    self.put_respelled(property, spelling)?;
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

    /// Whether another spelling may count for a property: it is absent, or a hash that is `null`, which is never worth one.
    fn lacks(&self, property: Property) -> bool {
        match self.slots[property.place()] {
            None => true,
            Some(value) => property == Property::PasswordHash && value.kind() == Kind::Null,
        }
    }

    /// Puts a value that stands under another spelling where it would be under the exact name.
    fn put_respelled(&mut self, property: Property, spelling: &Spelling) -> Result<(), SyntaxError> {
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

    /// Leaves a spelling behind that does not count: unknown, and a warning, since it may hold what was meant.
    fn leave(&mut self, name: &str, value: Span, alias: Alias, output: &mut Output<'_>) {
        self.unknown += 1;
        output.note(Topic::Unknown, name);
        if alias.path == Property::PasswordHash.name() && value.kind() != Kind::Null {
            output.note(Topic::PasswordLike, name);
        }
        output.note_warned(kinds::SECOND_SPELLING, alias.path);
    }

    /// The text of the record.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The name of the connection it belongs to.
    pub(super) fn connection_name(&self) -> Option<Cow<'a, str>> {
        self.connection_value()?.as_str().filter(|name| !name.is_empty())
    }

    /// What the record has in the place of that name.
    pub(super) fn connection_value(&self) -> Option<Value<'a>> {
        self.identities.connection.filter(|value| !is_blank(*value)).or(self.connection)
    }

    /// Its e-mail address, if it has one that is not empty.
    pub(super) fn email(&self) -> Option<Cow<'a, str>> {
        self.get(Property::Email)?.as_str().filter(|email| !email.is_empty())
    }

    /// When it was created.
    pub(super) fn created_at(&self) -> Option<i64> {
        self.get(Property::CreatedAt).and_then(instant::of_value)
    }

    /// The value of a property.
    pub(super) fn get(&self, property: Property) -> Option<Value<'a>> {
        self.slots[property.place()].map(|value| value.of(self.text))
    }

    /// A bit for each property whose exact `"name":` stands right before its value.
    pub(super) fn verbatim(&self) -> u64 {
        if self.compact { self.verbatim } else { 0 }
    }

    /// The importable properties it has, in the order of the record.
    pub(super) fn importable(&self) -> impl Iterator<Item = (Property, Span)> {
        let importable = self.order[..self.len].iter().filter(|property| property.is_importable());
        importable.filter_map(|&property| self.slots[property.place()].map(|value| (property, value)))
    }
}

/// Whether a value says nothing: `null` or an empty string.
fn is_blank(value: Value<'_>) -> bool {
    value.kind() == Kind::Null || value.json() == "\"\""
}

/// Whether a name at the top is a path into something nested.
pub(crate) fn is_flat(name: &str) -> bool {
    ["app_metadata.", "user_metadata.", "identities[0].", "app_metadata[", "user_metadata["]
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}
