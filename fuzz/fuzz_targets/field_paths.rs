//! Field paths: the printed form of every accepted path must parse to the same path, alone and before a name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reimport::path::{FieldPath, Segment};
use reimport::projection::Field;

/// Prints the path and parses it again.
fn round_trip(path: &FieldPath) {
    let printed = path.to_string();
    let back: FieldPath = printed.parse().unwrap_or_else(|error| panic!("{printed:?}: {error}"));
    assert_eq!(&back, path, "{printed:?}");
    assert_eq!(back.to_string(), printed);
    let field = Field::from_argument(&format!("{printed}=a name")).unwrap();
    assert_eq!((field.path(), field.name()), (Some(path), "a name"), "{printed:?}");
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<FieldPath>() {
        Ok(path) => {
            assert_eq!(FieldPath::from_segments(path.segments().to_vec()).as_ref(), Some(&path));
            round_trip(&path);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(field) = Field::from_argument(text) {
        field.path().into_iter().for_each(round_trip);
    }
    // The same bytes as segments, separated by NUL. `#` begins an index and `~` a number; everything else is a
    // name.
    let segments = text.split('\0').map(|step| match (step.strip_prefix('#'), step.strip_prefix('~')) {
        (Some(digits), _) if digits.parse::<u32>().is_ok() => Segment::Index(digits.parse().unwrap()),
        (_, Some(digits)) if digits.parse::<u32>().is_ok() => Segment::Number(digits.parse().unwrap()),
        _ => Segment::Name(step.into()),
    });
    if let Some(path) = FieldPath::from_segments(segments) {
        round_trip(&path);
    }
});
