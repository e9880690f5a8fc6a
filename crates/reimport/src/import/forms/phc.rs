//! Reads what the PHC strings of argon2 and pbkdf2 have in common.

/// Reads `a=1,b=2`. Each of `names` may occur once at most, in any order, and no other name is allowed.
pub(super) fn parameters<const N: usize>(text: &str, names: [&str; N]) -> Option<[Option<u64>; N]> {
    let mut found = [None; N];
    for part in text.split(',') {
        let (name, number) = part.split_once('=')?;
        let slot = names.iter().zip(&mut found).find(|(known, _)| **known == name)?.1;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit())
            && !(number.len() > 1 && number.starts_with('0'));
        let number = number.parse::<u64>().ok().filter(|number| plain && u32::try_from(*number).is_ok())?;
        if slot.replace(number).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_once_in_any_order() {
        assert_eq!(parameters("a=1,b=4294967295", ["a", "b"]), Some([Some(1), Some(4_294_967_295)]));
        assert_eq!(parameters("b=0", ["a", "b"]), Some([None, Some(0)]));
        for bad in [
            "",
            "a",
            "a=",
            "a=x",
            "a=+1",
            "a=01",
            "a=-1",
            "a=4294967296",
            "a=1,a=1",
            "a=1,",
            "c=1",
            "a=1,c=1",
        ] {
            assert_eq!(parameters(bad, ["a", "b"]), None, "{bad}");
        }
    }
}
