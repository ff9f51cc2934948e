//! Which requests of the API were carried out, so that a second try has no second effect.

use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = table("request_keys")
            .col(ColumnDef::new("owner_id").uuid().not_null())
            .col(ColumnDef::new("key_hash").binary_len(32).not_null())
            .col(ColumnDef::new("content_hash").binary_len(32).not_null())
            // Up to 16 MiB: MySQL's plain `text` ends at 64 KiB.
            .col(ColumnDef::new_with_type("reply", ColumnType::custom("mediumtext")))
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .primary_key(Index::create().col("owner_id").col("key_hash"))
            .to_owned();
        create(manager, keys).await?;
        create_index(manager, "request_keys_by_time", "request_keys", &["created_at_ms"]).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
