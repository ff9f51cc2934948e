//! The end of submissions.

use formhold_domain::{FormId, SubmissionId, SubmissionState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::CHUNK;
use crate::{
    Change, Store, StoreError, counters,
    entities::{
        spam_lessons, submission_handlings, submission_history, submission_notes,
        submission_owners, submission_stars, submission_tags, submissions, uploads,
    },
};

impl Store {
    /// Submissions that have been in the trash since before that time, with their forms, up to
    /// `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trashed_before(
        &self,
        before_ms: i64,
        limit: u64,
    ) -> Result<Vec<(FormId, SubmissionId)>, StoreError> {
        use submission_handlings::Column;
        let rows = submission_handlings::Entity::find()
            .select_only()
            .columns([Column::FormId, Column::SubmissionId])
            .filter(Column::TrashedAtMs.lt(before_ms))
            .order_by_asc(Column::TrashedAtMs)
            .limit(limit)
            .into_tuple::<(Uuid, Uuid)>()
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|(form, id)| (FormId(form), SubmissionId(id))).collect())
    }
}

impl Change {
    /// Deletes submissions that lie in the trash of a form, with all that hangs on them; gives how
    /// many. Their files are without a row then, and are swept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_submissions(
        &self,
        form_id: FormId,
        ids: &[SubmissionId],
    ) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for chunk in ids.chunks(CHUNK) {
            let trashed = submissions::Entity::find()
                .select_only()
                .column(submissions::Column::Id)
                .filter(submissions::Column::Id.is_in(chunk.iter().map(|id| id.0)))
                .filter(submissions::Column::FormId.eq(form_id.0))
                .filter(submissions::Column::State.eq(SubmissionState::Trash.as_str()))
                .limit(CHUNK as u64)
                .into_tuple::<Uuid>()
                .all(&self.transaction)
                .await?;
            if trashed.is_empty() {
                continue;
            }
            counters::leaving(&self.transaction, form_id, &trashed, SubmissionState::Trash).await?;
            macro_rules! delete_from {
                ($($entity:ident.$column:ident),+ $(,)?) => {$(
                    $entity::Entity::delete_many()
                        .filter($entity::Column::$column.is_in(trashed.iter().copied()))
                        .exec(&self.transaction)
                        .await?;
                )+};
            }
            delete_from!(
                uploads.SubmissionId,
                submission_handlings.SubmissionId,
                submission_tags.SubmissionId,
                submission_notes.SubmissionId,
                submission_history.SubmissionId,
                spam_lessons.SubmissionId,
                submissions.Id,
            );
            submission_stars::Entity::delete_many()
                .filter(submission_stars::Column::FormId.eq(form_id.0))
                .filter(submission_stars::Column::SubmissionId.is_in(trashed.iter().copied()))
                .exec(&self.transaction)
                .await?;
            submission_owners::Entity::delete_many()
                .filter(submission_owners::Column::SubmissionId.is_in(trashed.iter().copied()))
                .exec(&self.transaction)
                .await?;
            deleted += trashed.len() as u64;
        }
        Ok(deleted)
    }
}
