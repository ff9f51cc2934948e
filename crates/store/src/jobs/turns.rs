//! Whose turn it is: lanes take turns, and a lane of a million jobs costs no more than one of three.

use formhold_domain::job::JobState;

use super::sql;
use crate::{Store, StoreError};

/// Whether there is anything to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Some job waits for its turn.
    pub ready: bool,
    /// When the first of those that wait for a time is due.
    pub next_at_ms: Option<i64>,
}

/// The lanes whose turn it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextTurns {
    /// The lanes that have work, in turn, and how many jobs each may start.
    pub lanes: Vec<(String, usize)>,
    /// The last lane that was looked at; the next look goes on after it.
    pub cursor: String,
    /// Whether lanes were left out because enough were found.
    pub is_cut: bool,
}

impl Store {
    /// Whether there is anything to do, and when.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_jobs(&self) -> Result<Waiting, StoreError> {
        let ready = "SELECT 1 AS one FROM jobs WHERE state = ? LIMIT 1".to_owned();
        let ready = sql::query(self.read(), ready, vec![JobState::Ready.as_str().into()]).await?;
        let later = "SELECT run_at_ms FROM jobs WHERE state = ? ORDER BY run_at_ms LIMIT 1";
        let values = vec![JobState::Later.as_str().into()];
        let later = sql::query(self.read(), later.to_owned(), values).await?;
        let next_at_ms = later.first().map(|row| row.try_get("", "run_at_ms")).transpose()?;
        Ok(Waiting { ready: !ready.is_empty(), next_at_ms })
    }

    /// Looks at up to `most_looks` lanes that have work, once around after the lane `after`, and takes
    /// those in which `room` leaves any, until `most_jobs` could be started. Each look is one step into
    /// an index, however many jobs wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_turns(
        &self,
        after: &str,
        room: impl Fn(&str) -> usize,
        most_jobs: usize,
        most_looks: usize,
    ) -> Result<NextTurns, StoreError> {
        let mut turns = NextTurns { cursor: after.to_owned(), ..NextTurns::default() };
        let (mut jobs, mut wrapped) = (0, false);
        for _ in 0..most_looks {
            match self.lane_after(&turns.cursor).await? {
                Some(lane) if wrapped && lane.as_str() > after => return Ok(turns),
                Some(lane) => {
                    let room = room(&lane);
                    turns.cursor.clone_from(&lane);
                    if room > 0 {
                        jobs += room;
                        turns.lanes.push((lane, room));
                    }
                    if jobs >= most_jobs {
                        turns.is_cut = true;
                        return Ok(turns);
                    }
                }
                None if wrapped || after.is_empty() => {
                    turns.cursor = String::new();
                    return Ok(turns);
                }
                None => {
                    wrapped = true;
                    turns.cursor = String::new();
                }
            }
        }
        turns.is_cut = true;
        Ok(turns)
    }

    /// Those of these lanes that have work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lanes_with_work(&self, lanes: &[String]) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for lane in lanes {
            let text = "SELECT 1 AS one FROM jobs WHERE state = ? AND lane = ? LIMIT 1".to_owned();
            let values = vec![JobState::Ready.as_str().into(), lane.as_str().into()];
            if !sql::query(self.read(), text, values).await?.is_empty() {
                found.push(lane.clone());
            }
        }
        Ok(found)
    }

    async fn lane_after(&self, lane: &str) -> Result<Option<String>, StoreError> {
        let text =
            "SELECT lane FROM jobs WHERE state = ? AND lane > ? ORDER BY lane LIMIT 1".to_owned();
        let values = vec![JobState::Ready.as_str().into(), lane.into()];
        let rows = sql::query(self.read(), text, values).await?;
        Ok(rows.first().map(|row| row.try_get("", "lane")).transpose()?)
    }
}
