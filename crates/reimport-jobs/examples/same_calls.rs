//! Makes the five calls about jobs with this library. `tests/node/` makes the same calls with the public Node SDK.
//! The log of a fake tenant shows whether both send the same requests.
//!
//! ```sh
//! cargo run -p reimport-jobs --example same_calls -- http://127.0.0.1:PORT
//! ```

use std::ops::ControlFlow;
use std::time::Duration;

use reimport_jobs::{
    Client, Format, Secret, SignIn, UsersExport, UsersImport, VerificationEmail, VerificationIdentity, Wait,
};

const CONNECTION: &str = "con_0000000000000001";
const USERS: &str = r#"[{"email":"ada@example.com","user_id":"ada"},{"email":"user0@example.com"}]"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("expected the base URL of a fake tenant")?;
    let client = Client::builder(address, SignIn::token(Secret::new("fake-token"))).build()?;
    let mut wait = Wait::default();
    wait.first = Duration::from_millis(10);

    let mut export = UsersExport::default();
    export.connection_id = Some(CONNECTION.to_owned());
    export.format = Some(Format::Json);
    export.limit = Some(5);
    let export = export.field("user_id").field_as("identities[0].connection", "provider");
    let job = client.users_exports(&export)?;
    client.wait(&job.id, &wait, |_| ControlFlow::Continue(()))?;

    let import = UsersImport::new(CONNECTION, "users.json", USERS.as_bytes()).external_id("run-1");
    let job = client.users_imports(&import)?;
    client.wait(&job.id, &wait, |_| ControlFlow::Continue(()))?;
    client.job_errors(&job.id)?;

    let mut email = VerificationEmail::new("auth0|ada");
    email.client_id = Some("fake-application".to_owned());
    email.identity = Some(VerificationIdentity::new("auth0", "ada"));
    client.verification_email(&email)?;
    Ok(())
}
