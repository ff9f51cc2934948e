//! Removes jobs that ended long ago, so that the table does not grow for ever.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::jobs;

use crate::{
    Outcome, Settings,
    registry::{Context, Handler},
};

pub(crate) struct RemoveSpentJobs;

#[async_trait]
impl Handler for RemoveSpentJobs {
    fn kind(&self) -> JobKind {
        JobKind::RemoveSpentJobs
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        let Settings { keep_days, keep_failed_days, .. } = *context.settings;
        let mut count = 0;
        loop {
            match jobs::remove_spent(context.app, keep_days, keep_failed_days).await {
                Ok(0) => return Outcome::done(format!("removed {count} jobs")),
                Ok(some) => count += some,
                Err(error) => return Outcome::later(error.to_string()),
            }
        }
    }
}
