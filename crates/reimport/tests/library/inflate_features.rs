//! Checks that decompression is built with its fast code. Checks cargo features instead of times, because times
//! depend on the machine.

use std::process::Command;

/// Returns the features of a package in a build of this library alone. In a larger build, other packages may enable
/// more.
fn features(package: &str) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "-p",
            "reimport",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p} {f}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{words}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let line = tree.lines().find(|line| line.split(' ').next() == Some(package));
    let line =
        line.unwrap_or_else(|| panic!("expected {package} among what the library is built from:\n{tree}"));
    line.rsplit(' ').next().unwrap_or_default().split(',').map(str::to_owned).collect()
}

#[test]
fn inflater_detects_cpu_features_at_run_time() {
    assert!(features("flate2").contains(&"runtime_detection".to_owned()), "{:?}", features("flate2"));
    // The effect of `runtime_detection`. Without it, decompression takes 1.4 times as long.
    assert!(features("zlib-rs").contains(&"std".to_owned()), "{:?}", features("zlib-rs"));
}
