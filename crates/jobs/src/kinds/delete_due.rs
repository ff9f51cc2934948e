//! Deletes submissions that were kept as long as settings and forms say, and forms that lay in the trash
//! for as long as they can come back.

use async_trait::async_trait;
use formhold_domain::{access::Caller, job::JobKind};
use formhold_service::{
    ServiceError,
    forms::{self, Purged},
    retention,
};

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
        let done = async {
            let due = retention::delete_due(context.app, context.claimed.claim).await?;
            let Purged { forms, submissions } =
                forms::purge_trash(context.app, &Caller::system("retention")).await?;
            Ok::<_, ServiceError>(format!(
                "deleted {due} submissions, and {forms} forms with {submissions} more"
            ))
        };
        done.await.map_or_else(|error| Outcome::later(error.to_string()), Outcome::done)
    }
}
