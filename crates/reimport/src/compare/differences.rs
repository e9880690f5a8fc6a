//! Where those who differ are told, one by one.

use super::report::FieldChange;
use crate::error::Result;
use crate::run::Written;

/// One user who differs.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Differing<'a> {
    /// The `user_id`, as the record has it.
    pub user_id: Option<&'a str>,
    /// The e-mail address, as the record has it.
    pub email: Option<&'a str>,
    /// The record, compact, each token as it is written: ready for a sink.
    pub record: Written<'a>,
    /// What differs after an import; empty between two exports.
    pub changes: &'a [FieldChange],
}

/// Takes up the users who differ, on one thread.
///
/// `()` takes them up and forgets them: for the counts alone.
pub trait Differences {
    /// A user of the old side only, with the record there: one who did not arrive, or who is gone.
    ///
    /// # Errors
    /// Where it cannot be written; the comparison ends.
    fn missing(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }

    /// A user who differs, with the record of the new side.
    ///
    /// # Errors
    /// Where it cannot be written; the comparison ends.
    fn changed(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }

    /// A user of the new side only, with the record there.
    ///
    /// # Errors
    /// Where it cannot be written; the comparison ends.
    fn extra(&mut self, user: Differing<'_>) -> Result<()> {
        let _ = user;
        Ok(())
    }
}

impl Differences for () {}
