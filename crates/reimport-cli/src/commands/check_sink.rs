//! The sink of `check`. It measures the parts that `convert` would write, and keeps examples if requested.

use reimport::run::{Body, Rejected, Sink, Written};
use reimport::sink::{Estimate, Estimated, PartsOptions};
use reimport::{Result, Summary, Topic};
use serde::Deserialize;
use serde_json::Value;

use crate::report::Example;

/// Number of examples for each rule.
const EXAMPLES: usize = 5;

/// Maximum number of characters of an id or address in a report.
const LONGEST: usize = 120;

/// Measures the parts of one folder, and of one folder for each connection. Which of them applies is known only at the
/// end.
pub(super) struct CheckSink {
    whole: Estimate,
    by_connection: Estimate,
    /// Whether to use one folder for each connection if there are several.
    apart: bool,
    examples: Option<Vec<Example>>,
}

impl CheckSink {
    pub(super) fn new(options: PartsOptions, undecided: bool, examples: bool) -> Result<Self> {
        let by_connection = Estimate::new(options.by_connection(true))?;
        Ok(Self {
            whole: Estimate::new(options)?,
            by_connection,
            apart: undecided,
            examples: examples.then(Vec::new),
        })
    }
}

impl Sink for CheckSink {
    type Finished = (Estimated, Vec<Example>);

    fn max_record_bytes(&self) -> Option<u64> {
        self.whole.max_record_bytes()
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        if self.apart {
            self.by_connection.write(written)?;
        }
        self.whole.write(written)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        if let (Some(examples), Body::User(json)) = (&mut self.examples, rejected.body) {
            keep(examples, json, &rejected);
        }
        Ok(())
    }

    fn finish(self, summary: &Summary) -> Result<Self::Finished> {
        let several = summary.of(Topic::Connection).count() > 1;
        let estimate = if self.apart && several { self.by_connection } else { self.whole };
        Ok((estimate.finish(summary)?, self.examples.unwrap_or_default()))
    }
}

/// The properties that identify a user. Their values can have any type.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    user_id: Value,
    email: Value,
}

fn keep(examples: &mut Vec<Example>, json: &str, rejected: &Rejected<'_>) {
    for problem in rejected.problems {
        let of_rule = examples.iter().filter(|example| example.rule == problem.rule);
        let line = rejected.origin.position.line;
        let source = &**rejected.origin.source;
        let known = examples
            .iter()
            .any(|example| example.rule == problem.rule && example.line == line && example.source == source);
        if known || of_rule.count() >= EXAMPLES {
            continue;
        }
        // A record that serde_json refuses (a repeated key) is identified only by its line.
        let named: Named = serde_json::from_str(json).unwrap_or_default();
        examples.push(Example {
            rule: problem.rule,
            source: source.to_owned(),
            line,
            user_id: text(&named.user_id),
            email: text(&named.email),
        });
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(LONGEST).collect(),
        _ => String::new(),
    }
}
