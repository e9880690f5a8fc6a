//! Faults on demand, and by chance from a seed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::random::Random;

/// One way in which a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is dropped before anything was done.
    DropBefore,
    /// All is done, but the connection is dropped instead of an answer.
    DropAfter,
    /// That status is answered, and nothing done.
    Status(u16),
    /// All is done, but that status is answered.
    StatusAfter(u16),
    /// 429 with `x-ratelimit-reset` that many seconds ahead, and nothing done.
    RateLimited(u64),
    /// 429 with `Retry-After`, and nothing done.
    RetryAfter(u64),
    /// The answer's body breaks off after that many bytes.
    Truncate(usize),
    /// The answer's body rests that long, by the clock of the machine, after its first half.
    Slow(Duration),
    /// The answer has a status of success, but is a page of HTML.
    Html,
}

/// The faults to come.
#[derive(Debug, Default)]
pub(super) struct Faults {
    queued: HashMap<String, VecDeque<Fault>>,
    chance: Option<(Random, u8)>,
}

impl Faults {
    pub(super) fn push(&mut self, call: &str, fault: Fault) {
        self.queued.entry(call.to_owned()).or_default().push_back(fault);
    }

    pub(super) fn random(&mut self, seed: u64, percent: u8) {
        self.chance = (percent > 0).then(|| (Random::seeded(seed), percent));
    }

    /// The fault of the call that just came.
    pub(super) fn next(&mut self, call: &str) -> Option<Fault> {
        if let Some(fault) = self.queued.get_mut(call).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        let (random, percent) = self.chance.as_mut()?;
        if random.below(100) >= u64::from(*percent) {
            return None;
        }
        Some(match random.below(7) {
            0 => Fault::DropBefore,
            1 => Fault::DropAfter,
            2 => Fault::Status(500),
            3 => Fault::StatusAfter(500),
            4 => Fault::RateLimited(random.below(5)),
            5 => Fault::Truncate(random.below(2000) as usize),
            _ => Fault::Status(503),
        })
    }
}
