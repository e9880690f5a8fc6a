//! A custom transform. Replaces the e-mail address of each user by a keyed hash, so that two exports can be joined
//! without containing addresses.
//!
//! `cargo run --example own_transform -- EXPORT [KEY]`

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use reimport::path::FieldPath;
use reimport::run::{Rendering, Transform};
use reimport::sink::Ndjson;
use reimport::{Error, Output, Pipeline, Problem, Record, Result, Verdict};

/// Renders `{"user":"0f3a…","logins":5}`. A real program uses a keyed cryptographic hash, such as HMAC.
struct Pseudonymize {
    key: u64,
    email: FieldPath,
    logins: FieldPath,
}

impl Pseudonymize {
    fn new(key: u64) -> Result<Self> {
        Ok(Self { key, email: "email".parse()?, logins: "logins_count".parse()? })
    }
}

impl Transform for Pseudonymize {
    type Scratch = ();

    fn scratch(&self, rendering: Rendering) -> Result<()> {
        match rendering {
            Rendering::Json => Ok(()),
            _ => Err(Error::other("pseudonyms are written as JSON only")),
        }
    }

    fn transform(&self, record: Record<'_>, (): &mut (), output: &mut Output<'_>) -> Verdict {
        let email = record.get(&self.email).and_then(|value| value.as_str());
        let Some(email) = email.filter(|email| !email.is_empty()) else {
            return Verdict::Rejected(vec![Problem::new("no-email", "email", "expected an e-mail address")]);
        };
        let hashes = BuildHasherDefault::<DefaultHasher>::default();
        let user = hashes.hash_one((self.key, email.to_lowercase()));
        let logins = record.get(&self.logins).and_then(|value| value.as_u64()).unwrap_or_default();
        let line = format!("{{\"user\":\"{user:016x}\",\"logins\":{logins}}}");
        output.bytes.extend_from_slice(line.as_bytes());
        Verdict::Written
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let export = arguments.next().ok_or_else(|| Error::other("expected an export to read"))?;
    let key = arguments.next().and_then(|key| key.parse().ok()).unwrap_or(1);
    let sink = Ndjson::new(std::io::stdout());
    let (summary, _) = Pipeline::new().run([export.as_str()], &Pseudonymize::new(key)?, sink)?;
    eprintln!("{} written, {} rejected", summary.written, summary.rejected);
    Ok(())
}
