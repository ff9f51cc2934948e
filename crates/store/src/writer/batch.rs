//! One batch: one transaction, and what to do when it fails.

use std::{collections::HashMap, slice, time::Duration};

use formhold_domain::SubmissionId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter,
    QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    Outcome,
    direct::{Direct, Failed},
    insert,
    row::Row,
    tally,
};
use crate::{
    Remembered, StoreError, Unavailable,
    entities::{idempotency_keys, submission_counts, submissions},
    idempotency::{LIFETIME_MS, compare},
};

const TRIES: u32 = 5;
/// How long to ask what became of a commit whose reply was lost.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Batch<'a> {
    pub(super) connection: &'a DatabaseConnection,
    pub(super) shard: i16,
    pub(super) direct: &'a mut Direct,
}

/// What is decided for a row before the inserts.
#[derive(Clone, Copy)]
enum Plan {
    Insert,
    Done(Outcome),
    /// The same key stands earlier in this batch.
    LikeRow(usize),
}

impl Batch<'_> {
    /// Stores the rows and says what became of each, in order.
    ///
    /// A row that the database refuses does not fail its neighbours: the batch is then written row
    /// by row.
    pub(super) async fn write(&mut self, rows: &[Row]) -> Vec<Result<Outcome, StoreError>> {
        match self.try_hard(rows).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) if error.is_about_the_data() && rows.len() > 1 => {
                tracing::warn!(%error, rows = rows.len(), "a batch was refused, writing its rows one by one");
                let mut results = Vec::with_capacity(rows.len());
                for row in rows {
                    let one = self.try_hard(slice::from_ref(row)).await;
                    results.push(one.map(|outcomes| outcomes[0]));
                }
                results
            }
            Err(error) => rows.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn try_hard(&mut self, rows: &[Row]) -> Result<Vec<Outcome>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.transact(rows).await {
                Err(error) if error.is_worth_another_try() && attempt < TRIES => {
                    tracing::debug!(%error, attempt, "running a batch again");
                    // Nodes back off differently, so that two that met do not meet again.
                    let pause = 2u64.pow(attempt) + u64::from(self.shard.unsigned_abs() % 8);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    async fn transact(&mut self, rows: &[Row]) -> Result<Vec<Outcome>, StoreError> {
        if Direct::suits(rows) {
            match self.direct.write(rows, self.shard).await {
                Ok(()) => return Ok(vec![Outcome::Stored; rows.len()]),
                // A key was used before, here or earlier in the batch.
                Err(Failed { error: StoreError::Conflict { .. }, .. }) => {}
                Err(Failed { error, may_be_committed: false }) => return Err(error),
                Err(Failed { error, may_be_committed: true }) => {
                    self.settle_unknown(rows.first(), error).await?;
                    return Ok(vec![Outcome::Stored; rows.len()]);
                }
            }
        }
        let transaction = crate::begin_write(self.connection).await?;
        let mut plans = plan_keys(&transaction, rows).await?;
        self.count(&transaction, rows, &mut plans).await?;
        let chosen: Vec<&Row> = rows
            .iter()
            .zip(&plans)
            .filter(|(_, plan)| matches!(plan, Plan::Insert))
            .map(|(row, _)| row)
            .collect();
        let mut inserts = insert::inserts(&chosen);
        let backend = self.connection.get_database_backend();
        inserts.extend(tally::tallies(&chosen, backend, self.shard));
        insert::execute(&transaction, inserts).await?;
        if let Err(error) = transaction.commit().await {
            self.settle_unknown(chosen.first().copied(), error.into()).await?;
        }
        Ok(outcomes(rows, &plans))
    }

    /// Adds the rows to the counts of their forms, and takes back those that a form is full for.
    async fn count(
        &self,
        transaction: &DatabaseTransaction,
        rows: &[Row],
        plans: &mut [Plan],
    ) -> Result<(), StoreError> {
        let mut forms: HashMap<Uuid, (i64, Option<u64>)> = HashMap::new();
        for (row, plan) in rows.iter().zip(plans.iter()) {
            if row.counts() && matches!(plan, Plan::Insert) {
                let (count, max) = forms.entry(row.form_id()).or_default();
                *count += 1;
                *max = row.max_submissions;
            }
        }
        let mut forms: Vec<_> = forms.into_iter().collect();
        // Always in the same order, so that two batches do not wait for each other in a ring.
        forms.sort_unstable();
        for (form_id, (count, max)) in forms {
            // A form with a maximum counts in one row, whose lock makes the sum exact.
            let shard = if max.is_some() { 0 } else { self.shard };
            add(transaction, form_id, shard, count).await?;
            let Some(max) = max else { continue };
            let surplus = (sum(transaction, form_id).await?
                - i64::try_from(max).unwrap_or(i64::MAX))
            .clamp(0, count);
            if surplus > 0 {
                add(transaction, form_id, shard, -surplus).await?;
                refuse_last(rows, plans, form_id, surplus);
            }
        }
        // Whoever waited for a count may have waited for its own first try, which is stored now.
        for (row, plan) in rows.iter().zip(plans.iter_mut()) {
            if matches!(plan, Plan::Done(Outcome::FormFull))
                && let known @ Plan::Done(_) =
                    plan_keys(transaction, slice::from_ref(row)).await?[0]
            {
                *plan = known;
            }
        }
        Ok(())
    }

    /// The reply to COMMIT was lost or says no: look whether it happened all the same.
    async fn settle_unknown(
        &self,
        first: Option<&Row>,
        error: StoreError,
    ) -> Result<(), StoreError> {
        let StoreError::Unavailable(Unavailable::Unreachable(_)) = &error else {
            return Err(error);
        };
        let Some(first) = first else { return Err(error) };
        let looking = async {
            for attempt in 0.. {
                tokio::time::sleep(Duration::from_millis(100 * attempt)).await;
                // A lock waits for a commit that is still under way.
                let row = submissions::Entity::find_by_id(first.submission.id).lock_shared();
                match row.one(self.connection).await {
                    Ok(Some(_)) => return Ok(()),
                    Ok(None) => return Err(error.clone()),
                    Err(_) => {}
                }
            }
            Err(error.clone())
        };
        tokio::time::timeout(SETTLE_TIMEOUT, looking).await.unwrap_or_else(|_| Err(error.clone()))
    }
}

/// Finds the rows whose key was used before, in the database or earlier in the batch.
async fn plan_keys(
    transaction: &DatabaseTransaction,
    rows: &[Row],
) -> Result<Vec<Plan>, StoreError> {
    let mut plans = vec![Plan::Insert; rows.len()];
    let keyed: Vec<_> = rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| row.idempotency.map(|key| (index, row, key)))
        .collect();
    if keyed.is_empty() {
        return Ok(plans);
    }
    let mut any = Condition::any();
    for (_, row, key) in &keyed {
        any = any.add(
            idempotency_keys::Column::FormId
                .eq(row.form_id())
                .and(idempotency_keys::Column::KeyHash.eq(key.key_hash.to_vec())),
        );
    }
    let found = idempotency_keys::Entity::find()
        .filter(any)
        .limit(keyed.len() as u64)
        .all(transaction)
        .await?;
    let mut first_of: HashMap<(Uuid, [u8; 32]), usize> = HashMap::new();
    for (index, row, key) in keyed {
        let same = |known: &&idempotency_keys::Model| {
            known.form_id == row.form_id() && known.key_hash == key.key_hash
        };
        if let Some(known) = found.iter().find(same) {
            if known.created_at_ms > row.submission.received_at_ms - LIFETIME_MS {
                plans[index] = Plan::Done(match compare(known, &key) {
                    Remembered::Same(id) => Outcome::Replayed(id),
                    Remembered::Other => Outcome::KeyReused,
                });
                continue;
            }
            idempotency_keys::Entity::delete_by_id((known.form_id, known.key_hash.clone()))
                .exec(transaction)
                .await?;
        }
        if let Some(first) = first_of.get(&(row.form_id(), key.key_hash)) {
            let same_content = rows[*first]
                .idempotency
                .is_some_and(|other| other.content_hash == key.content_hash);
            plans[index] =
                if same_content { Plan::LikeRow(*first) } else { Plan::Done(Outcome::KeyReused) };
        } else {
            first_of.insert((row.form_id(), key.key_hash), index);
        }
    }
    Ok(plans)
}

fn refuse_last(rows: &[Row], plans: &mut [Plan], form_id: Uuid, surplus: i64) {
    let mut left = surplus;
    for (row, plan) in rows.iter().zip(plans.iter_mut()).rev() {
        if left > 0 && row.form_id() == form_id && row.counts() && matches!(plan, Plan::Insert) {
            *plan = Plan::Done(Outcome::FormFull);
            left -= 1;
        }
    }
}

fn outcomes(rows: &[Row], plans: &[Plan]) -> Vec<Outcome> {
    let outcome = |plan: &Plan| match plan {
        Plan::Insert | Plan::LikeRow(_) => Outcome::Stored,
        Plan::Done(outcome) => *outcome,
    };
    plans
        .iter()
        .map(|plan| match plan {
            Plan::LikeRow(first) => match outcome(&plans[*first]) {
                Outcome::Stored => Outcome::Replayed(SubmissionId(rows[*first].submission.id)),
                other => other,
            },
            plan => outcome(plan),
        })
        .collect()
}

pub(super) async fn add(
    transaction: &DatabaseTransaction,
    form_id: Uuid,
    shard: i16,
    count: i64,
) -> Result<(), StoreError> {
    let column = submission_counts::Column::Accepted;
    let row = submission_counts::ActiveModel {
        form_id: Set(form_id),
        shard: Set(shard),
        accepted: Set(count),
    };
    let sum = Expr::col((submission_counts::Entity, column)).add(count);
    let add =
        OnConflict::columns([submission_counts::Column::FormId, submission_counts::Column::Shard])
            .value(column, sum)
            .to_owned();
    submission_counts::Entity::insert(row)
        .on_conflict(add)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

async fn sum(transaction: &DatabaseTransaction, form_id: Uuid) -> Result<i64, StoreError> {
    let shards = submission_counts::Entity::find()
        .filter(submission_counts::Column::FormId.eq(form_id))
        .limit(1000)
        .all(transaction)
        .await?;
    Ok(shards.iter().map(|shard| shard.accepted).sum())
}
