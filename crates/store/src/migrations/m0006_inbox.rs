//! What owners do with submissions: reading, stars, tags, notes, history, trash. Tables of their own,
//! so that taking a submission in costs no more than before.

use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

fn long_text(name: &'static str) -> ColumnDef {
    ColumnDef::new_with_type(name, ColumnType::custom("mediumtext"))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let handlings = table("submission_handlings")
            .col(ColumnDef::new("submission_id").uuid().not_null().primary_key())
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("is_read").boolean().not_null())
            .col(ColumnDef::new("trashed_at_ms").big_integer())
            .col(ColumnDef::new("trashed_from").string_len(16))
            .col(ColumnDef::new("version").integer().not_null())
            .col(ColumnDef::new("changed_at_ms").big_integer().not_null())
            .to_owned();
        create(manager, handlings).await?;

        let stars = table("submission_stars")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .primary_key(Index::create().col("form_id").col("submission_id"))
            .to_owned();
        create(manager, stars).await?;

        let tags = table("submission_tags")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("tag").string_len(40).not_null())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .primary_key(Index::create().col("form_id").col("tag").col("submission_id"))
            .to_owned();
        create(manager, tags).await?;

        let notes = table("submission_notes")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .col(ColumnDef::new("user_id").uuid())
            .col(long_text("text").not_null())
            .col(ColumnDef::new("created_at_ms").big_integer().not_null())
            .to_owned();
        create(manager, notes).await?;

        let history = table("submission_history")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("submission_id").uuid().not_null())
            .col(ColumnDef::new("at_ms").big_integer().not_null())
            .col(ColumnDef::new("actor_kind").string_len(16).not_null())
            .col(ColumnDef::new("actor_id").string_len(64))
            .col(ColumnDef::new("kind").string_len(32).not_null())
            .col(long_text("details"))
            .to_owned();
        create(manager, history).await?;

        for (name, table, columns) in [
            ("handlings_by_trash", "submission_handlings", &["trashed_at_ms"][..]),
            ("owners_by_submission", "submission_owners", &["submission_id"]),
            ("tags_by_submission", "submission_tags", &["submission_id"]),
            ("notes_by_submission", "submission_notes", &["submission_id", "id"]),
            ("history_by_submission", "submission_history", &["submission_id", "id"]),
        ] {
            create_index(manager, name, table, columns).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
