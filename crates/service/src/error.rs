//! What can go wrong in an action that is no refused submission.

use formhold_domain::DefinitionProblem;
use formhold_files::FilesError;
use formhold_store::{StoreError, Unavailable};
use thiserror::Error;

/// An error of an action.
#[derive(Debug, Error)]
pub enum ServiceError {
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
