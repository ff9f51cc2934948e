//! Whether this process can accept and commit.

use tokio::sync::{Mutex, watch};

use crate::App;

/// An answer stands for this long, so that probes cost little however many there are.
const VALID_MS: i64 = 1_000;

#[derive(Default)]
pub(crate) struct Readiness {
    draining: watch::Sender<bool>,
    last: Mutex<Option<(i64, Result<(), String>)>>,
}

/// Says from now on that this process is not ready, so that load balancers turn away.
pub fn start_draining(app: &App) {
    app.readiness.draining.send_replace(true);
}

/// Waits until [`start_draining`] was called: replies that never end by themselves end then. Holds on
/// to nothing of the app.
pub fn draining(app: &App) -> impl Future<Output = ()> + Send + use<> {
    let mut draining = app.readiness.draining.subscribe();
    async move {
        // An error means that the app is gone.
        let _ = draining.wait_for(|is_draining| *is_draining).await;
    }
}

/// Whether a submission would be accepted and committed now.
///
/// # Errors
/// Why not, in words.
pub async fn readiness(app: &App) -> Result<(), String> {
    if *app.readiness.draining.borrow() {
        return Err("shutting down".to_owned());
    }
    let mut last = app.readiness.last.lock().await;
    let now_ms = app.clock.now_ms();
    if let Some((at_ms, answer)) = &*last
        && (0..VALID_MS).contains(&(now_ms - at_ms))
    {
        return answer.clone();
    }
    let answer = app.store.probe_commit(now_ms).await.map_err(|error| error.to_string());
    *last = Some((now_ms, answer.clone()));
    answer
}
