//! The trait that receives the users that differ, one at a time.

use super::report::FieldChange;
use crate::error::Result;
use crate::run::Written;

/// One user that differs.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Differing<'a> {
    /// The `user_id`, as in the record.
    pub user_id: Option<&'a str>,
    /// The e-mail address, as in the record.
    pub email: Option<&'a str>,
    /// The record as compact JSON, with each token as written. It can be passed to a sink.
    pub record: Written<'a>,
    /// The differences after an import. Empty between two exports.
    pub changes: &'a [FieldChange],
}

/// Receives the users that differ, on one thread.
///
/// The implementation for `()` ignores them. Use it if only the counts are needed.
pub trait Differences {
    /// Receives a user that is only on the old side, with its old record: it did not arrive, or it was deleted.
    ///
    /// # Errors
    /// Returns an error if the user cannot be written. The comparison then fails.
    fn missing(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }

    /// Receives a user that differs, with its record on the new side.
    ///
    /// # Errors
    /// Returns an error if the user cannot be written. The comparison then fails.
    fn changed(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }

    /// Receives a user that is only on the new side, with its record.
    ///
    /// # Errors
    /// Returns an error if the user cannot be written. The comparison then fails.
    fn extra(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }
}

impl Differences for () {}
