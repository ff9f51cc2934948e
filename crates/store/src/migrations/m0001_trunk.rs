//! Forms, their versions, submissions, files, idempotency keys, counts.

use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, long_text, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let forms = table("forms")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("form_key").string_len(16).not_null().unique_key())
            .col(ColumnDef::new("slug").string_len(64).not_null().unique_key())
            .col(ColumnDef::new("name").string_len(200).not_null())
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .col(ColumnDef::new("updated_at_ms").big_integer().not_null())
            .col(ColumnDef::new("deleted_at_ms").big_integer())
            .to_owned();
        create(manager, forms).await?;

        let versions = table("form_versions")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("version").integer().not_null())
            .col(long_text("definition").not_null())
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("version"))
            .to_owned();
        create(manager, versions).await?;

        let submissions = table("submissions")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("form_version").integer().not_null())
            .col(ColumnDef::new("state").string_len(16).not_null())
            .col(ColumnDef::new("received_at_ms").big_integer().not_null())
            .col(long_text("answers").not_null())
            .col(long_text("undeclared"))
            .col(long_text("context").not_null())
            .to_owned();
        create(manager, submissions).await?;

        let uploads = table("uploads")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .col(ColumnDef::new("position").integer().not_null())
            .col(ColumnDef::new("field").string_len(256).not_null())
            .col(ColumnDef::new("name").string_len(255).not_null())
            .col(ColumnDef::new("content_type").string_len(128).not_null())
            .col(ColumnDef::new("size_bytes").big_integer().not_null())
            .col(ColumnDef::new("sha256").char_len(64).not_null())
            .to_owned();
        create(manager, uploads).await?;

        let keys = table("idempotency_keys")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("key_hash").binary_len(32).not_null())
            .col(ColumnDef::new("content_hash").binary_len(32).not_null())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("key_hash"))
            .to_owned();
        create(manager, keys).await?;

        let counts = table("submission_counts")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("shard").small_integer().not_null())
            .col(ColumnDef::new("accepted").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("shard"))
            .to_owned();
        create(manager, counts).await?;

        let probes = table("probes")
            .col(ColumnDef::new("name").string_len(64).not_null().primary_key())
            .col(ColumnDef::new("at_ms").big_integer().not_null())
            .to_owned();
        create(manager, probes).await?;

        for (name, table, columns) in [
            ("submissions_by_form", "submissions", &["form_id", "id"][..]),
            ("uploads_by_submission", "uploads", &["submission_id", "position"]),
            ("idempotency_keys_by_age", "idempotency_keys", &["created_at_ms"]),
        ] {
            create_index(manager, name, table, columns).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
