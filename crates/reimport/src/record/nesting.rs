//! Finds the end of a nested JSON value, 64 bytes at a time.

use super::step::{STEP, equal, equal_but_for, prefix_xor};

/// Where [`pass`] stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// After the last bracket of the value.
    End(usize),
    /// Inside the value: the rest is not a whole step, or the next step has a backslash.
    Inside {
        /// The number of bytes that were read.
        length: usize,
        /// The number of brackets that are open there.
        depth: u32,
        /// Whether a string is open there.
        string: bool,
    },
}

/// Reads the rest of a value in which `depth` brackets are open, at least one. `string` is true if a string is open, too.
pub(super) fn pass(bytes: &[u8], mut depth: u32, mut string: bool) -> Passed {
    let (steps, _) = bytes.as_chunks::<STEP>();
    for (number, step) in steps.iter().enumerate() {
        let Some(masks) = Masks::of(step) else {
            return Passed::Inside { length: number * STEP, depth, string };
        };
        let inside = masks.inside_strings(string);
        let closing = masks.closing & !inside;
        let mut brackets = (masks.opening & !inside) | closing;
        if closing.count_ones() < depth {
            // The value does not end in this step, whatever the order of its brackets.
            depth = depth.saturating_add(brackets.count_ones()) - 2 * closing.count_ones();
        } else {
            while brackets != 0 {
                if closing & brackets & brackets.wrapping_neg() == 0 {
                    depth += 1;
                } else {
                    depth -= 1;
                    if depth == 0 {
                        return Passed::End(number * STEP + brackets.trailing_zeros() as usize + 1);
                    }
                }
                brackets &= brackets - 1;
            }
        }
        string = inside >> (STEP - 1) == 1;
    }
    Passed::Inside { length: steps.len() * STEP, depth, string }
}

/// A bit for each byte of a step.
struct Masks {
    quotes: u64,
    opening: u64,
    closing: u64,
}

impl Masks {
    /// Returns `None` if the step has a backslash.
    #[inline]
    fn of(step: &[u8; STEP]) -> Option<Self> {
        if equal(step, b'\\') != 0 {
            return None;
        }
        // Braces and square brackets differ in one bit.
        let (opening, closing) = (equal_but_for(step, b'{', 0x20), equal_but_for(step, b'}', 0x20));
        Some(Self { quotes: equal(step, b'"'), opening, closing })
    }

    /// Returns the bytes in strings, from the opening quote to the byte before the closing one. `open` is true if the
    /// step begins in a string.
    fn inside_strings(&self, open: bool) -> u64 {
        let inside = prefix_xor(self.quotes);
        if open { !inside } else { inside }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads byte by byte up to the end of the value, or to the end of `bytes`.
    fn naive(bytes: &[u8], mut depth: u32, mut string: bool) -> Passed {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => string = !string,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Passed::End(at + 1);
            }
        }
        Passed::Inside { length: bytes.len(), depth, string }
    }

    proptest! {
        #![proptest_config(crate::cases::cases(2_000))]

        #[test]
        fn agrees_with_reading_byte_by_byte(
            text in "([a-zé:;,\\[\\]{}\"]|[a-z ]{0,30}|\\[\\{\"){0,60}(\\\\[a-z\"]{0,70})?",
            depth in 1..5_u32,
            string: bool,
        ) {
            let bytes = text.as_bytes();
            let escape = memchr::memchr(b'\\', bytes).unwrap_or(bytes.len());
            let whole = escape / STEP * STEP;
            let expected = naive(&bytes[..whole], depth, string);
            prop_assert_eq!(pass(bytes, depth, string), expected);
        }
    }

    #[test]
    fn brackets_in_every_place_of_a_step_are_found() {
        for place in 0..2 * STEP {
            for (before, after) in [("", ""), ("{\"]}\"}", ""), ("", "\"}}\"")] {
                let text = format!("{before:place$}}}{after:140}");
                assert_eq!(pass(text.as_bytes(), 1, false), Passed::End(place.max(before.len()) + 1));
            }
        }
    }
}
