//! Forgets idempotency keys that stand for nothing any more.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::submissions;

use crate::{
    Outcome,
    registry::{Context, Handler},
};

pub(crate) struct ForgetKeys;

#[async_trait]
impl Handler for ForgetKeys {
    fn kind(&self) -> JobKind {
        JobKind::ForgetKeys
    }

    async fn run(&self, context: Context<'_>) -> Outcome {
        let mut keys = 0;
        loop {
            match submissions::forget_keys(context.app).await {
                Ok(0) => return Outcome::done(format!("forgot {keys} idempotency keys")),
                Ok(some) => keys += some,
                Err(error) => return Outcome::later(error.to_string()),
            }
        }
    }
}
