//! Notes about submissions.

use formhold_domain::{FormId, Ids, Note, NoteId, SubmissionId, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::Actor;
use crate::{
    Change, Store, StoreError,
    entities::{submission_notes, submissions},
};

impl Store {
    /// The notes about a submission, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_notes(&self, id: SubmissionId, limit: u64) -> Result<Vec<Note>, StoreError> {
        let rows = submission_notes::Entity::find()
            .filter(submission_notes::Column::SubmissionId.eq(id.0))
            .order_by_asc(submission_notes::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        let note = |row: submission_notes::Model| Note {
            id: NoteId(row.id),
            user_id: row.user_id.map(UserId),
            text: row.text,
            created_at_ms: row.created_at_ms,
        };
        Ok(rows.into_iter().map(note).collect())
    }
}

impl Change {
    /// Adds a note. False when there is no such submission of the form.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_note(
        &self,
        ids: &dyn Ids,
        actor: &Actor,
        form_id: FormId,
        submission_id: SubmissionId,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let is_there = submissions::Entity::find_by_id(submission_id.0)
            .filter(submissions::Column::FormId.eq(form_id.0))
            .select_only()
            .column(submissions::Column::Id)
            .into_tuple::<uuid::Uuid>()
            .one(&self.transaction)
            .await?;
        if is_there.is_none() {
            return Ok(false);
        }
        let row = submission_notes::ActiveModel {
            id: Set(note.id.0),
            submission_id: Set(submission_id.0),
            user_id: Set(note.user_id.map(|id| id.0)),
            text: Set(note.text.clone()),
            created_at_ms: Set(note.created_at_ms),
        };
        submission_notes::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        self.note_history(ids, actor, &[submission_id.0], "note", &Value::Null).await?;
        Ok(true)
    }

    /// Deletes a note of a submission. False when it was not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_note(
        &self,
        submission_id: SubmissionId,
        id: NoteId,
    ) -> Result<bool, StoreError> {
        let deleted = submission_notes::Entity::delete_many()
            .filter(submission_notes::Column::Id.eq(id.0))
            .filter(submission_notes::Column::SubmissionId.eq(submission_id.0))
            .exec(&self.transaction)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}
