//! The command that comes after `check`: `convert`, with the same options.

use crate::report::quoted;

/// Options of `check` alone, and of how it speaks; `true` where one takes a value.
const OWN: [(&str, bool); 7] = [
    ("--html", true),
    ("--examples", false),
    ("--force", false),
    ("--json", false),
    ("--quiet", false),
    ("-q", false),
    ("--progress", true),
];

/// What was typed after `reimport check`, as `reimport convert … -o parts`; `None` where it is too long to be read.
pub(super) fn convert(typed: impl IntoIterator<Item = String>, more: &str) -> Option<String> {
    let mut words = vec!["reimport".to_owned(), "convert".to_owned()];
    let mut typed = typed.into_iter().skip_while(|word| word != "check").skip(1);
    while let Some(word) = typed.next() {
        let own = OWN.iter().find(|(name, _)| {
            word == *name
                || (name.starts_with("--")
                    && word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
        });
        match own {
            Some((name, true)) if word == *name => drop(typed.next()),
            Some(_) => {}
            None => words.push(quoted(&word)),
        }
    }
    if !more.is_empty() {
        words.push(more.to_owned());
    }
    words.push("-o parts".to_owned());
    let command = words.join(" ");
    (command.chars().count() <= 70).then_some(command)
}

#[cfg(test)]
mod tests {
    use super::convert;

    fn of(typed: &str) -> Option<String> {
        convert(typed.split(' ').map(|word| word.replace('_', " ")), "")
    }

    #[test]
    fn the_same_options_without_those_of_the_report() {
        assert_eq!(
            of("/bin/reimport check a.json --html r.html --examples -q --drop x --progress=never").as_deref(),
            Some("reimport convert a.json --drop x -o parts")
        );
        assert_eq!(
            of("reimport check --html=r.html my_export.json").as_deref(),
            Some("reimport convert 'my export.json' -o parts")
        );
    }

    #[test]
    fn a_line_too_long_to_be_read_is_left_to_words() {
        assert_eq!(of(&format!("reimport check {}", "x".repeat(80))), None);
    }
}
