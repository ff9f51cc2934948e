//! API tokens.

use formhold_domain::{
    BearerHash, TokenId, UserId, WorkspaceId,
    access::{InstanceRole, Membership, Scopes, WorkspaceRole},
    accounts::ApiToken,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};

use super::unreadable;
use crate::{
    Change, Store, StoreError,
    entities::{api_tokens, workspace_members},
};

/// A token that was shown, and what its owner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// The token.
    pub token: ApiToken,
    /// What its owner is in the instance.
    pub role: InstanceRole,
    /// What its owner is in workspaces.
    pub memberships: Vec<Membership>,
}

impl Store {
    /// The token with this secret; none when there is none, or its owner's account may not be used.
    /// It may have expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token(&self, hash: &BearerHash) -> Result<Option<TokenUse>, StoreError> {
        let found = api_tokens::Entity::find()
            .filter(api_tokens::Column::SecretHash.eq(hash.to_vec()))
            .limit(1)
            .one(self.read())
            .await?;
        let Some(token) = found.map(token) else { return Ok(None) };
        let rights = self.rights_of(token.user_id).await?;
        Ok(rights.map(|(role, memberships)| TokenUse { token, role, memberships }))
    }

    /// The tokens of a user, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_tokens(
        &self,
        user_id: UserId,
        before: Option<TokenId>,
        limit: u64,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let mut query = api_tokens::Entity::find().filter(api_tokens::Column::UserId.eq(user_id.0));
        if let Some(before) = before {
            query = query.filter(api_tokens::Column::Id.lt(before.0));
        }
        let rows =
            query.order_by_desc(api_tokens::Column::Id).limit(limit).all(self.read()).await?;
        Ok(rows.into_iter().map(token).collect())
    }

    /// A token of a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token_of(
        &self,
        user_id: UserId,
        id: TokenId,
    ) -> Result<Option<ApiToken>, StoreError> {
        let row = api_tokens::Entity::find_by_id(id.0)
            .filter(api_tokens::Column::UserId.eq(user_id.0))
            .one(self.read())
            .await?;
        Ok(row.map(token))
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, id: TokenId, now_ms: i64) -> Result<(), StoreError> {
        let transaction = self.begin_write().await?;
        api_tokens::Entity::update_many()
            .col_expr(api_tokens::Column::UsedAtMs, Expr::value(now_ms))
            .filter(api_tokens::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

impl Change {
    /// Makes a token that the secret with this hash opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_token(
        &self,
        token: &ApiToken,
        hash: &BearerHash,
    ) -> Result<(), StoreError> {
        let row = api_tokens::ActiveModel {
            id: Set(token.id.0),
            secret_hash: Set(hash.to_vec()),
            user_id: Set(token.user_id.0),
            name: Set(token.name.clone()),
            scopes: Set(token.scopes.to_string()),
            workspace_id: Set(token.workspace_id.map(|id| id.0)),
            created_at_ms: Set(token.created_at_ms),
            expires_at_ms: Set(token.expires_at_ms),
            used_at_ms: Set(None),
        };
        api_tokens::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// A token of a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token(
        &self,
        user_id: UserId,
        id: TokenId,
    ) -> Result<Option<ApiToken>, StoreError> {
        let row = api_tokens::Entity::find_by_id(id.0)
            .filter(api_tokens::Column::UserId.eq(user_id.0))
            .one(&self.transaction)
            .await?;
        Ok(row.map(token))
    }

    /// How many tokens a user has. Exact where the user's row is kept from others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_tokens(&self, user_id: UserId) -> Result<u64, StoreError> {
        let tokens = api_tokens::Entity::find().filter(api_tokens::Column::UserId.eq(user_id.0));
        Ok(tokens.count(&self.transaction).await?)
    }

    /// Takes away a token of a user; false when it is gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_token(&self, user_id: UserId, id: TokenId) -> Result<bool, StoreError> {
        let deleted = api_tokens::Entity::delete_many()
            .filter(api_tokens::Column::Id.eq(id.0))
            .filter(api_tokens::Column::UserId.eq(user_id.0))
            .exec(&self.transaction)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Takes away all tokens of a user; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_tokens(&self, user_id: UserId) -> Result<u64, StoreError> {
        let deleted = api_tokens::Entity::delete_many()
            .filter(api_tokens::Column::UserId.eq(user_id.0))
            .exec(&self.transaction)
            .await?;
        Ok(deleted.rows_affected)
    }
}

fn token(row: api_tokens::Model) -> ApiToken {
    ApiToken {
        id: TokenId(row.id),
        user_id: UserId(row.user_id),
        name: row.name,
        scopes: Scopes::parse(&row.scopes),
        workspace_id: row.workspace_id.map(WorkspaceId),
        created_at_ms: row.created_at_ms,
        expires_at_ms: row.expires_at_ms,
        used_at_ms: row.used_at_ms,
    }
}

/// What a user is in workspaces.
pub(super) async fn memberships_of(
    connection: &DatabaseConnection,
    user_id: UserId,
) -> Result<Vec<Membership>, StoreError> {
    /// More than anybody works in.
    const MOST: u64 = 10_000;
    let rows = workspace_members::Entity::find()
        .filter(workspace_members::Column::UserId.eq(user_id.0))
        .order_by_asc(workspace_members::Column::WorkspaceId)
        .limit(MOST)
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| {
            let role = WorkspaceRole::parse(&row.role)
                .ok_or_else(|| unreadable("membership of user", row.user_id))?;
            Ok(Membership { workspace_id: WorkspaceId(row.workspace_id), role })
        })
        .collect()
}
