//! Faults that tests request, and random faults from a seed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use fastrand::Rng;

/// One way in which a call can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is closed before the call is carried out.
    DropBefore,
    /// The call is carried out, but the connection is closed without a response.
    DropAfter,
    /// The response has this status, and the call is not carried out.
    Status(u16),
    /// The call is carried out, but the response has this status.
    StatusAfter(u16),
    /// 429 with an `x-ratelimit-reset` this number of seconds ahead. The call is not carried out.
    RateLimited(u64),
    /// 429 with `Retry-After` in seconds. The call is not carried out.
    RetryAfter(u64),
    /// The response body is cut off after this number of bytes.
    Truncate(usize),
    /// The response body pauses after its first half, for this time of the system clock.
    Slow(Duration),
    /// The response has a success status, but its body is an HTML page.
    Html,
}

/// The faults to apply.
#[derive(Debug, Default)]
pub(super) struct Faults {
    queued: HashMap<String, VecDeque<Fault>>,
    chance: Option<(Rng, u8)>,
}

impl Faults {
    pub(super) fn push(&mut self, call: &str, fault: Fault) {
        self.queued.entry(call.to_owned()).or_default().push_back(fault);
    }

    pub(super) fn random(&mut self, seed: u64, percent: u8) {
        self.chance = (percent > 0).then(|| (Rng::with_seed(seed), percent));
    }

    /// Returns the fault for the current call.
    pub(super) fn next(&mut self, call: &str) -> Option<Fault> {
        if let Some(fault) = self.queued.get_mut(call).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        let (random, percent) = self.chance.as_mut()?;
        if random.u8(..100) >= *percent {
            return None;
        }
        Some(match random.u8(..7) {
            0 => Fault::DropBefore,
            1 => Fault::DropAfter,
            2 => Fault::Status(500),
            3 => Fault::StatusAfter(500),
            4 => Fault::RateLimited(random.u64(..5)),
            5 => Fault::Truncate(random.usize(..2000)),
            _ => Fault::Status(503),
        })
    }
}
