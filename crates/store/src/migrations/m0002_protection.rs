//! The instance's secret, what each form learnt about spam, and what is known of a file.

use sea_orm_migration::prelude::*;

use super::tables::{add_column, create, create_index, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let secrets = table("instance_secrets")
            .col(ColumnDef::new("name").string_len(32).not_null().primary_key())
            .col(ColumnDef::new("secret").binary_len(32).not_null())
            .to_owned();
        create(manager, secrets).await?;

        let tokens = table("spam_tokens")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("token").big_integer().not_null())
            .col(ColumnDef::new("spam").integer().not_null())
            .col(ColumnDef::new("ham").integer().not_null())
            .primary_key(Index::create().col("form_id").col("token"))
            .to_owned();
        create(manager, tokens).await?;

        let totals = table("spam_totals")
            .col(ColumnDef::new("form_id").uuid().not_null().primary_key())
            .col(ColumnDef::new("spam").integer().not_null())
            .col(ColumnDef::new("ham").integer().not_null())
            .to_owned();
        create(manager, totals).await?;

        let lessons = table("spam_lessons")
            .col(ColumnDef::new("submission_id").uuid().not_null().primary_key())
            .col(ColumnDef::new("lesson").string_len(8).not_null())
            .col(ColumnDef::new("taught_at_ms").big_integer().not_null())
            .to_owned();
        create(manager, lessons).await?;

        for column in [
            ColumnDef::new("width").integer().to_owned(),
            ColumnDef::new("height").integer().to_owned(),
            ColumnDef::new("scan").string_len(16).to_owned(),
            ColumnDef::new("scan_finding").string_len(255).to_owned(),
        ] {
            add_column(manager, "uploads", column).await?;
        }
        create_index(manager, "submissions_by_state", "submissions", &["form_id", "state", "id"])
            .await?;
        create_index(manager, "uploads_by_scan", "uploads", &["scan", "id"]).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
