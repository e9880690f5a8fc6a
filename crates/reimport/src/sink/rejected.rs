//! `rejected.ndjson`: all rejected records, complete, with their positions and problems. After its records are
//! corrected, the file can be converted again.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::ser::{CharEscape, Formatter, Serializer};
use serde_json::value::RawValue;

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::json::compact_into;
use crate::record::UserIds;
use crate::run::{Body, Problem, Rejected, source_file_name};

/// One line of `rejected.ndjson`, for writing and for reading. A line that was read owns its strings:
/// `RejectedRecord<'static>`.
///
/// At most one of [`user`](Self::user), [`raw`](Self::raw) and [`raw_base64`](Self::raw_base64) is set. None is set
/// if the record was longer than the limit, because such a record is never held in memory.
///
/// ```
/// let line = r#"{"source":"a.ndjson","line":7,"byte":812,"bytes":12,
///     "problems":[{"rule":"email-form","path":"email","message":"expected an e-mail address"}],"user":{"email":"x"}}"#;
/// let rejected: reimport::sink::RejectedRecord = serde_json::from_str(line)?;
/// assert_eq!((rejected.line, &*rejected.problems[0].rule), (7, "email-form"));
/// assert_eq!(rejected.user.unwrap().get(), r#"{"email":"x"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RejectedRecord<'a> {
    /// The file name of the source.
    pub source: Cow<'a, str>,
    /// The line on which the record begins, counted from 1.
    pub line: u64,
    /// The number of plain bytes before the record in its source.
    pub byte: u64,
    /// The size of the record in its source, in bytes.
    pub bytes: u64,
    /// All problems of the record.
    #[serde(default)]
    pub problems: Vec<RejectedProblem<'a>>,
    /// Whether a second file had a password hash for the user. The line does not contain that hash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password: bool,
    /// The form of the user id in [`user`](Self::user). As exported if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_ids: Option<UserIds>,
    /// The object as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Cow<'a, RawValue>>,
    /// Text that is not a JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Cow<'a, str>>,
    /// Bytes that are not UTF-8, in base64 with padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<Cow<'a, str>>,
}

/// One broken rule of a rejected record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedProblem<'a> {
    /// The stable name of the rule.
    pub rule: Cow<'a, str>,
    /// The field path, in names of the schema only. Empty for the record itself.
    pub path: Cow<'a, str>,
    /// One sentence that contains no value.
    pub message: Cow<'a, str>,
}

impl<'a> RejectedRecord<'a> {
    /// Creates the line of a record. The compacted user is stored in `compact`.
    fn new(rejected: &Rejected<'a>, compact: &'a mut Vec<u8>) -> serde_json::Result<Self> {
        let Rejected { body, bytes, user_ids, origin, problems, password } = *rejected;
        let mut line = Self {
            source: source_file_name(origin.source).into(),
            line: origin.position.line,
            byte: origin.position.byte,
            bytes,
            problems: problems.iter().map(RejectedProblem::new).collect(),
            password,
            user_ids: None,
            user: None,
            raw: None,
            raw_base64: None,
        };
        match body {
            Body::User(json) => {
                compact.clear();
                compact_into(json, compact);
                line.user_ids = (user_ids == UserIds::Bare).then_some(user_ids);
                line.user = Some(Cow::Borrowed(serde_json::from_slice(compact)?));
            }
            Body::Text(text) => line.raw = Some(text.into()),
            Body::Bytes(bytes) => line.raw_base64 = Some(STANDARD.encode(bytes).into()),
            Body::Dropped => {}
        }
        Ok(line)
    }

    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        self.serialize(&mut Serializer::with_formatter(&mut *out, NumberedEscapes))?;
        out.push(b'\n');
        Ok(())
    }
}

impl<'a> RejectedProblem<'a> {
    fn new(problem: &'a Problem) -> Self {
        let Problem { rule, path, message } = problem;
        Self { rule: (*rule).into(), path: path.into(), message: message.into() }
    }
}

/// Escapes strings as [`escape_into`](crate::json::escape_into) does: without the short forms `\b` and `\f`.
struct NumberedEscapes;

impl Formatter for NumberedEscapes {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let escape = match escape {
            CharEscape::Backspace => CharEscape::AsciiControl(8),
            CharEscape::FormFeed => CharEscape::AsciiControl(12),
            other => other,
        };
        serde_json::ser::CompactFormatter.write_char_escape(out, escape)
    }
}

/// Writes `rejected.ndjson`.
pub(super) struct RejectsFile {
    file: LazyFile,
    limit: Option<u64>,
    /// The compacted user of one line. Reused.
    compact: Vec<u8>,
}

/// The capacity that the buffer of a user keeps after a long user.
const KEPT: usize = 1024 * 1024;

impl RejectsFile {
    pub(super) fn new(file: LazyFile, limit: Option<u64>) -> Self {
        Self { file, limit, compact: Vec::new() }
    }

    pub(super) fn push(&mut self, rejected: &Rejected<'_>) -> Result<(), OutputError> {
        RejectedRecord::new(rejected, &mut self.compact)
            .and_then(|line| line.write(&mut self.file.buffer))
            .map_err(io::Error::from)
            .map_err(OutputError::io("cannot write", self.file.path()))?;
        self.compact.clear();
        self.compact.shrink_to(KEPT);
        if let Some(limit) = self.limit
            && self.file.len() > limit
        {
            return Err(OutputError::RejectsTooLarge { limit });
        }
        self.file.written()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.file.len() == 0
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn finish(self) -> Result<Option<Output>, OutputError> {
        self.file.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::position::Position;
    use crate::run::Origin;

    fn line(body: Body<'_>, problems: &[Problem]) -> String {
        line_with(body, UserIds::Exported, problems, false)
    }

    fn line_with(body: Body<'_>, user_ids: UserIds, problems: &[Problem], password: bool) -> String {
        let source: Arc<str> = "in/tenant.json.gz".into();
        let origin = Origin { source: &source, position: Position { byte: 18_233, line: 42, record: 41 } };
        let rejected = Rejected { body, bytes: 9, user_ids, origin, problems, password };
        let mut out = Vec::new();
        RejectedRecord::new(&rejected, &mut Vec::new()).unwrap().write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_body_kind_has_its_own_member() {
        let head = r#"{"source":"tenant.json.gz","line":42,"byte":18233,"bytes":9,"problems":["#;
        let problems = [Problem::new("a", "email", "x \"y\""), Problem::new("b", "", "z")];
        let listed =
            r#"{"rule":"a","path":"email","message":"x \"y\""},{"rule":"b","path":"","message":"z"}]"#;
        let user = Body::User("{ \"a\" :\n [ 1.0, \" \" ] }");
        assert_eq!(line(user, &problems), format!("{head}{listed},\"user\":{{\"a\":[1.0,\" \"]}}}}\n"));
        assert_eq!(line(Body::Text("{\"a\"\n"), &[]), format!("{head}],\"raw\":\"{{\\\"a\\\"\\n\"}}\n"));
        assert_eq!(line(Body::Bytes(b"\xff\xfe{"), &[]), format!("{head}],\"raw_base64\":\"//57\"}}\n"));
        assert_eq!(line(Body::Dropped, &[]), format!("{head}]}}\n"));
        let bare = line_with(Body::User("{}"), UserIds::Bare, &[], false);
        assert_eq!(bare, format!("{head}],\"user_ids\":\"bare\",\"user\":{{}}}}\n"));
        let read: RejectedRecord = serde_json::from_str(&bare).unwrap();
        assert_eq!(read.user_ids, Some(UserIds::Bare));
        assert_eq!(
            line_with(Body::Text("x"), UserIds::Bare, &[], false),
            format!("{head}],\"raw\":\"x\"}}\n")
        );
        let joined = line_with(Body::User("{}"), UserIds::Exported, &[], true);
        assert_eq!(joined, format!("{head}],\"password\":true,\"user\":{{}}}}\n"));
        assert!(serde_json::from_str::<RejectedRecord>(&joined).unwrap().password);
    }

    /// Returns the line, formatted by hand.
    fn naive(body: Body<'_>, user_ids: UserIds, problems: &[Problem], password: bool) -> String {
        let text = |text: &str| {
            let mut out = Vec::new();
            crate::json::escape_into(text, &mut out);
            String::from_utf8(out).unwrap()
        };
        let problem = |Problem { rule, path, message }: &Problem| {
            let [rule, path, message] = [*rule, path.as_str(), message.as_str()].map(text);
            format!("{{\"rule\":{rule},\"path\":{path},\"message\":{message}}}")
        };
        let problems: Vec<String> = problems.iter().map(problem).collect();
        let head = r#"{"source":"tenant.json.gz","line":42,"byte":18233,"bytes":9,"problems":["#;
        let password = if password { ",\"password\":true" } else { "" };
        let body = match body {
            Body::User(json) => {
                let bare = if user_ids == UserIds::Bare { ",\"user_ids\":\"bare\"" } else { "" };
                format!("{bare},\"user\":{json}")
            }
            Body::Text(raw) => format!(",\"raw\":{}", text(raw)),
            Body::Bytes(bytes) => format!(",\"raw_base64\":\"{}\"", STANDARD.encode(bytes)),
            Body::Dropped => String::new(),
        };
        format!("{head}{}]{password}{body}}}\n", problems.join(","))
    }

    #[test]
    fn escapes_control_characters_as_escape_into_does() {
        let text: String = ('\0'..='\u{a0}').collect();
        let line = line(Body::Text(&text), &[]);
        assert_eq!(line, naive(Body::Text(&text), UserIds::Exported, &[], false));
        assert!(line.contains(r"\u0007\u0008\t\n\u000b\u000c\r\u000e"), "{line}");
    }

    #[test]
    fn user_is_written_unchanged() {
        let deep = format!("{}1{}", "{\"a\":[".repeat(400), "]}".repeat(400));
        for user in [&*deep, r#"{"\ud800":"\udc00","a":1e400,"a":-0.0,"":9007199254740993.10}"#, "{}"] {
            let expected = naive(Body::User(user), UserIds::Exported, &[], false);
            assert_eq!(line(Body::User(user), &[]), expected);
        }
    }

    proptest! {
        #[test]
        fn line_equals_naive_line(
            texts in prop::collection::vec(any::<(String, String)>(), 0..3),
            raw in any::<String>(),
            bytes in any::<Vec<u8>>(),
            (bare, password) in any::<(bool, bool)>(),
        ) {
            let problems: Vec<Problem> =
                texts.into_iter().map(|(path, message)| Problem::new("a-rule", path, message)).collect();
            let mut user = b"{\"user_metadata\":".to_vec();
            crate::json::escape_into(&raw, &mut user);
            user.push(b'}');
            let user = String::from_utf8(user).unwrap();
            let user_ids = if bare { UserIds::Bare } else { UserIds::Exported };
            for body in [Body::User(&user), Body::Text(&raw), Body::Bytes(&bytes), Body::Dropped] {
                let line = line_with(body, user_ids, &problems, password);
                prop_assert_eq!(line, naive(body, user_ids, &problems, password));
            }
        }

        #[test]
        fn text_and_bytes_read_back_unchanged(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let problems = [Problem::new("rule", text.clone(), text.clone())];
            let read: RejectedRecord = serde_json::from_str(&line(Body::Text(&text), &problems)).unwrap();
            prop_assert_eq!(read.raw.as_deref(), Some(text.as_str()));
            prop_assert_eq!(&read.problems[0].message, &text);
            let read: RejectedRecord = serde_json::from_str(&line(Body::Bytes(&bytes), &problems)).unwrap();
            prop_assert_eq!(STANDARD.decode(&*read.raw_base64.unwrap()).unwrap(), bytes);
        }
    }
}
