//! Finds characters around paths that are not part of a quoted name.

/// Returns the byte offsets at which one of `wanted` is outside brackets. Brackets have no meaning in a JSON Pointer (a path
/// that starts with `/`).
///
/// For a list of paths, or a path with something after it, in one string:
///
/// ```
/// use reimport::path::outside_brackets;
///
/// let list = r#"email,["a,b"]=c"#;
/// assert_eq!(outside_brackets(list, b",").collect::<Vec<_>>(), [5]);
/// ```
pub fn outside_brackets<'t>(text: &'t str, wanted: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    let pointer = text.trim_start().starts_with('/');
    let (mut bracket, mut quoted, mut escaped) = (false, false, false);
    let found = move |byte: u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if bracket => quoted = !quoted,
            b'[' if !quoted && !pointer => bracket = true,
            b']' if !quoted => bracket = false,
            _ => return !bracket && wanted.contains(&byte),
        }
        false
    };
    text.bytes().map(found).enumerate().filter_map(|(at, found)| found.then_some(at))
}
