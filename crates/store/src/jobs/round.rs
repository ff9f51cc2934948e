//! A worker's round: what ended is written, what is due becomes ready, and new jobs are claimed, all in
//! one transaction, so that a busy worker commits once for many jobs.

use formhold_domain::{
    JobId,
    job::{About, JobKind, JobPayload, JobState, UnreadablePayload},
};
use sea_orm::{DatabaseTransaction, FromQueryResult as _};
use uuid::Uuid;

use super::{Claim, EndedTry, about, finish, payload, sql};
use crate::{Store, StoreError, entities::jobs};

/// How many jobs that are due become ready in a round.
const MOST_DUE: usize = 1_000;

/// What a worker asks of a round.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// The worker's process.
    pub node: &'a str,
    /// Now.
    pub now_ms: i64,
    /// Tries that ended.
    pub ended: &'a [EndedTry],
    /// Lanes to claim of, in turn, and how many jobs each may start.
    pub lanes: &'a [(String, usize)],
    /// How many to claim in all.
    pub most: usize,
    /// The kinds that this worker can do; others wait for a newer program.
    pub kinds: &'a [JobKind],
    /// Whether to look for jobs whose time has come.
    pub look_for_due: bool,
}

/// A job that this worker is to do now.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which, and the token that any effect on the job needs.
    pub claim: Claim,
    /// Its kind.
    pub kind: JobKind,
    /// What it has to know.
    pub payload: Result<JobPayload, UnreadablePayload>,
    /// What it shares its turn with.
    pub lane: String,
    /// What it is about.
    pub about: About,
    /// The how-manieth try this is, from 1.
    pub attempt: u32,
    /// How often it is tried in all.
    pub max_attempts: u32,
    /// When it was made.
    pub created_at_ms: i64,
}

impl Store {
    /// Does a worker's round. Gives the jobs that it has claimed, and those of the tries that ended
    /// whose claim does not hold any more: nothing of them was written.
    ///
    /// # Errors
    /// When the database fails. Nothing was changed then, unless the connection was lost while the
    /// commit was under way; to write the same ends again does no harm, and what may have been claimed
    /// is found again as any other claim whose holder is silent.
    pub async fn work_round(
        &self,
        round: Round<'_>,
    ) -> Result<(Vec<Claimed>, Vec<JobId>), StoreError> {
        let transaction = self.begin_write().await?;
        let stale = finish::write_ends(&transaction, round.ended, round.now_ms).await?;
        if round.look_for_due {
            make_due_ready(&transaction, round.now_ms).await?;
        }
        let claimed = claim(&transaction, &round).await?;
        transaction.commit().await?;
        Ok((claimed, stale))
    }
}

async fn make_due_ready(transaction: &DatabaseTransaction, now_ms: i64) -> Result<(), StoreError> {
    let due = format!(
        "SELECT id FROM jobs WHERE state = ? AND run_at_ms <= ? ORDER BY run_at_ms LIMIT {MOST_DUE}{}",
        sql::lock_free_ones(transaction)
    );
    let due =
        sql::query(transaction, due, vec![JobState::Later.as_str().into(), now_ms.into()]).await?;
    let ids = due.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!("UPDATE jobs SET state = ? WHERE id IN ({})", sql::places(ids.len()));
    let mut values = vec![JobState::Ready.as_str().into()];
    values.extend(ids.into_iter().map(Into::into));
    sql::execute(transaction, text, values).await?;
    Ok(())
}

async fn claim(
    transaction: &DatabaseTransaction,
    round: &Round<'_>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut rows: Vec<jobs::Model> = Vec::new();
    for (lane, room) in round.lanes {
        let room = (*room).min(round.most - rows.len());
        if room == 0 {
            break;
        }
        let text = format!(
            "SELECT {} FROM jobs WHERE state = ? AND lane = ? AND kind IN ({}) \
             ORDER BY priority, run_at_ms, id LIMIT {room}{}",
            sql::COLUMNS,
            sql::places(round.kinds.len()),
            sql::lock_free_ones(transaction)
        );
        let mut values = vec![JobState::Ready.as_str().into(), lane.as_str().into()];
        values.extend(round.kinds.iter().map(|kind| kind.as_str().into()));
        for row in sql::query(transaction, text, values).await? {
            rows.push(jobs::Model::from_query_result(&row, "")?);
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "UPDATE jobs SET state = ?, attempts = attempts + 1, fence = fence + 1, beats = beats + 1, \
         node = ? WHERE id IN ({})",
        sql::places(rows.len())
    );
    let mut values = vec![JobState::Running.as_str().into(), round.node.into()];
    values.extend(rows.iter().map(|row| row.id.into()));
    sql::execute(transaction, text, values).await?;
    Ok(rows.iter().filter_map(claimed).collect())
}

fn claimed(row: &jobs::Model) -> Option<Claimed> {
    Some(Claimed {
        claim: Claim { job_id: JobId(row.id), fence: row.fence + 1 },
        kind: JobKind::parse(&row.kind)?,
        payload: payload(row)?,
        about: about(row),
        lane: row.lane.clone(),
        attempt: u32::try_from(row.attempts).unwrap_or(0) + 1,
        max_attempts: u32::try_from(row.max_attempts).unwrap_or(0),
        created_at_ms: row.created_at_ms,
    })
}
