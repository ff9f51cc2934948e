//! Changes of address that wait until both addresses agreed.

use formhold_domain::{EmailAddress, UserId, accounts::EmailChange};
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect, QueryTrait as _};

use super::unreadable;
use crate::{Change, Store, StoreError, change::for_update, entities::email_changes};

impl Store {
    /// The change of address that waits for an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_email_change(
        &self,
        user_id: UserId,
    ) -> Result<Option<EmailChange>, StoreError> {
        let row = email_changes::Entity::find_by_id(user_id.0).one(self.read()).await?;
        row.map(email_change).transpose()
    }
}

impl Change {
    /// Puts a change of address in the place of one that waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_email_change(&self, change: &EmailChange) -> Result<(), StoreError> {
        self.delete_email_change(change.user_id).await?;
        let row = email_changes::ActiveModel {
            user_id: Set(change.user_id.0),
            new_email: Set(change.new_email.as_str().to_owned()),
            old_agreed: Set(change.old_agreed),
            new_agreed: Set(change.new_agreed),
            created_at_ms: Set(change.created_at_ms),
        };
        email_changes::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// The change of address that waits, kept from others until the end of the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn email_change(&self, user_id: UserId) -> Result<Option<EmailChange>, StoreError> {
        let query = email_changes::Entity::find_by_id(user_id.0)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        query.one(&self.transaction).await?.map(email_change).transpose()
    }

    /// Drops a change of address that waits. False when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_email_change(&self, user_id: UserId) -> Result<bool, StoreError> {
        let deleted =
            email_changes::Entity::delete_by_id(user_id.0).exec(&self.transaction).await?;
        Ok(deleted.rows_affected == 1)
    }
}

fn email_change(row: email_changes::Model) -> Result<EmailChange, StoreError> {
    Ok(EmailChange {
        user_id: UserId(row.user_id),
        new_email: EmailAddress::parse(&row.new_email)
            .map_err(|_| unreadable("change of address of user", row.user_id))?,
        old_agreed: row.old_agreed,
        new_agreed: row.new_agreed,
        created_at_ms: row.created_at_ms,
    })
}
