//! Suggests an existing path for a path that no record has.

/// Returns the path in `known` that `path` was most likely meant to be, or `None` if none is similar enough.
///
/// The steps that both paths begin with are ignored. The edit distance of the rest must be at most a third of the
/// longer rest, but a distance of 1 is always allowed. A swap of two neighbours counts as one edit, and case is
/// ignored. Of two paths with the same distance, the one that sorts first is returned. If no path is similar, but some have
/// the last step of `path`, the shortest of them is returned.
///
/// ```
/// use reimport::path::suggest;
///
/// let known = ["email", "email_verified", "user_metadata.plan"];
/// assert_eq!(suggest("emial", known).as_deref(), Some("email"));
/// assert_eq!(suggest("user_metadata.paln", known).as_deref(), Some("user_metadata.plan"));
/// assert_eq!(suggest("user_metadata.size", known), None);
/// assert_eq!(suggest("plan", known).as_deref(), Some("user_metadata.plan"));
/// ```
pub fn suggest<'k>(path: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let path = path.to_lowercase();
    let known: Vec<&str> = known.into_iter().collect();
    let similar = known
        .iter()
        .filter_map(|known| {
            let lower = known.to_lowercase();
            let common = common_steps(&path, &lower);
            let (asked, there) = (&path[common..], &lower[common..]);
            let longer = asked.chars().count().max(there.chars().count());
            let distance = strsim::osa_distance(asked, there);
            (distance <= (longer / 3).max(1)).then_some((distance, known))
        })
        .min()
        .map(|(_, known)| *known);
    let ends_alike = |known: &&&str| last_step(&known.to_lowercase()) == last_step(&path);
    let nearest =
        similar.or_else(|| known.iter().filter(ends_alike).min_by_key(|known| known.len()).copied());
    nearest.map(str::to_owned)
}

/// Returns the last step of a path if it is a name without brackets, else the whole path.
fn last_step(path: &str) -> &str {
    path.rsplit('.').next().filter(|step| !step.contains(['[', ']', '"'])).unwrap_or(path)
}

/// Returns the number of bytes in the whole steps that both paths begin with.
fn common_steps(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.as_bytes()[..same].iter().rposition(|byte| matches!(byte, b'.' | b'[')).map_or(0, |place| place + 1)
}
