//! Hands a mail about an account to who carries it.

use async_trait::async_trait;
use formhold_domain::job::{JobKind, JobPayload};
use formhold_service::letters::{NotCarried, Sealed};

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct SendLetter;

#[async_trait]
impl Handler for SendLetter {
    fn kind(&self) -> JobKind {
        JobKind::Letter
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        let letter = match &context.claimed.payload {
            Ok(JobPayload::Letter(letter)) => letter,
            Ok(_) => return Outcome::later("this is no letter"),
            // A newer program may be able to read it.
            Err(error) => return Outcome::later(error.to_string()),
        };
        let claimed = context.claimed;
        let (id, written_at_ms) = (claimed.claim.job_id, claimed.created_at_ms);
        match context.app.letters.carry(Sealed { id, written_at_ms, letter }).await {
            Ok(()) => Outcome::done(""),
            Err(NotCarried::Later { reason, not_within }) => {
                Outcome::TryLater { status: None, reason, not_within }
            }
            Err(NotCarried::Never(reason)) => Outcome::GiveUp { status: None, reason },
        }
    }
}
