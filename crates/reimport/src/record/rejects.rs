//! `rejected.ndjson`, read back: the record is what stands under `user`.

use super::block::{Block, Frame, utf8};
use super::error::RecordError;
use crate::json::{Kind, Scanner, SyntaxError};

/// Narrows every framed line to the user in it; a line without one is a record that nobody has mended.
pub(super) fn take_users(block: &mut Block) {
    let mut frames = std::mem::take(&mut block.frames);
    for frame in frames.iter_mut().filter(|frame| frame.fault.is_none()) {
        if let Err(fault) = take_user(block.plain(), frame) {
            frame.fault = Some(Box::new(fault));
        }
    }
    block.frames = frames;
}

fn take_user(plain: &[u8], frame: &mut Frame) -> Result<(), RecordError> {
    let line = utf8(&plain[frame.plain.clone()])?;
    let user = user_in(line)?.ok_or(RecordError::NotMended)?;
    let start = frame.plain.start;
    frame.plain = start + user.start..start + user.end;
    Ok(())
}

/// Where in a line the value of its last `user` stands, if that is an object.
fn user_in(line: &str) -> Result<Option<std::ops::Range<usize>>, SyntaxError> {
    let mut scanner = Scanner::in_wrapper(line)?;
    let mut user = None;
    while let Some(name) = scanner.name()? {
        let kind = scanner.kind()?;
        let start = scanner.offset();
        scanner.value()?;
        if name.is("user") {
            user = (kind == Kind::Object).then(|| start..scanner.offset());
        }
    }
    scanner.end()?;
    Ok(user)
}
