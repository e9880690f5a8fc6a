//! Output on a terminal: names and values with characters that control it are escaped, and messages have colours. Files
//! and pipes get data unchanged, and no colours.

#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::harness::WorkFolder;

/// A colour, a mark that changes the direction of text, one without width, a line separator, and a tag.
const NAME: &str = "a\u{1b}[31m\u{61c}\u{200b}\u{2028}\u{e0041}z";
const SHOWN: &str = "a\\u{1b}[31m\\u{61c}\\u{200b}\\u{2028}\\u{e0041}z";
const AS_JSON: &str = "a\\u001b[31m\\u061c\\u200b\\u2028\\udb40\\udc41z";
const TYPED: &str = "$'a\\033[31m\\330\\234\\342\\200\\213\\342\\200\\250\\363\\240\\201\\201z'";

/// Runs the command with its standard output on a terminal. Returns the output with normal line ends.
fn on_terminal(place: &WorkFolder, arguments: &[&str]) -> String {
    let mut command = place.command(arguments);
    command.stderr(Stdio::null());
    shown(command, Command::stdout)
}

fn run_on_terminal(mut command: Command) -> String {
    command.stderr(Stdio::null());
    shown(command, Command::stdout)
}

/// Runs the command with its standard error on a terminal that supports colours, or that `set` describes.
fn messages(place: &WorkFolder, arguments: &[&str], set: &[(&str, &str)]) -> String {
    let mut command = place.command(arguments);
    command.stdout(Stdio::null()).env("TERM", "xterm").envs(set.iter().copied());
    shown(command, Command::stderr)
}

/// Runs the command with one of its outputs on a terminal.
fn shown(mut command: Command, output: fn(&mut Command, File) -> &mut Command) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    output(command.stdin(Stdio::null()), slave);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut shown = Vec::new();
    // The end of the terminal is an error, because its other side is closed.
    let _ = File::from(terminal).read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

fn place() -> WorkFolder {
    let name = serde_json::to_string(NAME).unwrap();
    WorkFolder::new().with(
        "users.ndjson",
        format!(
            "{{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\",\"name\":{name},\"identities\":[{{\"provider\":\"auth0\",\
             \"connection\":{name}}}]}}\n"
        ),
    )
}

#[test]
fn selected_values_are_escaped_on_a_terminal_only() {
    let place = place();
    for (format, terminal, pipe) in [
        ("csv", format!("name\n{SHOWN}\n"), format!("name\n{NAME}\n")),
        (
            "ndjson",
            format!("{{\"name\":\"{AS_JSON}\"}}\n"),
            format!("{{\"name\":\"{}\"}}\n", NAME.replace('\u{1b}', "\\u001b")),
        ),
    ] {
        let arguments = ["select", "users.ndjson", "-f", "name", "--format", format, "-q"];
        assert_eq!(on_terminal(&place, &arguments), terminal);
        assert_eq!(place.run(&arguments.join(" ")).out, pipe);
    }
    let tabs = on_terminal(&place, &["select", "users.ndjson", "-f", "email,name", "--format", "tsv", "-q"]);
    assert_eq!(tabs, format!("email\tname\na@example.com\t{SHOWN}\n"));
    let shown = on_terminal(&place, &["select", "users.ndjson", "-f", "name", "--format", "json", "-q"]);
    assert_eq!(shown, format!("[\n{{\"name\":\"{AS_JSON}\"}}\n]"));
}

#[test]
fn values_are_escaped_on_a_named_terminal() {
    // The terminal has another name in each process, so the shell passes it as a descriptor.
    let place = place();
    let script = "exec \"$0\" select users.ndjson -f name -q -o /dev/fd/3 3>&1 > /dev/null";
    let shown = run_on_terminal(place.bash(script));
    assert_eq!(shown, format!("name\n{SHOWN}\n"));
}

#[test]
fn users_and_documents_are_escaped_on_a_terminal_only() {
    let place = place();
    let users = on_terminal(&place, &["convert", "users.ndjson", "-o", "-", "-q"]);
    assert!(users.contains(AS_JSON) && !users.contains('\u{200b}'), "{users}");
    assert!(place.run("convert users.ndjson -o - -q").out.contains('\u{200b}'));

    let document = on_terminal(&place, &["check", "users.ndjson", "--json"]);
    assert!(document.contains(AS_JSON) && !document.contains('\u{200b}'), "{document}");
    let piped = place.run("check users.ndjson --json").out;
    assert!(piped.contains('\u{200b}'));
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&document), value(&piped));

    let table = on_terminal(&place, &["fields", "users.ndjson", "--values", "name", "-q"]);
    assert!(table.contains("\\u{200b}\\u{2028}") && !table.contains('\u{200b}'), "{table}");
}

#[test]
fn quotes_names_in_commands_and_does_not_wrap_commands() {
    let place = place();
    let ran = place.run("convert users.ndjson -o parts --by-connection");
    let folder = "parts/a%1B%5B31m%D8%9C%E2%80%8B%E2%80%A8%F3%A0%81%81z";
    let expected = format!(
        "next      reimport upload {folder} --tenant HOST --to {TYPED}\n          \
         words in $'…' need bash, zsh or ksh\n"
    );
    assert!(ran.err.contains(&expected), "{}", ran.err);
    assert!(!ran.err.contains(['\u{1b}', '\u{200b}', '\u{2028}']));
}

#[test]
fn names_of_outputs_are_escaped_and_quoted() {
    let place = place().with("old.ndjson", "{\"user_id\":\"auth0|2\"}\n");
    let run = |arguments: &[&str]| {
        let ran = place.run(arguments);
        (ran.status, ran.err)
    };
    let (status, stderr) = run(&["convert", "users.ndjson", "-o", NAME]);
    assert_eq!(status, 0);
    assert!(stderr.contains(&format!("written   1 user in 1 part to {SHOWN}\n")), "{stderr}");
    assert!(
        stderr.contains(&format!("next      reimport upload {TYPED} --tenant HOST --to CONNECTION\n")),
        "{stderr}"
    );

    let out = format!("out{}", " long name".repeat(8));
    let (status, stderr) = run(&["delta", "old.ndjson", "users.ndjson", "-o", &out]);
    assert_eq!(status, 1);
    assert!(
        stderr
            .contains(&format!("next      reimport convert '{out}/new.ndjson' --like PARTS -o NEW-PARTS\n")),
        "{stderr}"
    );

    // An error, and one about an option.
    let folder = run(&["check", NAME]);
    assert_eq!(folder, (2, format!("error: {SHOWN}: this is a folder: name the export file in it\n")));
    let (status, stderr) = run(&["check", "users.ndjson", &format!("--{NAME}")]);
    assert_eq!(status, 2);
    assert!(stderr.contains(&format!("unexpected argument '--{SHOWN}' found")), "{stderr}");
}

#[test]
fn html_page_shows_bidirectional_controls() {
    let place = place();
    assert_eq!(place.run("check users.ndjson --html page.html -q").status, 0);
    let page = place.read("page.html");
    assert!(
        page.contains(SHOWN) && !page.contains(['\u{1b}', '\u{61c}', '\u{200b}', '\u{2028}', '\u{e0041}'])
    );
}

const ERROR: &str = "\u{1b}[1m\u{1b}[31m";
const WARNING: &str = "\u{1b}[1m\u{1b}[33m";
const HEADER: &str = "\u{1b}[1m\u{1b}[32m";
const DONE: &str = "\u{1b}[32m";
const LABEL: &str = "\u{1b}[1m";
const LITERAL: &str = "\u{1b}[1m\u{1b}[36m";
const COMMAND: &str = "\u{1b}[36m";
const END: &str = "\u{1b}[0m";

#[test]
fn errors_have_colours() {
    let place = place();
    assert_eq!(
        messages(&place, &["check", "no\u{1b}[2Jne.ndjson"], &[]),
        format!("{ERROR}error:{END} no\\u{{1b}}[2Jne.ndjson: No such file or directory (os error 2)\n")
    );
    let shown = messages(&place, &["check", "users.ndjson", "--jsn"], &[]);
    let begin = format!("{ERROR}error:{END} unexpected argument '{WARNING}--jsn{END}' found\n");
    assert!(shown.starts_with(&begin), "{shown:?}");
    assert!(
        shown.contains(&format!("{COMMAND}tip:{END} a similar argument exists: '{COMMAND}--json{END}'")),
        "{shown:?}"
    );
    assert!(shown.contains(&format!("{HEADER}Usage:{END} {LITERAL}reimport check")), "{shown:?}");
    // A name of a hostile option: the text is escaped, and only `error:` has a style.
    let shown = messages(&place, &["check", "users.ndjson", "--\u{1b}[2J"], &[]);
    let begin = format!("{ERROR}error:{END} unexpected argument '--\\u{{1b}}[2J' found\n");
    assert!(shown.starts_with(&begin), "{shown:?}");
    assert!(!shown[begin.len()..].contains('\u{1b}'), "{shown:?}");
}

#[test]
fn summaries_have_colours() {
    let place = place();
    let expected = format!(
        "{LABEL}read{END}      {LABEL}1{END} record from users.ndjson (156 bytes), read whole\n\
         {LABEL}written{END}   {LABEL}1{END} user in 1 part to {LABEL}a\\u{{1b}}[2Jb{END}\n\
         {LABEL}dropped{END}   identities 1\n\
         {LABEL}note{END}      {LABEL}1{END} user has no password: they must set a new one (see --passwords)\n          \
         no metadata at all (a default-field export?): metadata will be missing\n          \
         no email_verified: all e-mail addresses will count as not verified\n\
         not in any export: roles, organizations, sessions, password hashes\n\
         {WARNING}warning{END}   no record has nickname; {COMMAND}`reimport fields`{END} lists all paths\n\
         {LABEL}upload{END}    takes less than a minute, two jobs at a time\n\
         {LABEL}next{END}      {COMMAND}reimport upload $'a\\033[2Jb' --tenant HOST --to CONNECTION{END}\n          \
         words in $'…' need bash, zsh or ksh\n\
         {WARNING}done{END}, with warnings (exit status 1)\n"
    );
    let arguments = ["convert", "users.ndjson", "-o", "a\u{1b}[2Jb", "--drop", "nickname"];
    assert_eq!(messages(&place, &arguments, &[]), expected);
    let shown = messages(&place, &["convert", "users.ndjson", "-o", "parts"], &[]);
    assert!(shown.ends_with(&format!("{DONE}done{END} (exit status 0)\n")), "{shown:?}");
    let shown = messages(&place, &[], &[]);
    let command = format!("\n  {COMMAND}reimport check tenant.json.gz{END}               report what");
    assert!(shown.contains(&command), "{shown:?}");
}

#[test]
fn tables_have_colours_and_data_have_none() {
    let place = place();
    let stdout = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("TERM", "xterm").stderr(Stdio::null());
        shown(command, Command::stdout)
    };
    let table = stdout(&["check", "users.ndjson", "--drop", "nickname"]);
    assert!(table.contains(&format!("\n\n{LABEL}of the users ready to import{END}\n")), "{table:?}");
    let end = format!(
        "{WARNING}warning{END}   no record has nickname; {COMMAND}`reimport fields`{END} lists all paths\n\
         {LABEL}next{END}      {COMMAND}reimport convert users.ndjson --drop nickname -o parts{END}\n"
    );
    assert!(table.ends_with(&end), "{table:?}");
    for data in [
        &["check", "users.ndjson", "--json"][..],
        &["fields", "users.ndjson"],
        &["select", "users.ndjson", "-f", "name"],
        &["convert", "users.ndjson", "-o", "-"],
    ] {
        assert!(!stdout(data).contains('\u{1b}'), "{data:?}");
        // Not even if colours are forced.
        let mut command = place.command("");
        let output = command.args(data).env("CLICOLOR_FORCE", "1").stdin(Stdio::null()).output().unwrap();
        let (out, plain) = (output.stdout, place.run(&data.join(" ")).out);
        assert_eq!(String::from_utf8(out).unwrap(), plain, "{data:?}");
    }
    let mut command = place.command("convert users.ndjson -o events --progress json -q");
    let events = command.env("CLICOLOR_FORCE", "1").output().unwrap().stderr;
    assert!(events.starts_with(b"{") && !events.contains(&0x1b));
}

#[test]
fn variables_choose_colours() {
    let place = place();
    let arguments = ["check", "none.ndjson"];
    let plain = "error: none.ndjson: No such file or directory (os error 2)\n";
    let coloured = plain.replace("error:", &format!("{ERROR}error:{END}"));
    // Variables, then whether a terminal and a pipe get colours.
    for (set, terminal, pipe) in [
        (&[][..], true, false),
        (&[("NO_COLOR", "1")], false, false),
        (&[("NO_COLOR", "")], true, false),
        (&[("CLICOLOR_FORCE", "1")], true, true),
        (&[("CLICOLOR_FORCE", "0")], true, false),
        (&[("CLICOLOR_FORCE", "")], true, false),
        (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, false),
        (&[("TERM", "dumb")], false, false),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "0")], false, false),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
    ] {
        let expected = |is_coloured| if is_coloured { &*coloured } else { plain };
        assert_eq!(messages(&place, &arguments, set), expected(terminal), "{set:?}");
        let mut command = place.command(&arguments);
        command.env("TERM", "xterm").envs(set.iter().copied());
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected(pipe), "{set:?}");
        // Errors in arguments follow the same rules.
        let shown = messages(&place, &["check", "--jsn"], set);
        assert_eq!(shown.contains('\u{1b}'), terminal, "{set:?}");
    }
}
