//! Code shared by the fuzz targets: a reader that returns its bytes in steps, and the test generators, seeded by
//! bytes.

use std::io::{self, ErrorKind, Read};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A reader that returns its bytes in steps of the given sizes, repeatedly. The size 0 is an interrupted read.
#[derive(Debug)]
pub struct Steps {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
    turn: usize,
}

impl Steps {
    /// Returns a reader of `bytes` with these step sizes.
    pub fn new(bytes: impl Into<Vec<u8>>, sizes: Vec<usize>) -> Self {
        assert!(sizes.iter().any(|size| *size > 0), "at least one step returns bytes");
        Self { bytes: bytes.into(), at: 0, sizes, turn: 0 }
    }
}

impl Read for Steps {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        if size == 0 {
            return Err(ErrorKind::Interrupted.into());
        }
        let count = size.min(out.len()).min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Returns the step sizes that a byte of the input stands for.
pub fn sizes(byte: u8) -> Vec<usize> {
    let size = usize::from(byte >> 2) + 1;
    match byte & 3 {
        0 => vec![1 << 20],
        1 => vec![size],
        2 => vec![size, 1, 0, 3],
        _ => vec![1, 0, 2, size * 7],
    }
}

/// Returns the first bytes of an input, and the rest. If the input is shorter, the missing bytes are zero.
pub fn head<const N: usize>(data: &[u8]) -> ([u8; N], &[u8]) {
    let mut head = [0; N];
    let count = N.min(data.len());
    head[..count].copy_from_slice(&data[..count]);
    (head, &data[count..])
}

/// Returns the value that a generator makes from a seed. `None` if it rejects the seed.
pub fn draw<S: Strategy>(strategy: &S, seed: &[u8]) -> Option<S::Value> {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().enumerate() {
        // An empty seed is also valid.
        *byte = seed.get(place % seed.len().max(1)).copied().unwrap_or(0) ^ place as u8;
    }
    let config = Config { failure_persistence: None, max_local_rejects: 64, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
    let mut runner = TestRunner::new_with_rng(config, rng);
    strategy.new_tree(&mut runner).ok().map(|tree| tree.current())
}

/// Returns whether the oracle can read the text: an object of at most 128 levels, whose names are all valid
/// Unicode.
pub fn is_readable(text: &str) -> bool {
    let lone = text.contains("\\ud") || text.contains("\\uD");
    // Flat keys of more than 1024 bytes are not read as paths. A text below 1000 bytes has none.
    !lone
        && text.len() < 1000
        && text.matches(['{', '[']).count() <= 128
        && text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{')
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}
