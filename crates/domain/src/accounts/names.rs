//! Names that people choose.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameProblem {
    /// Nothing but spaces.
    #[error("must not be empty")]
    Empty,
    /// Longer than the number of characters.
    #[error("must not have more than {0} characters")]
    TooLong(usize),
    /// Line breaks and the like.
    #[error("must not have control characters")]
    Control,
}

macro_rules! name {
    ($name:ident, $most:literal, $of:literal) => {
        #[doc = concat!("The name of ", $of, ": 1 to ", $most, " characters, one line, no spaces around it.")]
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a name; spaces around it are taken away.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn parse(text: &str) -> Result<Self, NameProblem> {
                let text = text.trim();
                if text.is_empty() {
                    return Err(NameProblem::Empty);
                }
                if text.chars().count() > $most {
                    return Err(NameProblem::TooLong($most));
                }
                if text.chars().any(char::is_control) {
                    return Err(NameProblem::Control);
                }
                Ok(Self(text.to_owned()))
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameProblem;

            fn try_from(text: String) -> Result<Self, NameProblem> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(PersonName, 100, "a person");
name!(WorkspaceName, 100, "a workspace");
name!(PasskeyName, 100, "a passkey");
name!(TokenName, 100, "an API token");
