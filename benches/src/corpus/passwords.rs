//! The password export of a corpus: one object per line for the database identities.
//!
//! The hashes have the form of bcrypt, but are not hashes of any password. 2 % of the database users have no
//! record, as if they had signed up after the password export. One record per 500 users belongs to a user who is
//! not in the corpus.

use std::io::{self, Write};

use super::random::{Random, mix};
use super::strategy::Strategy;
use super::time::Time;
use super::user::User;

const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Writes the records of `user`, if any, and returns their number.
pub(super) fn write_records(out: &mut impl Write, seed: u64, user: &User) -> io::Result<u64> {
    let mut random = Random::new(seed, user.index, "password");
    let random = &mut random;
    let mut written = 0;
    if user.strategy == Strategy::Auth0 && !random.chance(200) {
        let record = Record {
            object_id: &user.object_id,
            alt_id: user.custom_id.then_some(&user.local_id),
            email: user.email.as_deref().unwrap_or_default(),
            username: user.username.as_deref(),
            connection: &user.connection,
            verified: user.email_verified_token == Some("true"),
            set: user.password_reset.unwrap_or(user.created),
        };
        record.write(out, random)?;
        written += 1;
    }
    if let Some(link) = user.link.as_ref().filter(|link| link.strategy == Strategy::Auth0) {
        let record = Record {
            object_id: &link.local_id,
            alt_id: None,
            email: &link.email,
            username: link.username.as_deref(),
            connection: &link.connection,
            verified: true,
            set: user.created,
        };
        record.write(out, random)?;
        written += 1;
    }
    if random.chance(20) {
        let record = Record {
            // The index is inverted before the bijection, so no user has this id.
            object_id: &format!("5f000000{:016x}", mix(mix(seed).wrapping_add(!user.index))),
            alt_id: None,
            email: &format!("gone.{}@left.example", user.index),
            username: None,
            connection: "Username-Password-Authentication",
            verified: false,
            set: user.created,
        };
        record.write(out, random)?;
        written += 1;
    }
    Ok(written)
}

struct Record<'a> {
    object_id: &'a str,
    alt_id: Option<&'a String>,
    email: &'a str,
    username: Option<&'a str>,
    connection: &'a str,
    verified: bool,
    set: Time,
}

impl Record<'_> {
    /// No value needs an escape: ids, addresses and user names of the corpus are plain ASCII.
    fn write(&self, out: &mut impl Write, random: &mut Random) -> io::Result<()> {
        let key = if random.chance(50) { "_ID" } else { "_id" };
        let prefix = if random.chance(100) { "auth0|" } else { "" };
        write!(
            out,
            "{{\"{key}\":{{\"$oid\":\"{prefix}{}\"}},\"email_verified\":{}",
            self.object_id, self.verified
        )?;
        write!(out, ",\"email\":\"{}\",\"passwordHash\":\"{}\"", self.email, hash(random))?;
        write!(out, ",\"password_set_date\":{{\"$date\":\"{}\"}},\"tenant\":\"acme-prod\"", self.set)?;
        write!(out, ",\"connection\":\"{}\",\"_tmp_is_unique\":true", self.connection)?;
        if let Some(id) = self.alt_id {
            write!(out, ",\"alt_id\":\"{id}\"")?;
        }
        if let Some(name) = self.username {
            write!(out, ",\"username\":\"{name}\"")?;
        }
        out.write_all(b"}\n")
    }
}

/// Returns `$2b$10$`, or rarely `$2a$10$`, and 53 characters. The padding bits of salt and digest are 0, as bcrypt
/// writes them.
fn hash(random: &mut Random) -> String {
    let mut hash = String::from(if random.chance(500) { "$2a$10$" } else { "$2b$10$" });
    for position in 0..53 {
        let value = random.below(64) as usize;
        let value = match position {
            21 => value & 0b11_0000,
            52 => value & 0b11_1100,
            _ => value,
        };
        hash.push(char::from(ALPHABET[value]));
    }
    hash
}
