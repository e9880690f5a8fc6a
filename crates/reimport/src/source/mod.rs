//! Plain bytes from a file, standard input or any `Read`, whatever they are wrapped in.

mod error;

pub use error::InputError;
