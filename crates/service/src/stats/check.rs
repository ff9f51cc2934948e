//! The counters checked against what there is.

use formhold_store::CounterDifference;

use crate::{App, ServiceError};

/// The counters that say something else than there is; none when all are right. Reads every
/// submission's row: for the night, or after doubts.
///
/// # Errors
/// When the database fails.
pub async fn check_counters(app: &App) -> Result<Vec<CounterDifference>, ServiceError> {
    Ok(app.store.check_counters().await?)
}

/// Puts the counters right; gives what was wrong. One node at a time.
///
/// # Errors
/// When the database fails.
pub async fn repair_counters(app: &App) -> Result<Vec<CounterDifference>, ServiceError> {
    let lifetime = std::time::Duration::from_secs(600);
    let Some(lock) = app.kv.lock("stats", "repair", lifetime).await else {
        return Err(ServiceError::Conflict("the counters are being put right already".to_owned()));
    };
    let repaired = app.store.repair_counters().await;
    lock.release().await;
    Ok(repaired?)
}
