//! Reads one field of one record, without compiling a path tree.

use super::tree::is_marked;
use crate::json::{Kind, Name, Scanner, SyntaxError, Value};
use crate::path::{FieldPath, Segment};
use crate::record::Record;
use crate::user::spelling::{Alias, alias_of};

type Found<'a> = Result<Option<Value<'a>>, SyntaxError>;

impl<'a> Record<'a> {
    /// Returns the value at `path`, borrowed from the record as written. Returns `None` if the path is missing.
    ///
    /// A `null` at the path is a value of [`Kind::Null`]. Flat keys and titles count as in a
    /// [`Projection`](crate::Projection). Every call reads the whole record, so for several paths a
    /// [`PathTree`](super::PathTree) is faster. Also returns `None` if the record is not a valid JSON object.
    pub fn get(&self, path: &FieldPath) -> Option<Value<'a>> {
        find_in_record(self.json(), path.segments()).ok().flatten()
    }
}

fn find_in_record<'a>(text: &'a str, path: &[Segment]) -> Found<'a> {
    let mut scanner = Scanner::new(text);
    scanner.enter_object()?;
    let (mut exact, mut flat, mut titled, mut whole, mut inside) = (None, None, None, None, None);
    // Properties for which another spelling was found. If there are several spellings of one property, the first in
    // the record counts.
    let mut met = Vec::new();
    while let Some(name) = scanner.name()? {
        if let Some(rest) = rest_below_flat(&name, path) {
            flat = find(&mut scanner.clone(), rest)?;
        }
        match rest_below_alias(&name, path) {
            Some((Alias { title: Some(_), .. }, rest)) => titled = find(&mut scanner.clone(), rest)?,
            Some((alias, rest)) if !met.contains(&alias.path) => {
                met.push(alias.path);
                let found = find(&mut scanner.clone(), rest)?;
                if alias.path.contains('.') { inside = found } else { whole = found }
            }
            _ => {}
        }
        match path.split_first() {
            Some((first, rest)) if matches_name(first, &name) => exact = find(&mut scanner, rest)?,
            _ => _ = scanner.value()?,
        }
    }
    scanner.end()?;
    Ok(exact.or(flat).or(titled).or(whole).or(inside))
}

/// Skips the next value, and returns the value at `path` in it.
fn find<'a>(scanner: &mut Scanner<'a>, path: &[Segment]) -> Found<'a> {
    let Some((first, rest)) = path.split_first() else { return scanner.value().map(Some) };
    let mut found = None;
    match (scanner.kind()?, first) {
        (Kind::Object, Segment::Name(_) | Segment::Number(_)) => {
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                if matches_name(first, &name) {
                    found = find(scanner, rest)?;
                } else {
                    scanner.value()?;
                }
            }
        }
        (Kind::Array, Segment::Index(_) | Segment::Number(_)) => {
            scanner.enter_array()?;
            let mut index = 0_u32;
            while scanner.item()? {
                if first.is_index(index) {
                    found = find(scanner, rest)?;
                } else {
                    scanner.value()?;
                }
                index = index.saturating_add(1);
            }
        }
        _ => _ = scanner.value()?,
    }
    Ok(found)
}

fn matches_name(step: &Segment, name: &Name<'_>) -> bool {
    match step {
        Segment::Name(own) => name.is(own),
        Segment::Number(_) => step.is_name(&name.decoded()),
        Segment::Index(_) => false,
    }
}

/// Returns the rest of `path` if the top-level key is a flat path and a prefix of `path`.
fn rest_below_flat<'p>(name: &Name<'_>, path: &'p [Segment]) -> Option<&'p [Segment]> {
    if !name.is_escaped() && !is_marked(name.raw()) {
        return None;
    }
    let decoded = name.decoded();
    let flat_path = if is_marked(&decoded) { FieldPath::parsed(&decoded).ok()? } else { return None };
    rest_below(flat_path.segments(), path)
}

/// Returns the rest of `path` if the top-level key is another spelling of the property that `path` starts with.
fn rest_below_alias<'p>(name: &Name<'_>, path: &'p [Segment]) -> Option<(Alias, &'p [Segment])> {
    let alias = alias_of(&name.decoded())?;
    Some((alias, rest_below(alias.path.parse::<FieldPath>().ok()?.segments(), path)?))
}

fn rest_below<'p>(start: &[Segment], path: &'p [Segment]) -> Option<&'p [Segment]> {
    let (above, rest) = path.split_at_checked(start.len())?;
    above.iter().zip(start).all(|(own, other)| own.can_equal(other)).then_some(rest)
}
