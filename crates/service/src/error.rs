//! What can go wrong in an action that is no refused submission.

use formhold_domain::DefinitionProblem;
use formhold_files::FilesError;
use formhold_identity::passwords::Busy;
use formhold_store::{StoreError, Unavailable};
use thiserror::Error;

use crate::limits::LimitExceeded;

/// What is wrong with one thing that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// The field's name, as `email`.
    pub field: &'static str,
    /// The stable name of what is wrong, as `TOO_LONG`.
    pub code: &'static str,
    /// What is wrong, for people: goes on after the field's name, as `must not be empty`.
    pub message: String,
}

impl InputProblem {
    /// A problem of one field.
    #[must_use]
    pub fn new(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field, code, message: message.into() }
    }
}

/// An error of an action.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The caller must say who they are.
    #[error("sign in to do that")]
    SignInRequired,
    /// The caller may not; the text says why.
    #[error("{0}")]
    Forbidden(String),
    /// What was sent makes no sense; nothing was changed.
    #[error("what was sent cannot be used: {}", sentences(.0))]
    Invalid(Vec<InputProblem>),
    /// The thing was changed by somebody else since the caller looked.
    #[error("{0} was changed meanwhile; look at it again")]
    Stale(&'static str),
    /// A link was used already, is too old, or never was one.
    #[error("this link was used already or is too old")]
    DeadLink,
    /// The caller did something too often.
    #[error("too many requests")]
    TooMany(LimitExceeded),
    /// There is no such thing; the text names it.
    #[error("there is no {0}")]
    NotFound(String),
    /// Something else has the name already, or was changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// A form's definition makes no sense.
    #[error("form `{slug}` cannot be used:\n{}", list(.problems))]
    Definition {
        /// The form's slug.
        slug: String,
        /// Everything that is wrong with it.
        problems: Vec<DefinitionProblem>,
    },
    /// A part cannot serve now; trying again later may work.
    #[error("{0}")]
    Unavailable(String),
    /// Anything else.
    #[error("{0}")]
    Internal(String),
}

fn sentences(problems: &[InputProblem]) -> String {
    let sentence = |it: &InputProblem| format!("{} {}", it.field, it.message);
    problems.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

impl ServiceError {
    /// One thing that is wrong with what was sent.
    #[must_use]
    pub fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![InputProblem::new(field, code, message)])
    }
}

impl From<LimitExceeded> for ServiceError {
    fn from(exceeded: LimitExceeded) -> Self {
        Self::TooMany(exceeded)
    }
}

fn list(problems: &[DefinitionProblem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint } => Self::Conflict(constraint),
            StoreError::Unavailable(Unavailable::QueueFull) => {
                Self::Unavailable("too many submissions are waiting".to_owned())
            }
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Unusable(_) | StoreError::Other(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<Busy> for ServiceError {
    fn from(busy: Busy) -> Self {
        Self::Unavailable(busy.to_string())
    }
}

impl From<FilesError> for ServiceError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::DiskFull
            | FilesError::SpoolFull
            | FilesError::NotYetStored
            | FilesError::Unavailable(_) => Self::Unavailable(error.to_string()),
            FilesError::Other(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<std::io::Error> for ServiceError {
    fn from(error: std::io::Error) -> Self {
        FilesError::from(error).into()
    }
}
