//! Deliveries: everybody who should know of an accepted submission is told, and it can be seen.

mod mail_server;
mod mails;
mod receiver;
mod webhooks;

use std::time::{Duration, Instant};

use formhold_domain::{CompiledForm, access::Caller};
use formhold_service::{
    App,
    channels::{self, ChannelIn, ChannelView},
    jobs::{self, Job, JobFilter},
};
use serde_json::Value;

fn operator() -> Caller {
    Caller::system("test")
}

async fn channel(app: &App, form: &CompiledForm, kind: &str, config: Value) -> ChannelView {
    let config = config.as_object().cloned();
    let new = ChannelIn { config, ..ChannelIn::default() };
    let id = form.identity.id;
    channels::create_channel(app, &operator(), id, kind, new).await.expect("a channel")
}

/// All jobs, newest first.
async fn jobs_of(app: &App) -> Vec<Job> {
    jobs::list_jobs(app, &operator(), &JobFilter::default(), None, 100).await.expect("a list")
}

/// Waits until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not within 30 seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
