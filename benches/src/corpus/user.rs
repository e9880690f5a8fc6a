//! [`User`]: an invented user, independent of any format.
//!
//! A user depends only on the seed, the index, the number of connections and the number of metadata columns. E-mail
//! addresses, ids, user names and phone numbers are unique within a seed. Every database user satisfies the import
//! rules for names, addresses and metadata keys.

use super::names::{self, People};
use super::random::{Random, mix};
use super::strategy::Strategy;
use super::time::{FIRST, LAST, Time};

/// A complete user. Values named `…_token` are JSON as written, so that they can be replaced by invalid ones.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are independent of each other")]
#[expect(clippy::struct_field_names, reason = "the field has the name of the property in the export")]
pub struct User {
    pub(super) index: u64,
    pub(super) strategy: Strategy,
    pub(super) connection: String,
    /// The id without its strategy.
    pub(super) local_id: String,
    /// The database id of this user in the password export. Differs from `local_id` if that is a custom id.
    pub(super) object_id: String,
    pub(super) custom_id: bool,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) last_login: Time,
    pub(super) password_reset: Option<Time>,
    pub(super) email: Option<String>,
    pub(super) email_verified_token: Option<&'static str>,
    pub(super) given: Option<String>,
    pub(super) family: Option<String>,
    pub(super) name: String,
    pub(super) nickname: String,
    pub(super) picture: String,
    pub(super) username: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) phone_verified: bool,
    pub(super) blocked_token: Option<&'static str>,
    pub(super) multifactor: Option<&'static str>,
    pub(super) last_ip: String,
    pub(super) logins: u64,
    pub(super) user_metadata: Option<UserMetadata>,
    pub(super) app_metadata: Option<AppMetadata>,
    pub(super) link: Option<Link>,
    /// Whether non-ASCII text is written as `\u` escapes, as by some exporters.
    pub(super) ascii: bool,
    /// Whether the key `email` is written with an escape.
    pub(super) escaped_key: bool,
}

#[derive(Clone)]
pub(super) struct UserMetadata {
    pub(super) theme: &'static str,
    pub(super) locale: &'static str,
    /// An id of random digits that the application assigned.
    pub(super) visitor: Option<String>,
    pub(super) address: Option<Address>,
    pub(super) consent: Option<(bool, Time, &'static str)>,
    pub(super) bio: Option<&'static str>,
    /// Written under the key `first login`, which has a space.
    pub(super) first_login: Option<Time>,
}

#[derive(Clone)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) zip: String,
    pub(super) city: &'static str,
    pub(super) country: &'static str,
}

#[derive(Clone)]
pub(super) struct AppMetadata {
    pub(super) plan: &'static str,
    pub(super) roles: Vec<&'static str>,
    pub(super) region: &'static str,
    pub(super) department: &'static str,
    /// A number above 2^53.
    pub(super) crm_id: Option<u64>,
    /// A number that a careless reader rewrites: `1.0`, `0.10`.
    pub(super) score_token: Option<&'static str>,
    /// Whether there is a value `1e400`, which an `f64` cannot hold.
    pub(super) huge: bool,
    /// The values of the extra columns.
    pub(super) columns: Vec<String>,
}

/// A second identity of the same user.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) strategy: Strategy,
    pub(super) connection: String,
    pub(super) local_id: String,
    pub(super) email: String,
    pub(super) username: Option<String>,
}

impl User {
    /// Returns the strategy of the primary identity.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Returns `STRATEGY|ID`, as in the export.
    pub fn user_id(&self) -> String {
        format!("{}|{}", self.strategy.provider(), self.local_id)
    }

    /// Returns the e-mail address. `None` for some social users, and for all users who sign in by phone.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Returns the user at `index`, with `connections` database connections and `columns` extra metadata values.
    pub(super) fn draw(seed: u64, index: u64, connections: u64, columns: usize) -> Self {
        let mut random = Random::new(seed, index, "user");
        let random = &mut random;
        let strategy = Strategy::draw(random);
        let people = names::people(random.below(1000));
        let (given, given_ascii) = random.pick(people.given);
        let (family, family_ascii) = random.pick(people.family);
        let tail = base36(index);

        let created = Time(FIRST.0 + random.below(LAST.0 - FIRST.0));
        let later = |random: &mut Random| Time(created.0 + random.below(LAST.0 - created.0));
        let last_login = later(random);
        let updated = if random.chance(6000) { last_login } else { later(random) };
        let database = strategy == Strategy::Auth0;

        let local = match random.below(10) {
            0..6 => format!("{given_ascii}.{family_ascii}"),
            6..8 => format!("{}{family_ascii}", &given_ascii[..1]),
            8 => given_ascii.to_owned(),
            _ => format!("{given_ascii}+news"),
        };
        // The index is the last segment of every address and user name, which makes them unique.
        let local = format!("{local}.{tail}");
        let has_email = match strategy {
            Strategy::Sms => false,
            Strategy::Github => random.chance(5000),
            _ => true,
        };
        let company = strategy.connection(mix(mix(seed).wrapping_add(index)));
        let domain = match strategy {
            Strategy::Saml | Strategy::Waad => {
                format!("{}.example", company.split('-').next().unwrap_or("acme"))
            }
            _ => random.pick(&names::MAIL_DOMAINS).to_owned(),
        };
        let email = has_email.then(|| format!("{local}@{domain}"));
        let object_id = strategy.local_id(seed, index, created.0, email.as_deref());
        let custom_id = database && random.chance(200);
        let local_id = match (custom_id, random.chance(5000)) {
            (false, _) => object_id.clone(),
            (true, true) => format!("Shop-One|{index:07}"),
            (true, false) => format!("acme-{index:07}"),
        };
        let has_phone = strategy == Strategy::Sms || database && random.chance(1800);
        let phone = has_phone.then(|| phone(people, seed, index));
        let named = !matches!(strategy, Strategy::Sms | Strategy::Github) && random.chance(9000);
        let nickname = if strategy == Strategy::Sms { String::new() } else { local.clone() };

        Self {
            index,
            strategy,
            connection: match (database, mix(seed ^ mix(index)) % connections.max(1)) {
                (false, _) => company,
                (true, 0) => "Username-Password-Authentication".to_owned(),
                (true, number) => format!("customers-{number}"),
            },
            local_id,
            object_id,
            custom_id,
            created,
            updated,
            last_login,
            password_reset: (database && random.chance(2500)).then(|| later(random)),
            email_verified_token: email_verified(random, strategy, has_email),
            name: full_name(
                random,
                named.then_some((given, family)),
                email.as_deref().or(phone.as_deref()),
                &local,
            ),
            given: named.then(|| given.to_owned()),
            family: named.then(|| family.to_owned()),
            picture: picture(random, strategy, given_ascii, index),
            username: (database && random.chance(3000)).then(|| username(given_ascii, &tail)),
            phone_verified: random.chance(8000),
            phone,
            blocked_token: if random.chance(300) {
                Some("true")
            } else {
                random.chance(2500).then_some("false")
            },
            multifactor: (database && random.chance(800))
                .then(|| random.pick(&["guardian", "google-authenticator", "duo"])),
            last_ip: address(random),
            logins: 1 + random.below(20) * random.below(40),
            user_metadata: random.chance(9000).then(|| UserMetadata::draw(random, people, created)),
            app_metadata: random.chance(9500).then(|| AppMetadata::draw(random, seed, index, columns)),
            link: link(random, seed, index, strategy, &local, given_ascii),
            ascii: random.chance(400),
            escaped_key: random.chance(3),
            nickname,
            email,
        }
    }
}

impl UserMetadata {
    fn draw(random: &mut Random, people: &People, created: Time) -> Self {
        let address = random.chance(6000).then(|| Address {
            street: format!("{} {}", 1 + random.below(200), random.pick(&names::STREETS)),
            zip: format!("{:05}", random.below(100_000)),
            city: random.pick(people.cities),
            country: people.country,
        });
        let consent = random.chance(2300).then(|| {
            let date = Time(created.0 + random.below(LAST.0 - created.0));
            (random.chance(7000), date, random.pick(&names::CONSENTS))
        });
        Self {
            theme: random.pick(&names::THEMES),
            locale: people.locale,
            visitor: random
                .chance(9500)
                .then(|| format!("{:016x}{:08x}", random.next(), random.next() >> 32)),
            address,
            consent,
            bio: random.chance(1500).then(|| random.pick(&names::BIOS)),
            first_login: random.chance(1000).then_some(created),
        }
    }
}

impl AppMetadata {
    fn draw(random: &mut Random, seed: u64, index: u64, columns: usize) -> Self {
        // A separate stream, so that more columns do not change the rest of the user.
        let mut values = Random::new(seed, index, "columns");
        Self {
            plan: random.pick(&names::PLANS),
            roles: (0..random.below(4)).map(|_| random.pick(&names::ROLES)).collect(),
            region: random.pick(&names::REGIONS),
            department: random.pick(&names::DEPARTMENTS),
            crm_id: random.chance(4000).then(|| (1 << 53) + 1 + random.below(1 << 60)),
            score_token: random.chance(1500).then(|| random.pick(&["1.0", "0.10", "7", "-2.50", "1E3"])),
            huge: random.chance(5),
            columns: (0..columns).map(|_| format!("value {}", values.below(1000))).collect(),
        }
    }
}

/// Returns the number in base 36, with the digits `0-9a-z`.
fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            digits.reverse();
            return digits.into_iter().map(char::from).collect();
        }
    }
}

/// Returns a user name of at most 15 characters, for indices up to 36^10. The `_` is not a digit, so user names are
/// unique.
fn username(given: &str, tail: &str) -> String {
    format!("{}_{tail}", &given[..given.len().min(4)])
}

/// Returns an E.164 number: a calling code of at most three digits, and ten digits that are unique for indices
/// below 10^10.
fn phone(people: &People, seed: u64, index: u64) -> String {
    let number = (u128::from(index) * 7_654_321_987 + u128::from(seed)) % 10_000_000_000;
    format!("+{}{number:010}", people.calling)
}

fn email_verified(random: &mut Random, strategy: Strategy, has_email: bool) -> Option<&'static str> {
    if !has_email {
        return None;
    }
    let verified = random.chance(8800);
    // Federated users have this value as a string.
    let text = matches!(strategy, Strategy::Saml | Strategy::Apple) && random.chance(4000);
    Some(match (verified, text) {
        (true, false) => "true",
        (false, false) => "false",
        (true, true) => "\"true\"",
        (false, true) => "\"false\"",
    })
}

fn full_name(
    random: &mut Random,
    names: Option<(&str, &str)>,
    identifier: Option<&str>,
    local: &str,
) -> String {
    let Some((given, family)) = names else {
        return identifier.unwrap_or(local).to_owned();
    };
    match random.below(100) {
        0 => format!("{given} {family} {}", random.pick(&names::EMOJI)),
        1 => format!("{given} \"{}\" {family}", given.chars().take(2).collect::<String>()),
        _ => format!("{given} {family}"),
    }
}

fn picture(random: &mut Random, strategy: Strategy, given: &str, index: u64) -> String {
    let digest = (random.next(), random.next());
    match strategy {
        Strategy::Google => {
            format!("https://lh3.googleusercontent.example/a/{:016x}{:08x}=s96-c", digest.0, digest.1 >> 32)
        }
        Strategy::Github => {
            format!("https://avatars.githubusercontent.example/u/{}?v=4", 1_000 + index)
        }
        Strategy::Sms => "https://cdn.auth0.com/avatars/default.png".to_owned(),
        _ => format!(
            "https://s.gravatar.com/avatar/{:016x}{:016x}?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2F{}.png",
            digest.0,
            digest.1,
            &given[..2]
        ),
    }
}

/// Returns an address of the documentation ranges (RFC 5737, RFC 3849).
fn address(random: &mut Random) -> String {
    let net = random.pick(&["192.0.2", "198.51.100", "203.0.113"]);
    if random.chance(3500) {
        let [a, b, c, d] = [(); 4].map(|()| random.below(65_536));
        format!("2001:db8:{a:x}:{b:x}::{c:x}:{d:x}")
    } else {
        format!("{net}.{}", 1 + random.below(254))
    }
}

/// Returns a linked identity. 5 % of the database users have a linked Google identity. 0.5 % of the social users
/// have a linked database identity, which an import could write as a user.
fn link(
    random: &mut Random,
    seed: u64,
    index: u64,
    strategy: Strategy,
    local: &str,
    given: &str,
) -> Option<Link> {
    let second = if strategy == Strategy::Auth0 { Strategy::Google } else { Strategy::Auth0 };
    let social_primary = strategy.is_social() && random.chance(50);
    if !(social_primary || second == Strategy::Google && random.chance(500)) {
        return None;
    }
    let linked = Time(FIRST.0 + random.below(LAST.0 - FIRST.0));
    let email = format!("{local}@linked.example");
    let database = second == Strategy::Auth0;
    Some(Link {
        strategy: second,
        connection: if database {
            "Username-Password-Authentication".to_owned()
        } else {
            second.provider().to_owned()
        },
        local_id: second.local_id(seed, index, linked.0, Some(&email)),
        username: (database && random.chance(3000)).then(|| username(given, &base36(index))),
        email,
    })
}
