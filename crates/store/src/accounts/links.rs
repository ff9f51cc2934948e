//! Links in mails that work once.

use formhold_domain::{
    BearerHash, UserId,
    accounts::{LinkKind, OneTimeLink},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::unreadable;
use crate::{Change, Store, StoreError, change::fixed_hash, entities::one_time_links};

impl Store {
    /// The link with this secret, used by nobody yet. It may have expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_link(&self, hash: &BearerHash) -> Result<Option<OneTimeLink>, StoreError> {
        let row = one_time_links::Entity::find_by_id(hash.to_vec()).one(self.read()).await?;
        row.map(link).transpose()
    }

    /// Forgets links that expired before a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_links(&self, now_ms: i64) -> Result<u64, StoreError> {
        let transaction = self.begin_write().await?;
        let deleted = one_time_links::Entity::delete_many()
            .filter(one_time_links::Column::ExpiresAtMs.lte(now_ms))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected)
    }
}

impl Change {
    /// Makes a link; those of the same kind that the user has do not work any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_link(&self, link: &OneTimeLink) -> Result<(), StoreError> {
        self.delete_links(link.user_id, Some(link.kind)).await?;
        let row = one_time_links::ActiveModel {
            secret_hash: Set(link.hash.to_vec()),
            kind: Set(link.kind.as_str().to_owned()),
            user_id: Set(link.user_id.0),
            created_at_ms: Set(link.created_at_ms),
            expires_at_ms: Set(link.expires_at_ms),
        };
        one_time_links::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Uses a link up: of many at once one gets it, if it is of this kind and has not expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_link(
        &self,
        hash: &BearerHash,
        kind: LinkKind,
    ) -> Result<Option<OneTimeLink>, StoreError> {
        let row = one_time_links::Entity::find_by_id(hash.to_vec()).one(&self.transaction).await?;
        let Some(found) = row.map(link).transpose()? else { return Ok(None) };
        if found.kind != kind || found.expires_at_ms <= self.now_ms() {
            return Ok(None);
        }
        let deleted =
            one_time_links::Entity::delete_by_id(hash.to_vec()).exec(&self.transaction).await?;
        Ok((deleted.rows_affected == 1).then_some(found))
    }

    /// Takes away the links of a user, of one kind or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_links(
        &self,
        user_id: UserId,
        kind: Option<LinkKind>,
    ) -> Result<(), StoreError> {
        let mut query = one_time_links::Entity::delete_many()
            .filter(one_time_links::Column::UserId.eq(user_id.0));
        if let Some(kind) = kind {
            query = query.filter(one_time_links::Column::Kind.eq(kind.as_str()));
        }
        query.exec(&self.transaction).await?;
        Ok(())
    }
}

fn link(row: one_time_links::Model) -> Result<OneTimeLink, StoreError> {
    Ok(OneTimeLink {
        hash: fixed_hash(&row.secret_hash)?,
        kind: LinkKind::parse(&row.kind).ok_or_else(|| unreadable("link of kind", &row.kind))?,
        user_id: UserId(row.user_id),
        created_at_ms: row.created_at_ms,
        expires_at_ms: row.expires_at_ms,
    })
}
