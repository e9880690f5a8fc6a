//! The default rules allocate nothing for each record, once their buffers have grown.

use std::fmt::Write as _;
use std::io::Cursor;
use std::num::NonZero;

use reimport::import::Rules;
use reimport::record::{Format, ReadOptions};
use reimport::sink::{Nothing, PartBytes};
use reimport::source::Source;
use reimport::{Pipeline, Sink};

/// An export of that many users, made by `user`.
fn export(users: u64, user: impl Fn(u64) -> String) -> String {
    (0..users).fold(String::new(), |mut text, n| {
        writeln!(text, "{}", user(n)).unwrap();
        text
    })
}

/// How often memory is asked for in a run on one thread. Totals are kept by name once a block, so blocks are as large
/// as ever.
fn allocations<S: Sink>(text: String, sink: S) -> u64 {
    let mut options = ReadOptions::default();
    options.block_bytes = 512 << 10;
    options.format = Some(Format::Ndjson);
    let source = Source::from_reader("x", Cursor::new(text));
    let pipeline = Pipeline::new().read_options(options).threads(NonZero::new(1).unwrap());
    allocation_counter::measure(|| {
        let (summary, _) = pipeline.run([source], &Rules::default(), sink).unwrap();
        assert_eq!(summary.rejected, 0);
    })
    .count_total
}

/// How many more there are for 20 000 users than for 10 000. The set of keys grows in both, 256 shards by a half.
fn for_ten_thousand_more<S: Sink>(user: impl Fn(u64) -> String + Copy, sink: impl Fn() -> S) -> u64 {
    allocations(export(20_000, user), sink()).saturating_sub(allocations(export(10_000, user), sink()))
}

/// At most two steps of growth for each of the 256 shards of the set of keys, in place of 10 000 users.
const GROWTH: u64 = 600;

fn database_user(n: u64) -> String {
    format!(
        r#"{{"user_id":"auth0|{n:024}","email":"user{n}@example.com","email_verified":true,"name":"Zo\u00eb Quill","picture":"https://example.com/{n}.png","username":null,"created_at":"2021-03-04T09:15:27.481Z","identities":[{{"user_id":"{n:024}","provider":"auth0","connection":"Users","isSocial":false}}],"app_metadata":{{"plan":"free","roles":["a",{{"b":1.0}}]}},"user_metadata":{{"n":9007199254740993}},"last_ip":"192.0.2.1","logins_count":{n}}}"#
    )
}

#[test]
fn written_users_cost_no_allocation_each() {
    let more = for_ten_thousand_more(database_user, Nothing::new);
    assert!(more < GROWTH, "{more} allocations for 10000 users");
}

#[test]
fn cutting_parts_costs_no_allocation_for_each_user() {
    let more = for_ten_thousand_more(database_user, || PartBytes::new(500_000, |_, _| Ok(())).unwrap());
    // Some thirty parts more, with a name and a checksum each.
    assert!(more < GROWTH + 400, "{more} allocations for 10000 users");
}

#[test]
fn skipped_users_cost_no_allocation_each() {
    let user = |n| {
        format!(
            r#"{{"user_id":"google-oauth2|{n}","email":"user{n}@example.com","identities":[{{"provider":"google-oauth2","connection":"google"}}]}}"#
        )
    };
    let more = for_ten_thousand_more(user, Nothing::new);
    assert!(more < 20, "{more} allocations for 10000 users");
}

#[test]
fn mended_users_cost_no_allocation_each() {
    let user = |n| {
        format!(
            r#"{{"Id":"auth0|{n}","Email":"user{n}@example.com","email_verified":"true","username":null,"family_name":"","locale":"en"}}"#
        )
    };
    let more = for_ten_thousand_more(user, Nothing::new);
    assert!(more < GROWTH, "{more} allocations for 10000 users");
}
