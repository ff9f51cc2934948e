//! Idempotency keys: which one stands for which submission.

use formhold_domain::{FormId, SubmissionId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

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
}
