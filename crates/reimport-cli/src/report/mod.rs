//! What a run says when it is over: a few lines for a person, or a document for a program.

mod json;
mod page;
mod summary;

pub(crate) use json::summary_json;
pub(crate) use summary::{Published, summary_text};
