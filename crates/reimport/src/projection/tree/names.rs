//! Predicts the next top-level name of a record from the records before it.
//!
//! The place of a name in a tree is predicted in the same way. A prediction is compared byte by byte before it is used. A
//! wrong prediction costs time, but never changes the result, whatever the input contains.

use crate::json::{Name, Scanner};

/// For each known name, the names that followed it in earlier records.
#[derive(Debug, Default)]
pub(in crate::projection) struct Names {
    /// The first entry represents the beginning of a record.
    known: Vec<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The name as written after another member in compact JSON: `,"name":`.
    following: Box<str>,
    /// The numbers of the last two names that followed, the latest first.
    next: [u8; 2],
    /// The place of the name among the members of the last tree that had it.
    place: usize,
}

/// The maximum number of known names. An export has fewer. The name after an unknown name is not predicted.
const MAX_NAMES: usize = 100;

/// The number of the entry before the first name of a record.
pub(super) const BEGINNING: usize = 0;

impl Names {
    /// If the name predicted after name number `previous` follows, skips it and returns its number and the name.
    #[inline]
    pub(super) fn pass<'a>(&self, previous: usize, scanner: &mut Scanner<'a>) -> Option<(usize, Name<'a>)> {
        let [first, second] = self.known.get(previous)?.next.map(usize::from);
        [first, second].into_iter().filter(|next| *next != BEGINNING).find_map(|next| {
            let following = &*self.known.get(next)?.following;
            let name = scanner.guess_named(following)?;
            Some((next, name))
        })
    }

    /// Returns the place that was noted last for a name. It need not be its place in the tree at hand.
    #[inline]
    pub(super) fn place(&self, number: usize) -> usize {
        self.known.get(number).map_or(0, |known| known.place)
    }

    /// Notes the place of a name among the members of a tree.
    pub(super) fn note_place(&mut self, number: usize, place: usize) {
        if let Some(known) = self.known.get_mut(number) {
            known.place = place;
        }
    }

    /// Records that an unescaped name followed name number `previous`. Returns the number of the name.
    pub(super) fn learn(&mut self, previous: usize, name: &str) -> usize {
        if self.known.is_empty() {
            self.known.push(Known::default());
        }
        let known = self.known.iter().skip(1).position(|known| known.name() == name);
        let number = match known {
            Some(place) => place + 1,
            None if self.known.len() <= MAX_NAMES => {
                let following = format!(",\"{name}\":").into();
                self.known.push(Known { following, ..Known::default() });
                self.known.len() - 1
            }
            None => return BEGINNING,
        };
        if let Some(before) = self.known.get_mut(previous) {
            before.next = [number as u8, before.next[0]];
        }
        number
    }
}

impl Known {
    fn name(&self) -> &str {
        self.following.get(2..self.following.len() - 2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the names of flat objects. Returns them, and the number that were predicted.
    fn guessed(names: &mut Names, record: &str) -> (Vec<String>, usize) {
        let mut scanner = Scanner::new(record);
        let (mut previous, mut guessed, mut seen) = (BEGINNING, 0, Vec::new());
        scanner.enter_object().unwrap();
        loop {
            let name = if let Some((number, name)) = names.pass(previous, &mut scanner) {
                guessed += 1;
                previous = number;
                name
            } else {
                let Some(name) = scanner.name().unwrap() else { break };
                previous = names.learn(previous, name.raw());
                name
            };
            seen.push(name.raw().to_owned());
            scanner.value().unwrap();
        }
        scanner.end().unwrap();
        (seen, guessed)
    }

    #[test]
    fn earlier_names_are_guessed_and_others_are_read() {
        let mut names = Names::default();
        let seen = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = r#"{"a":1,"longer than a word":2,"c":3}"#;
        assert_eq!(guessed(&mut names, all), (seen(&["a", "longer than a word", "c"]), 0));
        assert_eq!(guessed(&mut names, all), (seen(&["a", "longer than a word", "c"]), 3));
        assert_eq!(guessed(&mut names, r#"{"a":1,"c":3}"#), (seen(&["a", "c"]), 1));
        assert_eq!(guessed(&mut names, r#"{"a":1,"c":3}"#), (seen(&["a", "c"]), 2));
        assert_eq!(guessed(&mut names, all).1, 3, "the guess before the last is remembered");
        assert_eq!(guessed(&mut names, r#"{"a" :1, "b":3,"c":3}"#), (seen(&["a", "b", "c"]), 0));
        assert_eq!(guessed(&mut names, "{}"), (Vec::new(), 0));
    }

    #[test]
    fn many_names_are_read_and_few_are_kept() {
        let mut names = Names::default();
        for number in 0..1_000 {
            let record = format!("{{\"{number}\":1,\"x\":2}}");
            assert_eq!(guessed(&mut names, &record).0, [number.to_string(), "x".to_owned()]);
        }
        assert!(names.known.len() <= MAX_NAMES + 1);
    }
}
