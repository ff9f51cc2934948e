//! Sessions.

use formhold_domain::{
    BearerHash, SessionId, UserId,
    access::{InstanceRole, Membership},
    accounts::{Factor, Session},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{tokens::memberships_of, unreadable};
use crate::{
    Change, Store, StoreError,
    change::fixed_hash,
    entities::{sessions, users},
};

/// What a request needs to know of who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// What they are in the instance.
    pub role: InstanceRole,
    /// What they are in workspaces.
    pub memberships: Vec<Membership>,
    /// When it was last used.
    pub seen_at_ms: i64,
    /// When it ends whatever happens.
    pub expires_at_ms: i64,
}

impl Store {
    /// Who holds the session with this secret; none when it ended or its account may not be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, hash: &BearerHash) -> Result<Option<SignedIn>, StoreError> {
        let found = sessions::Entity::find()
            .filter(sessions::Column::SecretHash.eq(hash.to_vec()))
            .limit(1)
            .one(self.read())
            .await?;
        let Some(session) = found else { return Ok(None) };
        let Some((role, memberships)) = self.rights_of(UserId(session.user_id)).await? else {
            return Ok(None);
        };
        Ok(Some(SignedIn {
            session_id: SessionId(session.id),
            user_id: UserId(session.user_id),
            role,
            memberships,
            seen_at_ms: session.seen_at_ms,
            expires_at_ms: session.expires_at_ms,
        }))
    }

    /// What a user is, in the instance and in workspaces; none when there is no such account or it
    /// may not be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rights_of(
        &self,
        user_id: UserId,
    ) -> Result<Option<(InstanceRole, Vec<Membership>)>, StoreError> {
        let found: Option<(String, String)> = users::Entity::find_by_id(user_id.0)
            .select_only()
            .columns([users::Column::Role, users::Column::State])
            .into_tuple()
            .one(self.read())
            .await?;
        let Some((role, state)) = found else { return Ok(None) };
        if state != "active" {
            return Ok(None);
        }
        let role = InstanceRole::parse(&role).ok_or_else(|| unreadable("user", user_id))?;
        Ok(Some((role, memberships_of(self.read(), user_id).await?)))
    }

    /// The sessions of a user that have not ended by `now_ms`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sessions(
        &self,
        user_id: UserId,
        now_ms: i64,
        limit: u64,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user_id.0))
            .filter(sessions::Column::ExpiresAtMs.gt(now_ms))
            .order_by_desc(sessions::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        rows.into_iter().map(session).collect()
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(&self, id: SessionId, now_ms: i64) -> Result<(), StoreError> {
        let transaction = self.begin_write().await?;
        sessions::Entity::update_many()
            .col_expr(sessions::Column::SeenAtMs, Expr::value(now_ms))
            .filter(sessions::Column::Id.eq(id.0))
            .filter(sessions::Column::SeenAtMs.lt(now_ms))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets up to `limit` sessions that ended by their age; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_ended_sessions(&self, now_ms: i64, limit: u64) -> Result<u64, StoreError> {
        let ended: Vec<uuid::Uuid> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Id)
            .filter(sessions::Column::ExpiresAtMs.lte(now_ms))
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        if ended.is_empty() {
            return Ok(0);
        }
        let transaction = self.begin_write().await?;
        let deleted = sessions::Entity::delete_many()
            .filter(sessions::Column::Id.is_in(ended))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected)
    }
}

impl Change {
    /// Begins a session that the secret with this hash opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_session(
        &self,
        session: &Session,
        hash: &BearerHash,
    ) -> Result<(), StoreError> {
        let row = sessions::ActiveModel {
            id: Set(session.id.0),
            secret_hash: Set(hash.to_vec()),
            user_id: Set(session.user_id.0),
            factor: Set(session.factor.as_str().to_owned()),
            created_at_ms: Set(session.created_at_ms),
            seen_at_ms: Set(session.seen_at_ms),
            expires_at_ms: Set(session.expires_at_ms),
            address: Set(session.address.clone()),
            user_agent: Set(session.user_agent.clone()),
        };
        sessions::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Ends sessions of a user: this one, or all but that one; gives the hashes of the secrets that
    /// opened them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(
        &self,
        user_id: UserId,
        only: Option<SessionId>,
        except: Option<SessionId>,
    ) -> Result<Vec<BearerHash>, StoreError> {
        use sessions::Column;
        let mut query = sessions::Entity::find().filter(Column::UserId.eq(user_id.0));
        if let Some(id) = only {
            query = query.filter(Column::Id.eq(id.0));
        }
        if let Some(id) = except {
            query = query.filter(Column::Id.ne(id.0));
        }
        let found: Vec<(uuid::Uuid, Vec<u8>)> = query
            .select_only()
            .columns([Column::Id, Column::SecretHash])
            .limit(100_000)
            .into_tuple()
            .all(&self.transaction)
            .await?;
        let (ids, hashes): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        if !ids.is_empty() {
            sessions::Entity::delete_many()
                .filter(Column::Id.is_in(ids))
                .exec(&self.transaction)
                .await?;
        }
        hashes.iter().map(|hash| fixed_hash(hash)).collect()
    }

    /// The hashes of the secrets that open a user's sessions: what caches know of them changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_hashes(&self, user_id: UserId) -> Result<Vec<BearerHash>, StoreError> {
        let found: Vec<Vec<u8>> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::SecretHash)
            .filter(sessions::Column::UserId.eq(user_id.0))
            .limit(100_000)
            .into_tuple()
            .all(&self.transaction)
            .await?;
        found.iter().map(|hash| fixed_hash(hash)).collect()
    }
}

fn session(row: sessions::Model) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.id),
        user_id: UserId(row.user_id),
        factor: Factor::parse(&row.factor).ok_or_else(|| unreadable("session", row.id))?,
        created_at_ms: row.created_at_ms,
        seen_at_ms: row.seen_at_ms,
        expires_at_ms: row.expires_at_ms,
        address: row.address,
        user_agent: row.user_agent,
    })
}
