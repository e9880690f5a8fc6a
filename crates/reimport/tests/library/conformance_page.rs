//! `docs/conformance.md` names all files of the conformance folders, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn page_lists_exactly_the_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/conformance.md")).unwrap();
    for (folder, heading, end) in
        [("json", "## JSON", "json"), ("csv", "## CSV", "csv"), ("gzip", "## gzip", "gz")]
    {
        let section = page.split_once(heading).unwrap().1.split("\n## ").next().unwrap();
        let named: BTreeSet<String> = section
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| {
                (word.starts_with("accept_") || word.starts_with("reject_")) && !word.contains(['*', '…'])
            })
            .map(|word| word.trim_end_matches(&format!(".{end}")).to_owned())
            .collect();
        let files: BTreeSet<String> = fs::read_dir(root.join("testdata").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|own| own == end))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, files, "{folder}");
        // Also checks the numbers at the top of the page.
        for (at, verdict) in ["accept_", "reject_"].into_iter().enumerate() {
            let row = page.lines().find(|line| line.contains(&format!("| `testdata/{folder}` |"))).unwrap();
            let stated: usize = row.split('|').nth(3 + at).unwrap().trim().parse().unwrap();
            assert_eq!(
                stated,
                files.iter().filter(|name| name.starts_with(verdict)).count(),
                "{folder}, {verdict}"
            );
        }
    }
}
