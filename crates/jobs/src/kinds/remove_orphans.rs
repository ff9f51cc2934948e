//! Removes files that belong to no submission, because a process ended before the commit.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::uploads;

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct RemoveOrphans;

#[async_trait]
impl Handler for RemoveOrphans {
    fn kind(&self) -> JobKind {
        JobKind::RemoveOrphans
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        match uploads::sweep_orphans(context.app).await {
            Ok(files) => {
                Outcome::done(format!("removed {files} files that belong to no submission"))
            }
            Err(error) => Outcome::later(error.to_string()),
        }
    }
}
