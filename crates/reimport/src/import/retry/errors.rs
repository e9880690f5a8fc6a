//! Reads error lists of import jobs, in all their shapes.

use std::fmt;
use std::sync::Arc;

use super::again;
use super::codes::{Code, code_of};
use super::error::RetryError;
use super::identifiers::Identifiers;
use super::lists::{Unnamed, UnnamedJob};
use super::plain;
use crate::error::{Error, Result};
use crate::json::{Kind, Scanner, SyntaxError, Value};
use crate::path::FieldPath;
use crate::record::misplaced::in_place_of_error_list;
use crate::source::Source;
use crate::user::Identifier;

/// The users that import jobs refused, and why.
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
    unnamed: Vec<Unnamed>,
    odd: u64,
}

/// One user in an error list. Its `Debug` output shows the list and the number, and no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    file: Arc<str>,
    number: u64,
    identifiers: Identifiers,
    errors: Vec<JobError>,
}

/// One error of one user. Its `Debug` output shows no names that users choose. The message is not kept, because it
/// repeats values.
#[derive(Clone, PartialEq, Eq)]
pub struct JobError {
    code: String,
    path: Option<String>,
    /// The place of the refused value in an import file. It contains names that users choose.
    place: Option<FieldPath>,
    known: Option<&'static Code>,
}

impl JobError {
    /// Returns the code as the list spells it; empty if there is none.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the code for a report: as the list spells it, if it is one word.
    pub fn plain_code(&self) -> Option<&str> {
        plain::code(&self.code)
    }

    /// Returns the path of the property, if the list names one. It contains only names of the import schema:
    /// `user_metadata.*` means every path in it, `*` for a property that is not in the schema.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Returns the place of the refused value in an import file.
    pub(super) fn place(&self) -> Option<&FieldPath> {
        self.place.as_ref()
    }

    /// Returns the meaning of the error, if its code is known.
    pub fn known(&self) -> Option<&'static Code> {
        self.known
    }
}

impl Refused {
    /// Returns the name of the list.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Returns the number of the user in its list, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns an identifier, if the list shows it. User ids are as in the import file, addresses and usernames in
    /// lower case.
    pub fn identifier(&self, identifier: Identifier) -> Option<&str> {
        self.identifiers.get(identifier)
    }

    /// Returns the identifiers that the list shows.
    pub(super) fn identifiers(&self) -> &Identifiers {
        &self.identifiers
    }

    /// Returns the user's errors.
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

impl fmt::Debug for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path().map_or_else(String::new, |path| format!(" at {path}"));
        write!(f, "JobError({}{path})", self.plain_code().unwrap_or("no code"))
    }
}

/// The maximum size of an error list in bytes. A list is held in memory.
const LIMIT: u64 = 256 << 20;

impl JobErrors {
    /// Creates an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one error list, plain or gzipped. It is an array of `{user, errors}`, several arrays one after the other,
    /// nothing at all, or the job object that replaces the list if a job failed as a whole.
    ///
    /// Both members are optional. For a user without errors, the reason is not known. Errors without a user belong to
    /// a user that cannot be found.
    ///
    /// # Errors
    /// If the list cannot be read to its end, is not JSON, or is something else.
    pub fn read(mut self, mut source: Source) -> Result<Self> {
        let name = Arc::clone(source.name());
        let text = whole(&mut source)?;
        let before = (self.refused.len(), self.odd);
        let mut jobs = Vec::new();
        let mut from = 0;
        while !text[from..].trim_ascii_start().is_empty() {
            let mut scanner = Scanner::new(&text[from..]);
            let taken = scanner.value().and_then(|value| self.take(&name, value, before.0, &mut jobs));
            taken.map_err(|error| Error::new(RetryError::Syntax(error)).in_source(&name))?;
            from += scanner.offset();
        }
        let found = self.odd - before.1;
        match (self.refused.len() > before.0, jobs.is_empty(), found) {
            (false, true, 0) => self.unnamed.push(Unnamed { file: name, job: None }),
            (false, true, found) => {
                let other = in_place_of_error_list(&text).map(|what| RetryError::OtherKind { what });
                return Err(Error::new(other.unwrap_or(RetryError::NoErrors { found })).in_source(&name));
            }
            _ => {
                let job = |job| Unnamed { file: Arc::clone(&name), job: Some(job) };
                self.unnamed.extend(jobs.into_iter().map(job));
            }
        }
        Ok(self)
    }

    /// Returns the refused users, in the order in which they were read.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Returns the refused users, the lists that name no user, and the number of odd values.
    pub(super) fn into_parts(self) -> (Vec<Refused>, Vec<Unnamed>, u64) {
        (self.refused, self.unnamed, self.odd)
    }

    /// Returns the lists that name no user, and the jobs in place of a list, in the order in which they were read.
    pub fn unnamed(&self) -> &[Unnamed] {
        &self.unnamed
    }

    /// Returns the number of values in the lists that are neither refused users nor jobs.
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// Adds a list, a user in it, or a job object.
    fn take(
        &mut self,
        file: &Arc<str>,
        value: Value<'_>,
        before: usize,
        jobs: &mut Vec<UnnamedJob>,
    ) -> std::result::Result<(), SyntaxError> {
        let mut scanner = Scanner::new(value.json());
        match value.kind() {
            Kind::Array => {
                scanner.enter_array()?;
                while scanner.item()? {
                    let item = scanner.value()?;
                    // The scanner limits how deep lists are nested.
                    self.take(file, item, before, jobs)?;
                }
            }
            Kind::Object => {
                let [user, errors] = members(value, ["user", "errors"])?;
                let is = |member: Option<Value<'_>>, kind| member.is_none_or(|member| member.kind() == kind);
                if user.is_none() && errors.is_none() {
                    match UnnamedJob::read(value)? {
                        Some(job) => jobs.push(job),
                        None => self.odd += 1,
                    }
                } else if is(user, Kind::Object) && is(errors, Kind::Array) {
                    let number = (self.refused.len() - before) as u64 + 1;
                    self.refused.push(Refused::new(Arc::clone(file), number, user, errors)?);
                } else {
                    self.odd += 1;
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
        user: Option<Value<'_>>,
        errors: Option<Value<'_>>,
    ) -> std::result::Result<Self, SyntaxError> {
        let identifiers = user.map_or(Ok(Identifiers::default()), Identifiers::read)?;
        let mut list = Vec::new();
        if let Some(errors) = errors {
            let mut scanner = Scanner::new(errors.json());
            scanner.enter_array()?;
            while scanner.item()? {
                list.push(JobError::new(scanner.value()?)?);
            }
        }
        Ok(Self { file, number, identifiers, errors: list })
    }
}

impl JobError {
    fn new(error: Value<'_>) -> std::result::Result<Self, SyntaxError> {
        if error.kind() != Kind::Object {
            return Ok(Self { code: String::new(), path: None, place: None, known: None });
        }
        let [code, message, path] = members(error, ["code", "message", "path"])?;
        let text = |value: Option<Value<'_>>| value.and_then(|value| value.as_str().map(String::from));
        let code = text(code).unwrap_or_default();
        let known = code_of(&code, &text(message).unwrap_or_default());
        let path = text(path);
        let place = path.as_deref().and_then(again::place);
        Ok(Self { code, path: path.and_then(|path| plain::path(&path)), place, known })
    }
}

/// Returns the members with these names. The last value of a repeated name counts.
pub(super) fn members<'a, const N: usize>(
    object: Value<'a>,
    names: [&str; N],
) -> std::result::Result<[Option<Value<'a>>; N], SyntaxError> {
    let mut found = [None; N];
    let mut scanner = Scanner::new(object.json());
    scanner.enter_object()?;
    while let Some(name) = scanner.name()? {
        let value = scanner.value()?;
        if let Some(place) = names.iter().position(|known| name.is(known)) {
            found[place] = Some(value);
        }
    }
    Ok(found)
}

/// Returns the text of a whole source.
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
