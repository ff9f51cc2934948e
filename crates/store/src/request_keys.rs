//! Requests that have their effect once, however often they are sent: the key of a request is
//! written in the very transaction that has the effect.
//!
//! A process that is killed after the commit leaves the key behind, and one that is killed before
//! leaves neither. Of many at once, on whatever node, one transaction gets the key.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{Store, StoreError, entities::request_keys};

/// How long a key stands for its request.
const LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

tokio::task_local! {
    // Not an argument, so that no action has to hand on what none of them looks at.
    static UNDER_WAY: Arc<Attempt>;
}

/// What names a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKey {
    /// The user or token that the key is of.
    pub owner_id: Uuid,
    /// SHA-256 of the key.
    pub key_hash: [u8; 32],
    /// SHA-256 of the request.
    pub content_hash: [u8; 32],
}

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOut {
    /// SHA-256 of the request.
    pub content_hash: Vec<u8>,
    /// What was answered; none until that was kept.
    pub reply: Option<String>,
    /// When it was carried out.
    pub at_ms: i64,
}

struct Attempt {
    key: RequestKey,
    committed: AtomicBool,
    refused: AtomicBool,
}

impl RequestKey {
    /// Does what a request asks for: each [`Change`](crate::Change) in it is committed together with
    /// this key, or not at all. Says also whether another request with this key came before it; then
    /// this one changed nothing.
    pub async fn once<F: Future>(self, work: F) -> (F::Output, bool) {
        let attempt = Arc::new(Attempt {
            key: self,
            committed: AtomicBool::new(false),
            refused: AtomicBool::new(false),
        });
        let output = UNDER_WAY.scope(Arc::clone(&attempt), work).await;
        (output, attempt.refused.load(Ordering::Relaxed))
    }
}

/// Writes the key of the request under way, if there is one and it was not written yet.
pub(crate) async fn take(transaction: &DatabaseTransaction, now_ms: i64) -> Result<(), StoreError> {
    let Ok(attempt) = UNDER_WAY.try_with(Arc::clone) else { return Ok(()) };
    if attempt.committed.load(Ordering::Relaxed) {
        return Ok(());
    }
    let row = row(&attempt.key, None, now_ms);
    let taken = request_keys::Entity::insert(row).exec_without_returning(transaction).await;
    taken.map(|_| ()).map_err(|error| {
        let error = StoreError::from(error);
        if matches!(error, StoreError::Conflict { .. }) {
            attempt.refused.store(true, Ordering::Relaxed);
        }
        error
    })
}

/// Notes that the key of the request under way is there to stay.
pub(crate) fn note_commit() {
    let _ = UNDER_WAY.try_with(|attempt| attempt.committed.store(true, Ordering::Relaxed));
}

impl Store {
    /// What became of a request with this key in the last 24 hours. One that is older is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_request(
        &self,
        key: &RequestKey,
        now_ms: i64,
    ) -> Result<Option<CarriedOut>, StoreError> {
        let id = (key.owner_id, key.key_hash.to_vec());
        let Some(row) = request_keys::Entity::find_by_id(id.clone()).one(self.read()).await? else {
            return Ok(None);
        };
        if row.created_at_ms <= now_ms - LIFETIME_MS {
            let transaction = self.begin_write().await?;
            request_keys::Entity::delete_by_id(id)
                .filter(request_keys::Column::CreatedAtMs.lte(now_ms - LIFETIME_MS))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            return Ok(None);
        }
        let request_keys::Model { content_hash, reply, created_at_ms, .. } = row;
        Ok(Some(CarriedOut { content_hash, reply, at_ms: created_at_ms }))
    }

    /// Keeps what was answered to a request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_reply(
        &self,
        key: &RequestKey,
        reply: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        use request_keys::Column;
        let transaction = self.begin_write().await?;
        let kept = request_keys::Entity::update_many()
            .col_expr(Column::Reply, Expr::value(reply))
            .filter(Column::OwnerId.eq(key.owner_id))
            .filter(Column::KeyHash.eq(key.key_hash.to_vec()))
            .exec(&transaction)
            .await?;
        if kept.rows_affected == 0 {
            // Nothing had to be changed, so nothing wrote the key.
            let row = row(key, Some(reply.to_owned()), now_ms);
            request_keys::Entity::insert(row).exec_without_returning(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets up to `limit` requests that are older than 24 hours; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_requests(&self, now_ms: i64, limit: u64) -> Result<u64, StoreError> {
        use request_keys::Column;
        let old: Vec<(Uuid, Vec<u8>)> = request_keys::Entity::find()
            .select_only()
            .columns([Column::OwnerId, Column::KeyHash])
            .filter(Column::CreatedAtMs.lte(now_ms - LIFETIME_MS))
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let transaction = self.begin_write().await?;
        for id in &old {
            request_keys::Entity::delete_by_id(id.clone()).exec(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(old.len() as u64)
    }
}

fn row(key: &RequestKey, reply: Option<String>, now_ms: i64) -> request_keys::ActiveModel {
    request_keys::ActiveModel {
        owner_id: Set(key.owner_id),
        key_hash: Set(key.key_hash.to_vec()),
        content_hash: Set(key.content_hash.to_vec()),
        reply: Set(reply),
        created_at_ms: Set(now_ms),
    }
}
