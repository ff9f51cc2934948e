//! How many jobs there are, counted no further than somebody wants to know: a million that wait cost
//! no more than a few.

use formhold_domain::{ChannelId, job::JobState};
use sea_orm::Value;

use super::sql;
use crate::{Store, StoreError};

/// How the deliveries of a notification channel do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChannelJobs {
    /// When the newest of those that arrived did so.
    pub last_done_at_ms: Option<i64>,
    /// How many wait or are under way, as far as was counted.
    pub waiting: u64,
    /// How many failed for good, as far as was counted.
    pub failed: u64,
}

/// How many jobs of a kind there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    /// The kind; a name that this program may not know.
    pub kind: String,
    /// How many, of those that were looked at.
    pub count: u64,
}

const WAITING: [JobState; 3] = [JobState::Ready, JobState::Later, JobState::Running];

impl Store {
    /// How the deliveries of a channel do; nothing is counted beyond `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn channel_jobs(&self, id: ChannelId, most: u64) -> Result<ChannelJobs, StoreError> {
        let text = "SELECT finished_at_ms FROM jobs WHERE channel_id = ? AND state = ? \
                    ORDER BY id DESC LIMIT 1";
        let values = vec![id.0.into(), JobState::Done.as_str().into()];
        let done = sql::query(self.read(), text.to_owned(), values).await?;
        let last: Option<Option<i64>> =
            done.first().map(|row| row.try_get("", "finished_at_ms")).transpose()?;
        let mut waiting = 0;
        for state in WAITING {
            waiting += self.count_of_channel(id, state, most.saturating_sub(waiting)).await?;
        }
        let failed = self.count_of_channel(id, JobState::Dead, most).await?;
        Ok(ChannelJobs { last_done_at_ms: last.flatten(), waiting, failed })
    }

    async fn count_of_channel(
        &self,
        id: ChannelId,
        state: JobState,
        most: u64,
    ) -> Result<u64, StoreError> {
        let text = format!(
            "SELECT COUNT(*) AS found FROM \
             (SELECT id FROM jobs WHERE channel_id = ? AND state = ? LIMIT {most}) AS counted"
        );
        let values: Vec<Value> = vec![id.0.into(), state.as_str().into()];
        let rows = sql::query(self.read(), text, values).await?;
        let found: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "found"))?;
        Ok(found.unsigned_abs())
    }

    /// How many jobs of each kind stand in a state, among the newest `most` of them; by kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_jobs(
        &self,
        state: JobState,
        most: u64,
    ) -> Result<Vec<KindCount>, StoreError> {
        let text = format!(
            "SELECT kind, COUNT(*) AS found FROM \
             (SELECT kind FROM jobs WHERE state = ? ORDER BY id DESC LIMIT {most}) AS counted \
             GROUP BY kind ORDER BY kind"
        );
        let rows = sql::query(self.read(), text, vec![state.as_str().into()]).await?;
        let count = |row: &sea_orm::QueryResult| {
            let found: i64 = row.try_get("", "found")?;
            Ok(KindCount { kind: row.try_get("", "kind")?, count: found.unsigned_abs() })
        };
        rows.iter().map(count).collect()
    }
}
