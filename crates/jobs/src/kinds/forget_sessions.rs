//! Forgets sessions that ended by their age, and links and invitations that expired.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::{invitations, sessions};

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct ForgetSessions;

#[async_trait]
impl Handler for ForgetSessions {
    fn kind(&self) -> JobKind {
        JobKind::ForgetSessions
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        let invitations = match invitations::forget_expired(context.app).await {
            Ok(invitations) => invitations,
            Err(error) => return Outcome::later(error.to_string()),
        };
        let mut count = 0;
        loop {
            match sessions::forget_ended(context.app).await {
                Ok(0) => {
                    let note = format!("forgot {count} sessions, {invitations} invitations");
                    return Outcome::done(note);
                }
                Ok(some) => count += some,
                Err(error) => return Outcome::later(error.to_string()),
            }
        }
    }
}
