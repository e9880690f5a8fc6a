//! A tenant on loopback, for clients that are not of this library. It runs until it is ended.
//!
//! ```sh
//! cargo run -p reimport-jobs --features fake-tenant --example fake_tenant -- --port 0 --users 100 --log calls.ndjson
//! ```
//!
//! The first line on standard output is its base URL; the token is `fake-token`. `--users N` puts N users with a
//! password into it, `--connections N` as many connections, each used by as many applications as its number says. Every
//! request it gets becomes a line of the log, with the body as it understood it.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use reimport_jobs::fake::{FakeConnection, FakeTenant};
use serde_json::json;

/// A bcrypt hash in form: no password has it.
const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut port, mut users, mut connections, mut log) = (0, 0, 0, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or("each option takes a value")?;
        match name.as_str() {
            "--port" => port = value.parse()?,
            "--users" => users = value.parse()?,
            "--connections" => connections = value.parse()?,
            "--log" => log = Some(File::create(value)?),
            _ => return Err(format!("{name}: expected --port, --users, --connections or --log").into()),
        }
    }
    let tenant = FakeTenant::serve(port)?;
    for number in 0..users {
        tenant.add_user(json!({
            "user_id": format!("{number:024x}"), "email": format!("user{number}@example.com"),
            "email_verified": true, "password_hash": HASH, "app_metadata": {"plan": "free"},
        }));
    }
    for number in 1..=connections {
        tenant.add_connection(FakeConnection {
            id: format!("con_{:016}", number + 1),
            name: format!("connection-{number}"),
            strategy: "auth0".to_owned(),
            enabled_clients: (0..number).map(|client| format!("application-{client}")).collect(),
            ..FakeConnection::default()
        });
    }
    println!("{}", tenant.base_url());
    let mut written = 0;
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let Some(log) = &mut log else { continue };
        let new = tenant.handled_since(written);
        for call in &new {
            writeln!(log, "{}", serde_json::to_string(call)?)?;
        }
        written += new.len();
    }
}
