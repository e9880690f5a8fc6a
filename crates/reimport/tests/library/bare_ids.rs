//! Ids in parts are bare: a conversion of parts leaves the ids unchanged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use reimport::filter::{Filter, Filtered, Ids};
use reimport::import::{Connections, PasswordTable};
use reimport::parts_folder::Manifest;
use reimport::projection::Unchanged;
use reimport::record::{ReadOptions, UserIds};
use reimport::sink::{Array, Ndjson, Parts, PartsOptions, RejectedRecord};
use reimport::source::Source;
use reimport::{Category, Pipeline, RecordReader, Rules};

/// Bare ids. Each looks like an id with a strategy prefix, or like one without.
const IDS: [&str; 7] =
    ["5f7c", "auth0|5f7c", "auth0|auth0|5f7c", "google-oauth2|1", "sms|+1", "42|acme", "|"];

fn user(id: &str, n: usize) -> String {
    format!(r#"{{"user_id":"{id}","email":"u{n}@example.com"}}"#)
}

/// Returns an export of users who have these ids in its parts.
fn export(ids: &[&str]) -> String {
    let users = ids.iter().enumerate().map(|(n, id)| user(&format!("auth0|{id}"), n));
    users.collect::<Vec<_>>().join("\n")
}

/// Returns one array of users with these ids.
fn array(ids: &[&str]) -> String {
    let users = ids.iter().enumerate().map(|(n, id)| user(id, n));
    format!("[\n{}\n]", users.collect::<Vec<_>>().join(",\n"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let manifest = manifest(folder);
    manifest.parts.iter().map(|part| folder.join(&part.file)).collect()
}

fn manifest(folder: &Path) -> Manifest {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

fn contents(folder: &Path) -> Vec<String> {
    files(folder).iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn converting_parts_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (source, one, two) = (home.path().join("e.ndjson"), home.path().join("one"), home.path().join("two"));
    fs::write(&source, export(&IDS)).unwrap();
    let options = PartsOptions::default().max_part_users(3);
    let parts = Parts::create(&one, options).unwrap();
    let (summary, _) = Pipeline::new().run([source], &Rules::default(), parts).unwrap();
    assert_eq!((summary.written, summary.user_ids), (7, UserIds::Bare));
    assert_eq!(manifest(&one).user_ids, UserIds::Bare);
    assert!(contents(&one)[0].contains(r#"{"user_id":"auth0|5f7c","#), "{:?}", contents(&one));

    let parts = Parts::create(&two, options).unwrap();
    let (summary, _) = Pipeline::new().run(files(&one), &Rules::default(), parts).unwrap();
    assert!(
        summary.sources.iter().all(|source| source.user_ids == UserIds::Bare && !source.mixes_user_ids())
    );
    assert_eq!(contents(&two), contents(&one));
    assert_eq!(manifest(&two).user_ids, UserIds::Bare);
}

#[test]
fn connection_manifest_has_bare_ids() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    let users = ["5f7c", "auth0|5f7c"].map(|id| {
        let identities = r#""identities":[{"provider":"auth0","connection":"Users"}]"#;
        format!(r#"{{"user_id":"auth0|{id}","email":"u{}@example.com",{identities}}}"#, id.len())
    });
    fs::write(path("e.ndjson"), users.join("\n")).unwrap();
    let parts = Parts::create(path("one"), PartsOptions::default().by_connection(true)).unwrap();
    let rules = Rules::default().connections(Connections::Any);
    Pipeline::new().run([path("e.ndjson")], &rules, parts).unwrap();
    assert_eq!(manifest(&path("one/Users")).user_ids, UserIds::Bare);
    reimport::convert(files(&path("one/Users")), path("two")).unwrap();
    assert_eq!(contents(&path("two")), contents(&path("one/Users")));
}

#[test]
fn unchanged_output_has_exported_ids() {
    let home = tempfile::tempdir().unwrap();
    let (source, raw, back) =
        (home.path().join("e.ndjson"), home.path().join("raw"), home.path().join("back"));
    fs::write(&source, export(&["5f7c"])).unwrap();
    let parts = |out| Parts::create(out, PartsOptions::default()).unwrap();
    Pipeline::new().run([source], &Unchanged, parts(&raw)).unwrap();
    assert_eq!(manifest(&raw).user_ids, UserIds::Exported);
    Pipeline::new().run(files(&raw), &Rules::default(), parts(&back)).unwrap();
    assert_eq!(contents(&back), [array(&["5f7c"])]);
    // The ids of parts stay bare.
    let again = home.path().join("again");
    Pipeline::new().run(files(&back), &Unchanged, parts(&again)).unwrap();
    assert_eq!((manifest(&again).user_ids, contents(&again)), (UserIds::Bare, contents(&back)));
}

#[test]
fn file_without_manifest_has_exported_ids_by_default() {
    let text = array(&["5f7c", "auth0|6a8d", "sms|+1"]);
    let run = |user_ids| {
        let mut options = ReadOptions::default();
        options.user_ids = user_ids;
        let source = Source::from_reader("users.json", std::io::Cursor::new(text.clone()));
        let pipeline = Pipeline::new().read_options(options);
        let (summary, users) = pipeline.run([source], &Rules::default(), Array::new(Vec::new())).unwrap();
        let source = &summary.sources[0];
        let counts = (source.ids_with_strategy, source.ids_without_strategy);
        (String::from_utf8(users).unwrap(), counts, source.mixes_user_ids())
    };
    assert_eq!(run(None), (array(&["5f7c", "6a8d"]), (2, 1), true));
    assert_eq!(run(Some(UserIds::Bare)), (text.clone(), (0, 0), false));
}

#[test]
fn rejected_users_of_parts_are_marked_as_bare() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    fs::write(path("e.ndjson"), export(&["auth0|5f7c", "sms|1"])).unwrap();
    let parts = |name| Parts::create(path(name), PartsOptions::default()).unwrap();
    Pipeline::new().run([path("e.ndjson")], &Rules::default(), parts("one")).unwrap();
    // Both are rejected, because usernames are required.
    let strict = Rules::default().require([reimport::user::Identifier::Username]);
    Pipeline::new().run(files(&path("one")), &strict, parts("two")).unwrap();
    let rejected = fs::read_to_string(path("two/rejected.ndjson")).unwrap();
    for line in rejected.lines() {
        let record: RejectedRecord = serde_json::from_str(line).unwrap();
        assert_eq!(record.user_ids, Some(UserIds::Bare), "{line}");
    }
    // The file is recognized under any name, and in any folder.
    fs::write(path("fixed.ndjson"), rejected).unwrap();
    Pipeline::new().run([path("fixed.ndjson")], &Rules::default(), parts("three")).unwrap();
    assert_eq!(contents(&path("three")), contents(&path("one")));
    let mut reader = RecordReader::from_path(path("fixed.ndjson")).unwrap();
    assert_eq!(reader.next_record().unwrap().unwrap().user_ids(), UserIds::Bare);
}

#[test]
fn id_lists_match_users_of_parts() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    fs::write(path("e.ndjson"), export(&IDS)).unwrap();
    reimport::convert([path("e.ndjson")], path("one")).unwrap();
    for (id, bare) in [("auth0|auth0|5f7c", "auth0|5f7c"), ("5f7c", "5f7c"), ("auth0|sms|+1", "sms|+1")] {
        let chosen = |inputs: Vec<PathBuf>| {
            let filtered = Filtered::new(Filter::new().ids(Ids::from_ids([id])), Rules::default());
            let (_, lines) = Pipeline::new().run(inputs, &filtered, Ndjson::new(Vec::new())).unwrap();
            String::from_utf8(lines).unwrap()
        };
        let of_export = chosen(vec![path("e.ndjson")]);
        assert!(of_export.starts_with(&format!(r#"{{"user_id":"{bare}","#)), "{of_export}");
        assert_eq!(chosen(files(&path("one"))), of_export, "{id}");
    }
}

#[test]
fn hashes_join_users_of_parts_by_bare_id() {
    let hash = "$2b$10$C9hB4Ehdrws5GiLiGS16Eee6wnjs5FMyikwNySWDP1MFGuq5tpfSm";
    let hashes = ["5f7c", "sms|1", "42|acme"].map(|id| {
        format!(r#"{{"_id":{{"$oid":"1"}},"alt_id":"{id}","email":"a@example.com","passwordHash":"{hash}","tenant":"t","connection":"C"}}"#)
    });
    let hashes = Source::from_reader("hashes.json", std::io::Cursor::new(hashes.join("\n")));
    let table = Arc::new(PasswordTable::new().read(hashes).unwrap());
    let text = array(&["5f7c", "sms|1", "42|acme", "google-oauth2|5f7c"]);
    let source = Source::from_reader("users.json", std::io::Cursor::new(text));
    let mut options = ReadOptions::default();
    options.user_ids = Some(UserIds::Bare);
    let rules = Rules::default().passwords(Arc::clone(&table));
    let sink = Array::new(Vec::new());
    let (summary, users) = Pipeline::new().read_options(options).run([source], &rules, sink).unwrap();
    assert_eq!((summary.written, summary.with_password), (4, 3));
    let users = String::from_utf8(users).unwrap();
    let without = users.lines().find(|user| user.contains("user_id") && !user.contains(hash)).unwrap();
    assert!(without.contains("google-oauth2|5f7c"), "{users}");
}

#[test]
fn damage_in_a_part_is_reported_at_its_position() {
    let mut options = ReadOptions::default();
    options.user_ids = Some(UserIds::Bare);
    let text = "{\"user_id\":\"a\",\"email\":\"a@example.com\"}\n{\"user_id\":\"b\",\"email\":tru}\n";
    let run = |options: ReadOptions| {
        let source = Source::from_reader("p.ndjson", std::io::Cursor::new(text));
        let sink = Array::new(Vec::new());
        let (summary, _) =
            Pipeline::new().read_options(options).run([source], &Rules::default(), sink).unwrap();
        let place = &summary.rejected_places["invalid-json"][0];
        (place.position, place.message.clone())
    };
    assert_eq!(run(options), run(ReadOptions::default()));
    let error = RecordReader::from_reader("x", &b"{\"user_id\":tru}"[..]).unwrap().next_record().unwrap_err();
    assert_eq!(error.category(), Category::Record);
}

proptest! {
    #[test]
    fn any_id_survives_two_conversions(
        ids in prop::collection::hash_set("(auth0\\||google-oauth2\\||sms\\||a){0,3}[a-c|]{1,3}", 1..8),
        escaped in any::<bool>(),
    ) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        let text = export(&ids);
        let text = if escaped { text.replace('|', r"\u007c") } else { text };
        fs::write(path("e.ndjson"), text).unwrap();
        reimport::convert([path("e.ndjson")], path("one")).unwrap();
        reimport::convert(files(&path("one")), path("two")).unwrap();
        let expected = if escaped { array(&ids).replace('|', r"\u007c") } else { array(&ids) };
        prop_assert_eq!(contents(&path("one")), [expected]);
        prop_assert_eq!(contents(&path("two")), contents(&path("one")));
    }
}
