//! What came of a delivery.

use std::time::Duration;

use formhold_outbound::Failure;
use thiserror::Error;

use crate::templates::TemplateProblem;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: it arrived.
    Delivered,
    /// Try again.
    Retry {
        /// Not sooner than this, by what the other side says.
        after: Option<Duration>,
    },
    /// Do not try this again.
    Failed {
        /// No other message will get through either, until somebody changes the channel: switch it
        /// off and tell its owner.
        permanent: bool,
    },
}

/// Why a delivery did not succeed, without anything that tells of the inside.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The other side cannot be reached or says no.
    #[error(transparent)]
    Call(#[from] Failure),
    /// The settings have no way to send mail.
    #[error("no mail server is set")]
    NoMailServer,
    /// The recipient's address is none that mail can go to.
    #[error("mail cannot go to this address")]
    BadRecipient,
    /// What the channel was told does not do.
    #[error("`{0}` cannot be used")]
    BadField(&'static str),
    /// The template of the channel fails, and so does ours.
    #[error(transparent)]
    Template(#[from] TemplateProblem),
}

/// What came of one try, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is to be done next.
    pub outcome: Outcome,
    /// The status of the answer: of HTTP, or of SMTP.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// The first KiB of the answer, as text that is safe to show.
    pub answer: String,
    /// Why it was not delivered.
    pub problem: Option<Problem>,
}

/// How many bytes of an answer are kept.
pub(crate) const KEPT_BYTES: usize = 1024;

impl Report {
    /// A report of something that never left.
    pub(crate) fn not_sent(outcome: Outcome, problem: Problem) -> Self {
        let (status, duration, answer) = (None, Duration::ZERO, String::new());
        Self { outcome, status, duration, answer, problem: Some(problem) }
    }

    /// A report of a field that cannot be used.
    pub(crate) fn bad_field(name: &'static str) -> Self {
        Self::not_sent(Outcome::Failed { permanent: true }, Problem::BadField(name))
    }
}

/// The start of an answer: at most [`KEPT_BYTES`], control characters made visible.
pub(crate) fn excerpt(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(&answer[..answer.len().min(KEPT_BYTES)]);
    let visible = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    let mut excerpt: String = text.trim().chars().map(visible).collect();
    excerpt.truncate(excerpt.floor_char_boundary(KEPT_BYTES));
    excerpt
}
