//! Forms by workspace, and the trash that forms come back from until they are deleted for good.

use sea_orm_migration::prelude::*;

use super::tables::{add_column, create_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let purge = ColumnDef::new("purge_began_at_ms").big_integer().to_owned();
        add_column(manager, "forms", purge).await?;
        create_index(manager, "forms_by_workspace", "forms", &["workspace_id", "slug"]).await?;
        create_index(manager, "forms_by_trash", "forms", &["deleted_at_ms"]).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
