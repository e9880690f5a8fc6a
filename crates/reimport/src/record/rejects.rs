//! Reads `rejected.ndjson`. The record is the value of `user`.

use std::ops::Range;

use super::block::{Block, Frame, utf8};
use super::error::RecordError;
use crate::json::{Kind, Scanner, SyntaxError, Value};

/// The results of the run that rejected a record, including facts that only that run could know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are independent members of a line")]
pub(crate) struct Before {
    /// The record comes from a line of `rejected.ndjson`.
    pub(crate) rejected: bool,
    /// The run had a password hash for the user.
    pub(crate) password: bool,
    /// Another user had one of its identifiers.
    pub(crate) duplicate: bool,
    /// Its user id is bare.
    pub(crate) bare_id: bool,
}

/// The import rule that depends on the other users of a run. Must be equal to `user::names::DUPLICATE`.
const DUPLICATE: &str = "duplicate";

/// Narrows each framed line to its user. A line without a user is a record that was not corrected.
pub(super) fn unwrap_users(block: &mut Block) {
    let mut frames = std::mem::take(&mut block.frames);
    for frame in frames.iter_mut().filter(|frame| frame.fault.is_none()) {
        if let Err(fault) = unwrap_user(block.plain(), frame) {
            frame.fault = Some(Box::new(fault));
        }
    }
    block.frames = frames;
}

fn unwrap_user(plain: &[u8], frame: &mut Frame) -> Result<(), RecordError> {
    let line = utf8(&plain[frame.plain.clone()])?;
    let Line { user, before, duplicate_of } = user_in(line)?;
    let user = user.ok_or(RecordError::NotFixed)?;
    let start = frame.plain.start;
    frame.duplicate_of = duplicate_of.map(|range| start + range.start..start + range.end);
    frame.plain = start + user.start..start + user.end;
    frame.before = before;
    Ok(())
}

/// The content of a line.
#[derive(Debug, Default)]
struct Line {
    /// The location of the last `user`, if its value is an object.
    user: Option<Range<usize>>,
    before: Before,
    /// The location of the message of the problem `duplicate`, as the JSON text of a string.
    duplicate_of: Option<Range<usize>>,
}

fn user_in(line: &str) -> Result<Line, SyntaxError> {
    let mut scanner = Scanner::in_wrapper(line)?;
    let (mut user, mut duplicate_of) = (None, None);
    let mut before = Before { rejected: true, ..Before::default() };
    while let Some(name) = scanner.name()? {
        let kind = scanner.kind()?;
        let start = scanner.offset();
        let value = scanner.value()?;
        if name.is("user") {
            user = (kind == Kind::Object).then(|| start..scanner.offset());
        } else if name.is("password") {
            before.password = value.json() == "true";
        } else if name.is("problems") {
            let problem = duplicate_among(value);
            before.duplicate = problem.is_some();
            let message = problem.and_then(|problem| problem.member("message"));
            duplicate_of = message.filter(|message| message.kind() == Kind::String).map(|message| {
                let start = message.json().as_ptr().addr() - line.as_ptr().addr();
                start..start + message.json().len()
            });
        } else if name.is("user_ids") {
            before.bare_id = value.as_str().is_some_and(|form| form == "bare");
        }
    }
    scanner.end()?;
    Ok(Line { user, before, duplicate_of })
}

/// Returns the first problem with the rule `duplicate`.
fn duplicate_among(problems: Value<'_>) -> Option<Value<'_>> {
    let mut scanner = Scanner::new(problems.json());
    scanner.enter_array().ok()?;
    while scanner.item().ok()? {
        let problem = scanner.value().ok()?;
        if problem.member("rule").and_then(|rule| rule.as_str()).is_some_and(|rule| rule == DUPLICATE) {
            return Some(problem);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_rule_has_one_name() {
        assert_eq!(DUPLICATE, crate::user::names::DUPLICATE);
    }

    #[test]
    fn members_next_to_the_user_are_read() {
        let read = Before { rejected: true, ..Before::default() };
        let duplicate = Before { duplicate: true, ..read };
        let password = Before { password: true, ..read };
        let bare_id = Before { bare_id: true, ..read };
        for (line, before) in [
            (r#"{"user":{}}"#, read),
            (r#"{"password":true,"user":{}}"#, password),
            (r#"{"password":"true","user":{}}"#, read),
            (r#"{"user_ids":"bare","user":{}}"#, bare_id),
            (r#"{"user_ids":"exported","user":{}}"#, read),
            (r#"{"problems":[{"rule":"duplicate","path":"email"}],"user":{}}"#, duplicate),
            (r#"{"problems":[7,{"rule":"x"},{"rule":"d\u0075plicate"}],"user":{}}"#, duplicate),
            (r#"{"problems":[{"rule":"duplicates"}],"user":{}}"#, read),
            (r#"{"problems":{"rule":"duplicate"},"user":{}}"#, read),
        ] {
            assert_eq!(user_in(line).unwrap().before, before, "{line}");
        }
    }
}
