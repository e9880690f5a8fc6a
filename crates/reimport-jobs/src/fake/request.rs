//! Reads one HTTP/1.1 request, and the fields of a multipart body.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use percent_encoding::percent_decode_str;

/// One complete request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path without the query, with its escapes.
    pub(super) path: String,
    pub(super) query: HashMap<String, String>,
    /// The headers by lower-case name.
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// The maximum body length in bytes. No test sends more.
const MAX_REQUEST_BYTES: u64 = 64 << 20;

impl Request {
    pub(super) fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut input = BufReader::new(stream);
        let line = read_line(&mut input)?;
        let mut words = line.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HashMap::new();
        loop {
            let line = read_line(&mut input)?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        if headers.get("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = Vec::new();
        if headers.get("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            read_chunks(&mut input, &mut body)?;
        } else {
            let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            (&mut input).take(u64::min(length, MAX_REQUEST_BYTES)).read_to_end(&mut body)?;
            if (body.len() as u64) < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let (method, path) = (method.to_owned(), path.to_owned());
        Ok(Self { method, path, query: read_query(query), headers, body })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns the fields of a multipart body by name, or `None` if the body is not multipart.
    pub(super) fn multipart(&self) -> Option<HashMap<String, Vec<u8>>> {
        let kind = self.header("content-type")?;
        let boundary =
            kind.strip_prefix("multipart/form-data;")?.split_once("boundary=")?.1.trim_matches('"');
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // With a line end in front of the body, the first delimiter looks like all others.
        let body = [b"\r\n", &self.body[..]].concat();
        let mut fields = HashMap::new();
        let mut rest = &body[find(&body, &delimiter)? + delimiter.len()..];
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let end = find(part, &delimiter)?;
            let head = find(part, b"\r\n\r\n")?;
            let head_text = std::str::from_utf8(&part[..head]).ok()?;
            let name = head_text.split_once("name=\"")?.1.split_once('"')?.0;
            fields.insert(name.to_owned(), part.get(head + 4..end)?.to_vec());
            rest = &part[end + delimiter.len()..];
        }
        rest.starts_with(b"--").then_some(fields)
    }
}

fn read_line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if input.take(64 << 10).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn read_chunks(input: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let line = read_line(input)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        if size == 0 {
            while !read_line(input)?.is_empty() {}
            return Ok(());
        }
        if body.len() as u64 + size > MAX_REQUEST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        input.take(size).read_to_end(body)?;
        read_line(input)?;
    }
}

fn read_query(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (unescape(name), unescape(value))).collect()
}

/// Decodes `%XX` and `+`.
pub(super) fn unescape(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::UsersImport;

    #[test]
    fn tenant_parses_body_written_by_client() {
        let users = b"[\r\n{\"email\":\"--x\\r\\n\"}\r\n]\r\n";
        let import = UsersImport::new("con_1", "p.json", users).upsert(true).external_id("a-1");
        let (kind, body) = import.body().unwrap();
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            query: HashMap::new(),
            headers: HashMap::from([("content-type".into(), kind)]),
            body,
        };
        let fields = request.multipart().unwrap();
        assert_eq!(fields["users"], users);
        assert_eq!(fields["upsert"], b"true");
        assert_eq!(fields["external_id"], b"a-1");
        assert_eq!(fields["send_completion_email"], b"false");
        assert_eq!(fields.len(), 5);
    }

    #[test]
    fn unescapes_percent_and_plus() {
        assert_eq!(unescape("a%22b+c%7C%C3%A9%"), "a\"b c|é%");
    }
}
