//! Notification channels of forms. Their configurations hold secrets.

use std::fmt;

use formhold_domain::{ChannelId, FormId, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, sea_query::Expr,
};

use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::channels,
    forms::{signed, unsigned},
};

/// More channels than a form can have.
const MOST: u64 = 100;

/// A notification channel of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    /// Its id.
    pub id: ChannelId,
    /// The workspace of its form.
    pub workspace_id: WorkspaceId,
    /// Its form.
    pub form_id: FormId,
    /// The name of its kind; one that this program may not know.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What it was told, as JSON, with secrets.
    pub config: String,
    /// Whether anything is sent.
    pub is_on: bool,
    /// Why Formhold switched it off.
    pub off_reason: Option<String>,
    /// Since when every delivery fails.
    pub failing_since_ms: Option<i64>,
    /// Counts up with each change by somebody.
    pub version: u32,
    /// When it was made.
    pub created_at_ms: i64,
    /// When somebody last changed it.
    pub updated_at_ms: i64,
}

/// Without the configuration.
impl fmt::Debug for ChannelRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, is_on, version, .. } = self;
        f.debug_struct("ChannelRecord")
            .field("id", id)
            .field("kind", kind)
            .field("is_on", is_on)
            .field("version", version)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// The channels of a form, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn channels_of_form(
        &self,
        form_id: FormId,
    ) -> Result<Vec<ChannelRecord>, StoreError> {
        let rows = channels::Entity::find()
            .filter(channels::Column::FormId.eq(form_id.0))
            .order_by_asc(channels::Column::Id)
            .limit(MOST)
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(record).collect())
    }

    /// A channel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_channel(&self, id: ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
        Ok(channels::Entity::find_by_id(id.0).one(self.read()).await?.map(record))
    }

    /// Notes whether every delivery of a channel fails, and since when. No change by anybody, so its
    /// version stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_channel(
        &self,
        id: ChannelId,
        failing_since_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        let transaction = self.begin_write().await?;
        channels::Entity::update_many()
            .col_expr(channels::Column::FailingSinceMs, Expr::value(failing_since_ms))
            .filter(channels::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

impl Change {
    /// A channel as it is now; nobody else changes it before this change ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn channel(&self, id: ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
        let query = channels::Entity::find_by_id(id.0);
        let query =
            query.apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        Ok(query.one(&self.transaction).await?.map(record))
    }

    /// How many channels a form has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_channels(&self, form_id: FormId) -> Result<u64, StoreError> {
        use sea_orm::PaginatorTrait as _;
        let query = channels::Entity::find().filter(channels::Column::FormId.eq(form_id.0));
        Ok(query.count(&self.transaction).await?)
    }

    /// Makes a channel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_channel(&self, channel: &ChannelRecord) -> Result<(), StoreError> {
        channels::Entity::insert(row(channel)).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Writes all of a channel but where it belongs. The caller looked at its version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_channel(&self, channel: &ChannelRecord) -> Result<(), StoreError> {
        channels::Entity::update(row(channel)).exec(&self.transaction).await?;
        Ok(())
    }

    /// Deletes a channel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_channel(&self, id: ChannelId) -> Result<(), StoreError> {
        channels::Entity::delete_by_id(id.0).exec(&self.transaction).await?;
        Ok(())
    }
}

fn row(channel: &ChannelRecord) -> channels::ActiveModel {
    channels::ActiveModel {
        id: Set(channel.id.0),
        workspace_id: Set(channel.workspace_id.0),
        form_id: Set(channel.form_id.0),
        kind: Set(channel.kind.clone()),
        name: Set(channel.name.clone()),
        config: Set(channel.config.clone()),
        is_on: Set(channel.is_on),
        off_reason: Set(channel.off_reason.clone()),
        failing_since_ms: Set(channel.failing_since_ms),
        version: Set(signed(channel.version)),
        created_at_ms: Set(channel.created_at_ms),
        updated_at_ms: Set(channel.updated_at_ms),
    }
}

fn record(row: channels::Model) -> ChannelRecord {
    ChannelRecord {
        id: ChannelId(row.id),
        workspace_id: WorkspaceId(row.workspace_id),
        form_id: FormId(row.form_id),
        kind: row.kind,
        name: row.name,
        config: row.config,
        is_on: row.is_on,
        off_reason: row.off_reason,
        failing_since_ms: row.failing_since_ms,
        version: unsigned(row.version),
        created_at_ms: row.created_at_ms,
        updated_at_ms: row.updated_at_ms,
    }
}
