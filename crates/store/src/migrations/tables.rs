//! What every migration needs: each step is safe to run again after a kill.

use sea_orm_migration::prelude::*;

/// Text in MySQL must say that it is UTF-8 and compares by bytes: servers differ in defaults.
pub(super) fn table(name: &'static str) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).if_not_exists();
    table
}

/// Makes a table where it is missing.
pub(super) async fn create(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == sea_orm::DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}

/// Makes an index where it is missing: MySQL has no `IF NOT EXISTS` for them.
pub(super) async fn create_index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    if manager.has_index(table, name).await? {
        return Ok(());
    }
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

/// Adds a column where it is missing.
pub(super) async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    mut column: ColumnDef,
) -> Result<(), DbErr> {
    if manager.has_column(table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(&mut column).take()).await
}

/// Text of up to 16 MiB: MySQL's plain `text` ends at 64 KiB.
pub(super) fn long_text(name: &'static str) -> ColumnDef {
    ColumnDef::new_with_type(name, ColumnType::custom("mediumtext"))
}

/// Why nothing is undone.
pub(super) fn only_forward() -> DbErr {
    DbErr::Migration("migrations only go forward; restore a backup instead".to_owned())
}
