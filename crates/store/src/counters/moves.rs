//! Counters and index follow when submissions move, change or go.

use formhold_domain::{FormId, SubmissionState};
use sea_orm::{DatabaseTransaction, Statement};
use uuid::Uuid;

use super::{Add, SHARED_SHARD};
use crate::{StoreError, search};

/// Submissions of a form went from one folder to another.
pub(crate) async fn moved(
    transaction: &DatabaseTransaction,
    form_id: FormId,
    ids: &[Uuid],
    from: SubmissionState,
    to: SubmissionState,
) -> Result<(), StoreError> {
    if ids.is_empty() || from == to {
        return Ok(());
    }
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let row = |state: SubmissionState, count: i64| {
        vec![form_id.0.into(), state.as_str().to_owned().into(), SHARED_SHARD.into(), count.into()]
    };
    let mut both = [(from, -count), (to, count)];
    // In order, so that two moves do not wait for each other in a ring.
    both.sort_unstable_by_key(|(state, _)| state.as_str());
    let rows = both.into_iter().map(|(state, count)| row(state, count)).collect();
    Add::Places.execute(transaction, rows).await?;
    search::changed(transaction, ids).await
}

/// Submissions of a form are about to be deleted out of a folder, with their files.
pub(crate) async fn leaving(
    transaction: &DatabaseTransaction,
    form_id: FormId,
    ids: &[Uuid],
    from: SubmissionState,
) -> Result<(), StoreError> {
    use sea_orm::ConnectionTrait as _;
    if ids.is_empty() {
        return Ok(());
    }
    let backend = transaction.get_database_backend();
    let marks = vec!["?"; ids.len()].join(",");
    let sums = format!(
        "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS SIGNED) FROM uploads \
         WHERE submission_id IN ({marks})"
    );
    let values = ids.iter().map(|id| (*id).into());
    let statement = Statement::from_sql_and_values(backend, sums, values);
    if let Some(row) = transaction.query_one_raw(statement).await? {
        let (files, bytes): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if files > 0 {
            let row = vec![form_id.0.into(), SHARED_SHARD.into(), (-files).into(), (-bytes).into()];
            Add::Files.execute(transaction, vec![row]).await?;
        }
    }
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let row = vec![
        form_id.0.into(),
        from.as_str().to_owned().into(),
        SHARED_SHARD.into(),
        (-count).into(),
    ];
    Add::Places.execute(transaction, vec![row]).await?;
    search::changed(transaction, ids).await
}
