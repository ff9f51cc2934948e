//! Idempotency keys: which one stands for which submission.

use formhold_domain::{FormId, SubmissionId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Store, StoreError, entities::idempotency_keys};

/// How long a key stands for its submission.
pub(crate) const LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// A client's key and what it was sent with, both as SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Idempotency {
    /// Hash of the key.
    pub key_hash: [u8; 32],
    /// Hash of the content.
    pub content_hash: [u8; 32],
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// It stands for this submission, with the same content.
    Same(SubmissionId),
    /// It stands for a submission with other content.
    Other,
}

pub(crate) fn compare(row: &idempotency_keys::Model, idempotency: &Idempotency) -> Remembered {
    if row.content_hash == idempotency.content_hash {
        Remembered::Same(SubmissionId(row.submission_id))
    } else {
        Remembered::Other
    }
}

impl Store {
    /// What a form remembers of a key that was used in the last 24 hours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_idempotency(
        &self,
        form_id: FormId,
        idempotency: &Idempotency,
        now_ms: i64,
    ) -> Result<Option<Remembered>, StoreError> {
        let row = idempotency_keys::Entity::find_by_id((form_id.0, idempotency.key_hash.to_vec()))
            .filter(idempotency_keys::Column::CreatedAtMs.gt(now_ms - LIFETIME_MS))
            .one(self.read())
            .await?;
        Ok(row.map(|row| compare(&row, idempotency)))
    }

    /// Forgets about `limit` of the keys that are older than a day and two more, in which a wall clock may
    /// stand wrong. Gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_keys(&self, now_ms: i64, limit: u64) -> Result<u64, StoreError> {
        use idempotency_keys::Column;
        let oldest = || {
            idempotency_keys::Entity::find()
                .select_only()
                .column(Column::CreatedAtMs)
                .order_by_asc(Column::CreatedAtMs)
        };
        // The age of the last one of a bite: by it the index deletes without a list of keys.
        let bite = oldest().offset(limit).into_tuple::<i64>().one(self.read()).await?;
        let before_ms = now_ms - 3 * LIFETIME_MS;
        let before_ms = bite.map_or(before_ms, |bite| before_ms.min(bite));
        let first = oldest().into_tuple::<i64>().one(self.read()).await?;
        if first.is_none_or(|first| first > before_ms) {
            return Ok(0);
        }
        let transaction = self.begin_write().await?;
        let deleted = idempotency_keys::Entity::delete_many()
            .filter(Column::CreatedAtMs.lte(before_ms))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected)
    }
}
