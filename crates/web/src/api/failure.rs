//! Failures of actions, and of reading a request, as problems. Causes are logged here and never sent.

use formhold_service::{ServiceError, sign_in::Refused};

use super::{
    form_definitions::pointer,
    limits::whole_seconds,
    problem::{Code, Problem},
};
use crate::intake::BodyError;

impl From<ServiceError> for Problem {
    fn from(failure: ServiceError) -> Self {
        match failure {
            ServiceError::SignInRequired => Self::plain(Code::SignInRequired),
            ServiceError::Forbidden(why) => Self::new(Code::Forbidden, why),
            ServiceError::NotFound(what) => {
                Self::new(Code::NotFound, format!("there is no {what}"))
            }
            ServiceError::Stale(_) => Self::new(Code::Stale, failure.to_string()),
            ServiceError::DeadLink => Self::plain(Code::DeadLink),
            ServiceError::Conflict(why) => Self::new(Code::Conflict, why),
            ServiceError::Invalid(problems) => {
                let whole = Self::plain(Code::Invalid);
                problems.into_iter().fold(whole, |whole, problem| {
                    // Names of headers have capitals, those of fields have none.
                    let is_header = problem.field.starts_with(|c: char| c.is_ascii_uppercase());
                    let pointer = match is_header {
                        true => problem.field.to_owned(),
                        false => format!("/{}", problem.field),
                    };
                    whole.at(pointer, problem.code, problem.message)
                })
            }
            ServiceError::Definition { problems, .. } => {
                let whole = Self::plain(Code::Invalid);
                problems.iter().fold(whole, |whole, problem| {
                    whole.at(pointer(problem), "WRONG_DEFINITION", problem.message.clone())
                })
            }
            ServiceError::TooMany(exceeded) => Self::plain(Code::TooMany)
                .retry_after(whole_seconds(exceeded.retry_after).max(1))
                .limit(exceeded),
            ServiceError::Unavailable(cause) => busy(&cause),
            ServiceError::Internal(cause) => {
                tracing::error!(cause, "a request to the API failed");
                Self::plain(Code::Internal)
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong => Self::plain(Code::WrongPassword),
            Refused::WrongCode => Self::plain(Code::WrongFactor),
            Refused::TooLate => Self::plain(Code::TooLate),
            Refused::Unconfirmed => Self::new(
                Code::Unconfirmed,
                "the address of this account was not confirmed yet; we have sent a new link",
            ),
            Refused::Failed(failure) => failure.into(),
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::BodyTooLarge { max_bytes } => {
                Self::new(Code::BodyTooLarge, format!("a body may have {max_bytes} bytes"))
            }
            BodyError::TooSlow => Self::plain(Code::TooSlow),
            BodyError::MemoryFull => busy("bodies under way take as much memory as they may"),
            BodyError::UnsupportedEncoding => Self::new(
                Code::UnsupportedType,
                "a body may be compressed with gzip or deflate, or not at all",
            ),
            BodyError::Malformed(what) => Self::new(Code::Malformed, what),
            other => {
                tracing::error!(error = ?other, "a body of the API could not be read");
                Self::plain(Code::Internal)
            }
        }
    }
}

fn busy(cause: &str) -> Problem {
    tracing::warn!(cause, "a request to the API was turned away because a part cannot serve");
    Problem::plain(Code::Busy).retry_after(5)
}
