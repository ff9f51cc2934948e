//! Workspaces.

use std::collections::HashMap;

use formhold_domain::{
    WorkspaceId,
    accounts::{Workspace, WorkspaceName},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, sea_query::Expr,
};

use super::unreadable;
use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::{api_tokens, forms, invitations, workspace_members, workspaces},
    forms::{signed, unsigned},
};

/// A workspace in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceSummary {
    /// The workspace.
    pub workspace: Workspace,
    /// How many members it has.
    pub members: u64,
    /// How many forms.
    pub forms: u64,
}

impl Store {
    /// A workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        workspaces::Entity::find_by_id(id.0).one(self.read()).await?.map(workspace).transpose()
    }

    /// Up to `limit` workspaces, oldest first: of these, or of all where `only` is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_workspaces(
        &self,
        only: Option<&[WorkspaceId]>,
        limit: u64,
    ) -> Result<Vec<Workspace>, StoreError> {
        use workspaces::Column;
        let mut query = workspaces::Entity::find();
        if let Some(only) = only {
            query = query.filter(Column::Id.is_in(only.iter().map(|id| id.0)));
        }
        let rows = query.order_by_asc(Column::Id).limit(limit).all(self.read()).await?;
        rows.into_iter().map(workspace).collect()
    }

    /// Up to `limit` workspaces after the id `after`, oldest first: of these, or of all where `only`
    /// is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_workspaces(
        &self,
        only: Option<&[WorkspaceId]>,
        after: Option<WorkspaceId>,
        limit: u64,
    ) -> Result<Vec<WorkspaceSummary>, StoreError> {
        use workspaces::Column;
        let mut query = workspaces::Entity::find();
        if let Some(only) = only {
            query = query.filter(Column::Id.is_in(only.iter().map(|id| id.0)));
        }
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after.0));
        }
        let rows = query.order_by_asc(Column::Id).limit(limit).all(self.read()).await?;
        let ids = || rows.iter().map(|row| row.id);
        let members: HashMap<uuid::Uuid, i64> = workspace_members::Entity::find()
            .select_only()
            .column(workspace_members::Column::WorkspaceId)
            .column_as(workspace_members::Column::UserId.count(), "members")
            .filter(workspace_members::Column::WorkspaceId.is_in(ids()))
            .group_by(workspace_members::Column::WorkspaceId)
            .limit(limit)
            .into_tuple::<(uuid::Uuid, i64)>()
            .all(self.read())
            .await?
            .into_iter()
            .collect();
        let forms: HashMap<uuid::Uuid, i64> = forms::Entity::find()
            .select_only()
            .column(forms::Column::WorkspaceId)
            .column_as(forms::Column::Id.count(), "forms")
            .filter(forms::Column::WorkspaceId.is_in(ids()))
            .filter(forms::Column::DeletedAtMs.is_null())
            .group_by(forms::Column::WorkspaceId)
            .limit(limit)
            .into_tuple::<(uuid::Uuid, i64)>()
            .all(self.read())
            .await?
            .into_iter()
            .collect();
        let count =
            |counts: &HashMap<uuid::Uuid, i64>, id| counts.get(&id).map_or(0, |n| n.unsigned_abs());
        rows.into_iter()
            .map(|row| {
                let (members, forms) = (count(&members, row.id), count(&forms, row.id));
                Ok(WorkspaceSummary { workspace: workspace(row)?, members, forms })
            })
            .collect()
    }

    /// The oldest workspace: it takes what is made without saying where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_workspace(&self) -> Result<Option<WorkspaceId>, StoreError> {
        let found: Option<uuid::Uuid> = workspaces::Entity::find()
            .select_only()
            .column(workspaces::Column::Id)
            .order_by_asc(workspaces::Column::Id)
            .limit(1)
            .into_tuple()
            .one(self.read())
            .await?;
        Ok(found.map(WorkspaceId))
    }

    /// The workspace that a form is in; of a deleted form, too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace_of_form(
        &self,
        id: formhold_domain::FormId,
    ) -> Result<Option<WorkspaceId>, StoreError> {
        let found: Option<uuid::Uuid> = forms::Entity::find_by_id(id.0)
            .select_only()
            .column(forms::Column::WorkspaceId)
            .into_tuple()
            .one(self.read())
            .await?;
        Ok(found.map(WorkspaceId))
    }
}

impl Change {
    /// A workspace as it is now, kept from others until the end of the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        let query = workspaces::Entity::find_by_id(id.0)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        query.one(&self.transaction).await?.map(workspace).transpose()
    }

    /// Makes a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_workspace(
        &self,
        id: WorkspaceId,
        name: &WorkspaceName,
    ) -> Result<(), StoreError> {
        let row = workspaces::ActiveModel {
            id: Set(id.0),
            name: Set(name.as_str().to_owned()),
            version: Set(1),
            created_at_ms: Set(self.now_ms()),
            updated_at_ms: Set(self.now_ms()),
        };
        workspaces::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Renames a workspace that has this version; false when it has another, or is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_workspace(
        &self,
        id: WorkspaceId,
        version: u32,
        name: &WorkspaceName,
    ) -> Result<bool, StoreError> {
        use workspaces::Column;
        let updated = workspaces::Entity::update_many()
            .col_expr(Column::Name, Expr::value(name.as_str()))
            .col_expr(Column::Version, Expr::value(signed(version) + 1))
            .col_expr(Column::UpdatedAtMs, Expr::value(self.now_ms()))
            .filter(Column::Id.eq(id.0))
            .filter(Column::Version.eq(signed(version)))
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Whether there is another workspace than this one. On MySQL the rows that say so are kept from
    /// others, so that two changes at once cannot delete the last two.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_other_workspace(&self, id: WorkspaceId) -> Result<bool, StoreError> {
        let found: Vec<uuid::Uuid> = workspaces::Entity::find()
            .select_only()
            .column(workspaces::Column::Id)
            .order_by_asc(workspaces::Column::Id)
            .limit(2)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
            .into_tuple()
            .all(&self.transaction)
            .await?;
        Ok(found.into_iter().any(|found| found != id.0))
    }

    /// Marks all forms of a workspace as deleted; their submissions stay. Gives how many were not yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_forms_of(&self, id: WorkspaceId) -> Result<u64, StoreError> {
        let updated = forms::Entity::update_many()
            .col_expr(forms::Column::DeletedAtMs, Expr::value(self.now_ms()))
            .filter(forms::Column::WorkspaceId.eq(id.0))
            .filter(forms::Column::DeletedAtMs.is_null())
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected)
    }

    /// Deletes a workspace with its memberships, invitations and the tokens that reach only it; its
    /// forms must not take anything any more by then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_workspace(&self, id: WorkspaceId) -> Result<bool, StoreError> {
        let transaction = &self.transaction;
        workspace_members::Entity::delete_many()
            .filter(workspace_members::Column::WorkspaceId.eq(id.0))
            .exec(transaction)
            .await?;
        invitations::Entity::delete_many()
            .filter(invitations::Column::WorkspaceId.eq(id.0))
            .exec(transaction)
            .await?;
        api_tokens::Entity::delete_many()
            .filter(api_tokens::Column::WorkspaceId.eq(id.0))
            .exec(transaction)
            .await?;
        let deleted = workspaces::Entity::delete_by_id(id.0).exec(transaction).await?;
        Ok(deleted.rows_affected == 1)
    }
}

fn workspace(row: workspaces::Model) -> Result<Workspace, StoreError> {
    Ok(Workspace {
        id: WorkspaceId(row.id),
        name: WorkspaceName::parse(&row.name).map_err(|_| unreadable("workspace", row.id))?,
        version: unsigned(row.version),
        created_at_ms: row.created_at_ms,
        updated_at_ms: row.updated_at_ms,
    })
}
