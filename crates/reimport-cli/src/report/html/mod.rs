//! HTML pages: one file each, without script, and without fonts or pictures from elsewhere. Every value is escaped.
//!
//! A page extends `templates/layout.html`, which has the frame and the style. It includes `templates/table.html` with a
//! [`Table`] of counts with bars, `templates/bar.html` with a [`Bar`] of the results of all users, and
//! `templates/remarks.html` with a list of [`Entry`].
//!
//! Sentences become [`Word`]s, so that no mark of code is shown. Equal sentences are shown once, with a list. Shares of
//! rows that have every user once add up to the share of all of them.

mod arrival;
mod bar;
mod entries;
mod readiness;
mod table;
mod words;

pub(crate) use arrival::arrival_page;
use bar::{Bar, Piece};
use entries::{Entry, entries};
pub(crate) use readiness::readiness_page;
use table::{Row, Table};
use words::{Word, words};

use crate::terminal::{Form, printable_lines};

/// Renders a page. The templates escape markup. This function escapes characters that invisibly change how text is
/// shown.
fn rendered(page: &impl askama::Template) -> anyhow::Result<String> {
    Ok(printable_lines(&page.render()?, Form::Text).into_owned())
}

/// An input file of a page.
struct Source {
    name: String,
    what: String,
}
