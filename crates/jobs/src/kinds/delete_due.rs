//! Deletes submissions that were kept as long as settings and forms say.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::retention;

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct DeleteDue;

#[async_trait]
impl Handler for DeleteDue {
    fn kind(&self) -> JobKind {
        JobKind::DeleteDue
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        match retention::delete_due(context.app, context.claimed.claim).await {
            Ok(submissions) => Outcome::done(format!("deleted {submissions} submissions")),
            Err(error) => Outcome::later(error.to_string()),
        }
    }
}
