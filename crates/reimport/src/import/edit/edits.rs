//! The edits of a user: moves, drops and sets, in that order.

use super::flat;
use super::node::{EditNode, Refused};
use crate::json::{Scanner, SyntaxError};
use crate::path::FieldPath;
use crate::run::{Output, Seen};
use crate::user::kinds;

/// Changes that are made to each record before the rules are applied: all moves, then all drops, then all sets.
///
/// A path also matches the other spellings that the rules recognize: a flat key (`"app_metadata.plan"`) and, if the
/// record does not have the exact name, another spelling of a known property (`"Email"`, `"EMAIL"`).
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
    moves: Vec<(FieldPath, FieldPath, Seen)>,
    drops: Vec<(FieldPath, Seen)>,
    sets: Vec<(FieldPath, Box<str>, Seen)>,
    /// Whether any record was edited.
    used: Seen,
}

/// An edit that was made to no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnmadeEdit<'e> {
    /// No record has a value to move at this path.
    Move(&'e FieldPath),
    /// No record has a value to drop at this path.
    Drop(&'e FieldPath),
    /// In every record, a value on the way to this path is not an object or array that can hold it.
    Set(&'e FieldPath),
}

impl Edits {
    /// Creates an empty list of edits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the value at `from` to `to`. An existing value at `to` is never replaced: the value then stays at
    /// `from`, and a warning is counted.
    pub fn move_to(mut self, from: FieldPath, to: FieldPath) -> Self {
        self.moves.push((from, to, Seen::default()));
        self
    }

    /// Drops the value at `path`.
    pub fn drop_at(mut self, path: FieldPath) -> Self {
        self.drops.push((path, Seen::default()));
        self
    }

    /// Sets the value at `path` to a JSON text, and replaces any existing value.
    ///
    /// # Errors
    /// If `json` is not a JSON value.
    pub fn set(mut self, path: FieldPath, json: &str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(json);
        let value = scanner.value()?;
        scanner.end()?;
        self.sets.push((path, value.json().into(), Seen::default()));
        Ok(self)
    }

    /// Returns whether there are no edits.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.drops.is_empty() && self.sets.is_empty()
    }

    /// Returns the edits that were made to no record so far. Empty if no record was edited at all. A value that is
    /// `null` counts as a value.
    ///
    /// All records that a run has read count, including those that it read ahead beyond its limit.
    ///
    /// ```
    /// use reimport::import::{Edits, UnmadeEdit};
    /// use reimport::{Pipeline, Rules, sink::Nothing, source::Source};
    ///
    /// let rules = Rules::new().edits(Edits::new().drop_at("nikname".parse()?).drop_at("nickname".parse()?));
    /// let export = br#"{"email":"a@example.com","nickname":"a"}"#;
    /// Pipeline::new().run([Source::from_reader("tenant.json", &export[..])], &rules, Nothing::new())?;
    /// assert_eq!(rules.unmade_edits(), [UnmadeEdit::Drop(&"nikname".parse()?)]);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn unmade(&self) -> Vec<UnmadeEdit<'_>> {
        if !self.used.is() {
            return Vec::new();
        }
        let moves = self.moves.iter().map(|(from, _, seen)| (UnmadeEdit::Move(from), seen));
        let drops = self.drops.iter().map(|(path, seen)| (UnmadeEdit::Drop(path), seen));
        let sets = self.sets.iter().map(|(path, _, seen)| (UnmadeEdit::Set(path), seen));
        moves.chain(drops).chain(sets).filter(|(_, seen)| !seen.is()).map(|(edit, _)| edit).collect()
    }

    /// Writes `json` into `edited`, with the edits made.
    pub(in crate::import) fn apply(
        &self,
        json: &str,
        edited: &mut String,
        output: &mut Output<'_>,
    ) -> Result<(), SyntaxError> {
        let mut record = EditNode::open(json)?;
        self.used.note();
        flat::nest(&mut record, |key| self.takes(key), output);
        for (from, to, seen) in &self.moves {
            move_one(&mut record, from, to, seen, output);
        }
        for (path, seen) in &self.drops {
            let spelled = record.as_spelled(path);
            if record.take(spelled.segments()).is_some() {
                seen.note();
                output.note_fixed(kinds::DROPPED, &path.to_string());
            }
        }
        for (path, value, seen) in &self.sets {
            let spelled = record.as_spelled(path);
            let put = record.put(spelled.segments(), EditNode::Text(value.to_string().into()), true);
            if put.is_ok() {
                seen.note();
            }
            note_set(output, put, path);
        }
        edited.clear();
        record.write(edited);
        Ok(())
    }

    /// Returns whether an edit moves from, or drops, exactly this path.
    fn takes(&self, path: &FieldPath) -> bool {
        self.moves.iter().any(|(from, ..)| from == path) || self.drops.iter().any(|(drop, _)| drop == path)
    }
}

fn move_one(
    record: &mut EditNode<'_>,
    from: &FieldPath,
    to: &FieldPath,
    seen: &Seen,
    output: &mut Output<'_>,
) {
    let spelled = record.as_spelled(from);
    let Some(value) = record.get(spelled.segments()) else { return };
    seen.note();
    if value.is_null() {
        return;
    }
    let value = value.clone();
    let to = record.as_spelled(to);
    // A value cannot be moved to a path inside itself.
    if to.segments().starts_with(spelled.segments()) {
        return note_move(output, Err(Refused::Blocked), from);
    }
    let put = record.put(to.segments(), value, false);
    if put.is_ok() {
        record.take(spelled.segments());
    }
    note_move(output, put, from);
}

fn note_move(output: &mut Output<'_>, put: Result<(), Refused>, path: &FieldPath) {
    let path = path.to_string();
    match put {
        Ok(()) => output.note_fixed(kinds::MOVED, &path),
        Err(Refused::Taken) => output.note_warned(kinds::NOT_MOVED_TAKEN, &path),
        Err(Refused::Blocked) => output.note_warned(kinds::NOT_MOVED_NO_WAY, &path),
    }
}

fn note_set(output: &mut Output<'_>, put: Result<(), Refused>, path: &FieldPath) {
    let path = path.to_string();
    match put {
        Ok(()) => output.note_fixed(kinds::SET, &path),
        Err(Refused::Taken | Refused::Blocked) => output.note_warned(kinds::NOT_SET_NO_WAY, &path),
    }
}
