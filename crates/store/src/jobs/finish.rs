//! What became of tries, written only for claims that still hold.

use std::collections::HashMap;

use formhold_domain::{
    JobId,
    job::{JobKind, JobState, TryOutcome},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, Value};
use uuid::Uuid;

use super::{secret_kinds, sql};
use crate::{Change, StoreError, entities::job_tries};

/// Most bytes of an excerpt of what a receiver said.
const MAX_EXCERPT_BYTES: usize = 1024;
/// Most characters of an error in a list.
const MAX_ERROR_CHARS: usize = 500;
/// After a failure a job goes behind those of its lane that are new.
const BEHIND_NEW_ONES: i32 = 1;

/// A job, and the token that any effect on it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The job.
    pub job_id: JobId,
    /// How often it was claimed, this time counted.
    pub fence: i64,
}

/// A try that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedTry {
    /// Of which claim.
    pub claim: Claim,
    /// The job's kind.
    pub kind: JobKind,
    /// What becomes of the job.
    pub end: TryEnd,
    /// When it began.
    pub at_ms: i64,
    /// How long it took.
    pub duration_ms: i64,
    /// The receiver's status code, where it has such.
    pub status: Option<u16>,
    /// What the receiver said, or what was done, without secrets; cut at 1 KiB.
    pub excerpt: String,
}

/// What becomes of a job after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryEnd {
    /// It is done.
    Done,
    /// It is tried again at this time.
    Retry(i64),
    /// It has failed for good.
    Dead,
    /// It was not finished: the node stops. Another may begin at once, and this try does not count.
    HandedBack,
}

impl TryEnd {
    fn outcome(self) -> TryOutcome {
        match self {
            Self::Done => TryOutcome::Done,
            Self::Retry(_) => TryOutcome::Retry,
            Self::Dead => TryOutcome::Dead,
            Self::HandedBack => TryOutcome::HandedBack,
        }
    }
}

impl Change {
    /// Whether a claim still holds; if so, nobody else gets the job before this change ends. An effect
    /// that must not come from a worker that was frozen meanwhile asks first, in the change that has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, claim: Claim) -> Result<bool, StoreError> {
        Ok(holding(&self.transaction, &[claim]).await?.contains_key(&claim.job_id.0))
    }
}

/// Writes what became of tries; gives the jobs whose claim does not hold any more.
pub(super) async fn write_ends(
    transaction: &DatabaseTransaction,
    ended: &[EndedTry],
    now_ms: i64,
) -> Result<Vec<JobId>, StoreError> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let claims: Vec<Claim> = ended.iter().map(|it| it.claim).collect();
    let held = holding(transaction, &claims).await?;
    let is_held = |it: &&EndedTry| held.get(&it.claim.job_id.0) == Some(&it.claim.fence);
    let good: Vec<&EndedTry> = ended.iter().filter(is_held).collect();
    for end in [TryEnd::Done, TryEnd::HandedBack] {
        let same: Vec<Uuid> =
            good.iter().filter(|it| it.end == end).map(|it| it.claim.job_id.0).collect();
        if !same.is_empty() {
            write_many(transaction, end, &same, now_ms).await?;
        }
    }
    for it in &good {
        write_failure(transaction, it, now_ms).await?;
    }
    let tries: Vec<_> = good.iter().map(|it| try_row(it)).collect();
    if !tries.is_empty() {
        job_tries::Entity::insert_many(tries).exec_without_returning(transaction).await?;
    }
    let stale = ended.iter().filter(|it| !is_held(it)).map(|it| it.claim.job_id);
    Ok(stale.collect())
}

/// The claims that hold, as ids and fences; their rows stay as they are until the transaction ends.
async fn holding(
    transaction: &DatabaseTransaction,
    claims: &[Claim],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let text = format!(
        "SELECT id, fence FROM jobs WHERE id IN ({}) AND state = ?{}",
        sql::places(claims.len()),
        sql::lock_all(transaction)
    );
    let mut values: Vec<Value> = claims.iter().map(|claim| claim.job_id.0.into()).collect();
    values.push(JobState::Running.as_str().into());
    let rows = sql::query(transaction, text, values).await?;
    let pair = |row: &sea_orm::QueryResult| {
        Ok::<_, sea_orm::DbErr>((row.try_get("", "id")?, row.try_get("", "fence")?))
    };
    let found = rows.iter().map(pair).collect::<Result<HashMap<Uuid, i64>, _>>()?;
    let wanted = |(id, fence): &(Uuid, i64)| {
        claims.iter().any(|claim| claim.job_id.0 == *id && claim.fence == *fence)
    };
    Ok(found.into_iter().filter(wanted).collect())
}

async fn write_many(
    transaction: &DatabaseTransaction,
    end: TryEnd,
    ids: &[Uuid],
    now_ms: i64,
) -> Result<(), StoreError> {
    let (set, mut values): (String, Vec<Value>) = if end == TryEnd::Done {
        let secret = secret_kinds();
        let mut values: Vec<Value> = vec![JobState::Done.as_str().into(), now_ms.into()];
        values.extend(secret.iter().map(|kind| (*kind).into()));
        let set = format!(
            "state = ?, finished_at_ms = ?, last_error = NULL, \
             payload = CASE WHEN kind IN ({}) THEN '' ELSE payload END",
            sql::places(secret.len())
        );
        (set, values)
    } else {
        let set = "state = ?, attempts = attempts - 1".to_owned();
        (set, vec![JobState::Ready.as_str().into()])
    };
    values.extend(ids.iter().map(|id| (*id).into()));
    let text = format!("UPDATE jobs SET {set} WHERE id IN ({})", sql::places(ids.len()));
    sql::execute(transaction, text, values).await?;
    Ok(())
}

async fn write_failure(
    transaction: &DatabaseTransaction,
    it: &EndedTry,
    now_ms: i64,
) -> Result<(), StoreError> {
    let error: String = it.excerpt.chars().take(MAX_ERROR_CHARS).collect();
    let rules = it.kind.rules();
    let (set, mut values): (&str, Vec<Value>) = match it.end {
        TryEnd::Done | TryEnd::HandedBack => return Ok(()),
        TryEnd::Retry(run_at_ms) => (
            "state = ?, run_at_ms = ?, priority = ?, last_error = ?",
            vec![
                JobState::Later.as_str().into(),
                run_at_ms.into(),
                (i32::from(rules.priority) + BEHIND_NEW_ONES).into(),
                error.into(),
            ],
        ),
        TryEnd::Dead if rules.is_secret => (
            "state = ?, finished_at_ms = ?, payload = '', last_error = ?",
            vec![JobState::Dead.as_str().into(), now_ms.into(), error.into()],
        ),
        TryEnd::Dead => (
            "state = ?, finished_at_ms = ?, last_error = ?",
            vec![JobState::Dead.as_str().into(), now_ms.into(), error.into()],
        ),
    };
    values.push(it.claim.job_id.0.into());
    sql::execute(transaction, format!("UPDATE jobs SET {set} WHERE id = ?"), values).await?;
    Ok(())
}

fn try_row(it: &EndedTry) -> job_tries::ActiveModel {
    let end = it.excerpt.floor_char_boundary(MAX_EXCERPT_BYTES);
    job_tries::ActiveModel {
        job_id: Set(it.claim.job_id.0),
        attempt: Set(it.claim.fence),
        at_ms: Set(it.at_ms),
        duration_ms: Set(it.duration_ms),
        outcome: Set(it.end.outcome().as_str().to_owned()),
        status: Set(it.status.map(i32::from)),
        excerpt: Set(it.excerpt[..end].to_owned()),
    }
}
