//! The number of cases of a property test.

use proptest::test_runner::Config;

/// Returns a configuration with this number of cases, or with `PROPTEST_CASES` cases if that is set.
pub(crate) fn cases(usual: u32) -> Config {
    // The default already has the value of the variable.
    let own = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { own.cases } else { usual };
    // Inputs that a property rejects grow in number with the cases.
    let max_global_rejects = own.max_global_rejects.max(cases);
    Config { cases, max_global_rejects, failure_persistence: None, ..own }
}
