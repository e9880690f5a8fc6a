//! The export that the benchmarks read.

use std::io::{Cursor, Write};
use std::num::NonZero;

use flate2::Compression;
use flate2::write::GzEncoder;
use reimport::Pipeline;
use reimport::source::Source;
use reimport_benches::{Corpus, Stats};

/// Number of users in a measured export, and in one of a test run.
const USERS: u64 = if cfg!(debug_assertions) { 200 } else { 20_000 };

/// An export in memory, and its statistics from the generator.
#[derive(Clone, Copy)]
pub(crate) struct Export {
    pub(crate) text: &'static [u8],
    pub(crate) gzipped: &'static [u8],
    pub(crate) stats: &'static Stats,
}

impl Export {
    /// Creates an export. Its memory is leaked, because a source needs `'static` data. There are only a few
    /// exports.
    pub(crate) fn of(corpus: &Corpus) -> Self {
        let mut text = Vec::new();
        let stats = corpus.write(&mut text).expect("writing to memory does not fail");
        // A compared implementation rejects numbers that an `f64` cannot hold.
        let text =
            String::from_utf8(text).expect("an export is UTF-8").replace("1e400", "1e300").into_bytes();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).expect("writing to memory does not fail");
        let gzipped = gzip.finish().expect("writing to memory does not fail");
        Self { text: text.leak(), gzipped: gzipped.leak(), stats: Box::leak(Box::new(stats)) }
    }

    pub(crate) fn plain_source(&self) -> Source {
        Source::from_reader("export", Cursor::new(self.text))
    }

    pub(crate) fn gzipped_source(&self) -> Source {
        Source::from_reader("export.gz", Cursor::new(self.gzipped))
    }
}

/// Returns a corpus of valid users, of one database connection and seven other strategies.
pub(crate) fn corpus() -> Corpus {
    Corpus::new(1).users(USERS)
}

/// Returns a pipeline that runs on the calling thread only.
pub(crate) fn one_thread() -> Pipeline {
    Pipeline::new().threads(NonZero::<usize>::MIN)
}
