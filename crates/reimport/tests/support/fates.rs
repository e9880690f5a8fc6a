//! Compares a run with the naive rules: where each record must go, and where it went.

use std::collections::BTreeMap;
use std::num::NonZero;

use reimport::import::{Connections, Unknown};
use reimport::record::ReadOptions;
use reimport::run::{Rejected, Sink, Skipped, Written};
use reimport::source::Source;
use reimport::{Pipeline, Rules, Summary, Topic};

use crate::naive_rules::{Fate, fate, identifiers};

/// Where a record went, and its line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    Written { line: u64, json: String, connection: Option<String>, password: bool },
    Skipped { line: u64 },
    Rejected { line: u64, rules: Vec<&'static str> },
}

/// A sink that keeps everything that it receives.
pub(crate) struct Keep {
    pub(crate) ends: Vec<End>,
    pub(crate) max_record_bytes: Option<u64>,
}

impl Sink for Keep {
    type Finished = Vec<End>;

    fn max_record_bytes(&self) -> Option<u64> {
        self.max_record_bytes
    }

    fn write(&mut self, written: Written<'_>) -> reimport::Result<()> {
        self.ends.push(End::Written {
            line: written.origin.position.line,
            json: String::from_utf8(written.bytes.to_vec()).unwrap(),
            connection: written.connection.map(str::to_owned),
            password: written.password,
        });
        Ok(())
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> reimport::Result<()> {
        self.ends.push(End::Skipped { line: skipped.origin.position.line });
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> reimport::Result<()> {
        let mut rules: Vec<_> = rejected.problems.iter().map(|problem| problem.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        self.ends.push(End::Rejected { line: rejected.origin.position.line, rules });
        Ok(())
    }

    fn finish(self, _: &Summary) -> reimport::Result<Vec<End>> {
        Ok(self.ends)
    }
}

/// The counts of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) written: u64,
    pub(crate) skipped: u64,
    pub(crate) rejected: u64,
    pub(crate) left_out: u64,
    pub(crate) with_password: u64,
    pub(crate) skipped_by: BTreeMap<String, u64>,
    pub(crate) rejected_by: BTreeMap<&'static str, u64>,
    pub(crate) facts: BTreeMap<String, u64>,
    pub(crate) present: BTreeMap<String, u64>,
}

impl From<&Summary> for Counts {
    fn from(summary: &Summary) -> Self {
        let judged = [Topic::Fixed, Topic::Unknown, Topic::Dropped, Topic::Warned, Topic::Connection];
        let facts = summary.facts.iter().filter(|(fact, _)| judged.contains(&fact.topic));
        let present = summary.present.iter().filter(|(_, count)| **count > 0);
        Self {
            read: summary.read,
            written: summary.written,
            skipped: summary.skipped,
            rejected: summary.rejected,
            left_out: summary.left_out,
            with_password: summary.with_password,
            skipped_by: summary.skipped_by_name(),
            rejected_by: summary.rejected_by.iter().map(|(rule, count)| (*rule, count.records)).collect(),
            facts: facts.map(|(fact, count)| (format!("{:?} {fact}", fact.topic), *count)).collect(),
            present: present.map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        }
    }
}

/// The options of a run: which users are written, and how large they may be.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) reject_unknown: bool,
    pub(crate) only: Option<&'static str>,
    pub(crate) max_record_bytes: Option<u64>,
}

impl Asked {
    pub(crate) fn rules(&self) -> Rules {
        let connections = match self.only {
            Some(name) => Connections::Only(vec![name.to_owned()]),
            None => Connections::Any,
        };
        let unknown = if self.reject_unknown { Unknown::Reject } else { Unknown::Drop };
        Rules::new().connections(connections).unknown(unknown)
    }
}

/// A line of an export: a user, or something else.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    User(String),
    Bad(&'static [u8], &'static str),
}

impl Line {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::User(text) => text.as_bytes(),
            Self::Bad(bytes, _) => bytes,
        }
    }
}

/// Returns the expected results for `lines`.
pub(crate) fn expected(lines: &[Line], asked: &Asked) -> (Vec<End>, Counts) {
    let (mut ends, mut counts) = (Vec::new(), Counts::default());
    let mut taken = Vec::new();
    for (index, record) in lines.iter().enumerate() {
        let line = index as u64 + 1;
        counts.read += 1;
        let mut reject = |counts: &mut Counts, rules: Vec<&'static str>| {
            counts.rejected += 1;
            for rule in &rules {
                *counts.rejected_by.entry(rule).or_default() += 1;
            }
            ends.push(End::Rejected { line, rules });
        };
        let user = match record {
            Line::User(user) => user,
            Line::Bad(_, rule) => {
                reject(&mut counts, vec![rule]);
                continue;
            }
        };
        let fate = fate(user, asked.reject_unknown, asked.only);
        match fate {
            Fate::LeftOut => counts.left_out += 1,
            Fate::Rejected(rules) => reject(&mut counts, rules.into_iter().collect()),
            Fate::Skipped(why) => {
                counts.skipped += 1;
                *counts.skipped_by.entry(why).or_default() += 1;
                ends.push(End::Skipped { line });
            }
            Fate::Written { json, connection, facts, present } => {
                if asked.max_record_bytes.is_some_and(|most| json.len() as u64 > most) {
                    reject(&mut counts, vec!["too-large-user"]);
                    continue;
                }
                let keys = identifiers(&json);
                if keys.iter().any(|key| taken.contains(key)) {
                    reject(&mut counts, vec!["duplicate"]);
                    continue;
                }
                taken.extend(keys);
                counts.written += 1;
                for (fact, count) in facts {
                    *counts.facts.entry(fact).or_default() += count;
                }
                let password = present.iter().any(|name| name.ends_with("password_hash"));
                counts.with_password += u64::from(password);
                for name in present {
                    *counts.present.entry(name).or_default() += 1;
                }
                ends.push(End::Written { line, json, connection, password });
            }
        }
    }
    (ends, counts)
}

/// Returns the results of a run of the rules on `source`.
pub(crate) fn run(
    source: Source,
    options: &ReadOptions,
    threads: usize,
    asked: &Asked,
) -> (Vec<End>, Counts) {
    let keep = Keep { ends: Vec::new(), max_record_bytes: asked.max_record_bytes };
    let pipeline = Pipeline::new().read_options(options.clone()).threads(NonZero::new(threads).unwrap());
    let (summary, ends) = pipeline.run([source], &asked.rules(), keep).unwrap();
    assert_eq!(summary.read, summary.written + summary.skipped + summary.rejected + summary.left_out);
    (ends, Counts::from(&summary))
}
