//! Workspaces that hang on one owner.

use formhold_domain::{
    UserId, WorkspaceId,
    access::WorkspaceRole,
    accounts::{Workspace, WorkspaceName},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
};
use uuid::Uuid;

use super::unreadable;
use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::{workspace_members, workspaces},
    forms::unsigned,
};

/// More than anybody owns, and more owners than they have.
const MOST: u64 = 10_000;

impl Store {
    /// The workspaces that have no owner but this user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn only_owner_of(&self, user_id: UserId) -> Result<Vec<Workspace>, StoreError> {
        only_owner_of(self.read(), user_id, None).await
    }
}

impl Change {
    /// The workspaces that have no owner but this user; on MySQL the rows of the owners are kept from
    /// others, so that the last two of a workspace cannot leave at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn only_owner_of(&self, user_id: UserId) -> Result<Vec<Workspace>, StoreError> {
        only_owner_of(&self.transaction, user_id, for_update(&self.transaction)).await
    }
}

async fn only_owner_of(
    connection: &impl ConnectionTrait,
    user_id: UserId,
    lock: Option<()>,
) -> Result<Vec<Workspace>, StoreError> {
    use workspace_members::Column;
    let owners = || {
        workspace_members::Entity::find()
            .filter(Column::Role.eq(WorkspaceRole::Owner.as_str()))
            .limit(MOST)
    };
    let owned: Vec<Uuid> = owners()
        .select_only()
        .column(Column::WorkspaceId)
        .filter(Column::UserId.eq(user_id.0))
        .into_tuple()
        .all(connection)
        .await?;
    // Always in the same order, so that two who leave do not wait for each other in a ring.
    let all = owners()
        .filter(Column::WorkspaceId.is_in(owned.iter().copied()))
        .order_by_asc(Column::WorkspaceId)
        .order_by_asc(Column::UserId)
        .apply_if(lock, |query, ()| query.lock_exclusive())
        .all(connection)
        .await?;
    let has_other =
        |id: &Uuid| all.iter().any(|row| row.workspace_id == *id && row.user_id != user_id.0);
    let left: Vec<Uuid> = owned.into_iter().filter(|id| !has_other(id)).collect();
    let rows = workspaces::Entity::find()
        .filter(workspaces::Column::Id.is_in(left))
        .order_by_asc(workspaces::Column::Id)
        .limit(MOST)
        .all(connection)
        .await?;
    rows.into_iter().map(workspace).collect()
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
