//! Enums for API values that may get new variants. Unknown values are kept, not refused.

/// Defines an enum with a variant for each documented value, and `Other` for all others. It is serialized as a
/// string.
macro_rules! open_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$each])* $variant,)+
            /// A value that is not documented.
            Other(String),
        }

        impl $name {
            /// Returns the value as in the API.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // Unknown text of a tenant may be a value of a user or a secret, so it is not shown. `as_str`
                // returns it.
                f.write_str(if crate::api_error::is_code(self.as_str()) { self.as_str() } else { "unknown" })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Ok(Self::from(<String as serde::Deserialize>::deserialize(from)?))
            }
        }
    };
}

pub(crate) use open_enum;
