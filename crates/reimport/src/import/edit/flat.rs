//! Flat keys like `app_metadata.plan`, read as nested.

use super::node::Node;
use crate::Topic;
use crate::json::{SyntaxError, decode};
use crate::path::{FieldPath, Segment};
use crate::transform::Output;

/// The properties whose parts some exports write as flat keys.
const ROOTS: [&str; 3] = ["app_metadata", "user_metadata", "identities"];

/// Writes `json` into `nested` with its flat keys in their places. Where the nested one is there too, it counts, and
/// the flat one stays an unknown property. Answers whether anything was nested.
pub(crate) fn nest_flat(
    json: &str,
    nested: &mut String,
    output: &mut Output<'_>,
) -> Result<bool, SyntaxError> {
    let mut record = Node::open(json)?;
    let Node::Object(members) = &record else { return Ok(false) };
    let flat: Vec<(FieldPath, FieldPath)> = members
        .iter()
        .filter_map(|(raw, _)| {
            let name = decode(raw);
            let path: FieldPath = name.parse().ok()?;
            let Segment::Name(root) = path.segments().first()? else { return None };
            let nests = path.segments().len() > 1 && ROOTS.contains(&&**root);
            let key = FieldPath::from_segments([Segment::Name(name.as_ref().into())])?;
            nests.then_some((key, path))
        })
        .collect();
    let mut any = false;
    for (key, path) in flat {
        let Some(value) = record.get(key.segments()).map(|value| value.clone()) else { continue };
        if record.put(path.segments(), value, false).is_ok() {
            record.take(key.segments());
            any = true;
            if let Some(Segment::Name(root)) = path.segments().first() {
                output.note(Topic::Fixed, &format!("flat-key-nested {root}"));
            }
        }
    }
    nested.clear();
    record.write(nested);
    Ok(any)
}
