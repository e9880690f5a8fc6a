//! The reasons why a written user gets no password, or no MFA secret, from a joined file.

use super::table::JoinMatch;

/// The reason why nothing was joined to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Reason {
    /// No record of a file has the user's id.
    NotInFile,
    /// The user has no id at all.
    NoId,
    /// `user_id` and `identities[0].user_id` differ.
    IdsDisagree,
    /// Records have the user's id, but in other connections.
    OtherConnection,
    /// Several hashes are possible.
    SeveralHashes,
    /// This entry belongs to the user's login, but has nothing to join.
    NoHash(u32),
    /// By e-mail address: the address does not belong to exactly one user and one hash record.
    SharedAddress,
    /// By e-mail address: the hash belongs to the id of another record.
    AddressOfAnotherId,
    /// By e-mail address: a record of the export could not be read, and may be another user with the address.
    UnreadableRecord,
    /// By e-mail address: the user comes from `rejected.ndjson`, without the other users of its export.
    RejectedAlone,
    /// By e-mail address: the date of the user's creation, or of the password, is unknown.
    UnknownDates,
    /// By e-mail address: the user was created too long after the password was set.
    SignedUpLater,
}

impl Reason {
    /// Converts the result of a lookup by id. `Ok` holds the entry to join.
    pub(super) fn of(found: JoinMatch) -> Result<u32, Self> {
        match found {
            JoinMatch::Entry(at) => Ok(at),
            JoinMatch::Nothing => Err(Self::NotInFile),
            JoinMatch::OtherConnection => Err(Self::OtherConnection),
            JoinMatch::Several => Err(Self::SeveralHashes),
            JoinMatch::NoText(at) => Err(Self::NoHash(at)),
        }
    }

    /// Returns the name of the reason in counts and lists.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotInFile => "not in the file",
            Self::NoId => "no id",
            Self::IdsDisagree => "ids disagree",
            Self::OtherConnection => "other connection",
            Self::SeveralHashes => "several hashes",
            Self::NoHash(_) => "no hash in its record",
            Self::SharedAddress => "e-mail address not unique",
            Self::AddressOfAnotherId => "e-mail address of another id",
            Self::UnreadableRecord => "an unreadable record",
            Self::RejectedAlone => "a rejected record alone",
            Self::UnknownDates => "date unknown",
            Self::SignedUpLater => "signed up after the password was set",
        }
    }

    /// Returns the name of the reason in counts of MFA secrets.
    pub(super) fn secret_name(self) -> &'static str {
        match self {
            Self::SeveralHashes => "several secrets",
            reason => reason.name(),
        }
    }
}
