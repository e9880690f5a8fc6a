//! Hashes and secrets that can be imported but never match: messages and exit status.

use crate::harness::WorkFolder;

const REST: &str =
    r#""email_verified":true,"app_metadata":{},"identities":[{"provider":"auth0","connection":"Users"}]"#;

/// Returns users with these members, one per line.
fn users(members: &[&str]) -> String {
    let line = |(n, more): (usize, &&str)| {
        format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",{REST},{more}}}\n")
    };
    members.iter().enumerate().map(line).collect()
}

#[test]
fn unverifiable_hashes_are_rejected_with_the_expected_form() {
    let custom = |algorithm: &str, value: &str, more: &str| {
        format!(r#""custom_password_hash":{{"algorithm":"{algorithm}","hash":{{{value}}}{more}}}"#)
    };
    let text = |algorithm: &str, value: &str| custom(algorithm, &format!(r#""value":"{value}""#), "");
    let argon2 =
        |head: &str| text("argon2", &format!("{head}$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"));
    let pbkdf2 =
        |head: &str| text("pbkdf2", &format!("{head}$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"));
    let scrypt =
        |more: &str| custom("scrypt", r#""value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex""#, more);
    let bcrypt = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";
    let salt = format!(r#","salt":{{"value":"{}"}}"#, "s".repeat(72));
    let rows = [
        (
            argon2("$argon2d$v=19$m=64,t=1,p=1"),
            "hash-form hash.value: expected argon2id or argon2i, but found argon2d, which cannot be verified",
        ),
        (
            argon2("$argon2id$m=64,t=1,p=1"),
            "hash-form hash.value: expected v=19 after the name of argon2, but found no version",
        ),
        (
            argon2("$argon2id$v=16$m=64,t=1,p=1"),
            "hash-form hash.value: expected version 19 of argon2, but found another, which cannot be verified",
        ),
        (
            argon2("$argon2id$v=19$t=1,m=64,p=1"),
            "hash-form hash.value: expected the parameters of argon2 in the order m, t, p, but found another order",
        ),
        (
            text("argon2", "$argon2id$v=19$m=64,t=1,p=1$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9"),
            "hash-form hash.value: expected a salt of at least 8 and a hash of at least 16 bytes, but found fewer",
        ),
        (
            text("argon2", "$argon2id$v=19$m=64,t=1,p=1$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sx"),
            "hash-form hash.value: expected Base64 whose unused last bits are 0, but found others, which cannot be verified",
        ),
        (
            pbkdf2("$pbkdf2-RSA-FOO$i=1,l=16"),
            "hash-form hash.value: expected a digest that pbkdf2 knows, as in pbkdf2-sha256, but found another",
        ),
        (
            pbkdf2("$pbkdf2-sha256$i=1"),
            "hash-length hash.value: expected a hash of 64 bytes, as there is no l, but found 16 bytes: add l=16",
        ),
        (
            custom("bcrypt", &format!(r#""value":"{bcrypt}""#), &salt),
            "salt-length salt.value: expected a salt of fewer than 72 bytes before a bcrypt password, but found 72 bytes",
        ),
        (
            scrypt(r#","keylen":16,"blockSize":32768,"parallelization":32768"#),
            "scrypt-parameters parallelization: expected blockSize times parallelization of at most 1073741823, but \
             found more",
        ),
        (
            scrypt(r#","keylen":16,"cost":4294967296"#),
            "scrypt-parameters cost: expected a power of two from 2 to 2147483648, but found another number",
        ),
        (
            scrypt(r#","keylen":2147483648"#),
            "scrypt-parameters keylen: expected a number from 1 to 2147483647, but found one outside",
        ),
        (
            scrypt(r#","keylen":16.5"#),
            "wrong-type keylen: expected an integer, but found a number with a fraction, or out of range",
        ),
        (scrypt(r#","keylen":1.6e1,"cost":64.0,"blockSize":8.0,"parallelization":10e-1"#), ""),
    ];
    let members: Vec<&str> = rows.iter().map(|(member, _)| &**member).collect();
    let place = WorkFolder::new().with("users.ndjson", users(&members));
    let ran = place.run("convert users.ndjson -o parts");
    assert_eq!(ran.status, 1, "{}", ran.err);
    let problems: Vec<String> = place
        .read("parts/rejected.ndjson")
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let [problem] = &line["problems"].as_array().unwrap()[..] else { panic!("{line}") };
            let text = |name: &str| problem[name].as_str().unwrap();
            let path = text("path").strip_prefix("custom_password_hash.").unwrap();
            format!("{} {path}: {}", text("rule"), text("message"))
        })
        .collect();
    let expected: Vec<&str> =
        rows.iter().map(|(_, message)| *message).filter(|message| !message.is_empty()).collect();
    assert_eq!(problems, expected);
    // The last user is written unchanged.
    let written = place.read("parts/users-00001.json");
    assert!(
        written.contains(r#""keylen":1.6e1,"cost":64.0,"blockSize":8.0,"parallelization":10e-1"#),
        "{written}"
    );
}

#[test]
fn damaged_looking_hashes_are_written_with_a_warning() {
    let hash = |last: char| {
        format!(r#""password_hash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4{last}""#)
    };
    let own = [
        hash('u'),
        hash('v'),
        format!(r#"{},"mfa_factors":[{{"totp":{{"secret":"JBSWY3DPEHPK3P"}}}}]"#, hash('u')),
    ];
    let own: Vec<&str> = own.iter().map(|member| &**member).collect();
    let place = WorkFolder::new()
        .with("own.ndjson", users(&own))
        .with("users.ndjson", users(&[r#""nickname":"ada""#]))
        .with(
            "hashes.ndjson",
            r#"{"_id":{"$oid":"0"},"connection":"Users","passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}"#,
        )
        .with("secrets.ndjson", r#"{"user_id":"auth0|0","otp_secret":"jbsw y3"}"#);
    place.run("convert own.ndjson -o own").assert_output(
        1,
        "",
        "\
read      3 records from own.ndjson (722 bytes), read whole
written   3 users in 1 part to own, 3 with a password hash
dropped   identities 3
not in any export: roles, organizations, sessions
warning   bcrypt-padding 1, first on line 2: a bcrypt hash has unused bits that
          are not 0, which no bcrypt writes; no password matches it
warning   totp-secret-length 1, first on line 3: a TOTP secret has a length that
          is impossible in Base32, so characters are missing or added
upload    takes less than a minute, two jobs at a time
next      reimport upload own --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
    let ran =
        place.run("convert users.ndjson --passwords hashes.ndjson --mfa-secrets secrets.ndjson -o joined");
    assert_eq!(ran.status, 1, "{}", ran.err);
    let warnings: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("warning")).collect();
    let (padding, length) = (
        "warning   bcrypt-padding 1, first on line 1: ",
        "warning   totp-secret-length 1, first on line 1: ",
    );
    assert!(
        matches!(warnings[..], [first, second] if first.starts_with(padding) && second.starts_with(length)),
        "{}",
        ran.err
    );
}
