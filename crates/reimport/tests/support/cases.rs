//! How many cases a property is tried with.

use proptest::test_runner::Config;

/// So many, or as many as `PROPTEST_CASES` says: the long mode.
pub(crate) fn cases(usual: u32) -> Config {
    // What the variable says is in the default already.
    let own = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { own.cases } else { usual };
    // Inputs that a property does not speak of grow with the cases.
    let max_global_rejects = own.max_global_rejects.max(cases);
    Config { cases, max_global_rejects, failure_persistence: None, ..own }
}
