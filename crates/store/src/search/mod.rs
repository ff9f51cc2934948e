//! The index for finding submissions by what is in them. It follows the commits: whatever changes a
//! submission queues its id in the same transaction, and a round of the indexer takes it from there.
//!
//! Documents are submissions under a number that goes up with the time they came, so that the
//! index gives the newest first without sorting.

mod candidates;
mod documents;
mod mysql;
mod numbers;
mod rounds;
mod sqlite;
mod wanted;

use sea_orm::sea_query::Values;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement, Value};
use uuid::Uuid;

pub(crate) use candidates::Bounds;
pub(crate) use wanted::{NumberRange, Wanted};

use crate::StoreError;

/// Queues submissions that were changed, or are gone.
pub(crate) async fn changed(
    transaction: &DatabaseTransaction,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    let text = "INSERT INTO search_queue (submission_ids) VALUES (?)";
    let backend = transaction.get_database_backend();
    transaction.execute_raw(statement(backend, text, vec![bytes.into()])).await?;
    Ok(())
}

fn statement(db_backend: DbBackend, sql: impl Into<String>, values: Vec<Value>) -> Statement {
    Statement { sql: sql.into(), values: Some(Values(values)), db_backend }
}

/// Marks for that many values.
fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}
