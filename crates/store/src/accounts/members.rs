//! Members of workspaces.

use std::collections::HashMap;

use formhold_domain::{
    BearerHash, EmailAddress, UserId, WorkspaceId,
    access::{Membership, WorkspaceRole},
    accounts::{Member, PersonName},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::{Expr, Query},
};

use super::{tokens::memberships_of, unreadable};
use crate::{
    Change, Store, StoreError,
    change::{fixed_hash, for_update},
    entities::{sessions, users, workspace_members},
};

impl Store {
    /// Up to `limit` members of a workspace after the user `after`, by user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_members(
        &self,
        workspace_id: WorkspaceId,
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<Member>, StoreError> {
        use workspace_members::Column;
        let mut query =
            workspace_members::Entity::find().filter(Column::WorkspaceId.eq(workspace_id.0));
        if let Some(after) = after {
            query = query.filter(Column::UserId.gt(after.0));
        }
        let rows = query.order_by_asc(Column::UserId).limit(limit).all(self.read()).await?;
        let people: HashMap<uuid::Uuid, users::Model> = users::Entity::find()
            .filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
            .limit(limit)
            .all(self.read())
            .await?
            .into_iter()
            .map(|user| (user.id, user))
            .collect();
        rows.into_iter()
            .filter_map(|row| people.get(&row.user_id).map(|user| member(&row, user)))
            .collect()
    }

    /// What a user is in a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_member(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
    ) -> Result<Option<Member>, StoreError> {
        let key = (workspace_id.0, user_id.0);
        let row = workspace_members::Entity::find_by_id(key).one(self.read()).await?;
        let user = users::Entity::find_by_id(user_id.0).one(self.read()).await?;
        row.zip(user).map(|(row, user)| member(&row, &user)).transpose()
    }

    /// What a user is in workspaces.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn memberships(&self, user_id: UserId) -> Result<Vec<Membership>, StoreError> {
        memberships_of(self.read(), user_id).await
    }
}

impl Change {
    /// What a user is in a workspace, kept from others until the end of the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_role(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
    ) -> Result<Option<WorkspaceRole>, StoreError> {
        let query = workspace_members::Entity::find_by_id((workspace_id.0, user_id.0))
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        let row = query.one(&self.transaction).await?;
        row.map(|row| {
            WorkspaceRole::parse(&row.role).ok_or_else(|| unreadable("membership of user", user_id))
        })
        .transpose()
    }

    /// Makes a user a member of a workspace with this role, or changes the role.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_member(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
        role: WorkspaceRole,
    ) -> Result<(), StoreError> {
        if self.member_role(workspace_id, user_id).await?.is_some() {
            workspace_members::Entity::update_many()
                .col_expr(workspace_members::Column::Role, Expr::value(role.as_str()))
                .filter(workspace_members::Column::WorkspaceId.eq(workspace_id.0))
                .filter(workspace_members::Column::UserId.eq(user_id.0))
                .exec(&self.transaction)
                .await?;
            return Ok(());
        }
        let row = workspace_members::ActiveModel {
            workspace_id: Set(workspace_id.0),
            user_id: Set(user_id.0),
            role: Set(role.as_str().to_owned()),
            created_at_ms: Set(self.now_ms()),
        };
        workspace_members::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Removes a member; false when the user is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_member(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
    ) -> Result<bool, StoreError> {
        let deleted = workspace_members::Entity::delete_by_id((workspace_id.0, user_id.0))
            .exec(&self.transaction)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// How many owners a workspace has; on MySQL their rows are kept from others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_owners(&self, workspace_id: WorkspaceId) -> Result<u64, StoreError> {
        let owners: Vec<uuid::Uuid> = workspace_members::Entity::find()
            .select_only()
            .column(workspace_members::Column::UserId)
            .filter(workspace_members::Column::WorkspaceId.eq(workspace_id.0))
            .filter(workspace_members::Column::Role.eq(WorkspaceRole::Owner.as_str()))
            .limit(1_000)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
            .into_tuple()
            .all(&self.transaction)
            .await?;
        Ok(owners.len() as u64)
    }

    /// Whether the account with this address is a member of a workspace. Takes one query, whether
    /// there is such an account or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_member_with(
        &self,
        workspace_id: WorkspaceId,
        email: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let accounts = Query::select()
            .column(users::Column::Id)
            .from(users::Entity)
            .and_where(users::Column::EmailFolded.eq(email.folded()))
            .to_owned();
        let found = workspace_members::Entity::find()
            .filter(workspace_members::Column::WorkspaceId.eq(workspace_id.0))
            .filter(workspace_members::Column::UserId.in_subquery(accounts))
            .limit(1)
            .one(&self.transaction)
            .await?;
        Ok(found.is_some())
    }

    /// The hashes of the secrets that open sessions of a workspace's members: what caches know of
    /// them changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_hashes_of_members(
        &self,
        workspace_id: WorkspaceId,
    ) -> Result<Vec<BearerHash>, StoreError> {
        let members = Query::select()
            .column(workspace_members::Column::UserId)
            .from(workspace_members::Entity)
            .and_where(workspace_members::Column::WorkspaceId.eq(workspace_id.0))
            .to_owned();
        let found: Vec<Vec<u8>> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::SecretHash)
            .filter(sessions::Column::UserId.in_subquery(members))
            .limit(100_000)
            .into_tuple()
            .all(&self.transaction)
            .await?;
        found.iter().map(|hash| fixed_hash(hash)).collect()
    }
}

fn member(row: &workspace_members::Model, user: &users::Model) -> Result<Member, StoreError> {
    let wrong = || unreadable("membership of user", row.user_id);
    Ok(Member {
        user_id: UserId(row.user_id),
        name: PersonName::parse(&user.name).map_err(|_| wrong())?,
        email: EmailAddress::parse(&user.email).map_err(|_| wrong())?,
        role: WorkspaceRole::parse(&row.role).ok_or_else(wrong)?,
        created_at_ms: row.created_at_ms,
    })
}
