//! Mails about accounts: jobs that go through one trait.

use std::time::Duration;

use async_trait::async_trait;
use formhold_domain::{
    JobId,
    job::{JobPayload, Lane, NewJob},
    letters::Letter,
};
use formhold_store::Change;

use crate::App;

/// A letter on its way.
#[derive(Debug, Clone, Copy)]
pub struct Sealed<'a> {
    /// Names it; the same at each try.
    pub id: JobId,
    /// When it was written, milliseconds since the Unix epoch.
    pub written_at_ms: i64,
    /// The letter.
    pub letter: &'a Letter,
}

/// Why a letter was not taken on. Texts are kept and shown; the letter must not be in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCarried {
    /// It may be later.
    Later {
        /// Why not now.
        reason: String,
        /// Not sooner than this.
        not_within: Option<Duration>,
    },
    /// It never will.
    Never(String),
}

/// Takes mails about accounts to where they go.
#[async_trait]
pub trait LetterCarrier: Send + Sync {
    /// Takes one letter, which has the same id at each try.
    ///
    /// # Errors
    /// When the letter could not be taken on.
    async fn carry(&self, sealed: Sealed<'_>) -> Result<(), NotCarried>;
}

/// Adds letters to the change that they follow from: they go out if the change lasts, and only then.
pub(crate) fn enqueue(app: &App, change: &mut Change, letters: impl IntoIterator<Item = Letter>) {
    for letter in letters {
        let id = JobId(app.ids.uuid_at(change.now_ms()));
        change.enqueue(NewJob::new(id, Lane::smtp(), JobPayload::Letter(letter)));
    }
}
