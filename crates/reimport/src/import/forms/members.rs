//! The members of one small object by their names, of repeated names the last.

use crate::json::{Scanner, Value};

/// The members that were asked for, and how many others there are.
pub(super) struct Members<'a, const N: usize> {
    pub(super) slots: [Option<Value<'a>>; N],
    /// Members of other names.
    pub(super) others: usize,
}

impl<'a, const N: usize> Members<'a, N> {
    /// Walks an object that was passed before, so it cannot fail: a value of another kind has no members.
    pub(super) fn of(object: Value<'a>, names: [&str; N]) -> Self {
        let mut members = Self { slots: [None; N], others: 0 };
        let mut scanner = Scanner::new(object.json());
        if scanner.enter_object().is_err() {
            return members;
        }
        while let Ok(Some(name)) = scanner.name() {
            let Ok(value) = scanner.value() else { break };
            match names.iter().zip(&mut members.slots).find(|(known, _)| name.is(known)) {
                Some((_, slot)) => *slot = Some(value),
                None => members.others += 1,
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_repeated_members_counts_and_names_are_decoded() {
        let text = r#"{"a":1,"x":{"a":2},"\u0061":3,"y":4}"#;
        let object = Scanner::new(text).value().unwrap();
        let members = Members::of(object, ["a", "b"]);
        let texts = members.slots.map(|slot| slot.map(|value| value.json()));
        assert_eq!((texts, members.others), ([Some("3"), None], 2));
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        let members = Members::of(Scanner::new("[1]").value().unwrap(), ["a"]);
        assert!(members.slots[0].is_none() && members.others == 0);
    }
}
