//! Tells somebody of a submission.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::deliveries::{self, Tried};

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct Deliver;

#[async_trait]
impl Handler for Deliver {
    fn kind(&self) -> JobKind {
        JobKind::Deliver
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        match deliveries::attempt(context.app, context.claimed).await {
            Ok(Tried::Delivered { status, answer }) => Outcome::Done { status, note: answer },
            Ok(Tried::Later { status, reason, not_within }) => {
                Outcome::TryLater { status, reason, not_within }
            }
            Ok(Tried::Never { status, reason }) => Outcome::GiveUp { status, reason },
            Err(error) => Outcome::later(error.to_string()),
        }
    }
}
