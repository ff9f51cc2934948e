//! Comparing the counters with what is there, and putting them right.

use std::collections::BTreeMap;

use formhold_domain::FormId;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::{Add, SHARED_SHARD};
use crate::{Store, StoreError};

/// A counter that says something else than there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterDifference {
    /// The form.
    pub form_id: FormId,
    /// Which of its counters.
    pub counter: CounterKind,
    /// What the counter says.
    pub counted: i64,
    /// What there is.
    pub there_are: i64,
}

/// A counter of a form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CounterKind {
    /// Submissions in the folder of this name.
    Folder(String),
    /// Files of submissions.
    Files,
    /// Their bytes.
    Bytes,
    /// What came in this hour: at least what of it is still there.
    Hour(i64),
}

type Numbers = BTreeMap<(Uuid, CounterKind), i64>;

impl Store {
    /// The counters that are not what there is. Reads every submission's row: for the night.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_counters(&self) -> Result<Vec<CounterDifference>, StoreError> {
        // At one moment: what is counted and what there is change in one transaction.
        let level = match self.read().get_database_backend() {
            DbBackend::MySql => Some(IsolationLevel::RepeatableRead),
            _ => None,
        };
        let transaction = self.read().begin_with_config(level, None).await?;
        let found = differences(&transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Makes the counters say what there is; gives what was wrong. What is submitted meanwhile is
    /// counted all the same: the difference is added, nothing is replaced.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repair_counters(&self) -> Result<Vec<CounterDifference>, StoreError> {
        let found = self.check_counters().await?;
        if found.is_empty() {
            return Ok(found);
        }
        let transaction = self.begin_write().await?;
        for difference in &found {
            let form_id = difference.form_id.0;
            let missing = difference.there_are - difference.counted;
            let (table, row) = match &difference.counter {
                CounterKind::Folder(state) => (
                    Add::Places,
                    vec![form_id.into(), state.clone().into(), SHARED_SHARD.into(), missing.into()],
                ),
                CounterKind::Files => (
                    Add::Files,
                    vec![form_id.into(), SHARED_SHARD.into(), missing.into(), 0_i64.into()],
                ),
                CounterKind::Bytes => (
                    Add::Files,
                    vec![form_id.into(), SHARED_SHARD.into(), 0_i64.into(), missing.into()],
                ),
                CounterKind::Hour(hour) => (
                    Add::Hours,
                    vec![
                        form_id.into(),
                        (*hour).into(),
                        SHARED_SHARD.into(),
                        missing.into(),
                        0_i64.into(),
                        0_i64.into(),
                    ],
                ),
            };
            table.execute(&transaction, vec![row]).await?;
        }
        transaction.commit().await?;
        Ok(found)
    }
}

async fn differences(
    transaction: &DatabaseTransaction,
) -> Result<Vec<CounterDifference>, StoreError> {
    let counted = [
        "SELECT form_id, state, CAST(SUM(submissions) AS SIGNED), 0 FROM submission_places GROUP BY form_id, state",
        "SELECT form_id, '', CAST(SUM(files) AS SIGNED), CAST(SUM(bytes) AS SIGNED) FROM stored_files GROUP BY form_id",
        "SELECT form_id, hour, CAST(SUM(accepted + spam) AS SIGNED), 0 FROM submission_hours GROUP BY form_id, hour",
    ];
    let there_are = [
        "SELECT form_id, state, COUNT(*), 0 FROM submissions GROUP BY form_id, state",
        "SELECT s.form_id, '', COUNT(*), CAST(SUM(u.size_bytes) AS SIGNED) FROM uploads u JOIN submissions s ON s.id = u.submission_id GROUP BY s.form_id",
        "SELECT form_id, CAST((received_at_ms - received_at_ms % 3600000) / 3600000 AS SIGNED) AS came, COUNT(*), 0 FROM submissions GROUP BY form_id, came",
    ];
    let counted = numbers(transaction, counted).await?;
    let there_are = numbers(transaction, there_are).await?;
    let mut keys: Vec<_> = counted.keys().chain(there_are.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let difference = |key: &(Uuid, CounterKind)| {
        let of = |numbers: &Numbers| numbers.get(key).copied().unwrap_or(0);
        let (counted, there_are) = (of(&counted), of(&there_are));
        // What came stays counted when it is deleted.
        let is_right = match key.1 {
            CounterKind::Hour(_) => counted >= there_are,
            _ => counted == there_are,
        };
        (!is_right).then(|| CounterDifference {
            form_id: FormId(key.0),
            counter: key.1.clone(),
            counted,
            there_are,
        })
    };
    Ok(keys.into_iter().filter_map(difference).collect())
}

/// What three queries say: of folders, of files, of hours.
async fn numbers(
    transaction: &DatabaseTransaction,
    [folders, files, hours]: [&str; 3],
) -> Result<Numbers, StoreError> {
    let backend = transaction.get_database_backend();
    let ask = async |text: &str| -> Result<_, StoreError> {
        Ok(transaction.query_all_raw(Statement::from_string(backend, text)).await?)
    };
    let mut numbers = Numbers::new();
    for row in ask(folders).await? {
        let folder = CounterKind::Folder(row.try_get_by_index(1)?);
        numbers.insert((row.try_get_by_index(0)?, folder), row.try_get_by_index(2)?);
    }
    for row in ask(files).await? {
        let form_id: Uuid = row.try_get_by_index(0)?;
        numbers.insert((form_id, CounterKind::Files), row.try_get_by_index(2)?);
        numbers.insert((form_id, CounterKind::Bytes), row.try_get_by_index(3)?);
    }
    for row in ask(hours).await? {
        let hour = CounterKind::Hour(row.try_get_by_index(1)?);
        numbers.insert((row.try_get_by_index(0)?, hour), row.try_get_by_index(2)?);
    }
    Ok(numbers)
}
