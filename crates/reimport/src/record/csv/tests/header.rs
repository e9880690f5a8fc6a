//! Tests of header cells: the fields they name, and the errors that end a run.

use super::{csv, good, good_with, refusal, refusal_with};
use crate::record::ReadOptions;

/// Returns the record of a row with the cells `1`, `2`, … under this header.
fn under(header: &str) -> String {
    let columns = header.split(',').count();
    let cells: Vec<String> = (1..=columns).map(|cell| cell.to_string()).collect();
    good_with(&format!("{header}\n{}\n", cells.join(",")), &csv()).remove(0)
}

#[test]
fn header_cells_are_paths_titles_or_names() {
    assert_eq!(under("email,user_metadata.first login"), r#"{"email":1,"user_metadata":{"first login":2}}"#);
    assert_eq!(under("user.email,/user_metadata/a~1b"), r#"{"email":1,"user_metadata":{"a/b":2}}"#);
    assert_eq!(under("identities[0].connection,plan"), r#"{"identities":[{"connection":1}],"plan":2}"#);
    assert_eq!(
        under("Id,EMAIL VERIFIED,connection"),
        r#"{"user_id":1,"email_verified":2,"identities":[{"connection":3}]}"#
    );
    assert_eq!(
        under("USER_ID,Blocked,User_Metadata.a,USER_METADATA.b,IDENTITIES.0.provider"),
        r#"{"user_id":1,"blocked":2,"user_metadata":{"a":3,"b":4},"identities":[{"provider":5}]}"#
    );
    assert_eq!(
        under("'email,\"'user_metadata.a\",\"na\"\"me\""),
        r#"{"email":1,"user_metadata":{"a":2},"na\"me":3}"#
    );
    assert_eq!(under("\"[\"\"a.b\"\"].c\""), r#"{"a.b":{"c":1}}"#);
}

#[test]
fn number_after_a_dot_is_an_index_only_in_known_arrays() {
    assert_eq!(
        under("identities.0.provider,user_metadata.2024.0,mfa_factors.0"),
        r#"{"identities":[{"provider":1}],"user_metadata":{"2024":{"0":2}},"mfa_factors":[3]}"#
    );
}

#[test]
fn title_next_to_its_field_is_a_separate_name() {
    assert_eq!(under("email,Email"), r#"{"email":1,"Email":2}"#);
    assert_eq!(under("NAME,Name,nAme"), r#"{"NAME":1,"name":2,"nAme":3}"#);
    assert_eq!(under("NAME,nAme"), r#"{"name":1,"nAme":2}"#);
    assert_eq!(
        under("Connection,identities[0].connection"),
        r#"{"Connection":1,"identities":[{"connection":2}]}"#
    );
    assert_eq!(under("Connection,identities"), r#"{"Connection":1,"identities":2}"#);
    assert_eq!(
        under("Connection,identities[0].provider"),
        r#"{"identities":[{"connection":1,"provider":2}]}"#
    );
}

#[test]
fn invalid_path_is_a_name_unless_its_start_is_known() {
    assert_eq!(
        under("Tel.,Price ($),[12],a[b].c,$oid.x"),
        r#"{"Tel.":1,"Price ($)":2,"[12]":3,"a[b].c":4,"$oid":{"x":5}}"#
    );
    assert_eq!(
        refusal("email,user_metadata.\n"),
        "users.csv: line 1 (header, byte 6): cell 2 of the header: expected a name, but found the end at column 15"
    );
    assert_eq!(
        refusal("email,x[4294967296]\n"),
        "users.csv: line 1 (header, byte 6): cell 2 of the header: expected an index from 0 to 4294967295 without leading \
         zeros, but found `4` at column 3"
    );
}

#[test]
fn conflicting_columns_are_an_error() {
    let words = |header: &str| refusal(&format!("\n{header}\n1,2\n"));
    assert_eq!(
        words("email,name,email"),
        "users.csv: line 2 (header, byte 12): cells 1 and 3 of the header name the same field: rename one of them, or remove it"
    );
    assert_eq!(
        words("user_metadata.a,\"user_metadata[\"\"a\"\"]\""),
        "users.csv: line 2 (header, byte 18): cells 1 and 2 of the header name the same field: rename one of them, or remove it"
    );
    assert_eq!(
        words("email,,name"),
        "users.csv: line 2 (header, byte 7): cell 2 of the header: expected a name, but found nothing; name the column, or remove it"
    );
    let inner = "cell 1 of the header names a field, and cell 2 a part of it, as `a` and `a.b` do: remove one of them";
    assert_eq!(
        words("user_metadata,user_metadata.a"),
        format!("users.csv: line 2 (header, byte 15): {inner}")
    );
    let outer = "cell 2 of the header names a field, and cell 1 a part of it, as `a` and `a.b` do: remove one of them";
    assert_eq!(
        words("user_metadata.a.b,user_metadata"),
        format!("users.csv: line 2 (header, byte 19): {outer}")
    );
    assert_eq!(
        words("user_metadata.a,user_metadata[0]"),
        "users.csv: line 2 (header, byte 17): cell 2 of the header makes a field an array, and cell 1 an object, as \
         `a[0]` and `a.b` do: rename one of them"
    );
    assert_eq!(
        words("identities[0].x,identities[2].x"),
        "users.csv: line 2 (header, byte 17): cell 2 of the header has the index [2], but no cell has [1]: count the \
         items of an array from [0] on"
    );
    assert_eq!(
        words(&format!("email,{}", ["a"; 129].join("."))),
        "users.csv: line 2 (header, byte 7): cell 2 of the header: expected the end, because a record nests at most \
         128 levels, but found `a` at column 257"
    );
}

#[test]
fn damaged_header_is_an_error_at_its_line() {
    assert_eq!(
        refusal("email,\"na\nme\",\"x\"y\n"),
        "users.csv: line 2 (header, byte 17): cell 3 of the header: expected the end of the cell after its closing \
         quote, but found more text; write a quote that belongs to the text twice"
    );
    assert_eq!(
        refusal("email,\"na\n\nme\n"),
        "users.csv: line 1 (header, byte 6): expected the quote that begins here to be closed, but found the end of \
         the file; close it, or write it twice in a cell in quotes if it belongs to the text"
    );
    assert_eq!(
        refusal("email,name\ra,b\rc,d\r"),
        "users.csv: line 1 (header, byte 10): cell 2 of the header: expected a line feed after the carriage return; \
         end rows with LF or CRLF, and put a cell that contains a carriage return in quotes"
    );
    let (rows, end) = super::read_with(b"email,na\xefve\n", &ReadOptions::default());
    assert_eq!(rows, []);
    assert_eq!(
        end.unwrap(),
        "users.csv: line 1 (header, byte 8): expected the header in UTF-8, but found other bytes: save the file as UTF-8, \
         or convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 FILE`"
    );
}

#[test]
fn header_is_limited_in_columns_and_bytes() {
    let columns =
        |count: usize| (0..count).map(|column| format!("user_metadata.c{column}")).collect::<Vec<_>>();
    let text = format!("{}\n{}\n", columns(5_000).join(","), vec!["'x"; 5_000].join(","));
    for block_bytes in [1_000, 512 << 10] {
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let row = good_with(&text, &options).remove(0);
        assert!(row.starts_with(r#"{"user_metadata":{"c0":"x","c1":"x","#), "{}", &row[..80]);
        assert!(row.ends_with(r#","c4999":"x"}}"#));
    }
    assert_eq!(
        refusal(&columns(16_385).join(",")),
        "users.csv: line 1 (header, byte 0): expected at most 16384 cells in the header, but found 16385"
    );
    assert_eq!(
        refusal(&format!("email,{}", "x".repeat(9 << 20))),
        "users.csv: line 1 (header, byte 0): expected a header of at most 8388608 bytes, but found no end of its line"
    );
}

#[test]
fn csv_needs_a_known_name_or_an_option() {
    let unknown = "users.csv: this is not an export: expected NDJSON, a JSON array, or CSV whose header names a user \
                   property";
    assert_eq!(refusal("a,b\n1,2\n"), unknown);
    assert_eq!(refusal("Dear all,\nemail\n"), unknown);
    assert_eq!(good_with("a,b\n1,2\n", &csv()), [r#"{"a":1,"b":2}"#]);
    for header in ["x,user_metadata.a", "x,Given Name", "x,'picture", "\"x\",identities[0].y", "x,/blocked"] {
        assert_eq!(good(&format!("{header}\n")), <[String; 0]>::default(), "{header}");
    }
    assert_eq!(
        refusal_with("email\n", &ReadOptions { delimiter: Some(b'"'), ..ReadOptions::default() }),
        "expected the delimiter to be one ASCII character other than a quote, a line end or NUL"
    );
}

#[test]
fn empty_first_tab_separated_cell_is_not_indentation() {
    assert_eq!(
        refusal("\n\temail\tname\n0\ta\tb\n"),
        "users.csv: line 2 (header, byte 1): cell 1 of the header: expected a name, but found nothing; name the column, or remove it"
    );
}
