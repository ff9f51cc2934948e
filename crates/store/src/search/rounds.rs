//! Rounds of the indexer: a few hundred submissions each, in a short transaction.

use std::collections::{BTreeSet, HashMap};

use formhold_domain::{Submission, search::SearchDocument};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::{
    documents::{self, Document, Entries},
    marks, mysql, numbers, sqlite, statement,
};
use crate::{Store, StoreError, entities::submissions, submissions::with_uploads};

/// Submissions of a round: the writer of submissions waits for it on SQLite.
const ROUND: usize = 256;
/// How far back a start looks for submissions that nobody queued: an older program may have
/// written them while this one was being brought in.
const LOOK_BACK_MS: i64 = 24 * 60 * 60 * 1000;
const MISSING: &str = "missing";

impl Store {
    /// Indexes some of what was changed since, or of what was never indexed; gives how many it
    /// looked at, none at the end. A round that is cut short is done again; two at the same time
    /// do no harm.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn index_some(&self) -> Result<u64, StoreError> {
        let backend = self.read().get_database_backend();
        let text = "SELECT id, submission_ids FROM search_queue ORDER BY id LIMIT 256";
        let (mut rows, mut ids) = (Vec::<i64>::new(), BTreeSet::new());
        for row in self.read().query_all_raw(statement(backend, text, Vec::new())).await? {
            let bytes: Vec<u8> = row.try_get_by_index(1)?;
            // At least one row, however long it is.
            if !ids.is_empty() && ids.len() + bytes.len() / 16 > ROUND {
                break;
            }
            rows.push(row.try_get_by_index(0)?);
            ids.extend(bytes.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok()));
        }
        if rows.is_empty() {
            return self.index_missing().await;
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = self.documents_of(&ids).await?;
        let transaction = self.begin_write().await?;
        let text = format!("DELETE FROM search_queue WHERE id IN ({})", marks(rows.len()));
        let values = rows.iter().map(|id| (*id).into()).collect();
        let taken = transaction.execute_raw(statement(backend, text, values)).await?;
        if taken.rows_affected() != rows.len() as u64 {
            // Another node was faster, and may have seen something newer.
            transaction.rollback().await?;
            return Ok(ids.len() as u64);
        }
        for chunk in ids.chunks(ROUND) {
            replace(&transaction, chunk, &found).await?;
        }
        transaction.commit().await?;
        Ok(ids.len() as u64)
    }

    /// Has the submissions of the last day looked at again, for one that nobody queued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_for_missing(&self, now_ms: i64) -> Result<(), StoreError> {
        let backend = self.read().get_database_backend();
        let ignore = if backend == DbBackend::MySql { "INSERT IGNORE" } else { "INSERT OR IGNORE" };
        let text = format!("{ignore} INTO search_progress (name, after_id) VALUES (?, ?)");
        let from = crate::inbox::id_at(now_ms - LOOK_BACK_MS);
        let transaction = self.begin_write().await?;
        let values = vec![MISSING.into(), from.into()];
        transaction.execute_raw(statement(backend, text, values)).await?;
        Ok(transaction.commit().await?)
    }

    /// How many entries of the queue wait; each is a batch of submissions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn index_backlog(&self) -> Result<u64, StoreError> {
        let backend = self.read().get_database_backend();
        let text = "SELECT COUNT(*) FROM (SELECT 1 FROM search_queue LIMIT 100000) AS waiting";
        let row = self.read().query_one_raw(statement(backend, text, Vec::new())).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn index_missing(&self) -> Result<u64, StoreError> {
        let backend = self.read().get_database_backend();
        let text = "SELECT after_id FROM search_progress WHERE name = ?";
        let row = self.read().query_one_raw(statement(backend, text, vec![MISSING.into()])).await?;
        let Some(row) = row else { return Ok(0) };
        let after: Uuid = row.try_get_by_index(0)?;
        let text = format!(
            "SELECT s.id FROM submissions s LEFT JOIN search_documents d ON d.submission_id = s.id \
             WHERE s.id > ? AND d.submission_id IS NULL ORDER BY s.id LIMIT {ROUND}"
        );
        let rows = self.read().query_all_raw(statement(backend, text, vec![after.into()])).await?;
        let ids: Vec<Uuid> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        let found = self.documents_of(&ids).await?;
        let transaction = self.begin_write().await?;
        let (text, values) = match ids.last() {
            // Whoever came in between does the same once more.
            Some(last) => (
                "UPDATE search_progress SET after_id = ? WHERE name = ? AND after_id = ?",
                vec![(*last).into(), MISSING.into(), after.into()],
            ),
            None => (
                "DELETE FROM search_progress WHERE name = ? AND after_id = ?",
                vec![MISSING.into(), after.into()],
            ),
        };
        let moved = transaction.execute_raw(statement(backend, text, values)).await?;
        if moved.rows_affected() == 1 && !ids.is_empty() {
            replace(&transaction, &ids, &found).await?;
        }
        transaction.commit().await?;
        Ok(ids.len() as u64)
    }

    /// What is to be indexed of these; those that are gone, or cannot be read, are left out.
    async fn documents_of(
        &self,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, SearchDocument>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(ROUND) {
            let rows = submissions::Entity::find()
                .filter(submissions::Column::Id.is_in(chunk.iter().copied()))
                .limit(chunk.len() as u64)
                .all(self.read())
                .await?;
            let read: Vec<Submission> = match with_uploads(self.read(), rows.clone()).await {
                Ok(all) => all,
                // One that cannot be read must not keep the others from being found.
                Err(StoreError::Other(_)) => {
                    let mut readable = Vec::with_capacity(rows.len());
                    for row in rows {
                        match with_uploads(self.read(), vec![row]).await {
                            Ok(one) => readable.extend(one),
                            Err(StoreError::Other(reason)) => {
                                tracing::warn!(reason, "a submission cannot be indexed");
                            }
                            Err(error) => return Err(error),
                        }
                    }
                    readable
                }
                Err(error) => return Err(error),
            };
            found.extend(read.iter().map(|one| (one.id.0, SearchDocument::of(one))));
        }
        Ok(found)
    }
}

/// Takes what the index holds of these out, and puts what there is now in.
async fn replace(
    transaction: &DatabaseTransaction,
    ids: &[Uuid],
    found: &HashMap<Uuid, SearchDocument>,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let known = documents::find(transaction, ids).await?;
    let mut old: Vec<&Document> = known.values().collect();
    old.sort_unstable_by_key(|document| document.number);
    if !old.is_empty() {
        numbers::remove(transaction, &old).await?;
        match backend {
            DbBackend::MySql => mysql::remove(transaction, &old).await?,
            _ => sqlite::remove(transaction, &old).await?,
        }
        let text = format!("DELETE FROM search_documents WHERE document IN ({})", marks(old.len()));
        let values = old.iter().map(|document| document.number.into()).collect();
        transaction.execute_raw(statement(backend, text, values)).await?;
    }
    let new: Vec<Uuid> = ids
        .iter()
        .copied()
        .filter(|id| found.contains_key(id) && !known.contains_key(id))
        .collect();
    let free = documents::free_numbers(transaction, &new).await?;
    let free: HashMap<Uuid, i64> = new.into_iter().zip(free).collect();
    let number = |id: &Uuid| known.get(id).map(|it| it.number).or_else(|| free.get(id).copied());
    let mut all: Vec<(Uuid, i64, &SearchDocument)> =
        ids.iter().filter_map(|id| Some((*id, number(id)?, found.get(id)?))).collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_unstable_by_key(|(_, number, _)| *number);
    let entries: Vec<(Uuid, Document)> = all
        .iter()
        .map(|(id, number, document)| {
            let terms = match backend {
                DbBackend::MySql => mysql::terms(document),
                _ => Vec::new(),
            };
            let numbers = document.numbers.iter().map(|it| (it.key, it.number.to_bits())).collect();
            let entries = Entries { place: document.place, terms, numbers };
            (*id, Document { number: *number, entries })
        })
        .collect();
    let row = |(id, document): &(Uuid, Document)| -> Result<[sea_orm::Value; 3], StoreError> {
        let entries = serde_json::to_string(&document.entries)
            .map_err(|error| StoreError::Other(error.to_string()))?;
        Ok([document.number.into(), (*id).into(), entries.into()])
    };
    let mut values = Vec::with_capacity(entries.len() * 3);
    for entry in &entries {
        values.extend(row(entry)?);
    }
    let text = format!(
        "INSERT INTO search_documents (document, submission_id, entries) VALUES {}",
        vec!["(?,?,?)"; entries.len()].join(",")
    );
    transaction.execute_raw(statement(backend, text, values)).await?;
    let documents: Vec<&Document> = entries.iter().map(|(_, document)| document).collect();
    numbers::insert(transaction, &documents).await?;
    match backend {
        DbBackend::MySql => mysql::insert(transaction, &documents).await,
        _ => {
            let all: Vec<_> = all.iter().map(|(_, number, it)| (*number, *it)).collect();
            sqlite::insert(transaction, &all).await
        }
    }
}
