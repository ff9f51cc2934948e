//! Accounts.

use formhold_domain::{
    EmailAddress, Language, UploadId, UserId,
    access::InstanceRole,
    accounts::{PersonName, Picture, User, UserState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait as _, sea_query::Expr,
};

use super::unreadable;
use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::{
        api_tokens, email_changes, oidc_identities, one_time_links, passkeys, recovery_codes,
        sessions, submission_owners, users, workspace_members,
    },
    forms::{signed, unsigned},
};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: EmailAddress,
    /// Whether mail to it is known to arrive.
    pub email_confirmed: bool,
    /// The person's name.
    pub name: PersonName,
    /// What it is in the instance.
    pub role: InstanceRole,
    /// The language of mails to it.
    pub language: Language,
    /// The hash of its password.
    pub password_hash: Option<String>,
}

/// What is to change of an account; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct UserUpdate {
    /// The address.
    pub email: Option<EmailAddress>,
    /// When mail to the address was shown to arrive.
    pub email_confirmed_at_ms: Option<Option<i64>>,
    /// The name.
    pub name: Option<PersonName>,
    /// The role.
    pub role: Option<InstanceRole>,
    /// The language.
    pub language: Option<Language>,
    /// Whether it may be used.
    pub state: Option<UserState>,
    /// The hash of the password.
    pub password_hash: Option<Option<String>>,
    /// The picture.
    pub picture: Option<Option<Picture>>,
}

impl Store {
    /// An account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        users::Entity::find_by_id(id.0).one(self.read()).await?.map(user).transpose()
    }

    /// The account with this address, in whatever case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find()
            .filter(users::Column::EmailFolded.eq(email.folded()))
            .limit(1)
            .one(self.read())
            .await?;
        row.map(user).transpose()
    }

    /// These accounts, in no order; those that are gone are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let rows = users::Entity::find()
            .filter(users::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .limit(ids.len() as u64)
            .all(self.read())
            .await?;
        rows.into_iter().map(user).collect()
    }

    /// How many accounts there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        Ok(users::Entity::find().count(self.read()).await?)
    }

    /// Which of these files are somebody's profile picture.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_pictures(&self, ids: &[UploadId]) -> Result<Vec<UploadId>, StoreError> {
        let rows: Vec<Option<uuid::Uuid>> = users::Entity::find()
            .select_only()
            .column(users::Column::PictureId)
            .filter(users::Column::PictureId.is_in(ids.iter().map(|id| id.0)))
            .limit(ids.len() as u64)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(rows.into_iter().flatten().map(UploadId).collect())
    }
}

impl Change {
    /// An account as it is now, kept from others until the end of the change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let query = users::Entity::find_by_id(id.0)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        query.one(&self.transaction).await?.map(user).transpose()
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the address is another account's.
    pub async fn insert_user(&self, new: &NewUser) -> Result<(), StoreError> {
        let row = users::ActiveModel {
            id: Set(new.id.0),
            email: Set(new.email.as_str().to_owned()),
            email_folded: Set(new.email.folded()),
            email_confirmed_at_ms: Set(new.email_confirmed.then_some(self.now_ms())),
            name: Set(new.name.as_str().to_owned()),
            name_folded: Set(new.name.as_str().to_lowercase()),
            role: Set(new.role.as_str().to_owned()),
            language: Set(new.language.tag().to_owned()),
            state: Set(UserState::Active.as_str().to_owned()),
            password_hash: Set(new.password_hash.clone()),
            totp_secret: Set(None),
            totp_step: Set(None),
            picture_id: Set(None),
            picture_type: Set(None),
            version: Set(1),
            created_at_ms: Set(self.now_ms()),
            updated_at_ms: Set(self.now_ms()),
            signed_in_at_ms: Set(None),
        };
        users::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Changes an account that has this version; false when it has another, or is gone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new address is another account's.
    pub async fn update_user(
        &self,
        id: UserId,
        version: u32,
        update: UserUpdate,
    ) -> Result<bool, StoreError> {
        use users::Column;
        let mut query = users::Entity::update_many()
            .col_expr(Column::Version, Expr::value(signed(version) + 1))
            .col_expr(Column::UpdatedAtMs, Expr::value(self.now_ms()));
        if let Some(email) = update.email {
            query = query
                .col_expr(Column::EmailFolded, Expr::value(email.folded()))
                .col_expr(Column::Email, Expr::value(email.as_str()));
        }
        if let Some(at_ms) = update.email_confirmed_at_ms {
            query = query.col_expr(Column::EmailConfirmedAtMs, Expr::value(at_ms));
        }
        if let Some(name) = update.name {
            query = query
                .col_expr(Column::NameFolded, Expr::value(name.as_str().to_lowercase()))
                .col_expr(Column::Name, Expr::value(name.as_str()));
        }
        if let Some(role) = update.role {
            query = query.col_expr(Column::Role, Expr::value(role.as_str()));
        }
        if let Some(language) = update.language {
            query = query.col_expr(Column::Language, Expr::value(language.tag()));
        }
        if let Some(state) = update.state {
            query = query.col_expr(Column::State, Expr::value(state.as_str()));
        }
        if let Some(hash) = update.password_hash {
            query = query.col_expr(Column::PasswordHash, Expr::value(hash));
        }
        if let Some(picture) = update.picture {
            let (id, kind) = picture.map(|it| (it.file_id.0, it.content_type)).unzip();
            query = query
                .col_expr(Column::PictureId, Expr::value(id))
                .col_expr(Column::PictureType, Expr::value(kind));
        }
        let updated = query
            .filter(Column::Id.eq(id.0))
            .filter(Column::Version.eq(signed(version)))
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Notes that somebody signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_sign_in(&self, id: UserId) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::SignedInAtMs, Expr::value(self.now_ms()))
            .filter(users::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Deletes an account and everything that opens it. Submissions, forms and audit entries stay.
    /// False when it is gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_user(&self, id: UserId) -> Result<bool, StoreError> {
        let transaction = &self.transaction;
        macro_rules! delete_from {
            ($($table:ident),+) => {$(
                $table::Entity::delete_many()
                    .filter($table::Column::UserId.eq(id.0))
                    .exec(transaction)
                    .await?;
            )+};
        }
        delete_from!(
            sessions,
            api_tokens,
            one_time_links,
            recovery_codes,
            passkeys,
            oidc_identities,
            email_changes,
            workspace_members,
            submission_owners
        );
        let deleted = users::Entity::delete_by_id(id.0).exec(transaction).await?;
        Ok(deleted.rows_affected == 1)
    }

    /// How many accounts may be used as admins. On MySQL their rows are kept from others, so that
    /// two changes at once cannot take away the last two.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_admins(&self) -> Result<u64, StoreError> {
        let admins: Vec<uuid::Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::Role.eq(InstanceRole::Admin.as_str()))
            .filter(users::Column::State.eq(UserState::Active.as_str()))
            .limit(1_000)
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
            .into_tuple()
            .all(&self.transaction)
            .await?;
        Ok(admins.len() as u64)
    }
}

pub(super) fn user(row: users::Model) -> Result<User, StoreError> {
    let wrong = || unreadable("user", row.id);
    Ok(User {
        id: UserId(row.id),
        email: EmailAddress::parse(&row.email).map_err(|_| wrong())?,
        email_confirmed_at_ms: row.email_confirmed_at_ms,
        name: PersonName::parse(&row.name).map_err(|_| wrong())?,
        role: InstanceRole::parse(&row.role).ok_or_else(wrong)?,
        language: Language::parse(&row.language).unwrap_or_default(),
        state: UserState::parse(&row.state).ok_or_else(wrong)?,
        has_password: row.password_hash.is_some(),
        has_totp: row.totp_secret.is_some(),
        picture: row
            .picture_id
            .zip(row.picture_type)
            .map(|(id, content_type)| Picture { file_id: UploadId(id), content_type }),
        version: unsigned(row.version),
        created_at_ms: row.created_at_ms,
        updated_at_ms: row.updated_at_ms,
        signed_in_at_ms: row.signed_in_at_ms,
    })
}
