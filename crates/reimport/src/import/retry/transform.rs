//! The retry as a transform: the refused users of a source, by the rules.

use std::borrow::Cow;

use super::errors::normal;
use super::plan::RetryPlan;
use crate::error::Result;
use crate::import::{Identifier, Rules, Scratch};
use crate::pipeline::Summary;
use crate::record::Record;
use crate::rendering::Rendering;
use crate::transform::{Output, Transform, Verdict};

/// Exactly the users whom jobs refused, out of parts or of an export: edited, checked and rendered by the rules; all
/// others are left out.
///
/// Users are recognised before their edits. One plan serves one run.
#[derive(Debug)]
pub struct Retry {
    plan: RetryPlan,
    rules: Rules,
}

impl Retry {
    /// Retries by a plan, by these rules.
    pub fn new(plan: RetryPlan, rules: Rules) -> Self {
        Self { plan, rules }
    }

    /// The plan, which knows after the run who was not found.
    pub fn plan(&self) -> &RetryPlan {
        &self.plan
    }
}

impl Transform for Retry {
    type Scratch = Scratch;

    fn scratch(&self, rendering: Rendering) -> Result<Scratch> {
        self.rules.scratch(rendering)
    }

    fn validates(&self) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        self.rules.properties()
    }

    fn conclude(&self, summary: &Summary) -> Result<()> {
        self.rules.conclude(summary)
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let retries = self.rules.with_imported(record.json(), scratch, output, |user| {
            let texts = Identifier::ALL
                .map(|identifier| user.get(identifier.place()).and_then(|value| value.as_str()));
            let mut normals: [Option<Cow<'_, str>>; 4] = Default::default();
            for identifier in Identifier::ALL {
                let text = texts[identifier as usize].as_deref();
                normals[identifier as usize] = text.map(|text| normal(identifier, text));
            }
            self.plan.retries(&normals.each_ref().map(Option::as_deref))
        });
        match retries {
            Ok(Some(true)) => self.rules.transform(record, scratch, output),
            Ok(Some(false) | None) => {
                self.rules.left_out_by_filter(record, scratch, output);
                Verdict::LeftOut
            }
            Err(error) => Verdict::Unreadable(error.into()),
        }
    }
}
