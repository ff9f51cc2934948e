//! Jobs, what became of each try, and schedules.

use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, long_text, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

fn text(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = table("jobs")
            .col(id("id").not_null().primary_key())
            .col(text("kind", 40).not_null())
            .col(text("lane", 255).not_null())
            .col(number("priority"))
            .col(text("state", 16).not_null())
            .col(long_text("payload").not_null())
            .col(time("run_at_ms").not_null())
            .col(number("attempts"))
            .col(number("max_attempts"))
            // How often it was claimed; whoever claimed it before has no effect any more.
            .col(ColumnDef::new("fence").big_integer().not_null())
            // Counts up while a node is at it.
            .col(ColumnDef::new("beats").big_integer().not_null())
            .col(text("node", 36))
            .col(id("workspace_id"))
            .col(id("form_id"))
            .col(id("submission_id"))
            .col(id("channel_id"))
            .col(time("created_at_ms").not_null())
            .col(time("finished_at_ms"))
            .col(text("last_error", 500))
            .to_owned();
        create(manager, jobs).await?;
        let indexes: [(_, &[_]); 5] = [
            ("jobs_by_lane", &["state", "lane", "priority", "run_at_ms", "id"]),
            ("jobs_by_time", &["state", "run_at_ms", "id"]),
            ("jobs_by_state", &["state", "id"]),
            ("jobs_by_workspace", &["workspace_id", "state", "id"]),
            ("jobs_by_submission", &["submission_id", "id"]),
        ];
        for (name, columns) in indexes {
            create_index(manager, name, "jobs", columns).await?;
        }

        let tries = table("job_tries")
            .col(id("job_id").not_null())
            // The fence of the try: it counts on where a job is tried again by hand.
            .col(ColumnDef::new("attempt").big_integer().not_null())
            .col(time("at_ms").not_null())
            .col(ColumnDef::new("duration_ms").big_integer().not_null())
            .col(text("outcome", 16).not_null())
            .col(ColumnDef::new("status").integer())
            .col(text("excerpt", 1024).not_null())
            .primary_key(Index::create().col("job_id").col("attempt"))
            .to_owned();
        create(manager, tries).await?;

        let schedules = table("schedules")
            .col(text("name", 40).not_null().primary_key())
            .col(time("next_at_ms").not_null())
            .col(time("last_at_ms"))
            .col(id("last_job_id"))
            .to_owned();
        create(manager, schedules).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
