//! Notification channels of forms.

use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, long_text, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let channels = table("channels")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("workspace_id").uuid().not_null())
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("kind").string_len(40).not_null())
            .col(ColumnDef::new("name").string_len(400).not_null())
            // With secrets: nothing but the delivery reads it as it is.
            .col(long_text("config").not_null())
            .col(ColumnDef::new("is_on").boolean().not_null())
            .col(ColumnDef::new("off_reason").string_len(500))
            .col(ColumnDef::new("failing_since_ms").big_integer())
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .col(ColumnDef::new("updated_at_ms").big_integer().not_null())
            .to_owned();
        create(manager, channels).await?;
        create_index(manager, "channels_by_form", "channels", &["form_id", "id"]).await?;
        create_index(manager, "jobs_by_channel", "jobs", &["channel_id", "id"]).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
