//! The end of submissions.

use formhold_domain::{FormId, SubmissionId, SubmissionState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::CHUNK;
use crate::{
    Change, Store, StoreError, counters,
    entities::{
        job_tries, jobs, spam_lessons, submission_handlings, submission_history, submission_notes,
        submission_owners, submission_stars, submission_tags, submissions, uploads,
    },
};

impl Store {
    /// Submissions of a form that lie in this state since before that time, up to `limit`: those in
    /// the trash since they came there, others since they were received.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn submissions_before(
        &self,
        form_id: FormId,
        state: SubmissionState,
        before_ms: i64,
        limit: u64,
    ) -> Result<Vec<SubmissionId>, StoreError> {
        let ids = if state == SubmissionState::Trash {
            use submission_handlings::Column;
            submission_handlings::Entity::find()
                .select_only()
                .column(Column::SubmissionId)
                .filter(Column::TrashedAtMs.lt(before_ms))
                .filter(Column::FormId.eq(form_id.0))
                .order_by_asc(Column::TrashedAtMs)
                .limit(limit)
                .into_tuple::<Uuid>()
                .all(self.read())
                .await?
        } else {
            use submissions::Column;
            // Ids begin with the time of receipt, and the index has them.
            let bound = u128::from(before_ms.max(0).unsigned_abs()) << 80;
            submissions::Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::FormId.eq(form_id.0))
                .filter(Column::State.eq(state.as_str()))
                .filter(Column::Id.lt(Uuid::from_u128(bound)))
                .filter(Column::ReceivedAtMs.lt(before_ms))
                .order_by_asc(Column::Id)
                .limit(limit)
                .into_tuple::<Uuid>()
                .all(self.read())
                .await?
        };
        Ok(ids.into_iter().map(SubmissionId).collect())
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
        self.delete_submissions_in(form_id, SubmissionState::Trash, ids).await
    }

    /// As [`Change::delete_submissions`], for those that lie in this state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_submissions_in(
        &self,
        form_id: FormId,
        state: SubmissionState,
        ids: &[SubmissionId],
    ) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for chunk in ids.chunks(CHUNK) {
            let chosen = submissions::Entity::find()
                .select_only()
                .column(submissions::Column::Id)
                .filter(submissions::Column::Id.is_in(chunk.iter().map(|id| id.0)))
                .filter(submissions::Column::FormId.eq(form_id.0))
                .filter(submissions::Column::State.eq(state.as_str()))
                .limit(CHUNK as u64)
                .into_tuple::<Uuid>()
                .all(&self.transaction)
                .await?;
            if chosen.is_empty() {
                continue;
            }
            counters::leaving(&self.transaction, form_id, &chosen, state).await?;
            macro_rules! delete_from {
                ($($entity:ident.$column:ident),+ $(,)?) => {$(
                    $entity::Entity::delete_many()
                        .filter($entity::Column::$column.is_in(chosen.iter().copied()))
                        .exec(&self.transaction)
                        .await?;
                )+};
            }
            let told = jobs::Entity::find()
                .select_only()
                .column(jobs::Column::Id)
                .filter(jobs::Column::SubmissionId.is_in(chosen.iter().copied()))
                .into_tuple::<Uuid>()
                .all(&self.transaction)
                .await?;
            job_tries::Entity::delete_many()
                .filter(job_tries::Column::JobId.is_in(told))
                .exec(&self.transaction)
                .await?;
            delete_from!(
                jobs.SubmissionId,
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
                .filter(submission_stars::Column::SubmissionId.is_in(chosen.iter().copied()))
                .exec(&self.transaction)
                .await?;
            submission_owners::Entity::delete_many()
                .filter(submission_owners::Column::SubmissionId.is_in(chosen.iter().copied()))
                .exec(&self.transaction)
                .await?;
            deleted += chosen.len() as u64;
        }
        Ok(deleted)
    }
}
