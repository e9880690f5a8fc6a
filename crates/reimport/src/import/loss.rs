//! What the users of a run lose in an import, counted from the summary of the run.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::run::{Summary, Topic};
use crate::user::kinds;
use crate::user::property::Property;

/// Returns the properties of written users that only exports have, with the number of users that have each. An import
/// brings none of them.
pub fn export_only(summary: &Summary) -> BTreeMap<String, u64> {
    let present = summary.present.iter().filter(|(_, count)| **count > 0);
    let export_only = |name: &str| !Property::named(name).is_some_and(Property::is_importable);
    present.filter(|(name, _)| export_only(name)).map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Returns the number of written users that have used a second factor that is not imported.
pub fn mfa_lost(summary: &Summary) -> u64 {
    summary.of(Topic::Warned).find(|(fact, _)| fact.kind == kinds::MFA_LOST).map_or(0, |(_, count)| count)
}

/// Returns a sentence for each thing that no written user has. Empty if no user was written or no property is known.
///
/// `present` holds the number of the `written` users that have a property, by its name. It comes from a [`Summary`],
/// or from the manifest of the run.
pub fn lacks<N: Borrow<str> + Ord>(written: u64, present: &BTreeMap<N, u64>) -> Vec<&'static str> {
    let none = |name: &str| present.get(name) == Some(&0);
    let mut lacks = Vec::new();
    if written == 0 {
        return lacks;
    }
    if none("app_metadata") && none("user_metadata") {
        lacks.push("no metadata at all (a default-field export?): metadata will be missing");
    }
    if none("user_id") {
        lacks.push("no user_id: the new tenant will create new ids");
    }
    if none("email_verified") {
        lacks.push("no email_verified: all e-mail addresses will count as not verified");
    }
    if none("identities") {
        lacks.push("no identities: strategies are taken from ids, linked logins unknown");
    }
    lacks
}

/// Data that is not in any export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absent {
    /// Roles and permissions.
    Roles,
    /// Organization memberships.
    Organizations,
    /// Password hashes.
    PasswordHashes,
    /// Secrets of second factors.
    MfaSecrets,
    /// Sessions, refresh tokens and grants.
    Sessions,
}

impl Absent {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Roles, Self::Organizations, Self::PasswordHashes, Self::MfaSecrets, Self::Sessions];

    /// Returns its name, for a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles and permissions",
            Self::Organizations => "organization memberships",
            Self::PasswordHashes => "password hashes",
            Self::MfaSecrets => "secrets of second factors",
            Self::Sessions => "sessions, refresh tokens and grants",
        }
    }

    /// Returns where it comes from instead, in one or two sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Roles => "Read them from the Management API and assign them again after the import.",
            Self::Organizations => "Add members to organizations again after the import.",
            Self::PasswordHashes => {
                "The support of the service exports them to a separate file on request; join it before the first import. A hash cannot be added to an existing user."
            }
            Self::MfaSecrets => "Users enroll again, or TOTP secrets are joined from a separate file.",
            Self::Sessions => "Users log in again, and consent again if an application asks for it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Fact;

    #[test]
    fn reports_values_that_no_user_has() {
        let mut present: BTreeMap<&str, u64> = Property::ALL.map(|property| (property.name(), 0)).into();
        assert_eq!(lacks(2, &present).len(), 4);
        assert!(lacks(0, &present).is_empty());
        assert!(lacks::<&str>(2, &BTreeMap::new()).is_empty());
        present.insert("user_id", 2);
        assert_eq!(lacks(2, &present).len(), 3);
        present.insert("user_metadata", 1);
        assert_eq!(lacks(2, &present).len(), 2);
    }

    #[test]
    fn lost_properties_are_present_and_not_importable() {
        let present = [("email", 3), ("identities", 2), ("tenant", 0)].into();
        let summary = Summary { present, ..Summary::default() };
        assert_eq!(export_only(&summary), [("identities".to_owned(), 2)].into());
    }

    #[test]
    fn users_with_a_lost_second_factor_are_counted() {
        assert_eq!(mfa_lost(&Summary::default()), 0);
        let fact = |kind| Fact { topic: Topic::Warned, kind, subject: "".into() };
        let facts = [(fact(kinds::MFA_LOST), 3), (fact(kinds::TOTP_SECRET_NORMALISED), 5)].into();
        assert_eq!(mfa_lost(&Summary { facts, ..Summary::default() }), 3);
    }

    #[test]
    fn what_no_export_has_is_named_with_its_remedy() {
        let shown = Absent::ALL.map(|absent| format!("{}: {}", absent.name(), absent.remedy()));
        assert_eq!(
            shown,
            [
                "roles and permissions: Read them from the Management API and assign them again after the import.",
                "organization memberships: Add members to organizations again after the import.",
                "password hashes: The support of the service exports them to a separate file on request; join it before the first import. A hash cannot be added to an existing user.",
                "secrets of second factors: Users enroll again, or TOTP secrets are joined from a separate file.",
                "sessions, refresh tokens and grants: Users log in again, and consent again if an application asks for it.",
            ]
        );
    }
}
