//! Linked accounts: several logins of one user, of which an import can bring only one, a database login.

use super::identities::{self, Identity};
use super::user::User;
use crate::json::{Kind, Scanner, Value};
use crate::run::{Output, SideFile, Topic};
use crate::user::kinds;
use crate::user::property::Property;
use crate::user::spelling;

/// How a user is handled that has a linked database login, but whose own login is not a database login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Linked {
    /// The user is skipped, with a reason of its own. It can still be imported later.
    #[default]
    Skip,
    /// The database login becomes the user. Its id and `profileData` are used, and all other properties of the user
    /// it was linked to.
    Promote,
}

/// A record in which a linked database login has become the user.
#[derive(Debug)]
pub(super) struct Promoted {
    pub(super) json: String,
    /// The index of the login in `identities`.
    pub(super) place: usize,
    /// The names in its `profileData` that were dropped.
    dropped: Vec<&'static str>,
    /// Whether the user it was linked to has a password hash, which was dropped.
    password: bool,
}

/// Returns whether a property belongs to one login, and is taken from `profileData`. All others belong to the user.
fn is_of_a_login(property: Property) -> bool {
    matches!(
        property,
        Property::Email
            | Property::EmailVerified
            | Property::PhoneNumber
            | Property::PhoneVerified
            | Property::UserId
            | Property::Username
            | Property::GivenName
            | Property::FamilyName
            | Property::Name
            | Property::Nickname
            | Property::Picture
    )
}

/// Writes the record in which the first linked database login that `wants` accepts has become the user. Returns
/// `None` if there is no such login.
pub(super) fn promote(user: &User<'_>, wants: impl Fn(Option<&str>) -> bool) -> Option<Promoted> {
    let all = user.identities.value?;
    let mut chosen: Option<(usize, Identity<'_>)> = None;
    identities::each(all, |place, identity| {
        if place == 0 || chosen.is_some() || !identity.is_database() {
            return;
        }
        let connection = identity.connection.and_then(|value| value.as_str());
        if wants(connection.as_deref()) {
            chosen = Some((place, identity));
        }
    });
    let (place, identity) = chosen?;
    let mut promoted = Promoted { json: String::from("{"), place, dropped: Vec::new(), password: false };
    if let Some(id) = identity.user_id.and_then(inner) {
        promoted.member("user_id", &format!("\"auth0|{id}\""));
    }
    if let Some(profile) = identity.profile_data.filter(|value| value.kind() == Kind::Object) {
        promoted.take_profile(profile);
    }
    for property in Property::ALL {
        let shared = !is_of_a_login(property) && property != Property::Identities;
        let Some(value) = user.get(property).filter(|_| shared) else { continue };
        if matches!(property, Property::PasswordHash | Property::CustomPasswordHash) {
            // A hash of the user is not the hash of a login that is linked to it.
            promoted.password |= value.kind() != Kind::Null;
        } else {
            promoted.member(property.name(), value.json());
        }
    }
    let login = object(&[
        ("provider", identity.provider),
        ("connection", identity.connection),
        ("user_id", identity.user_id),
    ]);
    promoted.member("identities", &format!("[{}]", String::from_utf8_lossy(&login)));
    promoted.json.push('}');
    Some(promoted)
}

impl Promoted {
    fn member(&mut self, raw_name: &str, text: &str) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.json.push('"');
        self.json.push_str(raw_name);
        self.json.push_str("\":");
        self.json.push_str(text);
    }

    /// Copies the login's own properties. Metadata is not among them: the login lost its own when it was linked, so
    /// the metadata of the user is used.
    fn take_profile(&mut self, profile: Value<'_>) {
        // The id of the login comes from `user_id` of its identity.
        let taken = |property| property != Property::UserId && is_of_a_login(property);
        let mut scanner = Scanner::new(profile.json());
        // The text was valid when the record was read, so no step can fail.
        if scanner.enter_object().is_err() {
            return;
        }
        while let Ok(Some(name)) = scanner.name() {
            let Ok(value) = scanner.value() else { break };
            let decoded = name.decoded();
            let exact = Property::named(&decoded).map(Property::name);
            // Other spellings of a name are recognized too.
            match exact.or_else(|| spelling::alias_of(&decoded).map(|alias| alias.path)) {
                Some(known) if !Property::named(known).is_some_and(taken) => self.dropped.push(known),
                _ => self.member(name.raw(), value.json()),
            }
        }
    }

    /// Counts what was dropped, and lists the old id and the new one.
    pub(super) fn note(&self, before: &User<'_>, after: &User<'_>, output: &mut Output<'_>) {
        let importable = |name: &&&str| Property::named(name).is_some_and(Property::is_importable);
        for name in self.dropped.iter().filter(importable) {
            output.note(Topic::Dropped, &format!("profileData.{name}"));
        }
        if self.password {
            output.note_warned(kinds::PASSWORD_NOT_PROMOTED, "");
        }
        let line = object(&[
            ("old_user_id", before.get(Property::UserId)),
            ("user_id", after.get(Property::UserId)),
        ]);
        output.side(SideFile::Promoted, &line);
    }
}

/// Counts and lists the logins of a user that are not imported: all but the one at index `kept`.
pub(super) fn list_others(
    all: Option<Value<'_>>,
    kept: usize,
    user_id: Option<Value<'_>>,
    output: &mut Output<'_>,
) {
    let Some(all) = all.filter(|value| value.kind() == Kind::Array) else { return };
    identities::each(all, |place, identity| {
        if place == kept {
            return;
        }
        let provider = identity.provider_name();
        output.note(Topic::LinkedLogin, provider.as_deref().unwrap_or("unknown"));
        let line = object(&[
            ("user_id", user_id),
            ("provider", identity.provider),
            ("connection", identity.connection),
            ("identity_user_id", identity.user_id),
        ]);
        output.side(SideFile::Links, &line);
    });
}

/// Returns the text between the quotes of a string, or a number as written.
fn inner(value: Value<'_>) -> Option<&str> {
    match value.kind() {
        Kind::String => Some(&value.json()[1..value.json().len() - 1]),
        Kind::Number => Some(value.json()),
        _ => None,
    }
}

/// Returns a compact object of the members that are present, each as written.
fn object(members: &[(&str, Option<Value<'_>>)]) -> Vec<u8> {
    let mut line = vec![b'{'];
    for (name, value) in members {
        let Some(value) = value else { continue };
        if line.len() > 1 {
            line.push(b',');
        }
        for part in ["\"", name, "\":"] {
            line.extend_from_slice(part.as_bytes());
        }
        value.write_compact(&mut line);
    }
    line.push(b'}');
    line
}

#[cfg(test)]
mod tests {
    use crate::import::Rules;
    use crate::import::testing::run;
    use crate::import::{Connections, Linked, Unknown};
    use crate::parts_folder::Manifest;
    use crate::run::{SideFile, Topic};

    const USERS: &str = include_str!("../../../../testdata/users-full-profile.ndjson");

    fn dara() -> &'static str {
        USERS.lines().nth(2).expect("dara is the third")
    }

    fn promoting() -> Rules {
        Rules::default().linked(Linked::Promote)
    }

    #[test]
    fn linked_database_login_is_promoted() {
        let seen = run(&promoting(), dara()).unwrap();
        assert_eq!(
            seen.users,
            [concat!(
                r#"{"user_id":"f6674cdf4c09d9678fee3c11","email":"dara@example.com","email_verified":true,"#,
                r#""username":"dara","app_metadata":{"plan":"free"}}"#
            )]
        );
        assert_eq!(
            seen.side(SideFile::Promoted),
            [concat!(
                r#"{"old_user_id":"google-oauth2|104880000000000000017","#,
                r#""user_id":"auth0|f6674cdf4c09d9678fee3c11"}"#
            )]
        );
        assert_eq!(
            seen.side(SideFile::Links),
            [concat!(
                r#"{"user_id":"auth0|f6674cdf4c09d9678fee3c11","provider":"google-oauth2","#,
                r#""connection":"google-oauth2","identity_user_id":"104880000000000000017"}"#
            )]
        );
        assert_eq!(seen.facts(Topic::LinkedLogin), [("google-oauth2", 1)]);
        assert_eq!(seen.facts(Topic::Connection), [("Username-Password-Authentication", 1)]);
        assert!(seen.facts(Topic::Dropped).contains(&("profileData.user_metadata", 1)));
        assert!(seen.facts(Topic::Unknown).contains(&("locale", 1)), "the name at the root was seen too");
    }

    #[test]
    fn linked_login_is_skipped_by_default() {
        let seen = run(&Rules::default(), dara()).unwrap();
        assert_eq!((seen.users.len(), seen.skipped, seen.sides.len()), (0, 1, 0));
        assert_eq!(Manifest::of(&seen.summary).skipped_by["linked-database-login google-oauth2"], 1);
    }

    #[test]
    fn logins_linked_to_a_database_user_are_listed() {
        let bo = USERS.lines().nth(1).expect("bo is the second");
        let seen = run(&Rules::default(), bo).unwrap();
        assert_eq!(
            seen.side(SideFile::Links),
            [concat!(
                r#"{"user_id":"auth0|73e46a7ffe78ea20e41b66d4","provider":"google-oauth2","#,
                r#""connection":"google-oauth2","identity_user_id":"104880000000000000099"}"#
            )]
        );
        assert_eq!(seen.facts(Topic::LinkedLogin), [("google-oauth2", 1)]);
    }

    #[test]
    fn promotion_keeps_block_and_metadata_of_the_user() {
        let user =
            r#"{"user_id":"github|1","email":"x@example.com","name":"X","blocked":true,"multifactor":["sms"],
            "user_metadata":{"a":1},"identities":[{"provider":"github","user_id":1},
            {"provider":"auth0","user_id":"\u0061|b","profileData":{"email":"y@example.com","blocked":false,
            "user_metadata":{"a":2},"user_id":"q","locale":"en"}}]}"#
                .replace('\n', " ");
        let seen = run(&promoting(), user).unwrap();
        assert_eq!(
            seen.users,
            [r#"{"user_id":"\u0061|b","email":"y@example.com","blocked":true,"user_metadata":{"a":1}}"#]
        );
        assert_eq!(seen.facts(Topic::Warned), [("mfa-lost", 1)]);
        assert_eq!(seen.facts(Topic::Unknown), [("locale", 1)]);
    }

    #[test]
    fn first_login_of_a_requested_connection_is_promoted() {
        let user = r#"{"user_id":"github|1","identities":[{"provider":"github","user_id":1},{"provider":"auth0","connection":"A","user_id":"a","profileData":{"email":"a@example.com"}},{"provider":"auth0","connection":"B","user_id":"b","profileData":{"email":"b@example.com"}}]}"#;
        let ids = |rules: &Rules| run(rules, user).unwrap().users;
        assert_eq!(ids(&promoting()), [r#"{"user_id":"a","email":"a@example.com"}"#]);
        let only = |name: &str| promoting().connections(Connections::Only(vec![name.to_owned()]));
        assert_eq!(ids(&only("B")), [r#"{"user_id":"b","email":"b@example.com"}"#]);
        // Without a user of connection C, the run would be refused.
        let other = r#"{"email":"c@example.com","Connection":"C"}"#;
        let seen = run(&only("C"), format!("{user}\n{other}")).unwrap();
        assert_eq!((seen.summary.left_out, seen.sides.len()), (1, 0));
        let lost = run(&only("B"), user).unwrap();
        assert_eq!(lost.facts(Topic::LinkedLogin), [("auth0", 1), ("github", 1)]);
    }

    #[test]
    fn invalid_promoted_login_is_rejected_and_not_listed() {
        let user = r#"{"user_id":"github|1","email":"x@example.com","identities":[{"provider":"github"},{"provider":"auth0","user_id":"a"}]}"#;
        let seen = run(&promoting(), user).unwrap();
        assert_eq!((seen.rejected.as_slice(), seen.sides.len()), (&["missing-identifier".to_owned()][..], 0));
        let odd = r#"{"user_id":"github|1","odd":1,"identities":[{"provider":"github"},{"provider":"auth0","profileData":{"email":"a@example.com"}}]}"#;
        let seen = run(&promoting().unknown(Unknown::Reject), odd).unwrap();
        assert_eq!(seen.rejected, ["unknown-property"]);
        assert_eq!(run(&promoting(), odd).unwrap().users, [r#"{"email":"a@example.com"}"#]);
    }
}
