//! A fake tenant, and parts for it.

use std::path::{Path, PathBuf};

use reimport_jobs::fake::FakeTenant;
use serde_json::{Value, json};

use crate::harness::{Ran, WorkFolder};

/// A valid bcrypt hash that matches no password.
pub(crate) const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe";

impl WorkFolder {
    /// Writes parts of users with a password, as a conversion does; user `n` is `uN@example.com`.
    pub(crate) fn parts(&self, users: usize, in_a_part: usize) {
        let users: Vec<Value> = (0..users)
            .map(|n| json!({"user_id": format!("u{n}"), "email": format!("u{n}@example.com"), "email_verified": true,
                "app_metadata": {"n": n}, "password_hash": HASH}))
            .collect();
        self.convert(&users, in_a_part);
    }

    pub(crate) fn convert(&self, users: &[Value], in_a_part: usize) {
        self.write("users.ndjson", users.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        let ran = self.run(&format!("convert users.ndjson -o parts --max-part-users {in_a_part}"));
        assert_eq!(ran.status, 0, "{}", ran.err);
    }
}

impl Ran {
    /// Returns the result with `HOST` for the address of the tenant, which differs between runs.
    pub(crate) fn without(mut self, tenant: &FakeTenant) -> Self {
        let host = host(tenant);
        let file_name = host.replace(':', "-");
        for text in [&mut self.err, &mut self.out] {
            *text = text.replace(&host, "HOST").replace(&file_name, "HOST");
        }
        self
    }
}

/// Returns a tenant that uses the real clock, like the command.
pub(crate) fn tenant() -> FakeTenant {
    FakeTenant::serve(0).unwrap()
}

pub(crate) fn host(tenant: &FakeTenant) -> String {
    tenant.base_url().trim_start_matches("http://").to_owned()
}

/// Returns the first file in a folder with this extension.
pub(crate) fn ending(folder: &Path, ending: &str) -> PathBuf {
    let mut names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.find(|path| path.to_string_lossy().ends_with(ending)).unwrap()
}
