//! The join against a search through all pairs of users and hashes.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::{FINE, everyone, passwords};
use crate::import::PasswordTable;
use crate::import::testing::{run, source};

/// A user as the oracle sees it.
#[derive(Debug, Clone)]
struct TestUser {
    id: Option<u8>,
    identities: Vec<(bool, Option<u8>)>,
    connection: Option<u8>,
    email: Option<u8>,
    own: bool,
}

#[derive(Debug, Clone)]
struct TestHash {
    oid: Option<u8>,
    alt: Option<u8>,
    email: Option<u8>,
    connection: Option<u8>,
    set_at: Option<u8>,
}

impl TestUser {
    fn json(&self) -> String {
        let mut json = String::from("{\"nickname\":\"n\"");
        if let Some(id) = self.id {
            let _ = write!(json, ",\"user_id\":\"auth0|i{id}\"");
        }
        if let Some(email) = self.email {
            let _ = write!(json, ",\"email\":\"U{email}@example.com\"");
        }
        if self.own {
            json.push_str(",\"password_hash\":\"");
            json.push_str(FINE);
            json.push('"');
        }
        let identities: Vec<String> = self
            .identities
            .iter()
            .enumerate()
            .map(|(place, (database, id))| {
                // The first decides whether it is a database user at all.
                let provider = if place == 0 || *database { "auth0" } else { "github" };
                let id = id.map(|id| format!(",\"user_id\":\"i{id}\"")).unwrap_or_default();
                let connection = self.connection.filter(|_| place == 0);
                let connection = connection.map(|c| format!(",\"connection\":\"c{c}\"")).unwrap_or_default();
                format!("{{\"provider\":\"{provider}\"{id}{connection}}}")
            })
            .collect();
        let _ = write!(json, ",\"identities\":[{}]}}", identities.join(","));
        json
    }
}

impl TestHash {
    fn json(&self, number: usize) -> String {
        // The number is the hash, so that the oracle can tell which was taken.
        let mut json = format!("{{\"passwordHash\":\"$2b$10${number:0>53}\"");
        for (name, value) in [
            ("\"_id\":{\"$oid\":\"i", self.oid.map(|oid| format!("{oid}\"}}"))),
            ("\"alt_id\":\"i", self.alt.map(|alt| format!("{alt}\""))),
            ("\"email\":\"u", self.email.map(|email| format!("{email}@Example.com\""))),
            ("\"connection\":\"c", self.connection.map(|connection| format!("{connection}\""))),
            ("\"password_set_date\":", self.set_at.map(|moment| moment.to_string())),
        ] {
            if let Some(value) = value {
                let _ = write!(json, ",{name}{value}");
            }
        }
        json.push('}');
        json
    }

    fn id(&self) -> Option<u8> {
        self.alt.or(self.oid)
    }

    fn is_usable(&self) -> bool {
        self.id().is_some() || (self.email.is_some() && self.connection.is_some())
    }
}

/// The hash a user should get: a search through all hashes for each way of joining.
fn oracle(user: &TestUser, hashes: &[TestHash]) -> Option<usize> {
    let best = |matches: &dyn Fn(&TestHash) -> bool| {
        let mut best: Option<usize> = None;
        for (number, _) in hashes.iter().enumerate().filter(|(_, hash)| hash.is_usable() && matches(hash)) {
            if best.is_none_or(|best| hashes[number].set_at > hashes[best].set_at) {
                best = Some(number);
            }
        }
        best
    };
    let by_id = |id: Option<u8>| id.and_then(|id| best(&|hash| hash.id() == Some(id)));
    let of_database = |(place, (database, _)): &(usize, &(bool, Option<u8>))| *place == 0 || *database;
    by_id(user.id)
        .or_else(|| {
            let mut databases = user.identities.iter().enumerate().filter(of_database);
            databases.find_map(|(_, (_, id))| by_id(*id))
        })
        .or_else(|| {
            let connection = user.connection.filter(|_| !user.identities.is_empty())?;
            let email = user.email?;
            best(&|hash| hash.email == Some(email) && hash.connection == Some(connection))
        })
}

prop_compose! {
    fn any_user()(
        id in prop::option::weighted(0.6, 0..6_u8),
        identities in prop::collection::vec((prop::bool::ANY, prop::option::of(0..6_u8)), 0..4),
        connection in prop::option::of(0..2_u8),
        email in prop::option::of(0..4_u8),
        own in prop::bool::weighted(0.1),
    ) -> TestUser {
        TestUser { id, identities, connection, email, own }
    }
}

prop_compose! {
    fn any_hash()(
        oid in prop::option::of(0..9_u8),
        alt in prop::option::weighted(0.2, 0..9_u8),
        email in prop::option::of(0..4_u8),
        connection in prop::option::of(0..2_u8),
        set_at in prop::option::of(0..3_u8),
    ) -> TestHash {
        TestHash { oid, alt, email, connection, set_at }
    }
}

proptest! {
    #[test]
    fn the_join_agrees_with_a_search_through_all_pairs(
        users in prop::collection::vec(any_user(), 1..8),
        hashes in prop::collection::vec(any_hash(), 1..12),
    ) {
        let lines: Vec<String> = hashes.iter().enumerate().map(|(number, hash)| hash.json(number)).collect();
        let Ok(table) = PasswordTable::new().read(source("hashes", lines.join("\n"))) else {
            prop_assert!(!hashes.iter().any(TestHash::is_usable));
            return Ok(());
        };
        let rules = everyone().require([]).unique([]).passwords(Arc::new(table));
        let lines: Vec<String> = users.iter().map(TestUser::json).collect();
        let expected: Vec<Option<usize>> = users.iter().map(|user| oracle(user, &hashes)).collect();
        let Ok(seen) = run(&rules, lines.join("\n")) else {
            prop_assert!(expected.iter().all(Option::is_none));
            return Ok(());
        };
        let expected: Vec<String> = users
            .iter()
            .zip(expected)
            .map(|(user, number)| match number {
                _ if user.own => format!("\"{FINE}\""),
                Some(number) => format!("\"$2b$10${number:0>53}\""),
                None => "none".to_owned(),
            })
            .collect();
        prop_assert_eq!(passwords(&seen), expected);
    }
}
