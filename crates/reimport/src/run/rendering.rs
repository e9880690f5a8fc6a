//! How a sink wants its records.

/// The form in which a [`Sink`](crate::run::Sink) takes rendered records; a [`Transform`](crate::run::Transform) is told it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rendering {
    /// One compact JSON object a record.
    #[default]
    Json,
    /// One CSV line a record, without its line end.
    Csv(CsvEscape),
}

/// What is done to strings that a spreadsheet would run as formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvEscape {
    /// Nothing: values are what the export holds.
    #[default]
    None,
    /// An apostrophe before the strings that a spreadsheet would run.
    Formulas,
    /// An apostrophe before every string, as the export job writes them: types survive.
    Auth0,
}
