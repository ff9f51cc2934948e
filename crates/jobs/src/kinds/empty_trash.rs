//! Deletes forms that have been in the trash for long enough, with all that hangs on them.

use async_trait::async_trait;
use formhold_domain::{access::Caller, job::JobKind};
use formhold_service::forms;

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct EmptyTrash;

#[async_trait]
impl Handler for EmptyTrash {
    fn kind(&self) -> JobKind {
        JobKind::EmptyTrash
    }

    // Each step is a transaction of its own, and deletes what is left: two at once do no harm.
    async fn run(&self, context: Context<'_>) -> Outcome {
        match forms::purge_trash(context.app, &Caller::system("trash")).await {
            Ok(purged) => Outcome::done(format!(
                "deleted {} forms and {} submissions to them",
                purged.forms, purged.submissions
            )),
            Err(error) => Outcome::later(error.to_string()),
        }
    }
}
