//! Remarks about cells of a CSV file that a spreadsheet or an editor has probably changed.

use std::sync::Arc;

use reimport::record::{CellPlaces, CellWarning};
use reimport::run::SourceSummary;

use super::compare::short;
use super::page::{counted, grouped};

/// Cells of one source with the same warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DoubtfulCells {
    pub(crate) warning: CellWarning,
    /// The source, if the run has several.
    source: Option<Arc<str>>,
    /// The columns, in the order of the header.
    columns: Vec<(String, CellPlaces)>,
}

/// Number of columns that are named before the others are counted.
const SHOWN: usize = 3;

impl DoubtfulCells {
    /// Returns the doubtful cells of all sources.
    pub(super) fn of(sources: &[SourceSummary]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for source in sources {
            let name = (sources.len() > 1).then(|| Arc::clone(&source.name));
            let begins = all.len();
            for (warning, column, places) in source.warnings() {
                if let Some(cells) = all[begins..].last_mut().filter(|cells| cells.warning == warning) {
                    cells.columns.push((column, places));
                } else {
                    all.push(Self { warning, source: name.clone(), columns: vec![(column, places)] });
                }
            }
        }
        all
    }

    /// Returns one clause, without a full stop.
    pub(super) fn words(&self) -> String {
        let cells: u64 = self.columns.iter().map(|(_, places)| places.cells).sum();
        let columns = self.named_columns();
        let words = match self.warning {
            CellWarning::BareText => format!(
                "{} text without the apostrophe of the export job, read unchanged: {columns}; was the file saved by a \
                 spreadsheet?",
                are(cells, "cell")
            ),
            CellWarning::ShortenedNumber => format!(
                "{} shortened by a spreadsheet and lost digits: {columns}; export again, and do not save the file in \
                 a spreadsheet",
                are(cells, "number")
            ),
            CellWarning::KeptApostrophes => format!(
                "the apostrophes before {} are kept, because some strings have none: {columns}; if the export job wrote the \
                 file, --csv-dialect auth0 removes them",
                counted(cells, "cell")
            ),
            other => format!("{other} {columns}"),
        };
        match &self.source {
            Some(source) => format!("{source}: {words}"),
            None => words,
        }
    }

    /// Returns the source and the columns.
    pub(super) fn place_words(&self) -> String {
        let source = self.source.as_deref().map_or_else(String::new, |source| format!("{source}: "));
        format!("{source}{}", self.named_columns())
    }

    fn named_columns(&self) -> String {
        let named = self.columns.iter().take(SHOWN).map(|(column, places)| {
            let column = short(column);
            match (self.warning, places.cells) {
                (CellWarning::KeptApostrophes, _) | (_, 1) => {
                    format!("{column} on line {}", places.first_line)
                }
                (_, cells) => format!("{column} {}, first on line {}", grouped(cells), places.first_line),
            }
        });
        let named: Vec<String> = named.collect();
        let more = match self.columns.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!("; and {}", counted(more as u64, "more column")),
        };
        format!("{}{more}", named.join("; "))
    }
}

/// `1 cell is`, `2 cells are`.
fn are(count: u64, one: &str) -> String {
    format!("{} {}", counted(count, one), if count == 1 { "is" } else { "are" })
}
