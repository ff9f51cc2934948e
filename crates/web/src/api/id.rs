//! Ids in addresses. What is no id names nothing: 404, as for an id that nothing has.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::problem::{Code, Problem};

/// The id in an address.
pub(crate) struct Id<T>(pub(crate) T);

/// Two ids in an address: of a thing, and of one in it.
pub(crate) struct Ids<T, U>(pub(crate) T, pub(crate) U);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            return Err(nothing(""));
        };
        parse(&text).map(Self)
    }
}

impl<T: FromStr, U: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<T, U> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path((outer, inner))) =
            Path::<(String, String)>::from_request_parts(parts, state).await
        else {
            return Err(nothing(""));
        };
        Ok(Self(parse(&outer)?, parse(&inner)?))
    }
}

/// As our ids are written: 36 characters, with hyphens.
pub(super) fn parse<T: FromStr>(text: &str) -> Result<T, Problem> {
    let id = (text.len() == 36).then(|| text.parse().ok()).flatten();
    id.ok_or_else(|| nothing(text))
}

pub(super) fn nothing(text: &str) -> Problem {
    let start: String = text.chars().take(40).collect();
    Problem::new(Code::NotFound, format!("nothing has the id `{start}`"))
}
