//! Mails about accounts go through one trait.

use std::sync::Arc;

use async_trait::async_trait;
use formhold_domain::letters::Letter;

use crate::App;

/// Takes mails about accounts to where they go.
#[async_trait]
pub trait LetterCarrier: Send + Sync {
    /// Takes one letter. A failure is told in words, for the log; the letter must not be in them.
    ///
    /// # Errors
    /// When the letter could not be taken on.
    async fn carry(&self, letter: &Letter) -> Result<(), String>;
}

/// Hands letters over beside the request: how long that takes must not tell whether there is an
/// account, and a slow mail server must not hold anybody up.
pub(crate) fn send(app: &App, letters: Vec<Letter>) {
    if letters.is_empty() {
        return;
    }
    let carrier = Arc::clone(&app.letters);
    tokio::spawn(async move {
        for letter in letters {
            if let Err(error) = carrier.carry(&letter).await {
                tracing::error!(error, "a mail about an account could not be sent");
            }
        }
    });
}
