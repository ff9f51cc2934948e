//! One try of one job: within its time limit, and with its panics caught.

use std::{panic::AssertUnwindSafe, sync::Arc};

use formhold_domain::job::JobRules;
use formhold_service::{
    App,
    jobs::{Claimed, EndedTry, TryEnd},
};
use futures_util::FutureExt as _;

use crate::{
    Outcome, Settings,
    registry::{self, Context},
};

/// A try that ended, and what the worker learns from it.
pub(crate) struct Report {
    pub(crate) ended: EndedTry,
    pub(crate) lane: String,
    /// It took all the time that it had: its receiver hangs.
    pub(crate) was_slow: bool,
}

/// Does a job once.
pub(crate) async fn attempt(app: App, settings: Arc<Settings>, claimed: Claimed) -> Report {
    let rules = claimed.kind.rules();
    let (at_ms, began) = (app.clock.now_ms(), app.clock.monotonic());
    let work = async {
        match registry::handler(claimed.kind) {
            Some(handler) => {
                let context = Context { app: &app, settings: &settings, claimed: &claimed };
                handler.run(context).await
            }
            None => Outcome::later("this program does not know how to do that"),
        }
    };
    let caught = AssertUnwindSafe(work).catch_unwind();
    let (outcome, was_slow) = match tokio::time::timeout(rules.time_limit, caught).await {
        Ok(Ok(outcome)) => (outcome, false),
        // What it says may hold anything, and was written to the log already.
        Ok(Err(_)) => {
            (Outcome::later("a fault in the program stopped it; the log says more"), false)
        }
        Err(_) => {
            let seconds = rules.time_limit.as_secs();
            (Outcome::later(format!("it was not done within {seconds} s")), true)
        }
    };
    let duration = app.clock.monotonic().saturating_sub(began);
    let (end, status, excerpt) =
        decide(&app, rules, claimed.attempt, claimed.max_attempts, outcome);
    let ended = EndedTry {
        claim: claimed.claim,
        kind: claimed.kind,
        end,
        at_ms,
        duration_ms: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
        status,
        excerpt,
    };
    tell(&ended);
    Report { ended, lane: claimed.lane, was_slow }
}

/// What becomes of the job.
fn decide(
    app: &App,
    rules: JobRules,
    attempt: u32,
    max_attempts: u32,
    outcome: Outcome,
) -> (TryEnd, Option<u16>, String) {
    match outcome {
        Outcome::Done { status, note } => (TryEnd::Done, status, note),
        Outcome::GiveUp { status, reason } => (TryEnd::Dead, status, reason),
        Outcome::TryLater { status, reason, not_within } => {
            let random = app.ids.secret();
            let jitter = u32::from_be_bytes([random[0], random[1], random[2], random[3]]);
            let wait_ms =
                rules.back_off.wait_ms(attempt, jitter).filter(|_| attempt < max_attempts);
            let end = wait_ms.map_or(TryEnd::Dead, |wait_ms| {
                let asked =
                    not_within.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX));
                TryEnd::Retry(app.clock.now_ms().saturating_add(wait_ms.max(asked)))
            });
            (end, status, reason)
        }
    }
}

fn tell(ended: &EndedTry) {
    let (job, kind, reason) = (ended.claim.job_id, ended.kind.as_str(), &ended.excerpt);
    match ended.end {
        TryEnd::Done | TryEnd::HandedBack => tracing::debug!(%job, kind, "a job is done"),
        TryEnd::Retry(_) => {
            tracing::warn!(%job, kind, reason, "a job failed and will be tried again")
        }
        TryEnd::Dead => tracing::error!(%job, kind, reason, "a job failed for good"),
    }
}
