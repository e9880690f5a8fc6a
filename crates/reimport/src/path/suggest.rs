//! Suggests an existing path for a path that no record has.

/// Returns the path in `known` that `path` was most likely meant to be, or `None` if none is similar enough.
///
/// The steps that both paths begin with are ignored. The edit distance of the rest must be at most a third of the
/// longer rest, but a distance of 1 is always allowed. A swap of two neighbours counts as one edit, and case is
/// ignored. Of two paths with the same distance, the one that sorts first is returned.
///
/// ```
/// use reimport::path::suggest;
///
/// let known = ["email", "email_verified", "user_metadata.plan"];
/// assert_eq!(suggest("emial", known).as_deref(), Some("email"));
/// assert_eq!(suggest("user_metadata.paln", known).as_deref(), Some("user_metadata.plan"));
/// assert_eq!(suggest("user_metadata.size", known), None);
/// ```
pub fn suggest<'k>(path: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let path = path.to_lowercase();
    known
        .into_iter()
        .filter_map(|known| {
            let lower = known.to_lowercase();
            let common = common_steps(&path, &lower);
            let (asked, there) = (&path[common..], &lower[common..]);
            let longer = asked.chars().count().max(there.chars().count());
            let distance = strsim::osa_distance(asked, there);
            (distance <= (longer / 3).max(1)).then_some((distance, known))
        })
        .min()
        .map(|(_, known)| known.to_owned())
}

/// Returns the number of bytes in the whole steps that both paths begin with.
fn common_steps(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.as_bytes()[..same].iter().rposition(|byte| matches!(byte, b'.' | b'[')).map_or(0, |place| place + 1)
}
