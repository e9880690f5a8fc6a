//! The commands of docs/automation.md that need a tenant are run against the fake one. `tests/command/docs.rs` runs the others.

use reimport_jobs::fake::FakeTenant;
use serde_json::{Value, json};

use super::tenant::tenant;
use crate::harness::{Ran, WorkFolder};

#[test]
fn commands_of_automation_guide_import_all_users() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/automation.md")).unwrap();
    let (_, block) = page.split_once("```sh\n").unwrap();
    let (commands, _) = block.split_once("```").unwrap();
    assert_eq!(commands.matches("reimport ").count(), 4, "{commands}");
    let commands = commands.replace("--tenant \"$TENANT\"", "--base-url \"$TENANT\" --poll 0.02");

    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(6, 2);
    let output = place
        .program("sh")
        .args(["-e", "-c", &commands])
        .env("TENANT", tenant.base_url())
        .env("CONNECTION", FakeTenant::CONNECTION)
        .output()
        .unwrap();
    let ran = Ran::of(output);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));

    assert_eq!(tenant.users().len(), 6);
    let document = |name: &str| -> Value { serde_json::from_str(&place.read(name)).expect(name) };
    assert_eq!(document("plan.json")["users"], 6);
    assert_eq!(document("upload.json")["exit_status"], 0);
    assert_eq!(document("arrival.json")["exit_status"], 0);
    let events = place.read("events.ndjson");
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["users_done"]), (&json!("uploading"), &json!(6)), "{events}");
}
