//! The syntax of field paths.

use proptest::prelude::*;

use super::random::any_path;
use crate::projection::{Field, FieldPath, Segment};

fn name(text: &str) -> Segment {
    Segment::Name(text.into())
}

fn steps(path: &str) -> Vec<Segment> {
    path.parse::<FieldPath>().unwrap_or_else(|error| panic!("{path}: {error}")).segments().to_vec()
}

fn refusal(path: &str) -> String {
    let text = path.parse::<FieldPath>().unwrap_err().to_string();
    text.strip_prefix(&format!("field path `{path}`: ")).expect("the message names the path").to_owned()
}

#[test]
fn all_spellings_are_read() {
    use Segment::{Index, Number};
    assert_eq!(steps("email"), [name("email")]);
    assert_eq!(steps("user_metadata.first login"), [name("user_metadata"), name("first login")]);
    assert_eq!(steps(" a . b "), [name(" a "), name(" b ")]);
    assert_eq!(steps("identities[0].connection"), [name("identities"), Index(0), name("connection")]);
    assert_eq!(steps("a.0.b"), [name("a"), Number(0), name("b")]);
    assert_eq!(steps("a.00.4294967296"), [name("a"), name("00"), name("4294967296")]);
    assert_eq!(steps("a[4294967295][1]"), [name("a"), Index(u32::MAX), Index(1)]);
    assert_eq!(steps(r#"["a key.with dots"].b"#), [name("a key.with dots"), name("b")]);
    assert_eq!(steps(r#"a["\"\u005d\n"][0]"#), [name("a"), name("\"]\n"), Index(0)]);
    assert_eq!(steps(r#"a["$oid"]["*"][""]"#), [name("a"), name("$oid"), name("*"), name("")]);
    assert_eq!(steps(r#"it's "so" ]=~/"#), [name(r#"it's "so" ]=~/"#)]);
}

#[test]
fn a_leading_slash_is_a_json_pointer() {
    assert_eq!(steps("/a/0/b"), [name("a"), Segment::Number(0), name("b")]);
    assert_eq!(steps("/a~1b/~0~01/c.d[0]/$"), [name("a/b"), name("~~1"), name("c.d[0]"), name("$")]);
    assert_eq!(steps("/"), [name("")]);
    assert_eq!(steps("/a/"), [name("a"), name("")]);
    assert_eq!(steps("/user/x"), [name("user"), name("x")]);
}

#[test]
fn leading_user_is_dropped_once() {
    assert_eq!(steps("user.email"), [name("email")]);
    assert_eq!(steps("user.user.x"), [name("user"), name("x")]);
    assert_eq!(steps("user./a"), [name("/a")]);
    assert_eq!(steps("user"), [name("user")]);
    assert_eq!(steps("user[0]"), [name("user"), Segment::Index(0)]);
    assert_eq!(steps(r#"["user"].x"#), [name("user"), name("x")]);
    assert_eq!(steps("users.x"), [name("users"), name("x")]);
}

#[test]
fn errors_state_column_and_expectation() {
    for (path, expected) in [
        ("", "expected a field path, but found nothing"),
        (".a", "expected a name, but found `.` at column 1"),
        ("a..b", "expected a name, but found `.` at column 3"),
        ("é.", "expected a name, but found the end at column 3"),
        ("user.", "expected a name, but found the end at column 6"),
        ("a.[0]", "expected a name, but found `[` at column 3"),
        ("[0].a", "expected a name first, because a record is not an array, but found `0` at column 2"),
        ("a[", "expected an index or a name in double quotes, but found the end at column 3"),
        ("a['b']", "expected an index or a name in double quotes, but found `\\'` at column 3"),
        ("a[-1]", "expected an index or a name in double quotes, but found `-` at column 3"),
        ("a[01]", "expected an index from 0 to 4294967295 without leading zeros, but found `0` at column 3"),
        (
            "a[4294967296]",
            "expected an index from 0 to 4294967295 without leading zeros, but found `4` at column 3",
        ),
        ("a[0", "expected `]`, but found the end at column 4"),
        ("a[0x]", "expected `]`, but found `x` at column 4"),
        ("é[\"b", "expected a name in double quotes, escaped as in JSON, but found the end at column 5"),
        ("a[\"\\x\"]", "expected a name in double quotes, escaped as in JSON, but found `x` at column 5"),
        ("a[\"b\"", "expected `]`, but found the end at column 6"),
        ("a[0]b", "expected `.`, `[` or the end, but found `b` at column 5"),
        ("/a~2", "expected `~0` or `~1`, but found `2` at column 4"),
        ("/~", "expected `~0` or `~1`, but found the end at column 3"),
        (
            "$.email",
            "expected a name, but found `$` at column 1; a path begins with the first name, without `$.`; \
             a key that contains a `$` goes in quotes: [\"$oid\"]",
        ),
        (
            "identities[*].provider",
            "expected a name, but found `*` at column 12; a field is one value, so give an index: identities[0]; \
             a key that contains a `*` goes in quotes: [\"*\"]",
        ),
    ] {
        assert_eq!(refusal(path), expected, "{path}");
    }
    assert!(refusal("a.b*").starts_with("expected a name, but found `*` at column 4; "));
    assert!(refusal("_id.$oid").starts_with("expected a name, but found `$` at column 5; "));
}

#[test]
fn path_has_the_depth_limit_of_a_record() {
    let deepest = vec!["a"; 128].join(".");
    assert_eq!(steps(&deepest).len(), 128);
    assert_eq!(
        refusal(&format!("{deepest}.b")),
        "expected the end, because a record nests at most 128 levels, but found `b` at column 257"
    );
    assert_eq!(FieldPath::from_segments(vec![name("a"); 129]), None);
    assert_eq!(FieldPath::from_segments([]), None);
    assert_eq!(FieldPath::from_segments([Segment::Index(0)]), None);
}

#[test]
fn display_quotes_only_if_necessary() {
    for (path, expected) in [
        ("/user_metadata/first login", "user_metadata.first login"),
        ("user.identities[0].connection", "identities[0].connection"),
        ("/a/0/b", "a.0.b"),
        (r#"["a"]["0"]["b.c"]"#, r#"a["0"]["b.c"]"#),
        (r#"["user"].x"#, r#"["user"].x"#),
        (r#"["user"]"#, "user"),
        // `connection` alone is that of the first identity.
        ("connection", "identities[0].connection"),
        (r#"["connection"]"#, r#"["connection"]"#),
        ("/connection", r#"["connection"]"#),
        ("connection.a", "connection.a"),
        ("a.connection", "a.connection"),
        (r#"["a=b"].c"#, r#"["a=b"].c"#),
        ("//a", r#"[""].a"#),
    ] {
        assert_eq!(path.parse::<FieldPath>().unwrap().to_string(), expected);
    }
}

#[test]
fn argument_is_a_path_and_an_optional_name() {
    let parts = |argument: &str| {
        let field = Field::from_argument(argument).unwrap();
        (field.path().unwrap().to_string(), field.name().to_owned())
    };
    let pair = |path: &str, name: &str| (path.to_owned(), name.to_owned());
    assert_eq!(parts("user.email"), pair("email", "user.email"));
    assert_eq!(parts("identities[0].connection=provider"), pair("identities[0].connection", "provider"));
    assert_eq!(parts("a=b=c"), pair("a", "b=c"));
    assert_eq!(parts("connection"), pair("identities[0].connection", "connection"));
    assert_eq!(parts(r#"["a=\"]=b"].c"#), pair(r#"["a=\"]=b"].c"#, r#"["a=\"]=b"].c"#));
    assert_eq!(parts(r#"["a=b"]=c d"#), pair(r#"["a=b"]"#, "c d"));
    assert_eq!(parts("/a[b=c"), pair(r#"["a[b"]"#, "c"));
    let list = |argument: &str| {
        let fields = Field::list_from_argument(argument).unwrap();
        fields.iter().map(|field| field.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("a,b=c , /d,[\"e,f\"]"), ["a", "c", "/d", "[\"e,f\"]"]);
    assert_eq!(
        Field::list_from_argument("a,").unwrap_err().to_string(),
        "field path ``: expected a field path, but found nothing"
    );
    assert_eq!(
        Field::from_argument("email=").unwrap_err().to_string(),
        "field `email`: expected an output name, but found nothing; write PATH=NAME, or PATH alone"
    );
    assert_eq!(
        Field::from_argument("abcd[\"e\\q\"]").unwrap_err().to_string(),
        "field path `abcd[\"e\\q\"]`: expected a name in double quotes, escaped as in JSON, but found `q` at column 9"
    );
    assert_eq!(
        Field::from_argument("a..b=c").unwrap_err().to_string(),
        "field path `a..b`: expected a name, but found `.` at column 3"
    );
}

proptest! {
    #[test]
    fn path_parses_back_from_its_display(path in any_path()) {
        let shown = path.to_string();
        let parsed = shown.parse::<FieldPath>();
        prop_assert_eq!(parsed.as_ref(), Ok(&path), "{}", shown);
        let field = Field::from_argument(&format!("{shown}=x")).unwrap();
        prop_assert_eq!((field.path(), field.name()), (Some(&path), "x"));
    }

    #[test]
    fn list_of_fields_parses_back(
        paths in prop::collection::vec((any_path(), prop::option::of("[a-c =]{0,3}x")), 1..4),
        comma in prop::sample::select(&[",", ", ", " ,\t"][..]),
    ) {
        // Without a name, the path as typed is the name. A name is everything after the first `=`.
        let expected: Vec<(FieldPath, String)> = paths
            .into_iter()
            .map(|(path, name)| {
                let shown = path.to_string();
                (path, name.unwrap_or(shown))
            })
            .collect();
        let items: Vec<String> = expected
            .iter()
            .map(|(path, name)| {
                let shown = path.to_string();
                if *name == shown { shown } else { format!("{shown}={name}") }
            })
            .collect();
        let fields = Field::list_from_argument(&items.join(comma)).unwrap();
        let found: Vec<_> =
            fields.into_iter().map(|field| (field.path().unwrap().clone(), field.name().to_owned())).collect();
        prop_assert_eq!(found, expected, "{:?}", items);
    }

    #[test]
    fn any_text_is_a_path_or_an_error(text in "[\\[\\].$*/~\"\\\\a0é]{0,10}|.{0,10}") {
        match text.parse::<FieldPath>() {
            Ok(path) => prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column())),
        }
    }
}
