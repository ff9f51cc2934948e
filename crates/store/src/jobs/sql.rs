//! Statements of the job table, written once for both databases.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value, sea_query::Values};

use crate::StoreError;

/// Columns of a job, as the entity has them.
pub(super) const COLUMNS: &str = "id, kind, lane, priority, state, payload, run_at_ms, attempts, \
     max_attempts, fence, beats, node, workspace_id, form_id, submission_id, channel_id, created_at_ms, \
     finished_at_ms, last_error";

fn statement(connection: &impl ConnectionTrait, text: String, values: Vec<Value>) -> Statement {
    let db_backend = connection.get_database_backend();
    Statement { sql: text, values: Some(Values(values)), db_backend }
}

/// Runs a statement; gives how many rows it changed.
pub(super) async fn execute(
    connection: &impl ConnectionTrait,
    text: String,
    values: Vec<Value>,
) -> Result<u64, StoreError> {
    let done = connection.execute_raw(statement(connection, text, values)).await?;
    Ok(done.rows_affected())
}

/// Runs a query.
pub(super) async fn query(
    connection: &impl ConnectionTrait,
    text: String,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, StoreError> {
    Ok(connection.query_all_raw(statement(connection, text, values)).await?)
}

/// Ends a query whose rows this transaction is about to change: on MySQL it locks them, and leaves out
/// those that another is about to change. A transaction of SQLite that writes is alone anyway.
pub(super) fn lock_free_ones(connection: &impl ConnectionTrait) -> &'static str {
    match connection.get_database_backend() {
        DbBackend::MySql => " FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}

/// As [`lock_free_ones`], but waits for rows that another is about to change.
pub(super) fn lock_all(connection: &impl ConnectionTrait) -> &'static str {
    match connection.get_database_backend() {
        DbBackend::MySql => " FOR UPDATE",
        _ => "",
    }
}

/// `?,?,?` for a list.
pub(super) fn places(count: usize) -> String {
    vec!["?"; count].join(",")
}
