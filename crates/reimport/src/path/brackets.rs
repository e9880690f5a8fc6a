//! Finds characters around paths that are not part of a quoted name.

/// Returns the byte offsets at which one of `wanted` is outside brackets and outside a string that begins an item of a list,
/// as in `"a,b"=c`. Brackets have no meaning in a JSON Pointer (a path that starts with `/`).
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
    let (mut bracket, mut quoted, mut escaped, mut item_begins) = (false, false, false, true);
    let found = move |byte: u8| {
        let begins = item_begins;
        item_begins &= byte.is_ascii_whitespace();
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if bracket || quoted || begins => quoted = !quoted,
            b'[' if !quoted && !pointer => bracket = true,
            b']' if !quoted => bracket = false,
            _ => {
                item_begins |= byte == b',' && !bracket && !quoted;
                return !bracket && !quoted && wanted.contains(&byte);
            }
        }
        false
    };
    text.bytes().map(found).enumerate().filter_map(|(at, found)| found.then_some(at))
}
