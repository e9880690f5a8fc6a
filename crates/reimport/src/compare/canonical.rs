//! Hashes JSON values. All texts of the same value have the same hash.
//!
//! The order of members does not matter. The last of a repeated name counts. Strings and names are decoded before
//! they are compared (a lone surrogate becomes U+FFFD). Numbers are exact decimals. The value is read in one
//! iterative walk with an explicit stack. The buffers are reused from value to value.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::json::decimal;
use crate::json::{Kind, Name, Scanner, SyntaxError, Value, decode_into};

/// The type of what is hashed. It is part of the hash, so a string and a number with the same text have different
/// hashes.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Name,
}

/// Hashes values with the seed of the run.
#[derive(Debug)]
pub(super) struct Canonical {
    seed: u64,
    members: Members,
    open: Vec<Open>,
    text: String,
    bytes: Vec<u8>,
}

/// An object or array that was entered and has not ended.
#[derive(Debug)]
struct Open {
    object: bool,
    /// The index of its first member in `members`.
    from: usize,
    /// The hash of the name of the next value.
    name: u64,
}

/// Members as (hash of the name, index, hash of the value). Array items have the name 0.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(u64, usize, u64)>);

impl Members {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn push(&mut self, name: u64, value: u64) {
        self.0.push((name, self.0.len(), value));
    }
}

impl Canonical {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, members: Members::default(), open: Vec::new(), text: String::new(), bytes: Vec::new() }
    }

    /// Reads the next value and returns its hash.
    pub(super) fn value(&mut self, scanner: &mut Scanner<'_>) -> Result<u64, SyntaxError> {
        self.members.clear();
        self.open.clear();
        loop {
            let mut done = match scanner.kind()? {
                Kind::Object => {
                    scanner.enter_object()?;
                    self.step_into(true);
                    None
                }
                Kind::Array => {
                    scanner.enter_array()?;
                    self.step_into(false);
                    None
                }
                _ => Some(self.scalar(scanner.value()?)),
            };
            // Closes containers that have ended, until there is a next value to read.
            while let Some(mut innermost) = self.open.pop() {
                if let Some(value) = done.take() {
                    self.members.push(innermost.name, value);
                }
                let more = if innermost.object {
                    let name = scanner.name()?;
                    innermost.name = name.map_or(0, |name| self.name(name));
                    name.is_some()
                } else {
                    scanner.item()?
                };
                if more {
                    self.open.push(innermost);
                    break;
                }
                done = Some(self.close(&innermost));
            }
            if let Some(hash) = done {
                return Ok(hash);
            }
        }
    }

    /// Returns the hash of a value that was read.
    pub(super) fn hash(&mut self, value: Value<'_>) -> Result<u64, SyntaxError> {
        match value.kind() {
            Kind::Object | Kind::Array => self.value(&mut Scanner::new(value.json())),
            _ => Ok(self.scalar(value)),
        }
    }

    fn step_into(&mut self, object: bool) {
        self.open.push(Open { object, from: self.members.0.len(), name: 0 });
    }

    fn close(&mut self, container: &Open) -> u64 {
        let members = &mut self.members.0[container.from..];
        let hash = if container.object {
            object_hash(self.seed, members, &mut self.bytes)
        } else {
            self.bytes.clear();
            for (_, _, value) in members {
                self.bytes.extend_from_slice(&value.to_le_bytes());
            }
            hash(self.seed, Tag::Array, &self.bytes)
        };
        self.members.0.truncate(container.from);
        hash
    }

    /// Returns the hash of an object with these members.
    pub(super) fn object(&mut self, members: &mut Members) -> u64 {
        object_hash(self.seed, &mut members.0, &mut self.bytes)
    }

    fn scalar(&mut self, value: Value<'_>) -> u64 {
        match value.kind() {
            Kind::String => {
                let raw = &value.json()[1..value.json().len() - 1];
                self.decoded(Tag::String, raw, value.is_escaped())
            }
            Kind::Number => {
                self.bytes.clear();
                decimal::normalise_into(value.json(), &mut self.bytes);
                hash(self.seed, Tag::Number, &self.bytes)
            }
            Kind::Boolean => hash(self.seed, Tag::Boolean, value.json().as_bytes()),
            _ => hash(self.seed, Tag::Null, b""),
        }
    }

    /// Returns the hash of a member name.
    pub(super) fn name(&mut self, name: Name<'_>) -> u64 {
        self.decoded(Tag::Name, name.raw(), name.is_escaped())
    }

    /// Returns the hash that [`value`](Self::value) returns for a string with this decoded text.
    pub(super) fn string(&self, text: &str) -> u64 {
        hash(self.seed, Tag::String, text.as_bytes())
    }

    fn decoded(&mut self, tag: Tag, raw: &str, escaped: bool) -> u64 {
        if !escaped {
            return hash(self.seed, tag, raw.as_bytes());
        }
        self.text.clear();
        decode_into(raw, &mut self.text);
        hash(self.seed, tag, self.text.as_bytes())
    }
}

fn hash(seed: u64, tag: Tag, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, seed.wrapping_add(tag as u64))
}

fn object_hash(seed: u64, members: &mut [(u64, usize, u64)], bytes: &mut Vec<u8>) -> u64 {
    members.sort_unstable_by_key(|&(name, place, _)| (name, place));
    bytes.clear();
    for (place, &(name, _, value)) in members.iter().enumerate() {
        // The last of a repeated name counts.
        if members.get(place + 1).is_none_or(|next| next.0 != name) {
            bytes.extend_from_slice(&name.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    hash(seed, Tag::Object, bytes)
}
