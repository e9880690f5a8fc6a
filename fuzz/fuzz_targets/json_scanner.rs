//! Compares the scanner with `serde_json`: the same verdict, the same values at the same offsets, and no panic
//! after an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reimport::json::{self, Scanner};

#[path = "../../crates/reimport/tests/support/naive_json.rs"]
mod naive_json;

use naive_json::{agree, call_methods, naive_compact, naive_depth, oracle};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    agree(&text);
    if oracle(&text).is_some() && naive_depth(&text) <= json::MAX_DEPTH {
        let expected = naive_compact(&text);
        let mut compact = Vec::new();
        json::compact_into(text.as_bytes(), &mut compact);
        assert_eq!(String::from_utf8(compact).unwrap(), expected);
        let mut scanner = Scanner::new(&text);
        scanner.value().unwrap();
        scanner.end().unwrap();
        assert_eq!(scanner.spaces(), text.len() - expected.len());
    } else {
        // With text that is not JSON, no call may panic, in any order.
        call_methods(&text, data.iter().copied());
        json::compact_into(text.as_bytes(), &mut Vec::new());
    }
    let mut escaped = Vec::new();
    json::escape_into(&text, &mut escaped);
    let escaped = String::from_utf8(escaped).unwrap();
    assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    assert_eq!(json::decode(&escaped[1..escaped.len() - 1]), text);
    // Also with text that was not validated.
    json::decode(&text);
});
