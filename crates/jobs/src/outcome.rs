//! What a job says of its try.

use std::time::Duration;

/// What became of a try. Texts are kept and shown: no secrets in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; the text says what was done, as how many of what.
    Done {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// What was done.
        note: String,
    },
    /// It may work later.
    TryLater {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// Why not now.
        reason: String,
        /// The receiver asked not to be bothered for that long.
        not_within: Option<Duration>,
    },
    /// It never will.
    GiveUp {
        /// The receiver's status code, where it has such.
        status: Option<u16>,
        /// Why not.
        reason: String,
    },
}

impl Outcome {
    /// It is done.
    #[must_use]
    pub fn done(note: impl Into<String>) -> Self {
        Self::Done { status: None, note: note.into() }
    }

    /// It may work later.
    #[must_use]
    pub fn later(reason: impl Into<String>) -> Self {
        Self::TryLater { status: None, reason: reason.into(), not_within: None }
    }
}
