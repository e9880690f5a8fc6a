//! Second files: password hashes and MFA secrets to join, and the remarks about them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::ensure;
use reimport::import::{JoinedFile, MfaSecrets, PasswordTable, Rules, StalePasswords};
use reimport::sink::Nothing;
use reimport::{Pipeline, Summary, Topic};

use super::inputs;
use super::inputs::is_stdio;
use crate::args::{JoinArgs, JoinChoice, PurposeChoice, ReadArgs, StaleChoice};
use crate::report::Remark;

/// Contents of the files to join.
pub(super) struct SecondFiles {
    passwords: Option<Arc<PasswordTable>>,
    secrets: Option<Arc<MfaSecrets>>,
    by_email: bool,
    stale: StalePasswords,
    /// Whether the import jobs update users. Updates do not import passwords.
    updates: bool,
}

impl SecondFiles {
    /// Reads the files that were given.
    pub(super) fn read(args: &JoinArgs, purpose: PurposeChoice) -> anyhow::Result<Self> {
        let by_email = args.passwords_by == JoinChoice::Email;
        let mut passwords = None;
        if !args.passwords.is_empty() {
            let mut table = if by_email { PasswordTable::by_email() } else { PasswordTable::new() };
            for path in &args.passwords {
                table = table.read(inputs::source(path)?)?;
            }
            passwords = Some(Arc::new(table));
        }
        let mut secrets = None;
        if !args.mfa_secrets.is_empty() {
            let mut table = MfaSecrets::new();
            for path in &args.mfa_secrets {
                table = table.read(inputs::source(path)?)?;
            }
            secrets = Some(Arc::new(table));
        }
        let stale = match args.stale_passwords {
            StaleChoice::Keep => StalePasswords::Keep,
            StaleChoice::Skip => StalePasswords::Skip,
        };
        let by_email = by_email && passwords.is_some() && purpose == PurposeChoice::Insert;
        let updates = purpose == PurposeChoice::Update;
        Ok(Self { passwords, secrets, by_email, stale, updates })
    }

    /// Adds the contents of the files to the rules.
    pub(super) fn give(&self, mut rules: Rules) -> Rules {
        rules = rules.stale_passwords(self.stale);
        if let Some(passwords) = &self.passwords {
            rules = rules.passwords(Arc::clone(passwords));
        }
        match &self.secrets {
            Some(secrets) => rules.mfa_secrets(Arc::clone(secrets)),
            None => rules,
        }
    }

    /// Returns how often the run reads its exports.
    pub(super) fn passes(&self) -> u64 {
        if self.by_email { 2 } else { 1 }
    }

    /// Reads all exports once before the run, if joining by e-mail address needs it.
    pub(super) fn first_pass(
        &self,
        read: &ReadArgs,
        pipeline: &Pipeline,
        rules: &Rules,
    ) -> anyhow::Result<()> {
        if !self.by_email {
            return Ok(());
        }
        for path in &read.exports {
            ensure!(
                can_be_read_twice(path),
                "{}: --passwords-by email reads each export twice, but this can be read only once; save it to a file",
                path.display()
            );
        }
        pipeline.run(inputs::open(read)?, &rules.email_pass(), Nothing::new())?;
        Ok(())
    }

    /// Returns the remarks about the files.
    pub(super) fn remarks(&self, summary: &Summary) -> Vec<Remark> {
        let hashes = self.passwords.iter().map(|table| (HASHES, table.files()));
        let secrets = self.secrets.iter().map(|table| ("files of MFA secrets", table.files()));
        let mut remarks = Vec::new();
        if self.updates && self.passwords.is_some() {
            remarks.push(Remark::HashesLeftOut);
        }
        for (what, files) in hashes.chain(secrets) {
            let mut tenants: Vec<String> =
                files.iter().flat_map(|file| file.tenants.iter().cloned()).collect();
            tenants.sort();
            tenants.dedup();
            if tenants.len() > 1 {
                remarks.push(Remark::SeveralTenants { what, tenants });
            }
            // With several files it is not known which of them has a refused hash.
            let refused = if files.len() == 1 && what == HASHES { refused_hashes(summary) } else { 0 };
            remarks.extend(files.iter().filter_map(|file| unusable(file, refused)));
            let count = |of: fn(&JoinedFile) -> u64| files.iter().map(of).sum();
            let (codes, others) = (count(|file| file.recovery_codes), count(|file| file.other_factors));
            if codes > 0 {
                remarks.push(Remark::RecoveryCodes(codes));
            }
            if others > 0 {
                remarks.push(Remark::OtherFactors(others));
            }
        }
        remarks
    }
}

/// The name of the files of hashes in remarks.
const HASHES: &str = "hash files";

/// Returns the number of users whose hash was found but breaks a rule.
fn refused_hashes(summary: &Summary) -> u64 {
    let refused = summary.of(Topic::NoPassword).filter(|(fact, _)| &*fact.subject == "hash refused");
    refused.map(|(_, users)| users).sum()
}

/// Returns a remark about the unusable records of a file, if there are any.
fn unusable(file: &JoinedFile, refused: u64) -> Option<Remark> {
    let first = file.first_bad.as_ref()?;
    Some(Remark::UnusableRecords {
        file: file.name.to_string(),
        unusable: file.bad,
        without_id: file.without_id,
        records: file.records,
        first: (first.line, first.message.clone()),
        refused,
    })
}

fn can_be_read_twice(path: &PathBuf) -> bool {
    !is_stdio(path) && std::fs::metadata(path).is_ok_and(|found| found.is_file())
}
