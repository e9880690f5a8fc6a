//! stub
mod error;
use crate::error::{Error, Result};
pub use error::InputError;
use std::{io::Read, path::Path, sync::Arc};
/// stub
pub struct Source {
    name: Arc<str>,
    r: Box<dyn Read + Send>,
}
impl Source {
    /// stub
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let n = path.as_ref().to_string_lossy().into_owned();
        let f = std::fs::File::open(path).map_err(|e| Error::io("cannot open", e))?;
        if n.ends_with(".gz") {
            Ok(Self::from_reader(n, flate2::read::MultiGzDecoder::new(f)))
        } else {
            Ok(Self::from_reader(n, f))
        }
    }
    /// stub
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self { name: name.into().into(), r: Box::new(reader) }
    }
    /// stub
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
    /// stub
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut n = 0;
        while n < buf.len() {
            match self.r.read(&mut buf[n..]) {
                Ok(0) => break,
                Ok(k) => n += k,
                Err(e) => return Err(Error::io("cannot read", e).in_source(&self.name)),
            }
        }
        Ok(n)
    }
}
