//! Lists of forms with their definitions.

use std::collections::HashMap;

use formhold_domain::{FormId, WorkspaceId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    FormRecord, Store, StoreError,
    entities::{form_versions, forms, submission_counts},
    forms::record,
};

/// More rows than one form's count has.
const MOST_SHARDS: u64 = 64;

/// Which forms a list has.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormFilter<'a> {
    /// Those of these workspaces alone; none means all.
    pub workspaces: Option<&'a [WorkspaceId]>,
    /// Those in the trash in place of the others.
    pub trashed: bool,
}

impl Store {
    /// Up to `limit` forms after the slug `after`, by slug.
    ///
    /// # Errors
    /// When the database fails, or holds a definition that cannot be read.
    pub async fn find_forms(
        &self,
        filter: FormFilter<'_>,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<FormRecord>, StoreError> {
        use forms::Column;
        let mut query = forms::Entity::find();
        query = match filter.trashed {
            // What is being deleted for good is as good as gone.
            true => query
                .filter(Column::DeletedAtMs.is_not_null())
                .filter(Column::PurgeBeganAtMs.is_null()),
            false => query.filter(Column::DeletedAtMs.is_null()),
        };
        if let Some(workspaces) = filter.workspaces {
            query = query.filter(Column::WorkspaceId.is_in(workspaces.iter().map(|id| id.0)));
        }
        if let Some(after) = after {
            query = query.filter(Column::Slug.gt(after));
        }
        let rows = query.order_by_asc(Column::Slug).limit(limit).all(self.read()).await?;
        let mut definitions = self.definitions(&rows).await?;
        let form = |row: forms::Model| {
            let definition = definitions.remove(&row.id);
            record(row, definition.as_deref())
        };
        rows.into_iter().map(form).collect()
    }

    /// The definitions that are in force, by form.
    async fn definitions(
        &self,
        rows: &[forms::Model],
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        use form_versions::Column;
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let any = rows.iter().fold(Condition::any(), |any, row| {
            let one = Condition::all().add(Column::FormId.eq(row.id));
            any.add(one.add(Column::Version.eq(row.version)))
        });
        let found = form_versions::Entity::find()
            .filter(any)
            .limit(rows.len() as u64)
            .all(self.read())
            .await?;
        Ok(found.into_iter().map(|version| (version.form_id, version.definition)).collect())
    }

    /// How many submissions each of these forms accepted, spam not counted; a form that is not among
    /// them accepted none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accepted_by_forms(
        &self,
        forms: &[FormId],
    ) -> Result<HashMap<FormId, u64>, StoreError> {
        use submission_counts::Column;
        let rows = submission_counts::Entity::find()
            .filter(Column::FormId.is_in(forms.iter().map(|id| id.0)))
            .limit(forms.len() as u64 * MOST_SHARDS)
            .all(self.read())
            .await?;
        let mut counts: HashMap<FormId, i64> = HashMap::new();
        for row in rows {
            *counts.entry(FormId(row.form_id)).or_default() += row.accepted;
        }
        Ok(counts.into_iter().map(|(id, count)| (id, u64::try_from(count).unwrap_or(0))).collect())
    }
}
