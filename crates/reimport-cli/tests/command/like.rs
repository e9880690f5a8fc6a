//! `--like PARTS`: a conversion with the options of an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cases::cases;
use crate::harness::{WorkFolder, users};

const USER: &str = "{\"user_id\":\"auth0|7\",\"username\":\"ada\",\"email\":\"ada@example.com\"}\n";

const BCRYPT: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDujVBPWEdAQ.G9ASvnSIwb81Hs2ng0G4u";

/// Converts into `parts`, and writes the records for a later conversion.
fn place(options: &str) -> WorkFolder {
    let hash = |id| format!("{{\"_id\":\"{id}\",\"passwordHash\":\"{BCRYPT}\"}}\n");
    let secret =
        |id| format!("{{\"user_id\":\"auth0|{id}\",\"otp_secret\":\"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"}}\n");
    let place = WorkFolder::new()
        .with("users.ndjson", users(3))
        .with("late.ndjson", USER)
        .with("hashes.ndjson", hash(0) + &hash(7))
        .with("secrets.ndjson", secret(0) + &secret(7))
        .with("ids.txt", "auth0|1\n");
    place.run(&format!("convert users.ndjson -o parts -q {options}"));
    assert!(place.path().join("parts/manifest.json").is_file(), "{options}");
    place
}

/// Runs `convert late.ndjson --like parts -o late` with these options.
fn late(place: &WorkFolder, options: &str) -> crate::harness::Ran {
    place.run(&format!("convert late.ndjson --like parts -o late {options}"))
}

fn manifest(place: &WorkFolder, folder: &str) -> Value {
    serde_json::from_str(&place.read(&format!("{folder}/manifest.json"))).unwrap()
}

#[test]
fn like_applies_options_of_the_first_conversion() {
    let place = place("--by-connection --linked promote --require email,username");
    late(&place, "").assert_output(
        0,
        "",
        "\
like      parts: --by-connection --linked promote --require email,username
read      1 record from late.ndjson (65 bytes), read whole
written   1 user in 1 part to late
note      1 user has no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload late/no-connection --tenant HOST --to CONNECTION
done (exit status 0)
",
    );
    let (parts, late) = (manifest(&place, "parts"), manifest(&place, "late"));
    assert_eq!(parts["options"], late["options"]);
    assert_eq!(late["options"]["require"], json!(["email", "username"]));
}

/// Returns the first lines, which `--like` prints. Checks that the run succeeds.
#[track_caller]
fn assert_like_lines(place: &WorkFolder, options: &str, lines: &[&str]) {
    let ran = late(place, options);
    assert!(ran.status < 2, "{}", ran.err);
    let printed: Vec<&str> = ran.err.lines().take_while(|line| !line.starts_with("read ")).collect();
    assert_eq!(printed, lines);
    fs::remove_dir_all(place.path().join("late")).unwrap();
}

#[test]
fn like_reports_used_and_unused_options() {
    let place = place(
        "--merge-connections --limit 1 --input-format ndjson --drop a.b --drop c --max-rejected 2% --set p=\"x\" \
         --passwords hashes.ndjson --stale-passwords skip --ids ids.txt --unique email",
    );
    assert_like_lines(
        &place,
        "--connection Users --drop d --without ids --no-duplicate-check --without passwords,set",
        &[
            "like      parts: --max-rejected 2%",
            "          not used: --drop a.b --drop c (given), --input-format ndjson (only for that input), --limit 1 (only for that run), --merge-connections (not with --connection), --stale-passwords skip (without --passwords), --unique \
             email (not with --no-duplicate-check)",
        ],
    );
    assert_like_lines(
        &place,
        "--passwords hashes.ndjson --ids ids.txt --without limit,input-format --max-rejected 100%",
        &[
            "like      parts: --drop a.b --drop c --merge-connections --set 'p=\"x\"' --stale-passwords skip --unique email",
            "          not used: --max-rejected 2% (given)",
        ],
    );
    let ran = late(&place, "--without passwords,ids -q");
    // No record has the dropped paths.
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let options = &manifest(&place, "late")["options"];
    assert_eq!((&options["passwords"], &options["ids"]), (&json!(false), &json!(false)));
    assert_eq!((options.get("limit"), options.get("input_format")), (None, None));
}

#[test]
fn like_reports_defaults() {
    assert_like_lines(&place(""), "", &["like      parts: the defaults"]);
}

#[test]
fn csv_options_apply_only_to_csv_input() {
    let place = place("--csv-types infer --csv-dialect plain --delimiter ; --max-part-users 2")
        .with("late.csv", "user_id;email;app_metadata.n\nauth0|1;a@example.com;7\n");
    assert_like_lines(
        &place,
        "",
        &["like      parts: --csv-dialect plain --csv-types infer --delimiter ';' --max-part-users 2"],
    );
    assert_eq!(place.run("convert late.csv --like parts -o late -q").status, 0);
    assert!(place.read("late/users-00001.json").contains("\"app_metadata\":{\"n\":7}"));
}

#[test]
fn check_accepts_like_and_suggests_a_new_folder() {
    let place = place("--require username,email");
    let ran = place.run("check late.ndjson --like parts");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.starts_with("like      parts: --require username,email\ndone"), "{}", ran.err);
    assert!(
        ran.out.contains("next      reimport convert late.ndjson --like parts -o new-parts\n"),
        "{}",
        ran.out
    );
    let ran = place.run("check users.ndjson --like parts --json");
    assert_eq!(ran.status, 1);
    assert_eq!(ran.err, "like      parts: --require username,email\n");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["rejected"], 3);
    let ran = place.run("check users.ndjson --like parts -q");
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (1, "", ""));
}

#[test]
fn fixed_rejects_are_converted_like_the_parts() {
    let place = place("");
    let ran = place.run("convert users.ndjson -o first --require username,email --drop user_metadata -q");
    assert_eq!(ran.status, 1);
    let ran = place.run(
        "convert users.ndjson -o second --require username,email --drop user_metadata --passwords hashes.ndjson",
    );
    let command =
        "reimport convert second/rejected.ndjson --like second --passwords hashes.ndjson -o second-fixed";
    assert!(ran.err.contains(&format!("          {command}\n")), "{}", ran.err);
    let typed = "--require username,email --drop user_metadata --passwords hashes.ndjson";
    let whole = place.run(&format!("convert second/rejected.ndjson {typed} -o whole -q"));
    let short = place.run(&format!("{} -q", command.strip_prefix("reimport ").unwrap()));
    assert_eq!((whole.status, short.status), (1, 1));
    assert_eq!(files(&place, "whole"), files(&place, "second-fixed"));
}

/// Checks that the run exits with 2 and this message, and writes nothing.
#[track_caller]
fn refused(place: &WorkFolder, arguments: &str, message: &str) {
    let before = place.names(".");
    for command in ["convert late.ndjson -o late", "convert late.ndjson -o -", "check late.ndjson --json"] {
        place.run(&format!("{command} {arguments}")).assert_output(2, "", &format!("error: {message}\n"));
    }
    assert_eq!(place.names("."), before);
}

#[test]
fn file_options_must_be_given_again_or_excluded() {
    let place = place("--passwords hashes.ndjson --ids ids.txt");
    refused(
        &place,
        "--like parts",
        "--like parts: the conversion had --ids FILE --passwords FILE, and a manifest does not record file names; \
         give them again, or convert without it: --without ids,passwords",
    );
    refused(
        &place,
        "--like parts --ids ids.txt",
        "--like parts: the conversion had --passwords FILE, and a manifest does not record file names; give it \
         again, or convert without it: --without passwords",
    );
    refused(
        &place,
        "--like parts --ids ids.txt --without passwords --passwords hashes.ndjson",
        "--without passwords and --passwords are both given; leave one of them out",
    );
    let place = self::place("--mfa-secrets secrets.ndjson --not-ids ids.txt");
    refused(
        &place,
        "--like parts",
        "--like parts: the conversion had --mfa-secrets FILE --not-ids FILE, and a manifest does not record file names; give them again, or convert without it: --without mfa-secrets,not-ids",
    );
    assert_eq!(late(&place, "--without not-ids --mfa-secrets secrets.ndjson -q").status, 0);
}

#[test]
fn unknown_recorded_options_are_reported() {
    let long = "x".repeat(100);
    for (name, value, message) in [
        (
            "undo",
            json!(true),
            "records the option `undo`, which this version of reimport does not know; use the version that wrote it, or \
             give the options without --like"
                .to_owned(),
        ),
        (
            &*format!("{}{long}", '\u{1b}'),
            json!(1),
            format!(
                "records the option `\\u{{1b}}{}`, which this version of reimport does not know; use the version that \
                 wrote it, or give the options without --like",
                &long[..59]
            ),
        ),
        ("merge_connections", json!(true), "records options that cannot be used together; give the options without --like".to_owned()),
    ] {
        let place = place("--by-connection");
        change(&place, |manifest| manifest["options"][name] = value.clone());
        refused(&place, "--like parts", &format!("parts/manifest.json {message}"));
    }
    for (name, value) in [
        ("require", json!(["secret@example.com"])),
        ("require", json!([])),
        ("max_part_bytes", json!("500 kB")),
        ("max_part_bytes", json!(null)),
        ("where", json!(["secret@example.com"])),
        ("delimiter", json!("secret")),
        ("set", json!(["secret"])),
        ("rules", json!("--help")),
        ("passwords", json!("/etc/passwd")),
        ("connection", json!([""])),
        ("max_rejected", json!("101%")),
    ] {
        let place = place("");
        change(&place, |manifest| manifest["options"][name] = value.clone());
        refused(
            &place,
            "--like parts",
            &format!(
                "parts/manifest.json: the value of the option `{name}` is not one that reimport convert writes; give the \
                 options without --like"
            ),
        );
    }
}

fn change(place: &WorkFolder, change: impl FnOnce(&mut Value)) {
    let mut manifest = manifest(place, "parts");
    change(&mut manifest);
    fs::write(place.path().join("parts/manifest.json"), manifest.to_string()).unwrap();
}

#[test]
fn like_refuses_other_folders() {
    let place = place("");
    refused(
        &place,
        "--like parts/manifest.json",
        "--like parts/manifest.json: expected the folder of parts, but this is a file",
    );
    refused(
        &place,
        "--like nowhere",
        "nowhere does not exist; expected a folder that reimport convert has written",
    );
    refused(
        &place,
        "--like .",
        ". has no manifest.json; expected a folder that reimport convert has written",
    );
    // Parts made from import files have no options.
    assert_eq!(place.run("convert users.ndjson -o file.json -q").status, 0);
    assert_eq!(place.run("verify file.json late.ndjson -o left -q").status, 1);
    refused(
        &place,
        "--like left/missing",
        "--like left/missing: its manifest does not record the options of a conversion; name a folder that reimport convert \
         has written",
    );
    change(&place, |manifest| manifest["version"] = json!(2));
    refused(&place, "--like parts", "parts/manifest.json has version 2, but this program supports version 1");
    fs::write(place.path().join("parts/manifest.json"), "{\"version\":1").unwrap();
    refused(
        &place,
        "--like parts",
        "parts/manifest.json is not a manifest of reimport convert: it is cut off at line 1, column 12",
    );
}

#[cfg(unix)]
#[test]
fn manifest_must_be_a_regular_file() {
    let place = place("");
    let path = place.path().join("parts/manifest.json");
    fs::rename(&path, place.path().join("elsewhere.json")).unwrap();
    std::os::unix::fs::symlink("../elsewhere.json", &path).unwrap();
    refused(
        &place,
        "--like parts",
        "parts/manifest.json is a symbolic link; expected a regular file, since nothing else is read in a folder of parts",
    );
}

#[test]
fn retry_and_verify_parts_record_conversion_options() {
    let place = place("--by-connection --unknown reject --max-part-users 2")
        .with("errors.json", "[{\"user\":{\"user_id\":\"0\"},\"errors\":[{\"code\":\"X\"}]}]");
    place.run("retry parts/Users --errors errors.json -o again -q");
    place.run("verify parts late.ndjson -o left -q");
    let options = |folder: &str| manifest(&place, folder)["options"].clone();
    let mut expected = options("parts");
    assert_eq!(expected["max_part_users"].take(), 2);
    expected.as_object_mut().unwrap().remove("max_part_users");
    assert_eq!(options("left/missing"), expected);
    expected["by_connection"] = json!(false);
    assert_eq!(options("again"), expected);
    for (folder, options) in [
        ("parts/Users", "--by-connection --max-part-users 2 --unknown reject"),
        ("left/missing", "--by-connection --unknown reject"),
        ("again", "--unknown reject"),
    ] {
        let ran = place.run(&format!("check late.ndjson --like {folder}"));
        assert!(ran.err.starts_with(&format!("like      {folder}: {options}\n")), "{}", ran.err);
    }
}

#[test]
fn without_requires_like_and_valid_options() {
    let place = place("");
    let ran = place.run("check late.ndjson --without passwords");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("required arguments were not provided:\n  --like <PARTS>\n"), "{}", ran.err);
    let ran = place.run("check late.ndjson --like parts --without threads");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains(
            "invalid value 'threads' for '--without <NAMES>': expected names of options, any of by-conn"
        ),
        "{}",
        ran.err
    );
}

/// Returns all files of a folder.
fn files(place: &WorkFolder, folder: &str) -> BTreeMap<String, Vec<u8>> {
    fn read(home: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(home, &path, files);
            } else {
                let name = path.strip_prefix(home).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let (home, mut files) = (place.path().join(folder), BTreeMap::new());
    read(&home, &home, &mut files);
    files
}

/// Options that change the output for the users of the sample.
const OPTIONS: [&str; 27] = [
    "--by-connection",
    "--merge-connections",
    "--connection=customers-v2",
    "--max-part-bytes=700",
    "--max-part-users=1",
    "--max-record-bytes=900",
    "--rules=none",
    "--unknown=reject",
    "--move=created_at=app_metadata.created_at",
    "--move=user_id=username",
    "--drop=app_metadata.globalClientID",
    "--drop=email",
    "--set=app_metadata.plan=\"free\"",
    "--set=nickname=null",
    "--require=username",
    "--require=email,username",
    "--unique=user_id",
    "--no-duplicate-check",
    "--linked=promote",
    "--for=update",
    "--metadata=omit",
    "--where=logins_count>=2",
    "--where-not=email missing",
    "--user-ids=bare",
    "--max-rejected=90%",
    "--passwords-by=email",
    "--stale-passwords=skip",
];

/// Options that a manifest cannot restore.
const FILES: [&str; 3] = ["--passwords=password-hashes.ndjson", "--ids=ids.txt", "--not-ids=not-ids.txt"];

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn like_writes_the_same_bytes(
        options in prop::collection::btree_set(0..OPTIONS.len(), 0..7),
        files_given in prop::collection::btree_set(0..FILES.len(), 0..3),
        connections in 0..3_usize,
    ) {
        let place = WorkFolder::new()
            .with_testdata("users-full-profile.ndjson")
            .with_testdata("password-hashes.ndjson")
            .with("ids.txt", "auth0|5f7c8ec7c33c6c004bbafe82\n")
            .with("not-ids.txt", "auth0|1\n");
        let chosen: BTreeSet<&str> = options.into_iter().map(|index| OPTIONS[index]).collect();
        let has = |name: &str| chosen.iter().any(|option| option.starts_with(name));
        let mut words: Vec<&str> = chosen.iter().copied().collect();
        // Most users belong to two connections.
        if !has("--by-connection") && !has("--merge-connections") && !has("--connection") && !has("--rules") {
            words.push(["--by-connection", "--merge-connections", "--connection=customers-v2"][connections]);
        }
        let given: Vec<&str> = files_given.into_iter().map(|index| FILES[index]).collect();
        let (words, given) = (words.join(" "), given.join(" "));
        let first = place.run(&format!("convert users-full-profile.ndjson -o first -q {words} {given}"));
        // Options that cannot be used together.
        prop_assume!(first.status != 2);
        let second = place.run(&format!("convert users-full-profile.ndjson --like first -o second -q {given}"));
        prop_assert_eq!((second.status, &*second.err), (first.status, ""));
        prop_assert_eq!(files(&place, "first"), files(&place, "second"));
    }
}
