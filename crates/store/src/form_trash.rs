//! The trash of forms: coming back, and being deleted for good with all that hangs on a form.

use formhold_domain::{FormId, SubmissionId, SubmissionState, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Change, Store, StoreError,
    entities::{
        channels, form_versions, forms, idempotency_keys, spam_tokens, spam_totals,
        submission_counts, submissions,
    },
};

/// How many submissions one step of a deletion takes.
const STEP: u64 = 200;

impl Store {
    /// Up to `limit` forms that have been in the trash since before that time, or whose deletion
    /// began, with their workspaces; the longest there first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forms_trashed_before(
        &self,
        before_ms: i64,
        limit: u64,
    ) -> Result<Vec<(FormId, WorkspaceId, String)>, StoreError> {
        use forms::Column;
        let rows: Vec<(Uuid, Uuid, String)> = forms::Entity::find()
            .select_only()
            .columns([Column::Id, Column::WorkspaceId, Column::Slug])
            .filter(Column::DeletedAtMs.lt(before_ms))
            .order_by_asc(Column::DeletedAtMs)
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        let form = |(id, workspace, slug)| (FormId(id), WorkspaceId(workspace), slug);
        Ok(rows.into_iter().map(form).collect())
    }
}

impl Change {
    /// Takes a form out of the trash. False when it is not there, or is being deleted for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restore_form(&self, id: FormId) -> Result<bool, StoreError> {
        let updated = forms::Entity::update_many()
            .col_expr(forms::Column::DeletedAtMs, Expr::value::<Option<i64>>(None))
            .filter(forms::Column::Id.eq(id.0))
            .filter(forms::Column::DeletedAtMs.is_not_null())
            .filter(forms::Column::PurgeBeganAtMs.is_null())
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// From here on the form cannot come back. False when it came back already, or lies in the trash
    /// for less long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_purge(&self, id: FormId, before_ms: i64) -> Result<bool, StoreError> {
        use forms::Column;
        let updated = forms::Entity::update_many()
            .col_expr(Column::PurgeBeganAtMs, Expr::value(self.now_ms()))
            .filter(Column::Id.eq(id.0))
            .filter(Column::DeletedAtMs.lt(before_ms))
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Deletes some submissions of a form whose deletion began, with all that hangs on them; gives how
    /// many. Their files are without a row then, and are swept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_submissions(&self, id: FormId) -> Result<u64, StoreError> {
        use submissions::Column;
        let found: Vec<Uuid> = submissions::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::FormId.eq(id.0))
            .order_by_asc(Column::Id)
            .limit(STEP)
            .into_tuple()
            .all(&self.transaction)
            .await?;
        if found.is_empty() {
            return Ok(0);
        }
        // What lies in the trash is what can be deleted, by the one function that knows all of it.
        submissions::Entity::update_many()
            .col_expr(Column::State, Expr::value(SubmissionState::Trash.as_str()))
            .filter(Column::Id.is_in(found.iter().copied()))
            .exec(&self.transaction)
            .await?;
        let ids: Vec<_> = found.into_iter().map(SubmissionId).collect();
        self.delete_submissions(id, &ids).await
    }

    /// Deletes a form that has no submissions any more, with its channels, what it learnt and all its versions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_form(&self, id: FormId) -> Result<(), StoreError> {
        macro_rules! delete_from {
            ($($entity:ident.$column:ident),+ $(,)?) => {$(
                $entity::Entity::delete_many()
                    .filter($entity::Column::$column.eq(id.0))
                    .exec(&self.transaction)
                    .await?;
            )+};
        }
        delete_from!(
            channels.FormId,
            spam_tokens.FormId,
            spam_totals.FormId,
            submission_counts.FormId,
            idempotency_keys.FormId,
            channels.FormId,
            form_versions.FormId,
            forms.Id,
        );
        Ok(())
    }
}
