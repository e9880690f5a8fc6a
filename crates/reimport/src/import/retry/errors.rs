//! Error lists of import jobs, in every shape in which they come.

use std::fmt;
use std::sync::Arc;

use super::codes::{Code, code_of};
use super::error::RetryError;
use crate::error::{Error, Result};
use crate::import::Identifier;
use crate::import::unique::lower;
use crate::json::{Kind, Scanner, SyntaxError, Value};
use crate::source::Source;

/// The users whom import jobs refused, and why.
///
/// ```
/// use reimport::import::retry::JobErrors;
/// use reimport::source::Source;
///
/// let list = br#"[{"user":{"email":"a@example.com"},"errors":[{"code":"INVALID_FORMAT","path":"email"}]}]"#;
/// let errors = JobErrors::new().read(Source::from_reader("errors.json", &list[..]))?;
/// assert_eq!(errors.refused()[0].errors()[0].code(), "INVALID_FORMAT");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct JobErrors {
    refused: Vec<Refused>,
    whole_jobs: u64,
    odd: u64,
}

/// One user in an error list; its `Debug` shows where it stands, and no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    file: Arc<str>,
    number: u64,
    /// By [`Identifier`]: user ids without `auth0|`, addresses and usernames in lower case.
    identifiers: [Option<Box<str>>; 4],
    errors: Vec<JobError>,
}

/// One error of one user. Its message is not kept: it repeats values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    code: String,
    path: Option<String>,
    known: Option<&'static Code>,
}

impl JobError {
    /// Its code, as the list spells it; empty where it has none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The path of the property, where the list names one.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// What it means, where the code is known.
    pub fn known(&self) -> Option<&'static Code> {
        self.known
    }
}

impl Refused {
    /// The name of its list.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Which user of its list it is, counted from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// An identifier, where the list shows it: user ids without `auth0|`, addresses and usernames in lower case.
    pub fn identifier(&self, identifier: Identifier) -> Option<&str> {
        self.identifiers[identifier as usize].as_deref()
    }

    /// Its errors.
    pub fn errors(&self) -> &[JobError] {
        &self.errors
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.errors.iter().map(JobError::code).collect();
        write!(f, "Refused({}, user {}: {})", self.file, self.number, codes.join(", "))
    }
}

/// The most bytes of one error list: it is held in memory.
const LIMIT: u64 = 256 << 20;

impl JobErrors {
    /// Nobody refused yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one error list, plain or gzipped: an array of `{user, errors}`, one or more of them one behind the other,
    /// the job object that stands for a list where a whole job failed, or nothing at all.
    ///
    /// # Errors
    /// Where it cannot be read to its end, is no JSON, or is something else.
    pub fn read(mut self, mut source: Source) -> Result<Self> {
        let name = Arc::clone(source.name());
        let text = whole(&mut source)?;
        let before = (self.refused.len(), self.whole_jobs, self.odd);
        let mut from = 0;
        while !text[from..].trim_ascii_start().is_empty() {
            let mut scanner = Scanner::new(&text[from..]);
            let taken = scanner.value().and_then(|value| self.take(&name, value, before.0));
            taken.map_err(|error| Error::new(RetryError::Syntax(error)).in_source(&name))?;
            from += scanner.offset();
        }
        let found = self.odd - before.2;
        if found > 0 && (self.refused.len(), self.whole_jobs) == (before.0, before.1) {
            return Err(Error::new(RetryError::NoErrors { found }).in_source(&name));
        }
        Ok(self)
    }

    /// The refused users, in the order read.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    pub(super) fn into_refused(self) -> Vec<Refused> {
        self.refused
    }

    /// Jobs that failed as a whole, whose users no list names: their parts must be uploaded again.
    pub fn whole_jobs(&self) -> u64 {
        self.whole_jobs
    }

    /// Values in the lists that are no refused users.
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// Takes a list, a user in it, or a job object.
    fn take(
        &mut self,
        file: &Arc<str>,
        value: Value<'_>,
        before: usize,
    ) -> std::result::Result<(), SyntaxError> {
        let mut scanner = Scanner::new(value.text());
        match value.kind() {
            Kind::Array => {
                scanner.enter_array()?;
                while scanner.item()? {
                    let item = scanner.value()?;
                    // The scanner bounds how deep lists nest.
                    self.take(file, item, before)?;
                }
            }
            Kind::Object => {
                let members = members(value, ["user", "errors", "status", "type", "id"])?;
                match members {
                    [Some(user), Some(errors), ..]
                        if user.kind() == Kind::Object && errors.kind() == Kind::Array =>
                    {
                        let number = (self.refused.len() - before) as u64 + 1;
                        self.refused.push(Refused::new(Arc::clone(file), number, user, errors)?);
                    }
                    [None, None, Some(_), Some(_), _] | [None, None, Some(_), None, Some(_)] => {
                        self.whole_jobs += 1;
                    }
                    _ => self.odd += 1,
                }
            }
            _ => self.odd += 1,
        }
        Ok(())
    }
}

impl Refused {
    fn new(
        file: Arc<str>,
        number: u64,
        user: Value<'_>,
        errors: Value<'_>,
    ) -> std::result::Result<Self, SyntaxError> {
        let found = members(user, Identifier::ALL.map(Identifier::name))?;
        let mut identifiers: [Option<Box<str>>; 4] = Default::default();
        for identifier in Identifier::ALL {
            let text = found[identifier as usize].and_then(|value| value.as_str());
            identifiers[identifier as usize] =
                text.filter(|text| !is_masked(text)).map(|text| normal(identifier, &text).into());
        }
        let mut list = Vec::new();
        let mut scanner = Scanner::new(errors.text());
        scanner.enter_array()?;
        while scanner.item()? {
            list.push(JobError::new(scanner.value()?)?);
        }
        Ok(Self { file, number, identifiers, errors: list })
    }
}

impl JobError {
    fn new(error: Value<'_>) -> std::result::Result<Self, SyntaxError> {
        if error.kind() != Kind::Object {
            return Ok(Self { code: String::new(), path: None, known: None });
        }
        let [code, message, path] = members(error, ["code", "message", "path"])?;
        let text = |value: Option<Value<'_>>| value.and_then(|value| value.as_str().map(String::from));
        let code = text(code).unwrap_or_default();
        let known = code_of(&code, &text(message).unwrap_or_default());
        Ok(Self { code, path: text(path), known })
    }
}

/// An identifier in the form in which two are compared.
pub(super) fn normal(identifier: Identifier, text: &str) -> std::borrow::Cow<'_, str> {
    match identifier {
        Identifier::UserId => text.strip_prefix("auth0|").unwrap_or(text).into(),
        Identifier::Email | Identifier::Username => lower(text),
        Identifier::PhoneNumber => text.into(),
    }
}

/// Whether a value was masked, or is nothing.
fn is_masked(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}

/// The last members of these names.
fn members<'a, const N: usize>(
    object: Value<'a>,
    names: [&str; N],
) -> std::result::Result<[Option<Value<'a>>; N], SyntaxError> {
    let mut found = [None; N];
    let mut scanner = Scanner::new(object.text());
    scanner.enter_object()?;
    while let Some(name) = scanner.name()? {
        let value = scanner.value()?;
        if let Some(place) = names.iter().position(|known| name.is(known)) {
            found[place] = Some(value);
        }
    }
    Ok(found)
}

/// The text of a whole source.
fn whole(source: &mut Source) -> Result<String> {
    let mut bytes = Vec::new();
    let mut block = vec![0; 64 << 10];
    loop {
        let count = source.read(&mut block)?;
        if count == 0 {
            break;
        }
        bytes.extend_from_slice(&block[..count]);
        if bytes.len() as u64 > LIMIT {
            return Err(Error::new(RetryError::TooLarge { limit: LIMIT }).in_source(source.name()));
        }
    }
    if let Some(other) = crate::source::foreign(&bytes) {
        return Err(Error::new(other).in_source(source.name()));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| Error::new(RetryError::NotUtf8).in_source(source.name()))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
