//! The retry as a transform: applies the rules to the refused users of a source.

use super::identifiers::Identifiers;
use super::plan::RetryPlan;
use crate::error::Result;
use crate::import::user::User;
use crate::import::{Edits, Rules, Scratch, bare};
use crate::record::{Record, UserIds};
use crate::run::{Fact, IdForm, OfThisLibrary, Output, RecordInfo, Rendering, Summary, Transform, Verdict};
use crate::user::Identifier;
use crate::user::property::Property;

/// Writes exactly the users that import jobs refused, from parts or from an export. They are edited, checked and
/// rendered by the rules. All other users are left out.
///
/// Users are recognized before their edits. One plan serves one run.
#[derive(Debug)]
pub struct Retry {
    plan: RetryPlan,
    rules: Rules,
    /// The same rules, without edits.
    unedited: Rules,
}

impl Retry {
    /// Creates a retry of the users of a plan, with these rules.
    pub fn new(plan: RetryPlan, rules: Rules) -> Self {
        let unedited = rules.clone().edits(Edits::new());
        Self { plan, rules, unedited }
    }

    /// Returns the rules. After the run, they report which edits were made to no user.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns the plan. After the run, it reports which users were not found.
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

    fn keeps_contract(&self, _: OfThisLibrary) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        self.rules.properties()
    }

    fn user_ids(&self) -> Option<UserIds> {
        self.rules.user_ids()
    }

    fn conclude(&self, summary: &Summary) -> Result<Vec<(Fact, u64)>> {
        self.rules.conclude(summary)
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        // The closure is not called for a user of another strategy, whose id always has a prefix.
        let mut form = Some(IdForm::WithStrategy);
        let retried = scratch.with_exported(record, |scratch, json| {
            self.rules.with_imported(json, scratch, output, |user| {
                let id = user.get(Property::UserId).and_then(|value| value.as_str());
                form = id.as_deref().map(bare::form_of);
                self.retried(user)
            })
        });
        if record.user_ids() == UserIds::Exported {
            output.info.id = form;
        }
        let entries = match retried {
            Ok(entries) => entries.unwrap_or_default(),
            Err(error) => return Verdict::Unreadable(error.into()),
        };
        if entries.is_empty() {
            self.rules.left_out_by_filter(record, scratch, output);
            return Verdict::LeftOut;
        }
        let start = output.bytes.len();
        let verdict = self.rules.transform(record, scratch, output);
        if verdict == Verdict::Written {
            let before = match record.user_ids() {
                UserIds::Bare => Some(record.json().to_owned()),
                UserIds::Exported => self.unedited(record),
            };
            let after = std::str::from_utf8(&output.bytes[start..]).ok();
            if let Some((before, after)) = before.as_deref().zip(after) {
                self.plan.note_written(&entries, before, after);
            }
        }
        verdict
    }
}

impl Retry {
    /// Returns the user of an export as it was sent, as far as that is known: without the edits of this run.
    fn unedited(&self, record: Record<'_>) -> Option<String> {
        let (mut bytes, mut facts, mut keys, mut sides) = Default::default();
        let mut output = Output {
            bytes: &mut bytes,
            facts: &mut facts,
            keys: &mut keys,
            sides: &mut sides,
            info: RecordInfo::default(),
        };
        let verdict = self.unedited.transform(record, &mut Scratch::default(), &mut output);
        // If the rules refuse the user without edits, it is not the user that was sent.
        (verdict == Verdict::Written).then(|| String::from_utf8(bytes).ok()).flatten()
    }

    /// Returns the entries of the plan that are this user.
    fn retried(&self, user: &User<'_>) -> Vec<u32> {
        let texts = Identifier::ALL
            .map(|identifier| user.get(identifier.property()).and_then(|value| value.as_str()));
        self.plan.retried(&Identifiers::new(|identifier| {
            let text = texts[identifier as usize].as_deref();
            if identifier == Identifier::UserId { text.map(bare::imported_id) } else { text }
        }))
    }
}
