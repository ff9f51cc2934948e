//! What proves that an account is somebody's: password, codes, passkeys, providers.

use formhold_domain::{EmailAddress, PasskeyId, UserId, accounts::User};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _, sea_query::Expr,
};

use super::users::user;
use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::{oidc_identities, passkeys, recovery_codes, users},
};

/// An account and what a sign-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// The hash of its password.
    pub password_hash: Option<String>,
    /// The secret of its app's codes.
    pub totp_secret: Option<Vec<u8>>,
    /// The time step of the last code that was used.
    pub totp_step: Option<i64>,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose.
    pub user_id: UserId,
    /// SHA-256 of the credential's id.
    pub credential_hash: [u8; 32],
    /// What its owner calls it.
    pub name: String,
    /// The credential, as `identity` serialises it.
    pub credential: String,
    /// When it was added.
    pub created_at_ms: i64,
    /// When it was last used.
    pub used_at_ms: Option<i64>,
}

impl Store {
    /// What a sign-in with this address is checked against.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<Credentials>, StoreError> {
        let row = users::Entity::find()
            .filter(users::Column::EmailFolded.eq(email.folded()))
            .limit(1)
            .one(self.read())
            .await?;
        row.map(credentials).transpose()
    }

    /// What a user's sign-in is checked against.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        users::Entity::find_by_id(id.0).one(self.read()).await?.map(credentials).transpose()
    }

    /// The passkey with this credential.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_passkey(
        &self,
        credential_hash: &[u8; 32],
    ) -> Result<Option<Passkey>, StoreError> {
        let row = passkeys::Entity::find()
            .filter(passkeys::Column::CredentialHash.eq(credential_hash.to_vec()))
            .limit(1)
            .one(self.read())
            .await?;
        row.map(passkey).transpose()
    }

    /// The passkeys of a user, in the order in which they were added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_passkeys(&self, user_id: UserId) -> Result<Vec<Passkey>, StoreError> {
        let rows = passkeys::Entity::find()
            .filter(passkeys::Column::UserId.eq(user_id.0))
            .order_by_asc(passkeys::Column::Id)
            .limit(100)
            .all(self.read())
            .await?;
        rows.into_iter().map(passkey).collect()
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_recovery_codes(&self, user_id: UserId) -> Result<u64, StoreError> {
        let left =
            recovery_codes::Entity::find().filter(recovery_codes::Column::UserId.eq(user_id.0));
        Ok(left.count(self.read()).await?)
    }

    /// The user that an account of a sign-in provider belongs to. `provider` is up to 64 letters and
    /// digits that no other provider has, whatever the settings call it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_identity(
        &self,
        provider: &str,
        subject: &str,
    ) -> Result<Option<UserId>, StoreError> {
        let key = (provider.to_owned(), subject.to_owned());
        let row = oidc_identities::Entity::find_by_id(key).one(self.read()).await?;
        // MySQL ignores trailing spaces when it compares.
        let same = row.filter(|row| row.provider == provider && row.subject == subject);
        Ok(same.map(|row| UserId(row.user_id)))
    }
}

impl Change {
    /// What a user's sign-in is checked against, as it is now, kept from others until the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let query = users::Entity::find_by_id(id.0)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        query.one(&self.transaction).await?.map(credentials).transpose()
    }

    /// Sets a new hash of the same password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehash_password(&self, id: UserId, hash: &str) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::PasswordHash, Expr::value(hash))
            .filter(users::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Turns codes of an app on with this secret, or off. `step` is that of the code that showed the
    /// secret to be known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_totp(
        &self,
        id: UserId,
        secret: Option<Vec<u8>>,
        step: Option<i64>,
    ) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::TotpSecret, Expr::value(secret))
            .col_expr(users::Column::TotpStep, Expr::value(step))
            .col_expr(users::Column::Version, Expr::cust("version + 1"))
            .col_expr(users::Column::UpdatedAtMs, Expr::value(self.now_ms()))
            .filter(users::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Uses up a code of a user's app; false when it, or a later one, was used before. Of many at
    /// once one is first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_totp_step(&self, id: UserId, step: i64) -> Result<bool, StoreError> {
        use users::Column;
        let updated = users::Entity::update_many()
            .col_expr(Column::TotpStep, Expr::value(step))
            .filter(Column::Id.eq(id.0))
            .filter(Column::TotpSecret.is_not_null())
            .filter(Condition::any().add(Column::TotpStep.is_null()).add(Column::TotpStep.lt(step)))
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Puts new recovery codes in the place of all that a user has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_recovery_codes(
        &self,
        user_id: UserId,
        hashes: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(user_id.0))
            .exec(&self.transaction)
            .await?;
        if hashes.is_empty() {
            return Ok(());
        }
        let rows = hashes.iter().map(|hash| recovery_codes::ActiveModel {
            user_id: Set(user_id.0),
            code_hash: Set(hash.to_vec()),
        });
        recovery_codes::Entity::insert_many(rows).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Uses up a recovery code; false when it is none of the user's. Of many at once one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_recovery_code(
        &self,
        user_id: UserId,
        hash: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let deleted = recovery_codes::Entity::delete_by_id((user_id.0, hash.to_vec()))
            .exec(&self.transaction)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Adds a passkey.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the credential is known already.
    pub async fn insert_passkey(&self, passkey: &Passkey) -> Result<(), StoreError> {
        let row = passkeys::ActiveModel {
            id: Set(passkey.id.0),
            user_id: Set(passkey.user_id.0),
            credential_hash: Set(passkey.credential_hash.to_vec()),
            name: Set(passkey.name.clone()),
            credential: Set(passkey.credential.clone()),
            created_at_ms: Set(passkey.created_at_ms),
            used_at_ms: Set(passkey.used_at_ms),
        };
        passkeys::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Writes what a use changed of a passkey: its counter, where it counts, and when it was. False
    /// when the passkey is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_passkey_use(
        &self,
        id: PasskeyId,
        credential: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut query = passkeys::Entity::update_many()
            .col_expr(passkeys::Column::UsedAtMs, Expr::value(self.now_ms()));
        if let Some(credential) = credential {
            query = query.col_expr(passkeys::Column::Credential, Expr::value(credential));
        }
        let updated = query.filter(passkeys::Column::Id.eq(id.0)).exec(&self.transaction).await?;
        Ok(updated.rows_affected == 1)
    }

    /// Renames a passkey of a user; false when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_passkey(
        &self,
        user_id: UserId,
        id: PasskeyId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let found = passkeys::Entity::find_by_id(id.0)
            .filter(passkeys::Column::UserId.eq(user_id.0))
            .one(&self.transaction)
            .await?;
        if found.is_none() {
            return Ok(false);
        }
        passkeys::Entity::update_many()
            .col_expr(passkeys::Column::Name, Expr::value(name))
            .filter(passkeys::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;
        Ok(true)
    }

    /// Removes a passkey of a user, or all; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_passkeys(
        &self,
        user_id: UserId,
        only: Option<PasskeyId>,
    ) -> Result<u64, StoreError> {
        let mut query =
            passkeys::Entity::delete_many().filter(passkeys::Column::UserId.eq(user_id.0));
        if let Some(id) = only {
            query = query.filter(passkeys::Column::Id.eq(id.0));
        }
        Ok(query.exec(&self.transaction).await?.rows_affected)
    }

    /// Notes that an account of a sign-in provider belongs to a user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it belongs to somebody already.
    pub async fn insert_identity(
        &self,
        provider: &str,
        subject: &str,
        user_id: UserId,
    ) -> Result<(), StoreError> {
        let row = oidc_identities::ActiveModel {
            provider: Set(provider.to_owned()),
            subject: Set(subject.to_owned()),
            user_id: Set(user_id.0),
            created_at_ms: Set(self.now_ms()),
        };
        oidc_identities::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Forgets which accounts of sign-in providers belong to a user; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_identities(&self, user_id: UserId) -> Result<u64, StoreError> {
        let query = oidc_identities::Entity::delete_many()
            .filter(oidc_identities::Column::UserId.eq(user_id.0));
        Ok(query.exec(&self.transaction).await?.rows_affected)
    }
}

fn credentials(mut row: users::Model) -> Result<Credentials, StoreError> {
    let (password_hash, totp_secret) = (row.password_hash.clone(), row.totp_secret.take());
    let totp_step = row.totp_step;
    let mut user = user(row)?;
    user.has_totp = totp_secret.is_some();
    Ok(Credentials { user, password_hash, totp_secret, totp_step })
}

fn passkey(row: passkeys::Model) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: PasskeyId(row.id),
        user_id: UserId(row.user_id),
        credential_hash: crate::change::fixed_hash(&row.credential_hash)?,
        name: row.name,
        credential: row.credential,
        created_at_ms: row.created_at_ms,
        used_at_ms: row.used_at_ms,
    })
}
