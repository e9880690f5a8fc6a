//! Tests of the public API, in one program, which is linked once.

mod architecture;
mod atomic_outputs;
mod bare_ids;
#[path = "../support/cases.rs"]
mod cases;
mod conformance_page;
mod connections;
mod contract;
mod convert_oracle;
mod edits;
mod extension;
#[path = "../support/fates.rs"]
mod fates;
mod faults_read;
mod genuine_hashes;
mod gzip_conformance;
mod import_files;
mod inflate_features;
mod joined_fields;
mod json_conformance;
mod json_oracle;
#[path = "../support/naive_json.rs"]
mod naive_json;
#[path = "../support/naive_lines.rs"]
mod naive_lines;
#[path = "../support/naive_rules.rs"]
mod naive_rules;
mod parts_formats;
mod private_debug;
mod put_back;
#[path = "../support/reading.rs"]
mod reading;
mod records_array;
mod records_formats;
mod records_ndjson;
mod reliability_page;
mod side_files;
#[path = "../support/texts.rs"]
mod texts;
mod threads;
#[path = "../support/users.rs"]
mod users;
#[path = "../support/verify_hash.rs"]
mod verify_hash;
mod wrapped;
