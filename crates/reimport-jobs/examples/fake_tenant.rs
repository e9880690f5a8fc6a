//! Runs a fake tenant on loopback, for clients that do not use this library. It runs until it is killed.
//!
//! ```sh
//! cargo run -p reimport-jobs --features fake-tenant --example fake_tenant -- --port 0 --users 100 --log calls.ndjson
//! ```
//!
//! The first line on standard output is the base URL. The token is `fake-token`, which standard error also says. `--users N` adds N users with a
//! password. `--connections N` adds N connections; connection number n is used by n applications. For every
//! request, a line with the parsed body is written to the log.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use reimport_jobs::fake::{FakeConnection, FakeTenant};
use serde_json::json;

/// Has the form of a bcrypt hash, but no password has this hash.
const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe";

const HELP: &str = "\
Runs a fake tenant on loopback until it is killed. Prints its base URL.

  --port N          port; 0, the default, is any free port
  --users N         number of users with a password
  --connections N   number of connections besides the first one
  --log FILE        a JSON line for each request";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut port, mut users, mut connections, mut log) = (0, 0, 0, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if matches!(name.as_str(), "-h" | "--help") {
            println!("{HELP}");
            return Ok(());
        }
        let value = arguments.next().ok_or_else(|| format!("{name}: expected a value; see --help"))?;
        match name.as_str() {
            "--port" => port = value.parse().map_err(|_| format!("{name}: expected a number"))?,
            "--users" => users = value.parse().map_err(|_| format!("{name}: expected a number"))?,
            "--connections" => {
                connections = value.parse().map_err(|_| format!("{name}: expected a number"))?;
            }
            "--log" => log = Some(File::create(value)?),
            _ => return Err(format!("{name}: no such option; see --help").into()),
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
    eprintln!("try: reimport upload PARTS --base-url {} --to {}", tenant.base_url(), FakeTenant::CONNECTION);
    eprintln!("with the token {} in REIMPORT_TOKEN", FakeTenant::TOKEN);
    let mut written = 0;
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let Some(log) = &mut log else { continue };
        let new = tenant.requests_since(written);
        for call in &new {
            writeln!(log, "{}", serde_json::to_string(call)?)?;
        }
        written += new.len();
    }
}
