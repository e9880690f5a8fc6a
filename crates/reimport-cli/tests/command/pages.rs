//! Rules for the text of HTML pages: numbers, commands, marks, equal sentences and shares.

use std::fmt::Write as _;

use crate::harness::WorkFolder;

/// Returns the text of a page, with a line for each element that is not inside a line of text.
fn text(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1;
    let mut text = String::new();
    for piece in body.split('<').skip(1) {
        let (tag, words) = piece.split_once('>').unwrap();
        let name = tag.split(' ').next().unwrap().trim_start_matches('/');
        if !["span", "code", "bdi", "small", "strong"].contains(&name) {
            text.push('\n');
        }
        text.push_str(words.trim_end_matches('\n'));
    }
    let entities =
        [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#39;", "'"), ("&#34;", "\""), ("&lt;", "<")];
    entities.into_iter().fold(text, |text, (entity, char)| text.replace(entity, char))
}

/// Returns the commands of a page.
fn commands(page: &str) -> Vec<String> {
    let commands = page.split("<pre tabindex=\"0\">").skip(1);
    commands
        .map(|rest| text(&format!("<body><pre>{}", rest.split("</pre>").next().unwrap())).trim().to_owned())
        .collect()
}

/// An export with `users` users, of which every ninth is broken and every fifth is of another strategy.
fn export(users: u64, id: &str) -> String {
    (0..users).fold(String::new(), |mut text, n| {
        let (provider, email) = match n {
            n if n % 9 == 1 => ("auth0", "no-address".to_owned()),
            n if n % 5 == 2 => (["samlp", "waad", "github"][n as usize % 3], format!("{id}{n}@example.com")),
            _ => ("auth0", format!("{id}{n}@example.com")),
        };
        let connection =
            if provider == "auth0" { ["Users", "Staff", "Old"][n as usize % 3] } else { provider };
        let identities = format!(r#"[{{"provider":"{provider}","connection":"{connection}"}}]"#);
        let rest = r#""name":"","family_name":"","user_metadata":{}"#;
        writeln!(
            text,
            r#"{{"user_id":"{provider}|{id}{n}","email":"{email}","identities":{identities},{rest}}}"#
        )
        .unwrap();
        text
    })
}

#[test]
fn next_command_works_when_it_is_pasted() {
    let place =
        WorkFolder::new().with("it's my export.json", export(40, "a")).with("b.json", export(30, "b"));
    std::fs::create_dir(place.path().join("parts")).unwrap();
    let run = |command: &str| place.program("sh").args(["-c", command]).output().unwrap();
    assert_eq!(
        run("reimport check \"it's my export.json\" b.json -q --html page.html").status.code(),
        Some(1)
    );
    let page = place.read("page.html");
    let next = r"reimport convert 'it'\''s my export.json' b.json --by-connection -o parts-2";
    assert_eq!(commands(&page), [next]);
    assert_eq!(run(next).status.code(), Some(1));
    std::fs::write(
        place.path().join("target.json"),
        "{\"user_id\":\"auth0|a0\",\"email\":\"a0@example.com\"}\n",
    )
    .unwrap();
    assert_eq!(run("reimport verify parts-2 target.json -q --html page.html").status.code(), Some(1));
    let again = commands(&place.read("page.html"));
    assert_eq!(again, ["reimport verify parts-2 target.json -o check"]);
    assert_eq!(run(&again[0]).status.code(), Some(1));
    assert!(place.path().join("check/missing").is_dir());
}

#[test]
fn numbers_marks_and_commands_have_their_forms() {
    let place = WorkFolder::new().with("a.json", export(2_000, "a"));
    assert_eq!(
        place
            .run("check a.json -q --html page.html --limit 1500 --where no.path=1 --where-not name=x")
            .status,
        1
    );
    for options in ["--where-not no.path=1 --set blocked=true", "--limit 1100"] {
        place.run(&format!("check a.json -q --html page.html --force {options}"));
        let page = place.read("page.html");
        let text = text(&page);
        assert!(!text.contains('`') && !text.contains("**"), "{text}");
        for part in text.split(['\n', ';']).filter(|part| part.contains("line ") || part.contains("lines ")) {
            let after = &part[part.find("line").unwrap()..];
            let has_separator = after
                .as_bytes()
                .windows(3)
                .any(|three| three[1] == b',' && three[0].is_ascii_digit() && three[2].is_ascii_digit());
            assert!(!has_separator, "{part}");
        }
        // Every word of a command stays on one line.
        let code = page.split("<pre tabindex=\"0\"><code>").nth(1).unwrap().split("</code>").next().unwrap();
        assert!(code.contains(" <span class=\"word\">-o</span> "), "{code}");
        assert!(page.contains(".word { display: inline-block; max-width: 100%; }"), "{page}");
    }
    assert!(text(&place.read("page.html")).contains("Reading stopped at --limit 1100: "));
}

#[test]
fn equal_sentences_are_one_entry_with_a_list() {
    let csv = "user_id,email,plan\n'auth0|1,'1@example.com,gold\n";
    let mut place = WorkFolder::new();
    for n in 1..=5 {
        place = place
            .with(&format!("{n}.csv"), csv.replace("|1", &format!("|{n}")).replace("'1", &format!("'{n}")));
    }
    place.run("check 1.csv 2.csv 3.csv 4.csv 5.csv --csv-dialect auth0 -q --html page.html");
    let words = text(&place.read("page.html"));
    let sentence = "Warning: text without the apostrophe of the export job was read unchanged; were the files saved by a \
                    spreadsheet? The cells:";
    assert_eq!(words.matches(sentence).count(), 1, "{words}");
    for n in 1..=5 {
        assert_eq!(words.matches(&format!("\n{n}.csv: plan on line 2\n")).count(), 1, "{words}");
    }
    // Two notes of one kind have its meaning once, and one reason in two files is one line.
    let place = WorkFolder::new().with("a.json", export(20, "a")).with("b.json", export(20, "b"));
    place.run("check a.json b.json -q --html page.html");
    let words = text(&place.read("page.html"));
    assert_eq!(words.matches("longer than its property usually may be").count(), 1, "{words}");
    assert!(words.contains("\na.json lines 2, 11, 20; b.json lines 2, 11, 20\n"), "{words}");
}

#[test]
fn entries_of_one_kind_share_their_sentence() {
    let hash = r#""$2b$10$C9hB4Ehdrws5GiLiGS16Eee6wnjs5FMyikwNySWDP1MFGuq5tpfSm""#;
    let user = |number: u64, provider: &str, connection: &str, more: &str| {
        format!(
            r#"{{"user_id":"{provider}|{number}","email":"u{number}@example.com","name":"A","identities":[{{"provider":"{provider}","connection":"{connection}"}}]{more}}}"#
        )
    };
    let of_hashes = |number: u64| {
        format!(
            r#"{{"_id":{{"$oid":"{number}"}},"email":"u{number}@example.com","passwordHash":{hash},"connection":"Users"}}"#
        )
    };
    let export = [
        user(1, "auth0", "Users", &format!(r#","old_hash":{hash},"pw":{hash}"#)),
        user(2, "auth0", "Users", &format!(r#","pw":{hash}"#)),
        user(3, "samlp", "corp", ""),
        user(4, "waad", "azure", ""),
    ];
    let place = WorkFolder::new()
        .with("tenant.json", export.join("\n"))
        .with("ids.txt", "auth0|1\nauth0|2\nauth0|9\n")
        .with("more.txt", "auth0|7\nauth0|8\n")
        .with("hashes.json", format!("{}\n{{\"x\":1}}\n", of_hashes(1)))
        .with(
            "others.json",
            format!("{}\n[]\n{{\"_id\":{{\"$oid\":\"3\"}},\"passwordHash\":5}}\n", of_hashes(2)),
        );
    let ran = place.run(
        "check tenant.json -q --html page.html --ids ids.txt --ids more.txt --set user_id.x=1 --set email.y=2 --drop nothing \
         --drop nam --connection Users --connection Userz --connection Nobody --connection corp --connection azure \
         --passwords hashes.json --passwords others.json",
    );
    assert_eq!(ran.status, 1, "{}", ran.err);
    let page = text(&place.read("page.html"));
    let lines: Vec<&str> = page.lines().filter(|line| !line.is_empty()).collect();
    let begin = lines.iter().position(|line| line.starts_with("Warning: ")).unwrap();
    let end = lines.iter().rposition(|line| line.starts_with("Note: ")).unwrap();
    assert_eq!(
        lines[begin..end],
        [
            "Warning: these properties were dropped and look like password hashes; the option keeps them:",
            "pw (2 users): --move pw=password_hash",
            "old_hash (1 user): --move old_hash=password_hash",
            "Warning: some records of these files cannot be used:",
            "hashes.json: 1 of 2 records; the first is on line 2: expected passwordHash or custom_password_hash, but found neither",
            "others.json: 2 of 3 records; the first is on line 2: expected an object, but found an array at column 1",
            "Warning: these ids are not in any record:",
            "1 of 3 ids of ids.txt: line 3",
            "2 of 2 ids of more.txt: lines 1, 2",
            "Warning: no record has these paths; reimport fields lists all paths:",
            "nothing",
            "nam; did you mean name?",
            "Warning: these paths could not be set in any record, because a value above them is not an object:",
            "user_id.x",
            "email.y",
            "Warning: no user belongs to these connections; reimport check lists the connections:",
            "Userz; did you mean Users?",
            "Nobody",
            "Warning: not database connections, so their users cannot be imported:",
            "corp",
            "azure",
            "Note: no metadata at all (a default-field export?): metadata will be missing",
        ]
    );
}

/// Returns a share in tenths of a percent, as it is shown.
fn tenths(share: &str) -> u64 {
    match share.trim_end_matches(" %").trim() {
        "100" | "> 99.9" => 1000,
        "< 0.1" | "0" => 0,
        other => other.replace('.', "").parse().unwrap_or_else(|_| panic!("{share}")),
    }
}

#[test]
fn shares_of_parts_add_up_to_that_of_the_whole() {
    for users in [7, 27, 61, 1_234] {
        let place = WorkFolder::new().with("a.json", export(users, "a"));
        place.run("check a.json -q --html page.html");
        let page = place.read("page.html");
        let shares = |caption: &str| -> Vec<u64> {
            let words = text(&page);
            let table = words.split(caption).nth(1).unwrap_or_else(|| panic!("{caption}: {words}"));
            let table = table.split("as a bar").nth(1).unwrap();
            let rows = table.lines().take_while(|line| *line != "users");
            rows.filter(|line| line.ends_with(" %")).map(tenths).collect()
        };
        let described = text(&page);
        let fates = described.lines().find(|line| line.starts_with("ready to import: ")).unwrap();
        let fates: Vec<u64> = fates
            .split(". ")
            .filter_map(|fate| fate.rsplit_once(", "))
            .map(|(_, share)| tenths(share))
            .collect();
        assert_eq!(fates.iter().sum::<u64>(), 1000, "{described}");
        let connections = shares("by database connection");
        assert_eq!(connections.iter().sum::<u64>(), fates[0], "{users}: {connections:?}");
        let strategies = shares("Skipped users, by strategy");
        assert_eq!(strategies.iter().sum::<u64>(), fates[1], "{users}: {strategies:?}");
    }
}

#[test]
fn page_of_an_export_without_users_says_so() {
    let place = WorkFolder::new().with("tenant.json", "[]");
    place.run("check tenant.json -q --html page.html");
    let page = text(&place.read("page.html"));
    assert!(page.contains("\nThe export has no users.\n"), "{page}");
}

#[test]
fn linked_logins_and_large_users_are_counted_on_the_page() {
    let user = |number: u64, more: &str| {
        format!(
            r#"{{"user_id":"auth0|{number}","email":"u{number}@example.com","identities":[{{"provider":"auth0","connection":"Users"}}{more}]}}"#
        )
    };
    let linked =
        |provider: &str| format!(r#",{{"provider":"{provider}","connection":"{provider}","user_id":"7"}}"#);
    let large = |number: u64, bytes: usize| {
        format!(
            r#"{{"user_id":"auth0|{number}","email":"u{number}@example.com","app_metadata":{{"x":"{}"}}}}"#,
            "x".repeat(bytes)
        )
    };
    let export = [
        user(1, &linked("github")),
        user(2, &linked("google-oauth2")),
        user(3, &linked("google-oauth2")),
        large(4, 10_000),
        large(5, 20_000),
        large(6, 120_000),
    ];
    let place = WorkFolder::new().with("tenant.json", export.join("\n"));
    let ran = place.run("check tenant.json -q --html page.html --max-part-bytes 100kB");
    assert_eq!(ran.status, 1, "{}", ran.err);
    let page = text(&place.read("page.html"));
    let lines: Vec<&str> = page.lines().filter(|line| !line.is_empty()).collect();
    let begin = lines.iter().position(|line| line.starts_with("linked logins")).unwrap();
    assert_eq!(
        lines[begin..begin + 7],
        [
            "linked logins link them again after the import",
            "3",
            "google-oauth2",
            "2",
            "github",
            "1",
            "Warnings: accepted, but check them",
        ]
    );
    let sizes: Vec<&str> =
        lines.into_iter().filter(|line| line.starts_with("An imported user has")).collect();
    assert_eq!(
        sizes,
        [
            "An imported user has 6.0\u{a0}kB on average, the largest (line 5) 20.1\u{a0}kB. 2 are larger than 10 kB, the \
             advised maximum of a profile; 1 user too large for a part and rejected."
        ]
    );
}
