//! `reimport job`: the status of a job, with or without waiting for its end, and the verification email.

use std::ops::ControlFlow;

use anyhow::bail;
use reimport_jobs::{Status as JobStatus, VerificationEmail, VerificationIdentity};

use super::{setup, tenant};
use crate::args::{JobArgs, JobCommand, VerifyEmailArgs};
use crate::exit::Status;
use crate::line::Line;
use crate::report::{job_text, kinds_text};
use crate::terminal::Form;

pub(super) fn run(args: &JobArgs) -> anyhow::Result<Status> {
    if let Some(JobCommand::VerifyEmail(args)) = &args.command {
        return verify_email(args);
    }
    let Some(id) = &args.id else { bail!("no job id") };
    let client = tenant::client(&args.tenant, &args.poll, &args.report)?;
    let job = if args.wait {
        let mut line = Line::new(&args.report);
        let words = "the job continues in the tenant; to wait for its end again:";
        let _guard = tenant::continue_with(words, &args.report);
        client.wait(id, &tenant::wait(&args.poll), |job| {
            line.show(&tenant::so_far(job), tenant::event_of(job));
            ControlFlow::Continue(())
        })?
    } else {
        client.job(id)?
    };
    let errors = if args.errors { Some(client.job_errors(id)?) } else { None };
    if args.report.json {
        // Each is printed as the tenant sent it.
        match &errors {
            None => setup::print_json(&job)?,
            Some(errors) if errors.is_empty() => setup::print_as("[]\n", Form::Json)?,
            Some(errors) => setup::print_as(&format!("{}\n", errors.text()), Form::Json)?,
        }
    } else if !args.report.quiet {
        let mut text = job_text(&job);
        if let Some(errors) = &errors {
            text.append(&kinds_text(errors));
        }
        setup::print(&text)?;
    }
    let refused = job.summary.as_ref().and_then(|summary| summary.failed).is_some_and(|failed| failed > 0);
    let listed = errors.is_some_and(|errors| !errors.is_empty());
    let lost = matches!(job.status, JobStatus::Failed | JobStatus::Expired | JobStatus::Cancelled);
    Ok(if refused || listed || lost { Status::Findings } else { Status::Done })
}

fn verify_email(args: &VerifyEmailArgs) -> anyhow::Result<Status> {
    let client = tenant::client(&args.tenant, &args.poll, &args.report)?;
    let mut email = VerificationEmail::new(&args.user_id);
    email.client_id.clone_from(&args.from_client);
    email.organization_id.clone_from(&args.organization);
    email.custom_domain.clone_from(&args.custom_domain);
    email.identity = args.identity.clone().map(|(provider, user_id)| {
        let mut identity = VerificationIdentity::new(provider, user_id);
        identity.connection_id.clone_from(&args.identity_connection);
        identity
    });
    let job = client.verification_email(&email)?;
    if args.report.json {
        setup::print_json(&job)?;
    } else if !args.report.quiet {
        setup::print(&job_text(&job))?;
    }
    Ok(Status::Done)
}
