//! Everything a source as a whole can be told, on one page.

/// A source that is damaged, or is something else than an export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Nothing in it, or only white space.
    #[error("the file is empty: a failed download? Export and download it again")]
    Empty,
}
