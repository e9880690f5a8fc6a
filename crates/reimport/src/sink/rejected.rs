//! `rejected.ndjson`: all rejected records, complete, with their positions and problems. After its records are
//! corrected, the file can be converted again.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::json::{compact_into, escape_into};
use crate::record::UserIds;
use crate::run::{Body, Rejected};

/// One line of `rejected.ndjson`.
///
/// At most one of [`user`](Self::user), [`raw`](Self::raw) and [`raw_base64`](Self::raw_base64) is set. None is set
/// if the record was longer than the limit, because such a record is never held in memory.
///
/// ```
/// let line = r#"{"source":"a.ndjson","line":7,"byte":812,"bytes":12,
///     "problems":[{"rule":"email-form","path":"email","message":"expected an e-mail address"}],"user":{"email":"x"}}"#;
/// let rejected: reimport::sink::RejectedRecord = serde_json::from_str(line)?;
/// assert_eq!((rejected.line, rejected.problems[0].rule.as_str()), (7, "email-form"));
/// assert_eq!(rejected.user.unwrap().get(), r#"{"email":"x"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RejectedRecord {
    /// The file name of the source.
    pub source: String,
    /// The line on which the record begins, counted from 1.
    pub line: u64,
    /// The number of plain bytes before the record in its source.
    pub byte: u64,
    /// The size of the record in its source, in bytes.
    pub bytes: u64,
    /// All problems of the record.
    #[serde(default)]
    pub problems: Vec<RejectedProblem>,
    /// Whether a second file had a password hash for the user. The line does not contain that hash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password: bool,
    /// The form of the user id in [`user`](Self::user). As exported if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_ids: Option<UserIds>,
    /// The object as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Box<RawValue>>,
    /// Text that is not a JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Bytes that are not UTF-8, in base64 with padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
}

/// One broken rule of a rejected record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedProblem {
    /// The stable name of the rule.
    pub rule: String,
    /// The field path, in names of the schema only. Empty for the record itself.
    pub path: String,
    /// One sentence that contains no value.
    pub message: String,
}

/// Writes `rejected.ndjson`.
pub(super) struct RejectsFile {
    file: LazyFile,
    limit: Option<u64>,
}

impl RejectsFile {
    pub(super) fn new(file: LazyFile, limit: Option<u64>) -> Self {
        Self { file, limit }
    }

    pub(super) fn push(&mut self, rejected: &Rejected<'_>) -> Result<(), OutputError> {
        line_into(rejected, &mut self.file.buffer);
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

fn line_into(rejected: &Rejected<'_>, out: &mut Vec<u8>) {
    let Rejected { body, bytes, user_ids, origin, problems, password } = rejected;
    out.extend_from_slice(b"{\"source\":");
    escape_into(origin.file_name(), out);
    let (line, byte) = (origin.position.line, origin.position.byte);
    // Writing to a vector never fails.
    let _ = write!(out, ",\"line\":{line},\"byte\":{byte},\"bytes\":{bytes},\"problems\":[");
    for (at, problem) in problems.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{\"rule\":" } else { b",{\"rule\":" });
        escape_into(problem.rule, out);
        out.extend_from_slice(b",\"path\":");
        escape_into(&problem.path, out);
        out.extend_from_slice(b",\"message\":");
        escape_into(&problem.message, out);
        out.push(b'}');
    }
    out.push(b']');
    if *password {
        out.extend_from_slice(b",\"password\":true");
    }
    match body {
        Body::User(json) => {
            if *user_ids == UserIds::Bare {
                out.extend_from_slice(b",\"user_ids\":\"bare\"");
            }
            out.extend_from_slice(b",\"user\":");
            compact_into(json, out);
        }
        Body::Text(text) => {
            out.extend_from_slice(b",\"raw\":");
            escape_into(text, out);
        }
        Body::Bytes(bytes) => {
            out.extend_from_slice(b",\"raw_base64\":\"");
            out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
            out.push(b'"');
        }
        Body::Dropped => {}
    }
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::position::Position;
    use crate::run::{Origin, Problem};

    fn line(body: Body<'_>, problems: &[Problem]) -> String {
        line_with(body, UserIds::Exported, problems, false)
    }

    fn line_with(body: Body<'_>, user_ids: UserIds, problems: &[Problem], password: bool) -> String {
        let source: Arc<str> = "in/tenant.json.gz".into();
        let origin = Origin { source: &source, position: Position { byte: 18_233, line: 42, record: 41 } };
        let mut out = Vec::new();
        line_into(&Rejected { body, bytes: 9, user_ids, origin, problems, password }, &mut out);
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

    proptest! {
        #[test]
        fn text_and_bytes_read_back_unchanged(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let problems = [Problem::new("rule", text.clone(), text.clone())];
            let read: RejectedRecord = serde_json::from_str(&line(Body::Text(&text), &problems)).unwrap();
            prop_assert_eq!(read.raw.as_deref(), Some(text.as_str()));
            prop_assert_eq!(&read.problems[0].message, &text);
            let read: RejectedRecord = serde_json::from_str(&line(Body::Bytes(&bytes), &problems)).unwrap();
            prop_assert_eq!(STANDARD.decode(read.raw_base64.unwrap()).unwrap(), bytes);
        }
    }
}
