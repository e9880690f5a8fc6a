//! Reports of runs: text for people, JSON documents for programs, and HTML pages.

mod cells;
mod chosen;
mod command;
mod compare;
mod fields;
mod hints;
mod html;
mod input_remark;
#[cfg(feature = "jobs")]
mod job;
mod json;
mod kinds;
mod page;
mod readiness;
mod remarks;
mod retry;
mod retry_remark;
#[cfg(test)]
mod rules_page;
mod select;
mod summary;
mod table;
#[cfg(feature = "jobs")]
mod upload;

pub(crate) use chosen::Place;
pub(crate) use command::{WrittenParts, quoted};
pub(crate) use compare::{Arrival, DeltaReport, VerifyOutput};
pub(crate) use fields::{fields_json, fields_table, fields_text, values_json, values_table};
#[cfg(feature = "columns")]
pub(crate) use fields::{schema_json, schema_text};
pub(crate) use hints::INFER_TYPES;
#[cfg(feature = "jobs")]
pub(crate) use hints::of_objection;
pub(crate) use input_remark::{InputRemark, unfixed};
#[cfg(feature = "jobs")]
pub(crate) use job::{download_text, interrupted_text, job_text, kinds_text, request_text};

pub(crate) use html::{arrival_page, readiness_page};
pub(crate) use json::{readiness_json, run_json};
#[cfg(feature = "jobs")]
pub(crate) use page::bytes;
pub(crate) use page::{grouped, page_is};
pub(crate) use readiness::{Example, Readiness};
pub(crate) use remarks::{Hashes, Remark, Remarks, unseen_before_close};
pub(crate) use retry::Retried;
#[cfg(feature = "jobs")]
pub(crate) use retry_remark::details;
pub(crate) use retry_remark::{UnlistedPart, WhyUnlisted};
pub(crate) use select::{Limit, Selected, select_json, select_text};
pub(crate) use summary::{Fix, Published, summary_text};
pub(crate) use table::readiness_table;
#[cfg(feature = "jobs")]
pub(crate) use upload::{FinishedUpload, plan_json, plan_text, upload_json, upload_text};

/// Whether this is an error of the network. Its message is complete; the causes are for programs.
#[cfg(feature = "jobs")]
pub(crate) fn is_of_network(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<reimport_jobs::NetworkError>()
}

/// The command without HTTP has no such errors.
#[cfg(not(feature = "jobs"))]
pub(crate) fn is_of_network(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}

/// Returns an error and its causes as one sentence, with the option that helps. A cause whose text is already in the
/// sentence is left out.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut words = error.to_string();
    for (above, cause) in error.chain().zip(error.chain().skip(1)) {
        if is_of_network(above) {
            break;
        }
        let cause = cause.to_string();
        if !words.contains(&cause) {
            words.push_str(": ");
            words.push_str(&cause);
        }
    }
    words.push_str(hints::of(error));
    words
}
