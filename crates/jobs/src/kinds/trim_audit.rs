//! Removes entries of the audit trail that are older than the settings keep.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::audit;

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct TrimAudit;

#[async_trait]
impl Handler for TrimAudit {
    fn kind(&self) -> JobKind {
        JobKind::TrimAudit
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        let mut entries = 0;
        loop {
            match audit::trim_while(context.app, Some(context.claimed.claim)).await {
                Ok(0) => return Outcome::done(format!("removed {entries} entries")),
                Ok(some) => entries += some,
                Err(error) => return Outcome::later(error.to_string()),
            }
        }
    }
}
