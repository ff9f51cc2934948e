//! Answers that come when a clock strikes, not when the work is done: what was found does not show in
//! how long it took.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Much longer than a transaction takes, and short for a person.
const BEAT: Duration = Duration::from_millis(250);

/// Does the work, and answers at the next beat after it.
pub(crate) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let outcome = work.await;
    let beats = began.elapsed().as_millis() / BEAT.as_millis() + 1;
    sleep_until(began + BEAT * u32::try_from(beats).unwrap_or(u32::MAX)).await;
    outcome
}
