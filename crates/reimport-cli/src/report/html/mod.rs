//! Pages: one file each, without script, font or picture from elsewhere; every value is escaped.
//!
//! `templates/layout.html` has the frame and the style of every page, and `templates/table.html` a table of counts with
//! bars; a page of another command extends the one and includes the other with a [`Table`].

mod readiness;
mod table;
mod words;

pub(crate) use readiness::readiness_page;
use table::{Row, Table};
use words::{Word, words};
