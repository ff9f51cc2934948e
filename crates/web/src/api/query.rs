//! The parameters of an address: each is known, and has a value that can be used.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// How long a value may be.
const MAX_CHARACTERS: usize = 200;

/// What the address asks for.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if value.is_empty() && name != "q" {
                return Err(wrong(&name, "must not be empty; leave it out"));
            }
            if value.chars().count() > MAX_CHARACTERS {
                let message = format!("must not have more than {MAX_CHARACTERS} characters");
                return Err(wrong(&name, message));
            }
        }
        let pairs = serde_html_form::Deserializer::from_bytes(text.as_bytes());
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let pointer = if path == "." { "?".to_owned() } else { format!("?{path}") };
            let message = error.into_inner().to_string();
            let code =
                if message.starts_with("unknown field") { "UNKNOWN_FIELD" } else { "WRONG_VALUE" };
            Problem::plain(Code::UnknownParameter).at(pointer, code, message)
        })
    }
}

/// A parameter of the address that cannot be used.
pub(super) fn wrong(name: &str, message: impl Into<String>) -> Problem {
    Problem::plain(Code::UnknownParameter).at(format!("?{name}"), "WRONG_VALUE", message)
}
