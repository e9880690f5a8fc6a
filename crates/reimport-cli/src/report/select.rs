//! What `select` says when it is over.

use reimport::{Summary, Topic};
use serde_json::{Map, Value};

use super::chosen::{self, Place, Unseen};
use super::json::summary_json;
use super::page::{Page, counted, grouped};
use super::summary::{printable, read};
use crate::args::OutputFormat;
use crate::exit::Status;

/// A limit, and the request it stands in.
pub(crate) struct Limit {
    pub(crate) users: u64,
    pub(crate) of: Option<String>,
}

/// What a run of `select` did.
pub(crate) struct Selected<'a> {
    pub(crate) summary: &'a Summary,
    /// The names of the fields.
    pub(crate) fields: Vec<String>,
    pub(crate) format: OutputFormat,
    /// Where the data went.
    pub(crate) place: &'a str,
    pub(crate) limit: Option<&'a Limit>,
    pub(crate) places: &'a [Place],
    pub(crate) unseen: &'a [Unseen],
    /// No cell is left that a spreadsheet would run.
    pub(crate) escaped: bool,
}

/// The summary of a selection.
pub(crate) fn select_text(selected: &Selected<'_>, status: Status) -> String {
    let (mut page, summary) = (Page::default(), selected.summary);
    let limit = match selected.limit {
        Some(Limit { users, of: Some(request) }) => format!("limit {users} of {}", printable(request)),
        Some(Limit { users, of: None }) => format!("--limit {users}"),
        None => String::new(),
    };
    read(&mut page, summary, &limit);
    let format = match selected.format {
        OutputFormat::Csv => "CSV",
        OutputFormat::Ndjson => "NDJSON",
        OutputFormat::Json => "one JSON array",
    };
    let (users, fields) = (counted(summary.written, "user"), counted(selected.fields.len() as u64, "field"));
    page.say("written", &format!("{users}, {fields} each, as {format} to {}", printable(selected.place)));
    chosen::left_out(&mut page, summary);
    chosen::rejected(&mut page, summary, " that cannot be read", selected.places);
    formulas(&mut page, selected);
    let lone: u64 =
        summary.of(Topic::Warned).filter(|(name, _)| *name == "lone-surrogate").map(|(_, n)| n).sum();
    if lone > 0 {
        let words = "with half a character (a lone surrogate), which became U+FFFD";
        page.say("warning", &format!("{} {words}", counted(lone, "cell")));
    }
    chosen::unseen(&mut page, selected.unseen);
    page.line(status.words());
    page.to_string()
}

/// The cells that a spreadsheet would run as formulas, by column.
fn formula_cells(summary: &Summary) -> Vec<(&str, u64)> {
    let named = summary.of(Topic::Warned);
    let mut cells: Vec<_> =
        named.filter_map(|(name, count)| Some((name.strip_prefix("spreadsheet-formula ")?, count))).collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.1));
    cells
}

fn formulas(page: &mut Page, selected: &Selected<'_>) {
    let cells = formula_cells(selected.summary);
    if selected.escaped || cells.is_empty() {
        return;
    }
    let all = cells.iter().map(|(_, count)| count).sum();
    let by: Vec<String> = cells
        .iter()
        .take(5)
        .map(|(name, count)| format!("{} {}", printable(name), grouped(*count)))
        .collect();
    let more = if cells.len() > 5 { format!(" and {} more columns", cells.len() - 5) } else { String::new() };
    page.say(
        "warning",
        &format!(
            "{} that a spreadsheet would run as a formula: {}{more}; --csv-escape formulas disarms them",
            counted(all, "cell"),
            by.join(", ")
        ),
    );
}

/// The `--json` document of `select`: that of `convert`, and what is its own.
pub(crate) fn select_json(selected: &Selected<'_>, status: Status) -> Value {
    let mut document = summary_json(selected.summary, selected.unseen, status);
    let cells: Map<String, Value> = formula_cells(selected.summary)
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count.into()))
        .collect();
    let format = match selected.format {
        OutputFormat::Csv => "csv",
        OutputFormat::Ndjson => "ndjson",
        OutputFormat::Json => "json",
    };
    if let Some(members) = document.as_object_mut() {
        members.insert("format".into(), format.into());
        members.insert("fields".into(), selected.fields.clone().into());
        members.insert("limit".into(), selected.limit.map(|limit| limit.users).into());
        members.insert("formula_cells".into(), cells.into());
    }
    document
}
