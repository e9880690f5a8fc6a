//! Detection of the format of a source: rejected records that are read again, files in the wrong place, and the
//! messages.

use reimport::record::{Format, ReadOptions};

use crate::reading::{Event, at, read_every_way};

fn read_events(text: &str) -> Vec<Event> {
    read_every_way(text.as_bytes(), &ReadOptions::default())
}

fn refused(text: &str) -> String {
    match read_events(text).as_slice() {
        [Event::Failed { sentence, position: None }] => sentence.clone(),
        other => panic!("{other:?}"),
    }
}

const HASHES: &str = "this is an export of password hashes, but an export of users is expected";
const JOB_ERRORS: &str = "this is the error list of an import job, but an export of users is expected";
const MANIFEST: &str = "this is a manifest of reimport: give the parts next to it";
const JOB: &str = "this is a job object, not what the job exported: download what its `location` points to";
const SPANS: &str =
    "the first object spans lines, but one object per line is expected: run it through `jq -c .` first";
const UNKNOWN: &str =
    "this is not an export: expected NDJSON, a JSON array, or CSV whose header names a user property";

#[test]
fn other_known_files_are_reported_with_their_use() {
    let hash = "{\"_id\":{\"$oid\":\"0123456789abcdef01234567\"},\"passwordHash\":\"$2b$10$x\",\"email\":\"a@example.com\"}";
    let custom =
        "{\"_id\":{\"$oid\":\"0123456789abcdef01234567\"},\"password_set_date\":{\"$date\":\"2025\"}}";
    let errors = "{\"user\":{\"email\":\"a@example.com\"},\"errors\":[{\"code\":\"NOT_PASSED\"}]}";
    let manifest = "{\"tool\":\"reimport\",\"version\":1,\"totals\":{},\"parts\":[]}";
    let job = "{\"type\":\"users_export\",\"status\":\"completed\",\"id\":\"job_0000000000000001\"}";
    for (object, sentence) in
        [(hash, HASHES), (custom, HASHES), (errors, JOB_ERRORS), (manifest, MANIFEST), (job, JOB)]
    {
        let spread = object.replace(",\"", ",\n  \"").replacen('{', "{\n  ", 1);
        let escaped = object.replacen("\"user\"", "\"\\u0075ser\"", 1);
        for text in [
            object.to_owned(),
            format!("{object}\n{object}\n"),
            format!("\u{feff}\n{object}"),
            format!("[{object}]"),
            format!("[\n{spread}\n]"),
            spread,
            escaped,
        ] {
            assert_eq!(refused(&text), sentence, "{text}");
        }
    }
}

#[test]
fn object_around_users_is_reported_with_its_member() {
    let sentence = |member: &str, items: &str| {
        format!(
            "this object contains an array of users in its member \"{member}\", but one object for each user is expected: \
             take the users out, for example with `jq -c '{items}.{member}[]' FILE`"
        )
    };
    let user = "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}";
    let long = vec![user; 3_000].join(",");
    for (object, member) in [
        (format!("{{\"start\":0,\"limit\":50,\"length\":1,\"total\":1,\"users\":[{user}]}}"), "users"),
        (format!("{{\"start\":0,\"limit\":50,\"length\":3000,\"total\":9000,\"users\":[{long}]}}"), "users"),
        ("{\"start\":0,\"limit\":50,\"length\":0,\"total\":0,\"users\":[]}".to_owned(), "users"),
        (format!("{{\"users\":[{user}],\"next\":\"x\"}}"), "users"),
        ("{\"users\":[{\"localId\":\"1\",\"passwordHash\":\"x\"}]}".to_owned(), "users"),
        (format!("{{\"data\":[{user}]}}"), "data"),
        (format!("{{\"count\":1,\"items\":[ {user}]}}"), "items"),
        (format!("{{\"results\":[{user}]}}"), "results"),
    ] {
        let spread = object.replace("[{", "[\n  {").replace(",\"", ",\n\"");
        for text in [object.clone(), format!("{object}\n{object}\n"), spread] {
            assert_eq!(refused(&text), sentence(member, ""));
        }
        for text in [format!("[{object}]"), format!("[\n{object},\n{object}\n]")] {
            assert_eq!(refused(&text), sentence(member, ".[]"));
        }
    }
}

#[test]
fn nested_arrays_are_reported() {
    let sentence = "each element of this array is an array, but one object for each user is expected: take the users out, \
                    for example with `jq -c '.[][]' FILE`";
    for text in ["[[{}]]", "[\n [\n{\"a\":1},", "[[{\"email\":\"a@example.com\"}],[]]"] {
        assert_eq!(refused(text), sentence, "{text}");
    }
    // Not certain: this can be a damaged element before users.
    assert_eq!(read_events("[[],{\"a\":1}]").len(), 3);
}

#[test]
fn api_error_response_is_reported() {
    let sentence = |reason: &str| {
        format!(
            "this is an error answer of the API, not users: its \"{reason}\" says why; correct that, and request the \
             users again"
        )
    };
    let expired = "{\"statusCode\":401,\"error\":\"Unauthorized\",\"message\":\"Expired token received\"}";
    assert_eq!(refused(expired), sentence("message"));
    let scope = "{\n \"statusCode\": 403,\n \"message\": \"Insufficient scope\",\n \"errorCode\": \"x\"\n}";
    assert_eq!(refused(scope), sentence("message"));
    let sign_in = "{\"error\":\"access_denied\",\"error_description\":\"Unauthorized\"}\n";
    assert_eq!(refused(sign_in), sentence("error_description"));
}

#[test]
fn users_below_member_user_are_reported() {
    let sentence = |items: &str| {
        format!(
            "each object has its user in its member \"user\", but the user itself is expected: take the users out, \
             for example with `jq -c '{items}.user' FILE`"
        )
    };
    let wrapped = "{\"user\":{\"Id\":\"auth0|1\"},\"seen\":true}";
    assert_eq!(refused(&format!("{wrapped}\n{wrapped}\n")), sentence(""));
    assert_eq!(refused(&format!("[{wrapped},{wrapped}]")), sentence(".[]"));
    let rejects = format!("[\n{REJECT},\"user\":{{\"email\":\"a@example.com\"}}}}\n]");
    assert_eq!(refused(&rejects), sentence(".[]"));
}

#[test]
fn second_array_is_reported_at_its_start() {
    let second = "expected one array, but a second one begins here: write all of their elements as NDJSON, for example with `jq -c '.[]' FILE`";
    assert_eq!(
        read_events("[{\"a\":1}]\n[{\"b\":2}]\n"),
        [Event::record("{\"a\":1}", at(1, 1, 1)), Event::failed(second, Some(at(10, 2, 2)))]
    );
    assert_eq!(read_events("[][]"), [Event::failed(second, Some(at(2, 1, 1)))]);
}

#[test]
fn missing_or_extra_comma_is_reported_once() {
    let missing = "expected `,` or `]` after an element of the array; if each element is on its own line, remove the \
                   brackets: without commas this is NDJSON";
    assert_eq!(
        read_events("[\n{\"a\":1}\n{\"b\":2}\n]\n"),
        [Event::record("{\"a\":1}", at(2, 2, 1)), Event::failed(missing, Some(at(10, 3, 2)))]
    );
    let last = "expected an element of the array, but found `]` after a comma: remove the last comma";
    assert_eq!(
        read_events("[{\"a\":1},\n]"),
        [Event::record("{\"a\":1}", at(1, 1, 1)), Event::failed(last, Some(at(10, 2, 2)))]
    );
    let lines = "a comma follows the first object, but NDJSON has no commas between lines: remove them, for example with `sed 's/,[[:space:]]*$//' FILE`";
    for text in ["{\"a\":1},\n{\"b\":2},\n", "{\"a\":1} ,\r\n{\"b\":2}", "\u{feff}\n{},\n"] {
        assert_eq!(refused(text), lines, "{text:?}");
    }
}

#[test]
fn notation_of_a_programming_language_is_reported() {
    let sentence = |language: &str, writer: &str| {
        format!("this is the notation of {language}, not JSON: write the file again, with `{writer}`")
    };
    for text in [
        "{'email': 'a@example.com', 'email_verified': True, 'phone_number': None}\n",
        "[{'email': 'a@example.com'}]",
        "[\n { u'email': u'a@example.com'}\n]",
        "{'email': \"o'neill@example.com\",\n 'name': None}",
    ] {
        assert_eq!(refused(text), sentence("Python", "json.dumps"), "{text}");
    }
    for text in ["{ email: 'a@example.com' }\n", "[\n  {\n    user_id: 'auth0|1',\n", "{$a:1}"] {
        assert_eq!(refused(text), sentence("JavaScript", "JSON.stringify"), "{text}");
    }
}

#[test]
fn python_value_rejects_only_its_record() {
    assert_eq!(
        read_events("{\"a\":NaN}\n{\"a\":1}\n{\"a\":None}\n"),
        [
            Event::invalid(
                "expected a value, but found `NaN` at column 6, which is not JSON: write null",
                at(0, 1, 1)
            ),
            Event::record("{\"a\":1}", at(10, 2, 2)),
            Event::invalid(
                "expected a value, but found `None` at column 6, which is not JSON: write null",
                at(18, 3, 3)
            ),
            Event::End,
        ]
    );
}

#[test]
fn file_in_another_encoding_is_reported_once() {
    let sentence = |line| {
        format!(
            "line {line} is not UTF-8, and neither is any other line with characters beyond ASCII: the file is in \
             another encoding, probably Windows-1252 (Latin-1); save it as UTF-8, or convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 FILE`"
        )
    };
    let latin =
        b"\n{\"name\":\"x\"}\n{\"name\":\"M\xfcller\"}\n{\"name\":\"Ren\xe9\"}\n{\"name\":\"Zo\xeb\"}\n";
    let failed = |line| [Event::failed(sentence(line), None)];
    assert_eq!(read_every_way(latin, &ReadOptions::default()), failed(3));
    let lines: Vec<&[u8]> = latin.trim_ascii().split(|byte| *byte == b'\n').collect();
    let pretty = [&b"[\n"[..], &lines.join(&b",\n"[..]), b"]"].concat();
    assert_eq!(read_every_way(&pretty, &ReadOptions::default()), failed(3));
    // With one valid UTF-8 character, the file is UTF-8 with damaged lines.
    let damaged = [&latin[..], "{\"name\":\"é\"}\n".as_bytes()].concat();
    let events = read_every_way(&damaged, &ReadOptions::default());
    assert_eq!(
        events.iter().filter(|event| matches!(event, Event::Rejected { .. })).count(),
        3,
        "{events:?}"
    );
    // With an explicit format, the file is read as it is.
    let mut options = ReadOptions::default();
    options.format = Some(Format::Ndjson);
    assert_eq!(read_every_way(latin, &options).len(), 5);
}

#[test]
fn any_records_option_accepts_other_files() {
    let mut options = ReadOptions::default();
    options.any_records = true;
    let job = "{\"type\":\"users_export\",\"status\":\"completed\",\"id\":\"job_0000000000000001\"}";
    assert_eq!(read_every_way(job.as_bytes(), &options), [Event::record(job, at(0, 1, 1)), Event::End]);
}

#[test]
fn user_with_status_and_type_is_a_user() {
    let user = "{\"user_id\":\"auth0|1\",\"type\":\"a\",\"status\":\"b\",\"id\":\"c\"}";
    assert_eq!(read_events(user), [Event::record(user, at(0, 1, 1)), Event::End]);
}

#[test]
fn multiline_object_is_reported_once() {
    for text in [
        "{\n  \"email\": \"a@example.com\"\n}\n",
        "{\r\n  \"email\": \"a@example.com\"\r\n}\r\n",
        "\n\n{ \n\n\"email\":1}",
        "{\"email\":\n1}",
        "{\"email\":1\n}",
        "{\"email\":1,\n\"b\":2}\n{\"c\":3}",
        "{\n\"source\":\"x\",\"line\":1,\"byte\":0,\"problems\":[],\"user\":{}}",
    ] {
        assert_eq!(refused(text), SPANS, "{text}");
    }
}

#[test]
fn bad_first_line_is_not_a_multiline_object() {
    let first = |sentence: &str, position| Event::invalid(sentence, position);
    assert_eq!(
        read_events("{\"a\":\n{\"b\":2}"),
        [
            first("expected a value, but found the end of the text at column 6", at(0, 1, 1)),
            Event::record("{\"b\":2}", at(6, 2, 2)),
            Event::End
        ]
    );
    assert_eq!(
        read_events("{\"a\"}\n12\n"),
        [
            first("expected `:`, but found `}` at column 5", at(0, 1, 1)),
            first("expected an object, but found a digit at column 1", at(6, 2, 2)),
            Event::End
        ]
    );
    assert_eq!(
        read_events("{\"a\":"),
        [first("expected a value, but found the end of the text at column 6", at(0, 1, 1)), Event::End]
    );
}

#[test]
fn unknown_content_is_reported() {
    for text in ["\u{c}{}", "\u{feff}\u{feff}{}"] {
        assert_eq!(refused(text), UNKNOWN, "{text:?}");
    }
}

#[test]
fn forced_ndjson_can_begin_with_any_text() {
    let mut options = ReadOptions::default();
    options.format = Some(Format::Ndjson);
    let sentence = "expected an object, but found a letter at column 1";
    assert_eq!(
        read_every_way(b"garbage\n{\"a\":1}\n", &options),
        [Event::invalid(sentence, at(0, 1, 1)), Event::record("{\"a\":1}", at(8, 2, 2)), Event::End]
    );
}

#[test]
fn too_large_record_limit_is_refused() {
    let mut options = ReadOptions::default();
    options.max_record_bytes = (1 << 30) + 1;
    let sentence = "the limit of one record may be at most 1073741824 bytes";
    assert_eq!(read_every_way(b"{}", &options), [Event::failed(sentence, None)]);
}

/// The beginning of a line of `rejected.ndjson`.
const REJECT: &str =
    "{\"source\":\"t.json\",\"line\":7,\"byte\":60,\"bytes\":9,\"problems\":[{\"rule\":\"x\"}]";

#[test]
fn rejects_are_read_as_their_users() {
    let user = "{ \"email\" : \"a@example.com\" }";
    let not_fixed = "expected the fixed user under \"user\": replace \"raw\" by it in this line";
    let begin = REJECT.len() as u64;
    let lines = [
        format!("{REJECT},\"user\":{user}}}"),
        format!("{REJECT},\"raw\":\"{{\\\"email\\\"}}\"}}"),
        String::new(),
        format!("{REJECT},\"us\\u0065r\": {user} }} "),
        format!("{REJECT},\"user\":{{}},\"user\":{user}}}"),
        format!("{REJECT},\"user\":{user},\"user\":null}}"),
        format!("{REJECT},\"user\":\"x\"}}"),
        format!("{REJECT},\"user\":{{\"email\"}}}}"),
        format!("{REJECT}}} {{}}"),
        "[]".to_owned(),
        user.to_owned(),
    ];
    let text = lines.join("\r\n");
    let starts: Vec<u64> = lines
        .iter()
        .scan(0, |next, line| {
            let start = *next;
            *next += line.len() as u64 + 2;
            Some(start)
        })
        .collect();
    let place = |line: usize, offset: u64, record| at(starts[line] + offset, line as u64 + 1, record);
    let invalid = |sentence: String, position| Event::invalid(sentence, position);
    assert_eq!(
        read_events(&text),
        [
            Event::record(user, place(0, begin + 8, 1)),
            Event::rejected("not-fixed", not_fixed, place(1, 0, 2)),
            Event::record(user, place(3, begin + 14, 3)),
            Event::record(user, place(4, begin + 18, 4)),
            Event::rejected("not-fixed", not_fixed, place(5, 0, 5)),
            Event::rejected("not-fixed", not_fixed, place(6, 0, 6)),
            invalid(format!("expected `:`, but found `}}` at column {}", begin + 17), place(7, 0, 7)),
            invalid(
                format!("a second value begins at column {}; expected one object per line", begin + 3),
                place(8, 0, 8)
            ),
            invalid("expected an object, but found an array at column 1".to_owned(), place(9, 0, 9)),
            Event::rejected("not-fixed", not_fixed, place(10, 0, 10)),
            Event::End,
        ]
    );
}

#[test]
fn rejected_user_has_the_depth_limit_of_an_export() {
    let deepest = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
    let line = format!("{REJECT},\"user\":{deepest}}}");
    assert_eq!(read_events(&line), [Event::record(&deepest, at(REJECT.len() as u64 + 8, 1, 1)), Event::End]);
    let deeper = deepest.replacen('[', "[[", 1).replacen(']', "]]", 1);
    let line = format!("{REJECT},\"user\":{deeper}}}");
    assert_eq!(
        read_events(&line),
        [Event::rejected("invalid-json", "nested deeper than 128 levels", at(0, 1, 1)), Event::End]
    );
}

/// A reader that returns at most this many bytes per call.
struct Steps(std::io::Cursor<Vec<u8>>, usize);

impl std::io::Read for Steps {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = out.len().min(self.1);
        self.0.read(&mut out[..count])
    }
}

#[test]
fn limited_run_reports_unknown_content_for_any_read_size() {
    let text = b"nothing anybody knows\nmore of it, and a NUL \0\n".to_vec();
    let message = |steps: usize| {
        let source =
            reimport::source::Source::from_reader("x", Steps(std::io::Cursor::new(text.clone()), steps));
        let ran = reimport::Pipeline::new().limit(1).run(
            [source],
            &reimport::Rules::new(),
            reimport::sink::Nothing::new(),
        );
        ran.expect_err("no export").to_string()
    };
    for steps in [1, 7, 22, 1 << 20] {
        assert_eq!(message(steps), format!("x: {UNKNOWN}"), "{steps} bytes at a time");
    }
}

#[test]
fn white_space_before_header_is_independent_of_read_size() {
    // With a limit, a source is read as its bytes arrive.
    let read = |text: &str, steps: usize, format: Option<Format>| {
        let source = Steps(std::io::Cursor::new(text.as_bytes().to_vec()), steps);
        let source = reimport::source::Source::from_reader("x", source);
        let mut options = ReadOptions::default();
        options.format = format;
        let pipeline = reimport::Pipeline::new().read_options(options).limit(1_000);
        let sink = reimport::sink::Ndjson::new(Vec::new());
        match pipeline.run([source], &reimport::projection::Unchanged, sink) {
            Ok((summary, bytes)) => {
                let rejected = format!("{:?}", summary.rejected_places);
                (summary.read, rejected, String::from_utf8(bytes).unwrap())
            }
            Err(error) => (0, error.to_string(), String::new()),
        }
    };
    let fault = "x: line 1 (header, byte 0): cell 1 of the header: expected a line feed after the carriage return; end \
                 rows with LF or CRLF, and put a cell that contains a carriage return in quotes";
    assert_eq!(read("\r\r\r\r\ra,email", 4, Some(Format::Csv)).1, fault);
    let spaces = " ".repeat(1024);
    for text in [
        "\r\r\r\r\ra,email",
        "  email,name\na,b\n",
        "\t\n \temail\temail_verified\nx\ta\ttrue\n",
        &format!("\n{spaces}email,name\na,b\n"),
        &format!("\n{spaces} email,name\na,b\n"),
        &format!("{spaces}{spaces}\n  {{\"email\":1}}\n{{\"email\""),
        &format!("{spaces}{{\"email\":1}}\n"),
        &format!("{spaces} {{\"email\":1}}\n"),
        &spaces,
    ] {
        for format in [None, Some(Format::Csv)] {
            let whole = read(text, 1 << 20, format);
            for steps in [1, 2, 3, 7, 1023, 1025] {
                assert_eq!(read(text, steps, format), whole, "{steps} bytes at a time, {text:?}");
            }
        }
    }
}
