//! Nests flat keys such as `app_metadata.plan`.

use super::node::EditNode;
use crate::import::is_flat;
use crate::json::{SyntaxError, decode};
use crate::path::{FieldPath, Segment};
use crate::run::Output;
use crate::user::kinds;
use crate::user::spelling;

/// The properties whose members some exports write as flat keys.
const ROOTS: [&str; 3] = ["app_metadata", "user_metadata", "identities"];

/// Writes `json` into `nested` with its flat keys nested, and returns whether there were any.
///
/// If the nested value exists too, it counts, and the flat key remains as an unknown property.
pub(crate) fn nest_flat(
    json: &str,
    nested: &mut String,
    output: &mut Output<'_>,
) -> Result<bool, SyntaxError> {
    let mut record = EditNode::open(json)?;
    let any = nest(&mut record, |_| false, output);
    nested.clear();
    record.write(nested);
    Ok(any)
}

/// Nests the flat keys of an open record, except for those that are `kept`. Returns whether there were any.
pub(super) fn nest(
    record: &mut EditNode<'_>,
    kept: impl Fn(&FieldPath) -> bool,
    output: &mut Output<'_>,
) -> bool {
    let EditNode::Object(members) = &*record else { return false };
    let flat: Vec<(FieldPath, FieldPath, &str)> = members
        .iter()
        .filter_map(|(raw, _)| {
            let name = decode(raw);
            let path: FieldPath = is_flat(&name).then(|| name.parse().ok()).flatten()?;
            let Segment::Name(root) = path.segments().first()? else { return None };
            let root = ROOTS.into_iter().find(|known| spelling::spells(root, known))?;
            let nests = path.segments().len() > 1;
            let path = path.with_root(root)?;
            let key = FieldPath::of_name(&name);
            (nests && !kept(&key)).then_some((key, path, root))
        })
        .collect();
    let mut any = false;
    for (key, path, root) in flat {
        let Some(value) = record.get(key.segments()).map(|value| value.clone()) else { continue };
        let path = record.as_spelled(&path);
        if record.put(path.segments(), value, false).is_ok() {
            record.take(key.segments());
            any = true;
            output.note_fixed(kinds::FLAT_KEY_NESTED, root);
        }
    }
    any
}
