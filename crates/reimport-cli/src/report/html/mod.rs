//! Pages: one file each, without script, font or picture from elsewhere; every value is escaped.
//!
//! `templates/layout.html` has the frame and the style of every page, and `templates/table.html` a table of counts with
//! bars, `templates/bar.html` what became of everybody at a glance; a page extends the one and includes the others with a
//! [`Table`] and a [`Bar`].

mod arrival;
mod bar;
mod readiness;
mod table;
mod words;

pub(crate) use arrival::arrival_page;
use bar::{Bar, Piece};
pub(crate) use readiness::readiness_page;
use table::{Row, Table};
use words::{Word, words};

use crate::terminal::{Form, printable_lines};

/// The text of a page. Markup is escaped by the templates, and here what changes unseen how the text around it is shown.
fn rendered(page: &impl askama::Template) -> anyhow::Result<String> {
    Ok(printable_lines(&page.render()?, Form::Text).into_owned())
}

/// A file that a page was made from.
struct Source {
    name: String,
    what: String,
}
