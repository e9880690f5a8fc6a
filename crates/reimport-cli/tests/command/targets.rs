//! `select -o` with FIFOs, devices and file descriptors, and outputs whose reader closes them.

#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Ran, WorkFolder, users};

const EXPORT: &str = "{\"email\":\"a@example.com\"}\nnull\n{\"email\":\"b@example.com\"}\n";
const CSV: &str = "email\na@example.com\nb@example.com\n";

const NOT_KEPT: &str = "not kept (see --rejected)";

/// Returns the summary of a run that writes `EXPORT` as `format` to `output`.
fn summary(format: &str, output: &str, kept: &str) -> String {
    format!(
        "read      3 records from users.ndjson (57 bytes), read whole\n\
         written   2 users, 1 field each, as {format} to {output}\n\
         rejected  1 record that cannot be read, {kept}:\n          \
         line 2: expected an object, but found a letter at column 1\n\
         done, with rejected records (exit status 1)\n"
    )
}

fn place() -> WorkFolder {
    let place = WorkFolder::new().with("users.ndjson", EXPORT);
    place.mkfifo("fifo");
    place
}

/// Runs a script with the command as `$0`.
fn bash(place: &WorkFolder, script: &str) -> Ran {
    Ran::of(place.bash(script).output().unwrap())
}

/// Runs the command, and reads the FIFO until the command closes it. Returns what was read.
fn into_fifo(place: &WorkFolder, fifo: &str, arguments: &str) -> (Ran, String) {
    let path = place.path().join(fifo);
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        File::open(path).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    let ran = place.run(arguments);
    (ran, reader.join().unwrap())
}

#[test]
fn fifo_gets_the_data_while_it_is_read() {
    let place = place();
    let (ran, text) = into_fifo(&place, "fifo", "select users.ndjson -f email -o fifo");
    ran.assert_output(1, "", &summary("CSV", "fifo", NOT_KEPT));
    assert_eq!(text, CSV);
    // The format is that of the name or of --format. The summary as JSON is on standard output.
    let (ran, text) =
        into_fifo(&place, "fifo", "select users.ndjson -f email -o fifo --format ndjson --json");
    assert_eq!((ran.status, &*ran.err), (1, ""));
    assert_eq!(text, "{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["written"], &document["format"]), (&2.into(), &"ndjson".into()));
    assert_eq!(place.names("."), ["fifo", "users.ndjson"]);

    std::fs::rename(place.path().join("fifo"), place.path().join("pipe.json")).unwrap();
    let (ran, text) =
        into_fifo(&place, "pipe.json", "select users.ndjson -f email -o pipe.json --rejected bad.ndjson");
    ran.assert_output(1, "", &summary("one JSON array", "pipe.json", "kept in bad.ndjson"));
    assert_eq!(text, "[\n{\"email\":\"a@example.com\"},\n{\"email\":\"b@example.com\"}\n]");
    assert_eq!(place.names("."), ["bad.ndjson", "pipe.json", "users.ndjson"]);
    place.run("select users.ndjson -f email -o pipe.json --format csv").assert_output(
        2,
        "",
        "error: -o pipe.json: the file name and --format mean different formats; change one of them\n",
    );
}

#[test]
fn process_substitution_gets_the_data() {
    let place = place();
    let ran = bash(
        &place,
        "mkfifo done; \"$0\" select users.ndjson -f email -q -o >(gzip > users.csv.gz; echo > done); cat done; \
         gzip -dc users.csv.gz",
    );
    ran.assert_output(0, &format!("\n{CSV}"), "");
    let ran =
        bash(&place, "\"$0\" select users.ndjson -f email -o /dev/fd/3 3> >(cat >&2) 2>&1 | cat; sleep 0.2");
    ran.assert_output(0, &summary("CSV", "/dev/fd/3", NOT_KEPT), CSV);
}

#[test]
fn devices_get_the_data() {
    let place = place();
    place.run("select users.ndjson -f email -o /dev/null").assert_output(
        1,
        "",
        &summary("CSV", "/dev/null", NOT_KEPT),
    );
    place.run("select users.ndjson -f email -o /dev/full").assert_output(
        2,
        "",
        "error: cannot write the output: No space left on device (os error 28)\n",
    );
    let ran = bash(&place, "\"$0\" select users.ndjson -f email -o /dev/null --json > /dev/null");
    ran.assert_output(1, "", "");
}

#[test]
fn names_of_standard_streams_do_not_replace_redirected_files() {
    let place = place();
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let ran = bash(
            &place,
            &format!("{{ echo before; \"$0\" select users.ndjson -f email -o {name}; echo after; }} > out"),
        );
        ran.assert_output(0, "", &summary("CSV", "standard output", NOT_KEPT));
        assert_eq!(place.read("out"), format!("before\n{CSV}after\n"), "{name}");
    }
    let ran = bash(
        &place,
        "{ echo before; \"$0\" select users.ndjson -f email -o /dev/stderr -q; echo after; } > err 2>&1",
    );
    ran.assert_output(0, "", "");
    assert_eq!(place.read("err"), format!("before\n{CSV}after\n"));
    assert_eq!(place.names("."), ["err", "fifo", "out", "users.ndjson"]);
}

#[test]
fn json_is_refused_if_the_data_go_to_the_same_stream() {
    let place = place();
    for arguments in ["-o /dev/stdout", "-o /dev/fd/3 3>&1", "-o /dev/stderr 2>&1"] {
        let script = format!("\"$0\" select users.ndjson --json {arguments} 2>&1 | cat");
        let words =
            "error: --json prints to standard output, which is used for the data; name a file with -o\n";
        bash(&place, &script).assert_output(0, words, "");
    }
}

#[test]
fn other_links_descriptors_and_names_are_refused() {
    let place = place();
    symlink("fifo", place.path().join("link")).unwrap();
    symlink("/dev/null", place.path().join("null.csv")).unwrap();
    std::fs::rename(place.path().join("fifo"), place.path().join("users.csv.gz")).unwrap();
    for (output, words) in [
        ("link", "link is a symbolic link, which is not followed; name its target"),
        ("null.csv", "null.csv is a symbolic link, which is not followed; name its target"),
        ("/dev/fd/9", "-o /dev/fd/9: No such file or directory (os error 2)"),
        (
            "/dev/fd/3 3> file",
            "-o /dev/fd/3: expected a FIFO or a character device at this descriptor; name another file by its path",
        ),
        (
            "users.csv.gz",
            "-o users.csv.gz: only a regular file is compressed; use a name without .gz, or -o >(gzip > FILE)",
        ),
        (
            "other.csv --rejected bad.ndjson",
            "--rejected needs standard output, a FIFO or a device; a file has its own next to it",
        ),
    ] {
        let ran = bash(&place, &format!("\"$0\" select users.ndjson -f email -o {output}"));
        ran.assert_output(2, "", &format!("error: {words}\n"));
    }
    let words =
        "convert writes a folder or FILE.json; for a FIFO or a device, use -o - and redirect standard output";
    for output in ["users.csv.gz", "/dev/null", "/dev/stdout"] {
        place.run(&format!("convert users.ndjson -o {output}")).assert_output(
            2,
            "",
            &format!("error: -o {output}: {words}\n"),
        );
    }
    assert_eq!(place.names("."), ["file", "link", "null.csv", "users.csv.gz", "users.ndjson"]);
}

#[test]
fn fifo_that_is_also_the_input_is_refused() {
    let place = place();
    place.run("select fifo -f email -o ./fifo").assert_output(
        2,
        "",
        "error: the input fifo is the same file as the output ./fifo; name another output\n",
    );
    bash(&place, "cat users.ndjson | \"$0\" select - -f email -o /dev/fd/0").assert_output(
        2,
        "",
        "error: the input - is the same file as the output /dev/fd/0; name another output\n",
    );
}

#[test]
fn wait_for_a_reader_ends_on_a_signal() {
    let place = place();
    let mut child =
        place.command("select users.ndjson -f email -o fifo").stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none());
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn closed_pipe_is_reported_with_fields_that_no_written_record_has() {
    let place = place().with("tenant.json", users(60_000));
    let words = "warning: no record written before the pipe was closed has emial; did you mean email?\n\
                 warning: no record written before the pipe was closed has shoe_size; `reimport fields` lists all \
                 paths\n";
    for (output, reader) in [("", "| head -1"), ("-o >(head -1)", "| cat")] {
        let script = format!(
            "{{ \"$0\" select tenant.json -f email -f emial,shoe_size {output}; echo $? >&2; }} {reader}; sleep 0.1"
        );
        let ran = bash(&place, &script);
        ran.assert_output(0, "email,emial,shoe_size\n", &format!("{words}141\n"));
    }
    // A condition, an input that cannot be read again, quiet, and fields that are there.
    let quiet = "select tenant.json -f emial -q";
    let known = "select tenant.json -f email,user_metadata";
    for (arguments, words) in [
        (quiet, ""),
        (known, ""),
        // No record is written.
        ("select tenant.json -f emial --where 'email = x'", ""),
        (
            "select tenant.json -f email --where 'logins missing'",
            "warning: no record written before the pipe was closed has logins; `reimport fields` lists all paths\n",
        ),
        (
            "select <(cat tenant.json) -f emial",
            "warning: no record written before the pipe was closed has emial; did you mean email?\n",
        ),
    ] {
        let ran = bash(&place, &format!("{{ sleep 0.2; \"$0\" {arguments}; echo $? >&2; }} | true"));
        ran.assert_output(0, "", &format!("{words}141\n"));
    }
}
