//! What a job of each kind has to know.

use std::fmt;

use thiserror::Error;

use super::JobKind;
use crate::letters::Letter;

/// What a job has to know. Ids rather than copies, where what they name stays.
#[derive(Clone, PartialEq, Eq)]
pub enum JobPayload {
    /// A mail about an account. The links in it are secrets that are nowhere else.
    Letter(Letter),
    /// To whom of its channel's recipients a submission is told; empty where the channel has none by
    /// name. What is told is read anew at each try.
    Deliver(String),
    /// Work that needs to know nothing but its name.
    Plain(JobKind),
}

/// A payload that this program cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the payload of a job of kind `{}` cannot be read", .0.as_str())]
pub struct UnreadablePayload(pub JobKind);

impl JobPayload {
    /// The kind of job that this is for.
    #[must_use]
    pub fn kind(&self) -> JobKind {
        match self {
            Self::Letter(_) => JobKind::Letter,
            Self::Deliver(_) => JobKind::Deliver,
            Self::Plain(kind) => *kind,
        }
    }

    /// The payload as text for the database.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Letter(letter) => {
                serde_json::to_string(letter).expect("texts and names are JSON")
            }
            Self::Deliver(recipient) => recipient.clone(),
            Self::Plain(_) => String::new(),
        }
    }

    /// The payload of a text of that kind.
    ///
    /// # Errors
    /// When a newer program wrote it, or it was blanked.
    pub fn parse(kind: JobKind, text: &str) -> Result<Self, UnreadablePayload> {
        match kind {
            // The parser's words could hold parts of the letter.
            JobKind::Letter => {
                serde_json::from_str(text).map(Self::Letter).map_err(|_| UnreadablePayload(kind))
            }
            JobKind::Deliver => Ok(Self::Deliver(text.to_owned())),
            plain => Ok(Self::Plain(plain)),
        }
    }
}

/// Payloads may hold secrets, and jobs are logged.
impl fmt::Debug for JobPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobPayload({})", self.kind().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Language, letters::LetterSubject};

    #[test]
    fn a_letter_is_read_back_as_it_was_and_its_link_is_never_shown() {
        let letter = Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            name: "Ada \u{1f980} \"{link}\"".to_owned(),
            language: Language::default(),
            subject: LetterSubject::ResetPassword {
                link: "https://x/reset?token=s3cret".to_owned(),
            },
        };
        let payload = JobPayload::Letter(letter);
        let read = JobPayload::parse(JobKind::Letter, &payload.to_text());
        assert_eq!(read, Ok(payload.clone()));
        assert!(!format!("{payload:?}").contains("s3cret"));
        let blanked = JobPayload::parse(JobKind::Letter, "");
        assert_eq!(blanked, Err(UnreadablePayload(JobKind::Letter)));
    }
}
