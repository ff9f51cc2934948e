//! Invitations to workspaces.

use formhold_domain::{
    BearerHash, EmailAddress, InvitationId, UserId, WorkspaceId, access::WorkspaceRole,
    accounts::Invitation,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::unreadable;
use crate::{Change, Store, StoreError, entities::invitations};

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The hash of the secret in its link.
    pub hash: BearerHash,
}

impl Store {
    /// The invitation with this secret. It may have expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_invitation(
        &self,
        hash: &BearerHash,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find()
            .filter(invitations::Column::SecretHash.eq(hash.to_vec()))
            .limit(1)
            .one(self.read())
            .await?;
        row.map(invitation).transpose()
    }

    /// Up to `limit` invitations to a workspace that have not expired by `now_ms`, the newest first,
    /// before the id `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_invitations(
        &self,
        workspace_id: WorkspaceId,
        now_ms: i64,
        before: Option<InvitationId>,
        limit: u64,
    ) -> Result<Vec<Invitation>, StoreError> {
        let mut query = invitations::Entity::find()
            .filter(invitations::Column::WorkspaceId.eq(workspace_id.0))
            .filter(invitations::Column::ExpiresAtMs.gt(now_ms));
        if let Some(before) = before {
            query = query.filter(invitations::Column::Id.lt(before.0));
        }
        let rows =
            query.order_by_desc(invitations::Column::Id).limit(limit).all(self.read()).await?;
        rows.into_iter().map(invitation).collect()
    }

    /// Forgets invitations that expired before a time; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_invitations(&self, now_ms: i64) -> Result<u64, StoreError> {
        let transaction = self.begin_write().await?;
        let deleted = invitations::Entity::delete_many()
            .filter(invitations::Column::ExpiresAtMs.lte(now_ms))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected)
    }
}

impl Change {
    /// Makes an invitation; an open one of the same address to the same workspace ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_invitation(&self, new: &NewInvitation) -> Result<(), StoreError> {
        let it = &new.invitation;
        invitations::Entity::delete_many()
            .filter(invitations::Column::WorkspaceId.eq(it.workspace_id.0))
            .filter(invitations::Column::Email.eq(it.email.folded()))
            .exec(&self.transaction)
            .await?;
        let row = invitations::ActiveModel {
            id: Set(it.id.0),
            secret_hash: Set(new.hash.to_vec()),
            workspace_id: Set(it.workspace_id.0),
            email: Set(it.email.folded()),
            role: Set(it.role.as_str().to_owned()),
            invited_by: Set(it.invited_by.map(|id| id.0)),
            created_at_ms: Set(it.created_at_ms),
            expires_at_ms: Set(it.expires_at_ms),
        };
        invitations::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Uses an invitation up: of many at once one gets it, if it has not expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_invitation(
        &self,
        hash: &BearerHash,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find()
            .filter(invitations::Column::SecretHash.eq(hash.to_vec()))
            .limit(1)
            .one(&self.transaction)
            .await?;
        let Some(found) = row.map(invitation).transpose()? else { return Ok(None) };
        if found.expires_at_ms <= self.now_ms() {
            return Ok(None);
        }
        let deleted = invitations::Entity::delete_by_id(found.id.0).exec(&self.transaction).await?;
        Ok((deleted.rows_affected == 1).then_some(found))
    }

    /// Takes an invitation to a workspace back; gives what it was, none when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_invitation(
        &self,
        workspace_id: WorkspaceId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let row = invitations::Entity::find_by_id(id.0)
            .filter(invitations::Column::WorkspaceId.eq(workspace_id.0))
            .one(&self.transaction)
            .await?;
        let Some(found) = row.map(invitation).transpose()? else { return Ok(None) };
        let deleted = invitations::Entity::delete_by_id(id.0).exec(&self.transaction).await?;
        Ok((deleted.rows_affected == 1).then_some(found))
    }
}

fn invitation(row: invitations::Model) -> Result<Invitation, StoreError> {
    let wrong = || unreadable("invitation", row.id);
    Ok(Invitation {
        id: InvitationId(row.id),
        workspace_id: WorkspaceId(row.workspace_id),
        email: EmailAddress::parse(&row.email).map_err(|_| wrong())?,
        role: WorkspaceRole::parse(&row.role).ok_or_else(wrong)?,
        invited_by: row.invited_by.map(UserId),
        created_at_ms: row.created_at_ms,
        expires_at_ms: row.expires_at_ms,
    })
}
