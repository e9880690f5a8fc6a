//! Starts an export, polls it until it is done, and prints the summary. `token.txt` contains a token with the scope
//! `read:users`.
//!
//! ```sh
//! cargo run -p reimport-jobs --example export_summary -- acme.eu.auth0.com token.txt
//! ```

use std::ops::ControlFlow;

use reimport_jobs::{Client, SignIn, UsersExport, Wait};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, token_file] = arguments.as_slice() else { return Err("expected HOST TOKEN_FILE".into()) };

    let client = Client::builder(host, SignIn::token_file(token_file)).build()?;
    let export = UsersExport::default().field("user_id").field("email");
    let job = client.users_exports(&export)?;
    let job = client.wait(&job.id, &Wait::default(), |job| {
        println!("{}: {} %", job.status, job.percentage_done.unwrap_or(0));
        ControlFlow::Continue(())
    })?;
    println!("{} is {}: {:?}", job.id, job.status, job.summary);
    Ok(())
}
