//! Runs the rules in memory, for the tests of this module.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::error::Result;
use crate::pipeline::Pipeline;
use crate::run::{Rejected, SideFile, Sink, Skipped, Summary, Topic, Transform, Written};
use crate::source::Source;

/// A sink that keeps everything it receives.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) users: Vec<String>,
    pub(super) sides: BTreeMap<SideFile, Vec<String>>,
    pub(super) rejected: Vec<String>,
    pub(super) skipped: usize,
    pub(super) summary: Summary,
}

impl Sink for Seen {
    type Finished = Self;

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self.users.push(text(written.bytes));
        Ok(())
    }

    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        self.sides.entry(list).or_default().push(text(line));
        Ok(())
    }

    fn skip(&mut self, _: Skipped<'_>) -> Result<()> {
        self.skipped += 1;
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.rejected.extend(rejected.problems.iter().map(|problem| problem.rule.to_owned()));
        Ok(())
    }

    fn finish(mut self, summary: &Summary) -> Result<Self> {
        self.summary = summary.clone();
        Ok(self)
    }
}

impl Seen {
    pub(super) fn side(&self, list: SideFile) -> Vec<&str> {
        self.sides.get(&list).into_iter().flatten().map(String::as_str).collect()
    }

    /// Returns the facts of a topic with their counts, by name. Names are leaked, so that tests can compare them with
    /// literals. Counts of entries without a user in joined files are omitted.
    pub(super) fn facts(&self, topic: Topic) -> Vec<(&'static str, u64)> {
        let facts = self.summary.section(topic).into_iter().map(|(name, count)| (&*name.leak(), count));
        facts.filter(|(name, _)| !name.ends_with("without a user")).collect()
    }
}

/// Returns a source of this text, called `users`.
pub(super) fn users(text: impl Into<String>) -> Source {
    source("users", text)
}

pub(super) fn source(name: &str, text: impl Into<String>) -> Source {
    Source::from_reader(name, Cursor::new(text.into()))
}

pub(super) fn run(transform: &impl Transform, text: impl Into<String>) -> Result<Seen> {
    Pipeline::new().run([users(text)], transform, Seen::default()).map(|(_, seen)| seen)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("rendered bytes are UTF-8")
}
