//! Data of users that is in no export, whatever was asked for: no import can bring it.

/// Data that is in no export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// Roles and permissions.
    Roles,
    /// Memberships of organizations.
    Organizations,
    /// Password hashes.
    PasswordHashes,
    /// Secrets of second factors.
    MfaSecrets,
    /// Sessions, refresh tokens and grants.
    Sessions,
}

impl Absent {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Roles, Self::Organizations, Self::PasswordHashes, Self::MfaSecrets, Self::Sessions];

    /// What it is, for a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles and permissions",
            Self::Organizations => "organization memberships",
            Self::PasswordHashes => "password hashes",
            Self::MfaSecrets => "secrets of second factors",
            Self::Sessions => "sessions, refresh tokens and grants",
        }
    }

    /// Where it comes from instead, in one or two sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Roles => "Read them from the Management API and assign them again after the import.",
            Self::Organizations => "Add members to organizations again after the import.",
            Self::PasswordHashes => {
                "The service's support exports them to a file of their own on request; join it before the first \
                 import. A hash cannot be added to a user that exists already."
            }
            Self::MfaSecrets => "Users enroll again, or TOTP secrets are joined from a file of their own.",
            Self::Sessions => "Users log in again, and consent again where an application asks for it.",
        }
    }
}
