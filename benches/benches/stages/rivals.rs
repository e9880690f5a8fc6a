//! The fastest other scanners, as the benchmarks use them: each record is validated to its end, and fields are read as
//! strings.

use std::hint::black_box;

use serde::de::IgnoredAny;
use simd_json::prelude::ValueIntoString;
use simd_json::tape::Value;
use simd_json::{Buffers, INPUT_PADDING, Tape, fill_tape_padded};
use sonic_rs::{JsonValueTrait as _, LazyValue, PointerTree, pointer};

/// Returns whether `sonic-rs` accepts a record. It builds nothing.
pub(crate) fn is_valid_for_sonic(record: &str) -> bool {
    sonic_rs::from_str::<IgnoredAny>(record).is_ok()
}

/// Returns the number of top-level names of a record. Every value is validated to its end.
pub(crate) fn sonic_names(record: &str) -> usize {
    let mut names = 0;
    for member in sonic_rs::to_object_iter(record) {
        black_box(member.expect("the export is good"));
        names += 1;
    }
    names
}

/// Calls `write` with the three fields of a record, read by one pass over its top-level members.
pub(crate) fn with_sonic_members(record: &str, write: impl FnOnce([&str; 3])) {
    let (mut user_id, mut identities, mut metadata) = (None, None, None);
    for member in sonic_rs::to_object_iter(record) {
        let (name, value) = member.expect("the export is good");
        match &*name {
            "user_id" => user_id = Some(value),
            "identities" => identities = Some(value),
            "user_metadata" => metadata = Some(value),
            _ => {}
        }
    }
    let connection = identities.as_ref().and_then(|array| array.pointer(pointer![0, "connection"]));
    let city = metadata.as_ref().and_then(|object| object.pointer(pointer!["address", "city"]));
    write([text(user_id.as_ref()), text(connection.as_ref()), text(city.as_ref())]);
}

/// The three fields for [`with_sonic_many`], and one that no record has. Without that one, `get_many` stops at the last
/// field of the three, and does not validate what follows.
pub(crate) fn sonic_tree() -> PointerTree {
    let mut tree = PointerTree::new();
    tree.add_path(pointer!["user_id"]);
    tree.add_path(pointer!["identities", 0, "connection"]);
    tree.add_path(pointer!["user_metadata", "address", "city"]);
    tree.add_path(pointer!["no record has this"]);
    tree
}

/// Calls `write` with the three fields of a record, found by `get_many`.
pub(crate) fn with_sonic_many(record: &str, tree: &PointerTree, write: impl FnOnce([&str; 3])) {
    let found = sonic_rs::get_many(record, tree).expect("the export is good");
    write([0, 1, 2].map(|field| text(found[field].as_ref())));
}

fn text<'a>(value: Option<&'a LazyValue<'_>>) -> &'a str {
    value.and_then(|value| value.as_str()).unwrap_or("")
}

/// Parses records with `simd-json`. It changes its input, so each record is copied first. All memory is used again.
pub(crate) struct SimdJson {
    input: Vec<u8>,
    buffers: Buffers,
    tape: Tape<'static>,
}

impl SimdJson {
    pub(crate) fn new() -> Self {
        Self { input: Vec::new(), buffers: Buffers::default(), tape: Tape::null() }
    }

    /// Calls `read` with the record.
    fn parse<T>(&mut self, record: &str, read: impl FnOnce(Value<'_, '_>) -> T) -> T {
        self.input.clear();
        self.input.extend_from_slice(record.as_bytes());
        self.input.resize(record.len() + INPUT_PADDING, 0);
        let mut tape = std::mem::replace(&mut self.tape, Tape::null()).reset();
        fill_tape_padded(&mut self.input, record.len(), &mut self.buffers, &mut tape)
            .expect("the export is good");
        let result = read(tape.as_value());
        self.tape = tape.reset();
        result
    }

    /// Returns the number of top-level names of a record.
    pub(crate) fn names(&mut self, record: &str) -> usize {
        self.parse(record, |user| user.as_object().map_or(0, |user| user.len()))
    }

    /// Calls `write` with the three fields of a record.
    pub(crate) fn with_fields(&mut self, record: &str, write: impl FnOnce([&str; 3])) {
        self.parse(record, |user| {
            let identity = user.get("identities").and_then(|identities| identities.as_array()?.get(0));
            let address = user.get("user_metadata").and_then(|metadata| metadata.get("address"));
            let fields = [
                user.get("user_id"),
                identity.and_then(|identity| identity.get("connection")),
                address.and_then(|address| address.get("city")),
            ];
            write(fields.map(|field| field.and_then(ValueIntoString::into_string).unwrap_or("")));
        });
    }
}
