//! One walk of a record: every known property into its slot.

use std::borrow::Cow;

use super::forms::{Findings, Which, scan_metadata};
use super::identities::Identities;
use super::password_like::is_password_like;
use super::schema::{self, PROPERTIES, at};
use crate::Topic;
use crate::instant;
use crate::json::{Kind, Name, Scanner, Span, SyntaxError, Value};
use crate::record::titles;
use crate::transform::Output;

/// The known properties of one record; the last of a repeated name counts, at the place of the first.
#[derive(Debug)]
pub(super) struct User<'a> {
    text: &'a str,
    slots: [Option<Span>; PROPERTIES.len()],
    order: [u8; PROPERTIES.len()],
    len: usize,
    /// A bit for each known property it has; `null` counts as none.
    pub(super) present: u64,
    /// A bit for each of which the record has exactly `"name":` before the value, or before white space in front of it.
    verbatim: u64,
    pub(super) identities: Identities<'a>,
    /// The connection's name, where something else than an identity gives it.
    pub(super) connection: Option<Value<'a>>,
    titles: [Option<Span>; titles::TITLES.len()],
    /// Which titles there are, in the order of the record, and how many properties came before each.
    titles_order: [(u8, u8); titles::TITLES.len()],
    titles_len: usize,
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

/// Which property came after which in the records before: a guess that is nearly always right, and checked.
#[derive(Debug)]
pub(crate) struct Predicted([[u8; 2]; PROPERTIES.len() + 1]);

impl Default for Predicted {
    fn default() -> Self {
        Self([[0; 2]; PROPERTIES.len() + 1])
    }
}

impl Predicted {
    /// Passes the name of the property that is likely to follow the one at `previous`, where it does.
    #[inline]
    fn pass(&self, previous: usize, scanner: &mut Scanner<'_>) -> Option<usize> {
        let [first, second] = self.0[previous].map(usize::from);
        if scanner.guess_name(PROPERTIES[first].following) {
            return Some(first);
        }
        // What many users lack, like a phone number, is followed by the second guess.
        scanner.guess_name(PROPERTIES[second].following).then_some(second)
    }

    /// The place of the property called `name`, which came after the one at `previous`.
    pub(crate) fn find(&mut self, previous: usize, name: Name<'_>) -> Option<usize> {
        let found = if name.is_escaped() { schema::find(&name.decoded()) } else { schema::find(name.raw()) };
        if let Some(place) = found {
            let [first, _] = self.0[previous];
            self.0[previous] = [place as u8, first];
        }
        found
    }
}

impl<'a> User<'a> {
    /// Nothing yet of `json`, for [`walk`](Self::walk) to find: a user is too large to be handed about.
    pub(super) fn new(json: &'a str) -> Self {
        Self {
            text: json,
            slots: [None; PROPERTIES.len()],
            order: [0; PROPERTIES.len()],
            len: 0,
            present: 0,
            verbatim: 0,
            identities: Identities::default(),
            connection: None,
            titles: [None; titles::TITLES.len()],
            titles_order: [(0, 0); titles::TITLES.len()],
            titles_len: 0,
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
        let mut previous = PROPERTIES.len();
        loop {
            let guessed = predicted.pass(previous, &mut scanner);
            let verbatim = guessed.is_some();
            let place = if let Some(place) = guessed {
                place
            } else if scanner.guess_end() {
                break;
            } else {
                let Some(name) = scanner.name()? else { break };
                let Some(place) = predicted.find(previous, name) else {
                    let value = scanner.span()?;
                    self.take_other(name, value, output);
                    continue;
                };
                place
            };
            previous = place;
            // Each arm puts for itself: what most take, a string, then stays in registers all the way.
            match place {
                at::IDENTITIES => {
                    let (identities, value) = Identities::scan(&mut scanner)?;
                    self.identities = identities;
                    self.put(place, value, verbatim);
                }
                at::APP_METADATA | at::USER_METADATA => {
                    let (which, findings) = &mut self.metadata[usize::from(place == at::USER_METADATA)];
                    let (value, found) = scan_metadata(&mut scanner, *which)?;
                    *findings = found;
                    self.put(place, value, verbatim);
                }
                _ => {
                    let value = scanner.span()?;
                    self.put(place, value, verbatim);
                }
            }
        }
        scanner.end()?;
        self.lone_surrogates = scanner.lone_surrogates();
        self.compact = scanner.spaces() == 0;
        if self.titles_len > 0 {
            self.use_titles(output);
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, place: usize, value: Span, verbatim: bool) {
        let slot = &mut self.slots[place];
        if slot.is_none() {
            self.order[self.len] = place as u8;
            self.len += 1;
        } else {
            self.present &= !(1 << place);
            self.verbatim &= !(1 << place);
        }
        *slot = Some(value);
        self.present |= u64::from(value.kind() != Kind::Null) << place;
        self.verbatim |= u64::from(verbatim) << place;
    }

    /// A name that is no property: a default-field title, a flat path, or unknown.
    fn take_other(&mut self, name: Name<'_>, value: Span, output: &mut Output<'_>) {
        let name = name.decoded();
        if let Some(title) = titles::find(&name) {
            if self.titles[title].replace(value).is_none() {
                self.titles_order[self.titles_len] = (title as u8, self.len as u8);
                self.titles_len += 1;
            }
        } else {
            self.flat |= is_flat(&name);
            self.unknown += 1;
            output.note(Topic::Unknown, &name);
            if is_password_like(&name, value.of(self.text)) {
                output.note(Topic::PasswordLike, &name);
            }
        }
    }

    /// A title counts where its exact name is absent, at its own place; else it is an unknown property.
    fn use_titles(&mut self, output: &mut Output<'_>) {
        // From the last to the first, so that those put in do not shift the places of those to come.
        let order = self.titles_order;
        for &(index, before) in order[..self.titles_len].iter().rev() {
            let (title, path) = titles::TITLES[usize::from(index)];
            let Some(value) = self.titles[usize::from(index)] else { continue };
            match schema::find(path) {
                Some(place) if self.slots[place].is_none() => {
                    self.slots[place] = Some(value);
                    self.present |= u64::from(value.kind() != Kind::Null) << place;
                    let before = usize::from(before);
                    self.order.copy_within(before..self.len, before + 1);
                    self.order[before] = place as u8;
                    self.len += 1;
                    output.note(Topic::Fixed, &fixed_name("title-renamed", title));
                }
                None if self.identities.connection.is_none() && self.connection.is_none() => {
                    self.connection = Some(value.of(self.text));
                    output.note(Topic::Dropped, title);
                }
                path => {
                    self.unknown += 1;
                    output.note(Topic::Unknown, title);
                    if path == Some(at::PASSWORD_HASH) && value.kind() != Kind::Null {
                        output.note(Topic::PasswordLike, title);
                    }
                }
            }
        }
    }

    /// The text of the record.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The name of the connection it belongs to.
    pub(super) fn connection_name(&self) -> Option<Cow<'a, str>> {
        let connection = self.identities.connection.or(self.connection)?;
        connection.as_str().filter(|name| !name.is_empty())
    }

    /// Its e-mail address, if it has one that is not empty.
    pub(super) fn email(&self) -> Option<Cow<'a, str>> {
        self.get(at::EMAIL)?.as_str().filter(|email| !email.is_empty())
    }

    /// When it was created.
    pub(super) fn created_at(&self) -> Option<i64> {
        self.get(at::CREATED_AT).and_then(instant::of_value)
    }

    /// The value of the property at `place`.
    pub(super) fn get(&self, place: usize) -> Option<Value<'a>> {
        self.slots[place].map(|value| value.of(self.text))
    }

    /// A bit for each property whose exact `"name":` stands right before its value.
    pub(super) fn verbatim(&self) -> u64 {
        if self.compact { self.verbatim } else { 0 }
    }

    /// The importable properties it has, in the order of the record.
    pub(super) fn importable(&self) -> impl Iterator<Item = (usize, Span)> {
        self.order[..self.len].iter().filter_map(|&place| {
            let place = usize::from(place);
            (place < schema::IMPORTABLE).then_some(())?;
            self.slots[place].map(|value| (place, value))
        })
    }
}

/// The name of a fix of one property, as facts count it; put together without asking for memory.
pub(super) fn fixed_name(kind: &str, property: &str) -> impl std::ops::Deref<Target = str> {
    let mut name = FactName { bytes: [0; FACT_NAME], len: 0 };
    for byte in kind.bytes().chain([b' ']).chain(property.bytes()).take(FACT_NAME) {
        name.bytes[name.len] = byte;
        name.len += 1;
    }
    name
}

/// Longer than any two names of the tables together.
const FACT_NAME: usize = 64;

struct FactName {
    bytes: [u8; FACT_NAME],
    len: usize,
}

impl std::ops::Deref for FactName {
    type Target = str;

    fn deref(&self) -> &str {
        // Names of the tables are ASCII.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

/// Whether a name at the top is a path into something nested.
pub(crate) fn is_flat(name: &str) -> bool {
    ["app_metadata.", "user_metadata.", "identities[0].", "app_metadata[", "user_metadata["]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
