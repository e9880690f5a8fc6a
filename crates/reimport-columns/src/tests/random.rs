//! Random records. The fuzz target `columns` uses them as well.

use proptest::prelude::*;

fn json_string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé|@. ]{0,12}".prop_map(|text| format!("\"{text}\"")),
        Just(r#""a\u0041\n\"\\""#.to_owned()),
        Just(r#""\ud83d\ude00""#.to_owned()),
        Just(r#""\ud800x""#.to_owned()),
        (0..9999_u32, 0..14_u32, 0..33_u32, 0..25_u32, 0..62_u32, 0..1000_u32).prop_map(
            |(y, mo, d, h, s, ms)| { format!("\"{y:04}-{mo:02}-{d:02}T{h:02}:30:{s:02}.{ms:03}Z\"") }
        ),
        Just("\"2025-06-01T08:00:00Z\"".to_owned()),
        Just("\"2025-06-01 08:00:00.123456+02:00\"".to_owned()),
        Just("\"2025-06-01\"".to_owned()),
        Just("\"true\"".to_owned()),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => json_string(),
        1 => prop_oneof![
            Just("-0"), Just("0"), Just("5.0"), Just("5e0"), Just("9223372036854775808"), Just("1e400"), Just("0.1000"),
            Just("-9223372036854775808"), Just("true"), Just("false"), Just("null"),
        ].prop_map(str::to_owned),
        1 => any::<i64>().prop_map(|number| number.to_string()),
    ]
}

pub(crate) fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec(("[a-c]", inner), 0..3).prop_map(|members| {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("\"{name}\" : {value}")).collect();
                format!("{{ {} }}", members.join(","))
            }),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "user_id", "email", "email_verified", "phone_verified", "blocked", "created_at", "updated_at", "last_login",
            "logins_count", "identities", "app_metadata", "user_metadata", "multifactor", "last_ip", "nickname",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            "Email", "Created At", "EMAIL", "eMail", "Connection", "connection", "app_metadata.plan", "_rest", "_line", "locale", "",
            "em\\u0061il", "identities[0].provider", "user.email", "\\\"q\\\"",
        ]).prop_map(str::to_owned),
        1 => "[a-d]{1,2}",
    ]
}

/// Returns records with known and unknown properties, other spellings, and values of every kind.
pub(crate) fn record() -> impl Strategy<Value = String> {
    prop::collection::vec((name(), value()), 0..10).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", members.join(", "))
    })
}
