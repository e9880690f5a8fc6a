//! What no export holds, whatever was asked for: so no import can bring it.

/// What is in no export, and where it comes from instead: two sentences' worth for a report.
pub const ABSENT: &[(&str, &str)] = &[
    ("roles and permissions", "Read them from the Management API and assign them again after the import."),
    ("organization memberships", "Add members to organizations again after the import."),
    (
        "password hashes",
        "They come in a file of their own, which the service's support makes on request; join it with --passwords before \
         the first import. A hash cannot be added to a user who is there already.",
    ),
    ("secrets of second factors", "Users enrol again, or join TOTP secrets with --mfa-secrets."),
    (
        "sessions, refresh tokens and grants",
        "Users log in again, and consent again where an application asks for it.",
    ),
];
