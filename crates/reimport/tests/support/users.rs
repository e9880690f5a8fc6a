//! Generators of users, written in every way that JSON allows.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::texts;

/// Valid e-mail addresses.
const GOOD_EMAILS: [&str; 6] = [
    "ada@example.com",
    "Ada@Example.com",
    "zoë@example.com",
    "a+b@sub.example.org",
    "b@example.com",
    "of@example.com",
];
const MADE_UP: &str = "abc";

/// Returns whether a string of these users is a valid e-mail address.
pub(crate) fn is_good_email(text: &str) -> bool {
    let made_up = |local: &str| local.len() == 5 && local.chars().all(|char| MADE_UP.contains(char));
    GOOD_EMAILS.contains(&text) || text.strip_suffix("@example.com").is_some_and(made_up)
}

/// Bcrypt hashes in the form of the importer, with and without zero padding.
pub(crate) const GOOD_HASHES: [&str; 4] = [
    "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
    "$2a$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
    "$2a$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4.",
    "$2b$10$nQ5QvLGFfBnFIVYkMFVyD.w8gEAeBNhGv9qdYc51AXcj3VRpilc40",
];
/// Bcrypt hashes that can be imported only as `custom_password_hash`.
pub(crate) const OTHER_BCRYPT: [&str; 3] = [
    "$2y$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
    "$2b$12$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
    "$2b$12$nQ5QvLGFfBnFIVYkMFVyDzw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
];
const MD5: &str =
    r#"{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}"#;
/// Values of `custom_password_hash`, each with the rules that it breaks.
pub(crate) const CUSTOM_HASHES: [(&str, &[&str]); 12] = [
    (MD5, &[]),
    (
        r#"{"algorithm":"bcrypt","hash":{"value":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}}"#,
        &[],
    ),
    (
        r#"{"algorithm":"bcrypt","hash":{"value":"$2y$12$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc43"}}"#,
        &[],
    ),
    (
        r#"{"algorithm":"bcrypt","hash":{"value":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"},"salt":{"value":"abababababababababababababababababababababababababababababababababababab"}}"#,
        &["salt-length"],
    ),
    (
        r#"{"algorithm":"argon2","hash":{"value":"$argon2id$v=19$m=64,t=1,p=4$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"}}"#,
        &[],
    ),
    (
        r#"{"algorithm":"argon2","hash":{"value":"$argon2d$v=19$m=64,t=1,p=4$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"}}"#,
        &["hash-form"],
    ),
    (
        r#"{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-RSA-MD5$i=1,l=16$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"}}"#,
        &[],
    ),
    (
        r#"{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-RSA-FOO$i=1,l=16$A4/J2yyhaZmmGP+A823F4g$aI/sRNvyqDndzcL1xoU9Sw"}}"#,
        &["hash-form"],
    ),
    (
        r#"{"algorithm":"scrypt","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"},"keylen":1.6e1,"cost":64.0}"#,
        &[],
    ),
    (
        r#"{"algorithm":"scrypt","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"},"keylen":16.5,"cost":-0.0}"#,
        &["wrong-type", "scrypt-parameters"],
    ),
    (
        r#"{"algorithm":"scrypt","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"},"keylen":16,"blockSize":65536,"parallelization":16384}"#,
        &["scrypt-parameters"],
    ),
    ("[]", &["wrong-type"]),
];

/// Generates a quoted string, sometimes with one character as `\u00xx`.
fn quoted(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (text, any::<prop::sample::Index>(), 0..4_u8).prop_map(|(text, index, escape)| {
        let chars: Vec<char> = text.chars().collect();
        let at = if chars.is_empty() || escape > 0 { usize::MAX } else { index.index(chars.len()) };
        let inside: String = chars
            .iter()
            .enumerate()
            .map(|(place, char)| match char {
                '"' => "\\\"".to_owned(),
                char if place == at && u32::from(*char) < 0x1_0000 => format!("\\u{:04x}", u32::from(*char)),
                char => char.to_string(),
            })
            .collect();
        format!("\"{inside}\"")
    })
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    quoted(select(texts).prop_map(str::to_owned))
}

/// Generates a metadata value. Names that metadata must not have are included, but are rare.
fn metadata() -> impl Strategy<Value = String> {
    let names = select(
        &[
            "plan",
            "n",
            "e\\u006dails",
            "first login",
            "né",
            "a.b",
            "$x",
            "email",
            "username",
            "user_id",
            "\\u002e",
        ][..],
    );
    let good = select(&["plan", "n", "p\\u006can", "first login", "né", "tags"][..]);
    let names = prop_oneof![12 => good, 1 => names];
    let leaf = prop_oneof![
        select(
            &[
                "9007199254740993",
                "1.0",
                "1e400",
                "-0",
                "true",
                "null",
                "{}",
                "[]",
                "\"\\u00e9\"",
                "\"\\ud83d\""
            ][..]
        )
        .prop_map(str::to_owned),
        texts::inside().prop_map(|inside| format!("\"{inside}\"")),
    ];
    let value = leaf.prop_recursive(3, 12, 3, move |inner| {
        let member = (names.clone(), texts::space(), inner.clone())
            .prop_map(|(name, space, value)| format!("\"{name}\"{space}:{value}{space}"));
        prop_oneof![
            1 => vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(" ,"))),
            3 => vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    prop_oneof![
        8 => value.prop_filter("an object", |text| text.starts_with('{')),
        1 => select(&["null", "[]", "[{\"a.b\":1}]", "7", "\"x\"", "{\"email\":1}"][..]).prop_map(str::to_owned),
        1 => select(
            &[
                r#""{}""#,
                r#"" {\"n\" : 9007199254740993 , \"plan\":\"a b\"} ""#,
                r#""{\"a.b\":1}""#,
                r#""{\"email\":\"\u00e9\"}""#,
                r#""{\"a\":1""#,
                r#""{} x""#,
                r#""[]""#,
            ][..],
        )
        .prop_map(str::to_owned),
    ]
}

fn identities() -> impl Strategy<Value = String> {
    let identity = (
        select(&["\"auth0\"", "\"auth0\"", "\"\\u0061uth0\"", "\"google-oauth2\"", "null"][..]),
        select(&["\"Users\"", "\"Customers\"", "7", "\"\\u0055sers\""][..]),
        texts::space(),
        0..5_u8,
    )
        .prop_map(|(provider, connection, space, shape)| match shape {
            0 => format!("{{{space}\"connection\":{connection}}}"),
            1 => format!("{{\"provider\":\"samlp\",\"prov\\u0069der\":{provider}{space}}}"),
            _ => format!("{{\"provider\":{space}{provider},\"connection\":{connection},\"user_id\":\"1\"}}"),
        });
    prop_oneof![
        6 => vec(identity, 1..3).prop_map(|list| format!("[{}]", list.join(", "))),
        1 => select(&["[]", "null", "{}", "[7]", "\"auth0\"", "[7,{\"provider\":\"auth0\"}]"][..]).prop_map(str::to_owned),
    ]
}

fn emails() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => one_of(&GOOD_EMAILS),
        5 => quoted("[a-c]{5}".prop_map(|local| format!("{local}@example.com"))),
        1 => one_of(&["ada", "ada@example", "", "a b@example.com", "ada@example.com."]),
    ]
}

fn boolean() -> impl Strategy<Value = String> {
    select(&["true", "false", "true", "false", "\"true\"", "\"fals\\u0065\"", "\"True\"", "null", "1"][..])
        .prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => texts::inside().prop_map(|inside| format!("\"{inside}\"")),
        1 => Just(format!("\"{}\"", "é".repeat(151))),
        1 => select(&["null", "null", "\"\"", "7"][..]).prop_map(str::to_owned),
    ]
}

fn id() -> impl Strategy<Value = String> {
    let fixed = one_of(&[
        "auth0|1",
        "auth0|2",
        "auth0|auth0|3",
        "auth0|Site|1",
        "42|acme",
        "4",
        "google-oauth2|5",
        "auth0|samlp|6",
        "sms|7",
        "auth0",
        "auth0|",
        "|",
        "auth0-oidc|8",
    ]);
    prop_oneof![
        6 => quoted("[a-f0-9]{1,4}".prop_map(|id| format!("auth0|{id}"))),
        6 => fixed,
        1 => select(&["null", "7"][..]).prop_map(str::to_owned),
    ]
}

fn member() -> impl Strategy<Value = (String, String)> {
    let named = |name: &'static str, value: BoxedStrategy<String>| (Just(name.to_owned()), value).boxed();
    let text_name =
        select(&["given_name", "family_name", "name", "nickname", "picture"][..]).prop_map(str::to_owned);
    let boolean_name = select(&["email_verified", "phone_verified", "blocked"][..]).prop_map(str::to_owned);
    let export_only = select(&["created_at", "updated_at", "last_login", "logins_count", "tenant"][..]);
    let unknown = select(&["locale", "gender", "upn", "né", "emails", ""][..]).prop_map(str::to_owned);
    let title = select(
        &[
            "Id",
            "Name",
            "NAME",
            "Email",
            "email verified",
            "Given Name",
            "Connection",
            "Created At",
            "Picture",
            "Nickname",
            "EMAIL",
            "eMail",
            "USER_ID",
            "Email_Verified",
            "CONNECTION",
            "Identities",
            "App_Metadata",
            "USER_METADATA",
            "Last_Login",
        ][..],
    );
    let title = title.prop_flat_map(|title| {
        let value = match title {
            "Id" | "USER_ID" => id().boxed(),
            "Email" | "EMAIL" | "eMail" => emails().boxed(),
            "email verified" | "Email_Verified" => boolean().boxed(),
            "Identities" => identities().boxed(),
            "App_Metadata" | "USER_METADATA" => metadata().boxed(),
            "Connection" | "CONNECTION" => one_of(&["Users", "Customers"]).boxed(),
            _ => text().boxed(),
        };
        (Just(title.to_owned()), value)
    });
    let flat = select(
        &[
            "app_metadata.plan",
            "user_metadata.a.b",
            "user_metadata.a",
            "USER_metadata.b",
            "identities[0].provider",
            "identities[0].connection",
        ][..],
    );
    let flat = flat.prop_flat_map(|name| {
        let value = match name {
            "identities[0].provider" => one_of(&["auth0", "auth0", "samlp"]).boxed(),
            "identities[0].connection" => one_of(&["Users", "Customers"]).boxed(),
            _ => metadata().boxed(),
        };
        (Just(name.to_owned()), value)
    });
    let hash = prop_oneof![
        2 => one_of(&GOOD_HASHES),
        1 => one_of(&OTHER_BCRYPT),
        1 => select(&["null", "\"\"", "7", "\"$2x$10$\""][..]).prop_map(str::to_owned),
    ];
    let username =
        one_of(&["ada", "Ada", "zoë", "a b", "ada@example.com", "", "sixteen_letters_", "fifteen_letters"]);
    let phone = one_of(&["+12125550101", "+1", "+12125550102", "12125550101", "+ 1", ""]);
    let mfa = select(
        &[
            r#"[{"email":{"value":"ada@example.com"}}]"#,
            "[]",
            "{}",
            "null",
            r#"[ {"totp" :{"secret":"ABCD2345"}}]"#,
            r#"[{"totp":{"secret":"ABCD234"}}]"#,
            r#"[{"totp":{"secret":"ABCD23"}},{"totp":{"secret":"A"}}]"#,
        ][..],
    );
    let custom_hash = prop_oneof![
        5 => select(&CUSTOM_HASHES[..]).prop_map(|(text, _)| text.to_owned()),
        1 => Just("null".to_owned()),
    ];
    prop_oneof![
        3 => named("user_id", id().boxed()),
        3 => named("email", emails().boxed()),
        3 => (boolean_name, boolean()).boxed(),
        3 => (text_name, text()).boxed(),
        2 => named("username", username.boxed()),
        2 => named("phone_number", phone.boxed()),
        1 => named("password_hash", hash.boxed()),
        1 => named("custom_password_hash", custom_hash.boxed()),
        3 => named("app_metadata", metadata().boxed()),
        3 => named("user_metadata", metadata().boxed()),
        1 => named("mfa_factors", mfa.prop_map(str::to_owned).boxed()),
        3 => named("identities", identities().boxed()),
        2 => (export_only.prop_map(str::to_owned), text()).boxed(),
        1 => (unknown, texts::value()).boxed(),
        2 => title.boxed(),
        1 => flat.boxed(),
    ]
}

/// Generates one user, as in an export, without line ends.
pub(crate) fn user() -> impl Strategy<Value = String> {
    let member =
        (member(), texts::space(), texts::space()).prop_flat_map(|((name, value), before, after)| {
            let name = quoted(Just(name));
            (name, Just(value), Just(before), Just(after))
                .prop_map(|(name, value, before, after)| format!("{before}{name}{after}:{value}{after}"))
        });
    let mail = emails().prop_map(|value| format!("\"email\":{value}"));
    let mails = prop_oneof![5 => mail.prop_map(Some), 1 => Just(None)];
    (mails, vec(member, 0..9), texts::space()).prop_map(|(mail, mut members, space)| {
        let at = members.len() / 2;
        if let Some(mail) = mail {
            members.insert(at, mail);
        }
        let inside = if members.is_empty() { space } else { members.join(",") };
        format!("{{{inside}}}").replace(['\n', '\r'], "\t")
    })
}
