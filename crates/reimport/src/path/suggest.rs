//! The nearest real path to one that no record had.

/// The one of `known` that `path` was most likely meant to be; `None` where none is near.
///
/// Near is an edit distance (swapped neighbours are one edit, case counts nothing) of at most a third of the longer of
/// the two, behind the steps they begin with in common. Of two that are equally near, the one that sorts first.
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

/// How many bytes of whole steps both begin with.
fn common_steps(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.as_bytes()[..same].iter().rposition(|byte| matches!(byte, b'.' | b'[')).map_or(0, |place| place + 1)
}
