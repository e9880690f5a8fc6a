//! An iterative, validating scanner over JSON text. All code that reads records uses it.
//!
//! The scanner does no I/O, allocates nothing and never recurses. The nesting is kept in the bits of one integer.
//! The accepted text is exactly RFC 8259, validated to the last byte of every value that is read. There is one
//! exception, which the RFC leaves open: an escaped lone surrogate (`"\ud800"`) is accepted and counted, because
//! exports contain them and they must be preserved.
//!
//! ```
//! use reimport::json::{Kind, Scanner};
//!
//! let mut scanner = Scanner::new(r#"{"email": "a@example.com", "logins_count": 12}"#);
//! scanner.enter_object()?;
//! let mut numbers = 0;
//! while let Some(name) = scanner.name()? {
//!     let value = scanner.value()?;
//!     if name.is("logins_count") && value.kind() == Kind::Number {
//!         numbers += 1;
//!         assert_eq!(value.json(), "12");
//!     }
//! }
//! scanner.end()?;
//! assert_eq!(numbers, 1);
//! # Ok::<(), reimport::json::SyntaxError>(())
//! ```

mod compact;
mod container;
mod cursor;
pub(crate) mod decimal;
mod error;
mod scanner;
mod string;
mod value;

pub use compact::compact_into;
pub(crate) use container::NameVisitor;
pub use decimal::{compare as compare_numbers, scaled as scaled_number};
pub use error::{Expected, SyntaxError};
pub use scanner::{MAX_DEPTH, Scanner};
pub use string::{decode, escape_into};
pub(crate) use string::{decode_into, plain_run, strip_decoded_prefix};
pub use value::{Kind, Name, Value};
pub(crate) use value::{Level, Span};
