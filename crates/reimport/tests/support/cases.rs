//! How many cases a property is tried with.

use proptest::test_runner::Config;

/// So many, or as many as `PROPTEST_CASES` says: the long mode.
pub(crate) fn cases(usual: u32) -> Config {
    // What the variable says is in the default already.
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { usual };
    Config { cases, failure_persistence: None, ..Config::default() }
}
