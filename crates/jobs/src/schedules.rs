//! When schedules come next.

use chrono::{DateTime, Utc};
use croner::Cron;
use formhold_domain::job::JobKind;
use formhold_service::{App, ServiceError, jobs::schedules};

/// After this, a schedule whose pattern never matches again is looked at.
const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Lets those schedules tick whose time has come.
///
/// # Errors
/// When the database fails.
pub(crate) async fn tick(app: &App) -> Result<(), ServiceError> {
    for kind in schedules::due(app).await? {
        schedules::tick(app, kind, |after_ms| next_after(kind, after_ms)).await?;
    }
    Ok(())
}

/// When the schedule of a kind comes next after a time.
fn next_after(kind: JobKind, after_ms: i64) -> i64 {
    let next = || {
        let cron: Cron = kind.rules().schedule?.parse().ok()?;
        let after: DateTime<Utc> = DateTime::from_timestamp_millis(after_ms)?;
        let next = cron.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp_millis())
    };
    next().unwrap_or(after_ms + YEAR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_comes_within_a_day() {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        for kind in JobKind::ALL.into_iter().filter(|kind| kind.rules().schedule.is_some()) {
            let next = next_after(kind, 1_780_315_200_000);
            assert!((1..=DAY_MS).contains(&(next - 1_780_315_200_000)), "{}", kind.as_str());
            assert!(next_after(kind, next) > next, "never twice at the same time");
        }
    }
}
