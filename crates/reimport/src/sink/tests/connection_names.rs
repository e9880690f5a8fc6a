//! Tests with connections that have the names of outputs. Each must get its own folder, next to all other files.

use proptest::prelude::*;

use super::*;
use crate::parts_folder::PartsFolder;
use crate::run::{OutputName, SideFile, Summary};
use crate::sink::{Parts, PartsOptions};

/// Returns names of outputs, uploads and devices, and names that escape to each other.
fn pool() -> Vec<String> {
    let others = [
        "users-00001.json",
        "users-00001.errors.json",
        "upload-t.ndjson",
        "upload-t.errors",
        "upload-t.errors.ndjson",
        "upload-users",
        "upload.journal",
        "manifest.json~2",
        "manifest.json%7E2",
        "no-connection",
        "CON",
        "nul",
        "COM1",
        "con.txt",
        "%43ON",
        "a/b",
        "a%2Fb",
        "a%252Fb",
        "..",
        ".",
        "",
    ];
    let outputs = OutputName::ALL.map(|output| output.to_string());
    outputs.into_iter().chain(others.map(String::from)).collect()
}

/// Generates a name of the pool with random case.
fn connection() -> impl Strategy<Value = String> {
    (proptest::sample::select(pool()), any::<u64>(), 0..3u8).prop_map(|(name, upper, how)| {
        let change = |(at, char): (usize, char)| match how {
            0 => char,
            1 => char.to_ascii_uppercase(),
            _ if upper >> (at % 64) & 1 == 1 => char.to_ascii_uppercase(),
            _ => char.to_ascii_lowercase(),
        };
        name.chars().enumerate().map(change).collect()
    })
}

/// Publishes users of these connections, together with all files that can be next to their folders.
fn publish(out: &Path, connections: &[String]) {
    let options = PartsOptions::default().by_connection(true).force(true);
    let mut parts = Parts::create(out, options).unwrap();
    for (number, connection) in connections.iter().enumerate() {
        write(&mut parts, &format!("{{\"n\":{number}}}"), Some(connection)).unwrap();
        for list in SideFile::ALL {
            parts.side(list, b"a line").unwrap();
        }
    }
    write(&mut parts, "{\"n\":null}", None).unwrap();
    skip(&mut parts, "{}").unwrap();
    reject(&mut parts, "x").unwrap();
    parts.finish(&Summary::default()).unwrap();
}

/// Checks that the folder of each connection has its user, and that the files of the run are there.
fn verify(out: &Path, connections: &[String]) {
    let opened = PartsFolder::open(out).unwrap();
    assert_eq!(opened.connections().len(), connections.len() + 1);
    for (number, connection) in connections.iter().enumerate() {
        let folder = &opened.connections()[number];
        assert_eq!(folder.manifest().connection.as_ref(), Some(connection));
        let part = folder.read(&folder.manifest().parts[0]).unwrap();
        assert_eq!(part, format!("[\n{{\"n\":{number}}}\n]").as_bytes(), "{connection:?}");
    }
    let lists = SideFile::ALL.map(SideFile::output_name);
    let rest = [OutputName::Manifest, OutputName::Lines, OutputName::Skipped, OutputName::Rejected];
    for file in lists.into_iter().chain(rest) {
        assert!(out.join(file).is_file(), "{file}");
    }
    assert_eq!(names(out).len(), connections.len() + 1 + 9);
}

#[test]
fn connections_can_have_the_names_of_all_outputs() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let mut connections = pool();
    let capitals = pool().into_iter().map(|name| name.to_uppercase());
    connections.extend(capitals.filter(|name| !pool().contains(name)));
    for _ in 0..2 {
        publish(&out, &connections);
        verify(&out, &connections);
    }
}

#[test]
fn earlier_output_with_connection_missing_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    publish(&out, &["Users".to_owned()]);
    fs::rename(out.join("Users"), out.join("missing")).unwrap();
    publish(&out, &["Users".to_owned()]);
    verify(&out, &["Users".to_owned()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn connections_named_as_outputs_are_written_and_replaced(
        connections in proptest::collection::hash_set(connection(), 1..8)
    ) {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        let mut connections = Vec::from_iter(connections);
        publish(&out, &connections);
        verify(&out, &connections);
        // Replaces the output, with the connections in another order.
        connections.reverse();
        publish(&out, &connections);
        verify(&out, &connections);
    }
}
