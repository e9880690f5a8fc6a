//! Property tests: for every cell in every output format, the projection and the naive implementation agree.

use proptest::collection::vec;
use proptest::prelude::*;

use super::oracle::{compact, csv_line, csv_text, look_up};
use super::random::{path, user};
use super::{project, record};
use crate::projection::{Cell, Field, PathTree, Projection, RowBuffer};
use crate::run::{CsvEscape, CsvFormat, Rendering, Transform, Verdict};

fn of_paths(paths: &[crate::projection::FieldPath]) -> Projection {
    let named =
        |(place, path): (usize, &crate::projection::FieldPath)| Field::new(path.clone(), format!("c{place}"));
    Projection::builder().fields(paths.iter().enumerate().map(named)).build().unwrap()
}

proptest! {
    #![proptest_config(crate::cases::cases(1_500))]

    #[test]
    fn cells_agree_with_naive_walk(paths in vec(path(), 1..14), users in vec(user(), 1..3)) {
        let tree = PathTree::new(paths.clone());
        // The buffer is reused for all users. Nothing of one record may appear in the next.
        let mut buffer = RowBuffer::new();
        for user in &users {
            let row = tree.read(record(user), &mut buffer).unwrap();
            for (cell, path) in row.cells().zip(&paths) {
                let expected = look_up(user, path);
                match cell {
                    Cell::Missing => prop_assert_eq!(expected, None, "{} in {}", path, user),
                    Cell::Null => prop_assert_eq!(expected.as_deref(), Some("null"), "{} in {}", path, user),
                    Cell::Value(value) => {
                        prop_assert_eq!(Some(value.json()), expected.as_deref(), "{} in {}", path, user);
                        let mut written = Vec::new();
                        value.write_compact(&mut written);
                        prop_assert_eq!(String::from_utf8(written).unwrap(), compact(value.json()));
                    }
                }
                let got = record(user).get(path);
                prop_assert_eq!(got.map(|value| value.json().to_owned()), look_up(user, path));
            }
        }
    }

    #[test]
    fn json_is_one_flat_object_of_present_values(paths in vec(path(), 1..6), user in user()) {
        let expected: Vec<String> = paths
            .iter()
            .enumerate()
            .filter_map(|(place, path)| Some(format!("\"c{place}\":{}", compact(&look_up(&user, path)?))))
            .collect();
        let (verdict, text, _) = project(&of_paths(&paths), Rendering::Json, &user);
        prop_assert_eq!(verdict, Verdict::Written);
        prop_assert_eq!(text, format!("{{{}}}", expected.join(",")));
    }

    #[test]
    fn csv_agrees_with_the_csv_crate(paths in vec(path(), 1..6), user in user()) {
        let texts: Vec<String> =
            paths.iter().map(|path| csv_text(look_up(&user, path).as_deref())).collect();
        let (verdict, text, _) = project(&of_paths(&paths), Rendering::Csv(CsvFormat::default()), &user);
        prop_assert_eq!(verdict, Verdict::Written);
        prop_assert_eq!(text, csv_line(&texts));
    }

    #[test]
    fn formulas_get_one_apostrophe_and_are_counted(paths in vec(path(), 1..6), user in user()) {
        let mut expected_notes = Vec::new();
        let texts: Vec<String> = paths
            .iter()
            .enumerate()
            .map(|(place, path)| {
                let value = look_up(&user, path);
                let text = csv_text(value.as_deref());
                let string = value.is_some_and(|value| value.starts_with('"'));
                let first = text.chars().next();
                let number = text.parse::<f64>().is_ok() && text[1..].bytes().all(|byte| b"0123456789.".contains(&byte));
                if string && !number && first.is_some_and(|first| "=+-@\t\r＝＋－＠".contains(first)) {
                    expected_notes.push(format!("spreadsheet-formula c{place}"));
                    return format!("'{text}");
                }
                text
            })
            .collect();
        for escape in [CsvEscape::None, CsvEscape::Formulas, CsvEscape::Auth0] {
            let rendering = Rendering::Csv(CsvFormat::default().escape(escape));
            let (_, text, mut notes) = project(&of_paths(&paths), rendering, &user);
            notes.retain(|note| note != "lone-surrogate");
            prop_assert_eq!(&notes, &expected_notes);
            if escape == CsvEscape::Formulas {
                prop_assert_eq!(text, csv_line(&texts));
            }
        }
    }

    #[test]
    fn auth0_csv_marks_only_strings(paths in vec(path(), 1..6), user in user()) {
        let cells: Vec<String> = paths
            .iter()
            .map(|path| {
                let value = look_up(&user, path);
                let text = csv_text(value.as_deref());
                let date = path.to_string() == "created_at" && text == "2021-03-04T09:15:27.481Z";
                let is_text = value.is_some_and(|value| value.starts_with(['"', '{', '[']));
                if is_text && !date { format!("\"'{}\"", text.replace('"', "\"\"")) } else { text }
            })
            .collect();
        let line = cells.join(",");
        let expected = if line.is_empty() { "\"\"" } else { &line };
        let rendering = Rendering::Csv(CsvFormat::default().escape(CsvEscape::Auth0));
        let (_, text, _) = project(&of_paths(&paths), rendering, &user);
        prop_assert_eq!(text, expected);
    }

    #[test]
    fn truncated_record_is_rejected(paths in vec(path(), 1..4), user in user(), cut in any::<prop::sample::Index>()) {
        let whole = user.trim();
        let end = whole.floor_char_boundary(cut.index(whole.len()));
        let projection = of_paths(&paths);
        prop_assert!(projection.validates());
        let (verdict, _, notes) = project(&projection, Rendering::Json, &whole[..end]);
        let rejected = matches!(&verdict, Verdict::Unreadable(_));
        prop_assert!(rejected, "{verdict:?}");
        prop_assert!(notes.is_empty());
        prop_assert_eq!(projection.unseen().len(), paths.len());
    }
}
