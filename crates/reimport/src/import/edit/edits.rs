//! `--move`, `--drop` and `--set`, in that order.

use super::node::{Node, Refused};
use crate::Topic;
use crate::json::{Scanner, SyntaxError};
use crate::path::FieldPath;
use crate::transform::Output;

/// Changes asked for, made to each record before the rules look at it: all moves, then all drops, then all sets.
///
/// ```
/// use reimport::{Pipeline, Rules, import::Edits, sink::Array, source::Source};
///
/// let export = br#"{"email":"a@example.com","created_at":"2021-03-04T09:15:27.481Z"}"#;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let edits = Edits::new()
///     .move_to("created_at".parse()?, "app_metadata.signed_up_at".parse()?)
///     .set("email_verified".parse()?, "true")?;
/// let rules = Rules::default().edits(edits);
/// let (_, users) = Pipeline::new().run([source], &rules, Array::new(Vec::new()))?;
/// assert_eq!(
///     String::from_utf8_lossy(&users),
///     "[\n{\"email\":\"a@example.com\",\"app_metadata\":{\"signed_up_at\":\"2021-03-04T09:15:27.481Z\"},\
///      \"email_verified\":true}\n]"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Edits {
    moves: Vec<(FieldPath, FieldPath)>,
    drops: Vec<FieldPath>,
    sets: Vec<(FieldPath, Box<str>)>,
}

impl Edits {
    /// No edits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the value at `from` to `to`, never over a value that is there; then it stays where it was, and is counted.
    pub fn move_to(mut self, from: FieldPath, to: FieldPath) -> Self {
        self.moves.push((from, to));
        self
    }

    /// Drops the value at `path`.
    pub fn drop_at(mut self, path: FieldPath) -> Self {
        self.drops.push(path);
        self
    }

    /// Sets the value at `path` to a JSON text, whatever was there.
    ///
    /// # Errors
    /// Where `json` is no JSON value.
    pub fn set(mut self, path: FieldPath, json: &str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(json);
        let value = scanner.value()?;
        scanner.end()?;
        self.sets.push((path, value.text().into()));
        Ok(self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.drops.is_empty() && self.sets.is_empty()
    }

    /// Writes `json`, edited, into `edited`.
    pub(in crate::import) fn apply(
        &self,
        json: &str,
        edited: &mut String,
        output: &mut Output<'_>,
    ) -> Result<(), SyntaxError> {
        let mut record = Node::open(json)?;
        for (from, to) in &self.moves {
            move_one(&mut record, from, to, output);
        }
        for path in &self.drops {
            if record.take(path.segments()).is_some() {
                output.note(Topic::Fixed, &format!("dropped {path}"));
            }
        }
        for (path, value) in &self.sets {
            let put = record.put(path.segments(), Node::Text(value.to_string().into()), true);
            note(output, put, "set", path);
        }
        edited.clear();
        record.write(edited);
        Ok(())
    }
}

fn move_one(record: &mut Node<'_>, from: &FieldPath, to: &FieldPath, output: &mut Output<'_>) {
    let Some(value) = record.get(from.segments()).filter(|value| !value.is_null()).map(|value| value.clone())
    else {
        return;
    };
    // Onto a path inside itself, nothing can be moved.
    if to.segments().starts_with(from.segments()) {
        return note(output, Err(Refused::NoWay), "moved", from);
    }
    let put = record.put(to.segments(), value, false);
    if put.is_ok() {
        record.take(from.segments());
    }
    note(output, put, "moved", from);
}

fn note(output: &mut Output<'_>, put: Result<(), Refused>, done: &str, path: &FieldPath) {
    match put {
        Ok(()) => output.note(Topic::Fixed, &format!("{done} {path}")),
        Err(Refused::Taken) => output.note(Topic::Warned, &format!("not-{done}-taken {path}")),
        Err(Refused::NoWay) => output.note(Topic::Warned, &format!("not-{done}-no-way {path}")),
    }
}
