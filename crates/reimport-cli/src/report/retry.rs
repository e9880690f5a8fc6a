//! Report of `retry`.

use reimport::Summary;
use reimport::import::retry::{Arrival, Cause, Fate, RetryPlan, Unnamed};
use reimport::path::suggest;
use serde_json::{Value, json};

use super::page::{Page, counted};
use super::remarks::{Level, Remark, Remarks};
use super::retry_remark::{RetryRemark, UnlistedPart, details, with_paths};
use super::summary::{Fix, NOTES, Published, rejected};
use crate::exit::Status;
use crate::style::Styled;

/// Data of the report of `retry`.
pub(crate) struct Retried<'r> {
    summary: &'r Summary,
    plan: &'r RetryPlan,
    causes: Vec<Cause>,
    remarks: Remarks,
    corrections: Vec<Fix>,
}

impl<'r> Retried<'r> {
    /// Creates the report of a run; `unlisted` are the parts whose users no error list names.
    pub(crate) fn new(summary: &'r Summary, plan: &'r RetryPlan, unlisted: Vec<UnlistedPart>) -> Self {
        let causes = plan.causes();
        let remarks = Remarks::of_retry(summary, remarks(plan, &causes, unlisted));
        Self { summary, plan, causes, remarks, corrections: Vec::new() }
    }

    /// Adds remarks of the command.
    pub(crate) fn with(mut self, remarks: Vec<Remark>) -> Self {
        self.remarks.extend(remarks);
        self
    }

    /// Sets how to correct users in the written parts.
    pub(crate) fn correct(self, corrections: Vec<Fix>) -> Self {
        Self { corrections, ..self }
    }

    /// Returns exit status 1 if a record was rejected, if a refused user was not found, or if there is a warning.
    pub(crate) fn status(&self) -> Status {
        if self.findings().is_empty() { Status::Done } else { Status::Findings }
    }

    fn findings(&self) -> Vec<&'static str> {
        let mut findings = self.remarks.findings(self.summary);
        if self.plan.not_found().next().is_some() {
            findings.insert(0, "users that were not found");
        }
        findings
    }

    /// Returns the report as text.
    pub(crate) fn text(&self, published: &Published) -> Styled {
        let (summary, plan, mut page) = (self.summary, self.plan, Page::default());
        let refused = [Fate::Retried, Fate::AlreadyExists, Fate::Filtered].map(|fate| self.count(fate));
        page.add("refused", &format!("{} in the error lists", counted(refused.iter().sum(), "user")));
        let place = match published {
            Published::Folder(written) => {
                format!("in {} to {}", counted(written.parts, "part"), written.folder)
            }
            Published::File(file) => format!("to {file}"),
            Published::Stdout => "to standard output".to_owned(),
        };
        page.add("written", &format!("{} {place}", counted(summary.written, "user")));
        let [_, there, filtered] = refused;
        if there > 0 {
            let users = counted(there, "user");
            page.add("there", &format!("{users}: the target has the user, or another one with the same address; verify shows which"));
        }
        if filtered > 0 {
            page.add("left out", &format!("{} by --code or --not-code", counted(filtered, "user")));
        }
        rejected(&mut page, summary);
        let missing: Vec<_> = plan.not_found().collect();
        if !missing.is_empty() {
            page.add("not found", &format!("{} in no part:", counted(missing.len() as u64, "refused user")));
            let places =
                missing.iter().map(|refused| format!("{} entry {}", refused.file(), refused.number()));
            page.list("", places, 3);
        }
        for cause in &self.causes {
            if let (Some(code), Some(known)) = (&cause.code, cause.known) {
                page.add("cause", &format!("{}: {}", with_paths(code, cause), known.meaning));
            }
        }
        self.remarks.add_notes(&mut page, NOTES);
        self.remarks.add_warnings(&mut page);
        if let Published::Folder(written) = published
            && written.parts > 0
        {
            // Users that were changed by options are ready to upload. The others would be refused again.
            let unchanged = self.plan.unchanged().next().is_some();
            let corrections: &[Fix] = if unchanged { &self.corrections } else { &[] };
            for (index, Fix { file, command }) in corrections.iter().enumerate() {
                page.add_path(if index == 0 { "next" } else { "" }, "correct the users in", file, ", then:");
                page.command("", command);
            }
            written.add_uploads(&mut page, if corrections.is_empty() { "next" } else { "or" });
        }
        page.status(self.status(), &self.status().words(&self.findings()));
        page.text()
    }

    /// Returns the report as a JSON document, version 1: see docs/json.md.
    pub(crate) fn json(&self) -> Value {
        let (summary, plan) = (self.summary, self.plan);
        let entry = |refused: &reimport::import::retry::Refused| json!({"file": &**refused.file(), "number": refused.number()});
        let explained = self.causes.iter().map(|cause| {
            let path = |(path, errors): &(String, u64)| json!({"path": path, "errors": errors});
            json!({
                "code": cause.code,
                "users": cause.users,
                "meaning": cause.known.map(|code| code.meaning),
                "paths": cause.paths.iter().map(path).collect::<Vec<_>>(),
            })
        });
        json!({
            "version": 1,
            "exit_status": self.status().code(),
            "read": summary.read,
            "written": summary.written,
            "rejected": summary.rejected,
            "already_there": self.count(Fate::AlreadyExists),
            "filtered": self.count(Fate::Filtered),
            "not_found": plan.not_found().map(entry).collect::<Vec<_>>(),
            "unchanged": plan.unchanged().map(entry).collect::<Vec<_>>(),
            "without_users": plan.unnamed().iter().map(unnamed_json).collect::<Vec<_>>(),
            "odd": plan.odd(),
            "explained": explained.collect::<Vec<_>>(),
            "warnings": self.remarks.json(Level::Warning),
            "notes": self.remarks.json(Level::Note),
        })
    }

    fn count(&self, fate: Fate) -> u64 {
        self.plan.of(fate).count() as u64
    }
}

/// Returns the remarks about a plan.
fn remarks(plan: &RetryPlan, causes: &[Cause], unlisted: Vec<UnlistedPart>) -> Vec<Remark> {
    let mut remarks: Vec<RetryRemark> = Vec::new();
    // The journal has more information than the job object that upload keeps instead of a list.
    let known = |unnamed: &&Unnamed| {
        let job = unnamed.job.as_ref().and_then(|job| job.id.as_ref());
        job.is_some_and(|job| unlisted.iter().any(|part| part.job() == Some(job)))
    };
    // If all users of a job arrived, there is nothing to do.
    let arrived =
        |unnamed: &&Unnamed| unnamed.job.as_ref().is_some_and(|job| job.arrival == Arrival::AllUsers);
    remarks.extend(
        plan.unnamed().iter().filter(|one| !arrived(one) && !known(one)).cloned().map(RetryRemark::Unnamed),
    );
    remarks.extend(RetryRemark::of_parts(unlisted));
    if plan.odd() > 0 {
        remarks.push(RetryRemark::Odd(plan.odd()));
    }
    let codes = plan.codes();
    remarks.extend(plan.codes_unseen().iter().map(|code| RetryRemark::UnseenCode {
        code: code.clone(),
        nearest: suggest(code, codes.iter().copied()),
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
    }));
    remarks.extend(
        causes
            .iter()
            .filter(|cause| cause.known.is_none() || cause.code.is_none())
            .cloned()
            .map(RetryRemark::Unknown),
    );
    remarks.extend(RetryRemark::refused_again(plan));
    remarks.into_iter().map(Remark::Retry).collect()
}

fn unnamed_json(unnamed: &Unnamed) -> Value {
    let Some(job) = &unnamed.job else {
        return json!({"file": &*unnamed.file, "job": null, "arrived": "unknown"});
    };
    let arrived = match job.arrival {
        Arrival::AllUsers => "everybody",
        Arrival::NoUsers => "nobody",
        Arrival::AllBut(_) => "some",
        Arrival::NotEnded => "not-ended",
        _ => "unknown",
    };
    json!({
        "file": &*unnamed.file,
        "job": {"id": job.id, "status": job.status, "status_details": job.details.as_deref().map(details)},
        "arrived": arrived,
    })
}
