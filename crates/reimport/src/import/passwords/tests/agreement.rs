//! Compares the join with a search through all pairs of users and hashes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::{FINE, everyone, passwords};
use crate::import::testing::{run, source, users as source_of};
use crate::import::{Linked, PasswordTable};
use crate::pipeline::Pipeline;
use crate::sink::Nothing;

/// An identity of a user.
#[derive(Debug, Clone)]
struct TestIdentity {
    database: bool,
    id: Option<u8>,
    connection: Option<u8>,
    /// The address in its `profileData`. The first identity has none.
    email: Option<u8>,
}

/// A user, as the oracle sees it.
#[derive(Debug, Clone)]
struct TestUser {
    id: Option<u8>,
    identities: Vec<TestIdentity>,
    /// The value under the title `Connection`. It counts if no identity names a connection.
    connection: Option<u8>,
    email: Option<u8>,
    created: Option<u8>,
    own: bool,
}

#[derive(Debug, Clone)]
struct TestHash {
    oid: Option<u8>,
    alt: Option<u8>,
    email: Option<u8>,
    connection: Option<u8>,
    tenant: Option<u8>,
    set: Option<u8>,
    usable: bool,
    /// Whether it has the same hash as the record before it.
    repeats: bool,
}

impl TestUser {
    fn json(&self) -> String {
        let mut json = String::from("{\"nickname\":\"n\"");
        let database = self.is_database();
        if let Some(id) = self.id {
            let _ = write!(json, ",\"user_id\":\"{}|i{id}\"", if database { "auth0" } else { "github" });
        }
        if let Some(email) = self.email {
            let _ = write!(json, ",\"email\":\"U{email}@example.com\"");
        }
        if let Some(created) = self.created {
            let _ = write!(json, ",\"created_at\":{}", moment(created));
        }
        if let Some(connection) = self.connection {
            let _ = write!(json, ",\"Connection\":\"c{connection}\"");
        }
        if self.own {
            json.push_str(",\"password_hash\":\"");
            json.push_str(FINE);
            json.push('"');
        }
        let identities: Vec<String> = self.identities.iter().map(TestIdentity::json).collect();
        let _ = write!(json, ",\"identities\":[{}]}}", identities.join(","));
        json
    }

    fn is_database(&self) -> bool {
        self.identities.first().is_none_or(|first| first.database)
    }

    fn linked(&self) -> impl Iterator<Item = &TestIdentity> {
        self.identities.iter().skip(1).filter(|identity| identity.database)
    }

    fn own_connection(&self) -> Option<u8> {
        self.identities.first().and_then(|first| first.connection).or(self.connection)
    }

    /// Returns all ids of the user's database logins.
    fn ids(&self) -> BTreeSet<u8> {
        let first = self.identities.first().and_then(|first| first.id);
        let own = [self.id, first].into_iter().flatten().filter(|_| self.is_database());
        own.chain(self.linked().filter_map(|identity| identity.id)).collect()
    }

    /// Returns all addresses of the user's logins, each with its connection, if it names one.
    fn addresses(&self) -> BTreeSet<(Option<u8>, u8)> {
        let own = self.email.map(|email| (self.own_connection(), email));
        let linked = self.linked().filter_map(|login| Some((login.connection, login.email?)));
        own.into_iter().chain(linked).collect()
    }

    /// Returns whether the user has any id, even of a login that is not a database login.
    fn has_id(&self) -> bool {
        self.id.is_some() || self.identities.iter().any(|identity| identity.id.is_some())
    }

    /// Returns the ids in all identities of the user.
    fn all_ids(&self) -> BTreeSet<u8> {
        self.id.into_iter().chain(self.identities.iter().filter_map(|identity| identity.id)).collect()
    }
}

impl TestIdentity {
    fn json(&self) -> String {
        let provider = if self.database { "auth0" } else { "github" };
        let mut json = format!("{{\"provider\":\"{provider}\"");
        if let Some(id) = self.id {
            let _ = write!(json, ",\"user_id\":\"i{id}\"");
        }
        if let Some(connection) = self.connection {
            let _ = write!(json, ",\"connection\":\"c{connection}\"");
        }
        if let Some(email) = self.email {
            let _ = write!(json, ",\"profileData\":{{\"email\":\"u{email}@Example.com\"}}");
        }
        json + "}"
    }
}

/// Returns a time. One step is 40 seconds.
fn moment(step: u8) -> u64 {
    1_700_000_000_000 + 40_000 * u64::from(step)
}

impl TestHash {
    fn json(&self, text: usize) -> String {
        let mut json = String::from("{\"x\":1");
        if self.usable {
            // The hash contains its number, so that the oracle can determine which hash was joined.
            let _ = write!(json, ",\"passwordHash\":\"$2b$10${text:0>53}\"");
        }
        for (name, value) in [
            ("\"_id\":{\"$oid\":\"i", self.oid.map(|oid| format!("{oid}\"}}"))),
            ("\"alt_id\":\"i", self.alt.map(|alt| format!("{alt}\""))),
            ("\"email\":\"u", self.email.map(|email| format!("{email}@Example.com\""))),
            ("\"connection\":\"c", self.connection.map(|connection| format!("{connection}\""))),
            ("\"tenant\":\"t", self.tenant.map(|tenant| format!("{tenant}\""))),
            ("\"password_set_date\":", self.set.map(|set| moment(set).to_string())),
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

    /// Returns whether the record counts as a usable record of its file.
    fn joins(&self, by_email: bool) -> bool {
        let address = by_email && self.email.is_some();
        self.usable && (self.id().is_some() || address)
    }
}

/// Returns the number in the hash of each record.
fn texts(hashes: &[TestHash]) -> Vec<usize> {
    let mut texts: Vec<usize> = Vec::new();
    for (number, hash) in hashes.iter().enumerate() {
        texts.push(if hash.repeats && number > 0 { texts[number - 1] } else { number });
    }
    texts
}

/// What happens to a user.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gets {
    /// The user is not written.
    Nothing,
    NoHash,
    /// The user gets the hash with this number.
    Hash(usize),
}

struct Oracle<'o> {
    users: &'o [TestUser],
    hashes: &'o [TestHash],
    texts: Vec<usize>,
    by_email: bool,
}

impl Oracle<'_> {
    /// Returns the hash that counts among records of one login, given by number. `certain` says whether both sides
    /// name the connection.
    fn resolve(&self, login: &[usize], certain: bool) -> Option<usize> {
        // Having no hash counts as a different hash.
        let text = |at: &usize| self.hashes[*at].usable.then(|| self.texts[*at]);
        let different: BTreeSet<Option<usize>> = login.iter().map(text).collect();
        if different.len() < 2 {
            return different.first().copied().flatten();
        }
        let tenants: BTreeSet<u8> = login.iter().filter_map(|at| self.hashes[*at].tenant).collect();
        if !certain || tenants.len() > 1 || login.iter().any(|at| self.hashes[*at].set.is_none()) {
            return None;
        }
        let last = login.iter().map(|at| self.hashes[*at].set).max()?;
        let last: BTreeSet<Option<usize>> =
            login.iter().filter(|at| self.hashes[**at].set == last).map(text).collect();
        if last.len() == 1 { last.first().copied().flatten() } else { None }
    }

    fn by_id(&self, id: u8, connection: Option<u8>) -> Option<usize> {
        let of_id: Vec<usize> =
            (0..self.hashes.len()).filter(|at| self.hashes[*at].id() == Some(id)).collect();
        let of = |connection: Option<u8>| -> Vec<usize> {
            of_id.iter().copied().filter(|at| self.hashes[*at].connection == connection).collect()
        };
        let logins: BTreeSet<Option<u8>> = of_id.iter().map(|at| self.hashes[*at].connection).collect();
        if connection.is_some() && logins.contains(&connection) {
            return self.resolve(&of(connection), true);
        }
        let only = logins.first().filter(|_| logins.len() == 1)?;
        if connection.is_some() && only.is_some() { None } else { self.resolve(&of(*only), false) }
    }

    /// Returns whether a hash without a connection has the id of logins of several connections.
    fn is_claimed_twice(&self) -> bool {
        let ids: BTreeSet<u8> = self.hashes.iter().filter_map(TestHash::id).collect();
        ids.into_iter().any(|id| {
            let of_id = self.hashes.iter().filter(|hash| hash.id() == Some(id));
            let mut connections = BTreeSet::new();
            for user in self.users {
                let first = user.identities.first().and_then(|first| first.id);
                let agrees = user.id.is_none() || first.is_none() || user.id == first;
                if user.is_database() && agrees && user.id.or(first) == Some(id) {
                    connections.extend(user.own_connection());
                }
                let linked = user.linked().filter(|login| login.id == Some(id));
                connections.extend(linked.filter_map(|login| login.connection));
            }
            of_id.map(|hash| hash.connection).all(|name| name.is_none()) && connections.len() > 1
        })
    }

    fn by_address(&self, connection: u8, email: u8, created: Option<u8>) -> Option<usize> {
        let has = |hash: &TestHash, of: Option<u8>| hash.connection == of && hash.email == Some(email);
        let with: Vec<usize> =
            (0..self.hashes.len()).filter(|at| has(&self.hashes[*at], Some(connection))).collect();
        let users =
            |of: Option<u8>| self.users.iter().filter(|user| user.addresses().contains(&(of, email))).count();
        let unnamed = self.hashes.iter().any(|hash| has(hash, None)) || users(None) > 0;
        let (&first, 1, false) = (with.first()?, users(Some(connection)), unnamed) else { return None };
        // The same record twice counts as one.
        let hash = &self.hashes[first];
        let same = |at: &usize| {
            let other = &self.hashes[*at];
            let text = |at: usize| self.hashes[at].usable.then(|| self.texts[at]);
            (other.id(), other.set, text(*at)) == (hash.id(), hash.set, text(first))
        };
        if !with.iter().all(same) {
            return None;
        }
        let at = &first;
        if let Some(id) = hash.id() {
            // The hash must be the one that counts for its login.
            let login: Vec<usize> = (0..self.hashes.len())
                .filter(|at| {
                    self.hashes[*at].id() == Some(id) && self.hashes[*at].connection == hash.connection
                })
                .collect();
            let of_a_user = self.users.iter().any(|user| user.all_ids().contains(&id));
            if of_a_user || self.resolve(&login, true) != Some(self.texts[*at]) {
                return None;
            }
            let counting = login.iter().filter(|other| self.texts[**other] == self.texts[*at]);
            if counting.map(|other| self.hashes[*other].set).max() != Some(hash.set) {
                return None;
            }
        }
        let in_time = moment(created?) <= moment(hash.set?) + 60_000;
        (hash.usable && in_time).then(|| self.texts[*at])
    }

    fn of(&self, user: &TestUser) -> Gets {
        let (id, connection, email) = if user.is_database() {
            let first = user.identities.first().and_then(|first| first.id);
            if let (Some(root), Some(first)) = (user.id, first)
                && root != first
            {
                return Gets::NoHash;
            }
            (user.id.or(first), user.own_connection(), user.email)
        } else {
            let Some(login) = user.linked().next() else { return Gets::Nothing };
            // The dates are those of the user it is linked to, so it is not joined by address.
            (login.id, login.connection, None)
        };
        let hash = match (id, connection, email) {
            (Some(id), ..) => self.by_id(id, connection),
            (None, Some(connection), Some(email)) if self.by_email && !user.has_id() => {
                self.by_address(connection, email, user.created)
            }
            _ => None,
        };
        hash.map_or(Gets::NoHash, Gets::Hash)
    }
}

prop_compose! {
    fn any_identity()(
        database in prop::bool::weighted(0.7),
        id in prop::option::weighted(0.7, 0..4_u8),
        connection in prop::option::weighted(0.7, 0..2_u8),
        email in prop::option::of(0..3_u8),
    ) -> TestIdentity {
        TestIdentity { database, id, connection, email }
    }
}

prop_compose! {
    fn any_user()(
        id in prop::option::weighted(0.5, 0..4_u8),
        mut identities in prop::collection::vec(any_identity(), 0..4),
        connection in prop::option::of(0..2_u8),
        email in prop::option::weighted(0.8, 0..3_u8),
        created in prop::option::weighted(0.8, 0..5_u8),
        own in prop::bool::weighted(0.05),
    ) -> TestUser {
        if let Some(first) = identities.first_mut() {
            first.email = None;
        }
        // If there is no identity, the id shows that it is a database user.
        TestUser { id, identities, connection, email, created, own }
    }
}

prop_compose! {
    fn any_hash()(
        oid in prop::option::weighted(0.6, 0..5_u8),
        alt in prop::option::weighted(0.2, 0..5_u8),
        email in prop::option::weighted(0.7, 0..3_u8),
        connection in prop::option::weighted(0.8, 0..2_u8),
        tenant in prop::option::weighted(0.3, 0..2_u8),
        set in prop::option::weighted(0.8, 0..5_u8),
        usable in prop::bool::weighted(0.85),
        repeats in prop::bool::weighted(0.2),
    ) -> TestHash {
        TestHash { oid, alt, email, connection, tenant, set, usable, repeats }
    }
}

proptest! {
    #[test]
    fn join_agrees_with_search_through_all_pairs(
        users in prop::collection::vec(any_user(), 1..6),
        hashes in prop::collection::vec(any_hash(), 1..8),
        split in 0..8_usize,
        by_email in prop::bool::ANY,
    ) {
        let oracle = Oracle { users: &users, hashes: &hashes, texts: texts(&hashes), by_email };
        let lines: Vec<String> =
            hashes.iter().zip(&oracle.texts).map(|(hash, text)| hash.json(*text)).collect();
        let mut table = if by_email { PasswordTable::by_email() } else { PasswordTable::new() };
        let split = split.min(hashes.len());
        for (file, lines) in [(&hashes[..split], &lines[..split]), (&hashes[split..], &lines[split..])] {
            if file.iter().any(|hash| hash.joins(by_email)) {
                table = table.read(source("hashes", lines.join("\n"))).unwrap();
            } else if !file.is_empty() {
                // A file without a usable record is refused, and so is the run.
                prop_assert!(table.read(source("hashes", lines.join("\n"))).is_err());
                return Ok(());
            }
        }
        let rules = everyone().require([]).unique([]).linked(Linked::Promote).passwords(Arc::new(table));
        let lines: Vec<String> = users.iter().map(TestUser::json).collect();
        if by_email {
            let export = source_of(lines.join("\n"));
            Pipeline::new().run([export], &rules.email_pass(), Nothing::default()).unwrap();
        }
        let expected: Vec<Gets> = users.iter().map(|user| oracle.of(user)).collect();
        let ran = run(&rules, lines.join("\n"));
        if oracle.is_claimed_twice() {
            prop_assert!(ran.is_err());
            return Ok(());
        }
        let Ok(seen) = ran else {
            // If no id of a file is in the export, no hash of the file is joined.
            let joined = expected.iter().filter(|gets| matches!(gets, Gets::Hash(_))).count();
            let own = |hashes: &[TestHash]| {
                let read = |hash: &TestHash| hash.id().is_some_and(|id| users.iter().any(|u| u.ids().contains(&id)));
                !hashes.is_empty() && !hashes.iter().any(read)
            };
            prop_assert!(joined == 0 || own(&hashes[..split]) || own(&hashes[split..]));
            return Ok(());
        };
        let expected: Vec<String> = users
            .iter()
            .zip(expected)
            .filter_map(|(user, gets)| match gets {
                Gets::Nothing => None,
                // The hash of a record belongs to its user, not to a login linked to it.
                _ if user.own && user.is_database() => Some(format!("\"{FINE}\"")),
                Gets::Hash(number) => Some(format!("\"$2b$10${number:0>53}\"")),
                Gets::NoHash => Some("none".to_owned()),
            })
            .collect();
        prop_assert_eq!(passwords(&seen), expected);
    }
}
