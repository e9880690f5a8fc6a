//! Tests of the public API, in one program, which is linked once.

mod client;
mod download;
mod misbehaviour;
mod network;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod transfers;
mod upload;
mod waiting;
