//! The parts of many connections share a limited amount of memory, as measured by the allocator.

use reimport::run::{Origin, Written};
use reimport::sink::{Parts, PartsOptions};
use reimport::{Position, Sink as _};

#[test]
fn memory_is_bounded_for_1000_connections() {
    let home = tempfile::tempdir().unwrap();
    let user = format!("{{\"a\":\"{}\"}}", "x".repeat(30_000));
    let source = "x.ndjson".into();
    let origin = Origin { source: &source, position: Position::START };
    let counted = allocation_counter::measure(|| {
        let options = PartsOptions::default().by_connection(true);
        let mut parts = Parts::create(home.path().join("parts"), options).unwrap();
        for round in 0..3 {
            for connection in 0..if round == 0 { 1_000 } else { 300 } {
                let name = format!("c{connection}");
                let connection = Some(&*name);
                parts.write(Written { bytes: user.as_bytes(), origin, connection, password: false }).unwrap();
            }
        }
    });
    // The users have 30 MB in the first round, and 48 MB in total.
    assert!(((1 << 20)..(12 << 20)).contains(&counted.bytes_max), "{} bytes", counted.bytes_max);
}
