//! Full-text search, values of fields that can be compared, and counters for the dashboard; filled
//! with what is there already.
//!
//! The words are in SQLite's FTS5 there, and in a table of their own elsewhere: why is in
//! `docs/decisions`.

use sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::prelude::*;

use super::tables::{create, create_index, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Keys that SQLite finds rows by without an index, and a table that has no rows of its own.
const SQLITE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS search_queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT, submission_ids BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS search_documents (
        document INTEGER PRIMARY KEY, submission_id BLOB NOT NULL UNIQUE, entries TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS search_numbers (
        number_key INTEGER NOT NULL, number REAL NOT NULL, document INTEGER NOT NULL,
        PRIMARY KEY (number_key, number, document)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5(
        scope, body, content = '', contentless_delete = 1, tokenize = 'ascii')",
];

/// Words are compared by their bytes.
const MYSQL: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS search_queue (
        id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, submission_ids MEDIUMBLOB NOT NULL
        ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS search_documents (
        document BIGINT NOT NULL PRIMARY KEY, submission_id BINARY(16) NOT NULL UNIQUE,
        entries MEDIUMTEXT NOT NULL) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS search_numbers (
        number_key BIGINT NOT NULL, number DOUBLE NOT NULL, document BIGINT NOT NULL,
        PRIMARY KEY (number_key, number, document)
        ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS search_terms (
        place BIGINT NOT NULL, term VARBINARY(64) NOT NULL, document BIGINT NOT NULL,
        PRIMARY KEY (place, term, document)
        ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
];

/// What was submitted before there were counters. Run again, they change nothing.
const FILL: &[&str] = &[
    "INTO submission_places (form_id, state, shard, submissions)
        SELECT form_id, state, 0, COUNT(*) FROM submissions GROUP BY form_id, state",
    "INTO submission_hours (form_id, hour, shard, accepted, spam, refused)
        SELECT form_id, (received_at_ms - received_at_ms % 3600000) / 3600000 AS came, 0,
            SUM(CASE WHEN state = 'spam' THEN 0 ELSE 1 END),
            SUM(CASE WHEN state = 'spam' THEN 1 ELSE 0 END), 0
        FROM submissions GROUP BY form_id, came",
    "INTO stored_files (form_id, shard, files, bytes)
        SELECT s.form_id, 0, COUNT(*), SUM(u.size_bytes)
        FROM uploads u JOIN submissions s ON s.id = u.submission_id GROUP BY s.form_id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_mysql = manager.get_database_backend() == DbBackend::MySql;
        for statement in if is_mysql { MYSQL } else { SQLITE } {
            connection.execute_unprepared(statement).await?;
        }
        let progress = table("search_progress")
            .col(ColumnDef::new("name").string_len(32).not_null().primary_key())
            .col(ColumnDef::new("after_id").uuid().not_null())
            .to_owned();
        create(manager, progress).await?;

        let places = table("submission_places")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("state").string_len(16).not_null())
            .col(ColumnDef::new("shard").small_integer().not_null())
            .col(ColumnDef::new("submissions").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("state").col("shard"))
            .to_owned();
        create(manager, places).await?;

        let hours = table("submission_hours")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("hour").big_integer().not_null())
            .col(ColumnDef::new("shard").small_integer().not_null())
            .col(ColumnDef::new("accepted").big_integer().not_null())
            .col(ColumnDef::new("spam").big_integer().not_null())
            .col(ColumnDef::new("refused").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("hour").col("shard"))
            .to_owned();
        create(manager, hours).await?;

        let files = table("stored_files")
            .col(ColumnDef::new("form_id").uuid().not_null())
            .col(ColumnDef::new("shard").small_integer().not_null())
            .col(ColumnDef::new("files").big_integer().not_null())
            .col(ColumnDef::new("bytes").big_integer().not_null())
            .primary_key(Index::create().col("form_id").col("shard"))
            .to_owned();
        create(manager, files).await?;

        let folder = &["form_id", "state", "id"];
        create_index(manager, "submissions_by_folder", "submissions", folder).await?;
        let ignore = if is_mysql { "INSERT IGNORE" } else { "INSERT OR IGNORE" };
        for statement in FILL {
            connection.execute_unprepared(&format!("{ignore} {statement}")).await?;
        }
        // From the very first submission on.
        let first = "INTO search_progress (name, after_id) VALUES ('missing', x'00000000000000000000000000000000')";
        connection.execute_unprepared(&format!("{ignore} {first}")).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}
