//! Numbers of documents: they go up with the time that is in the ids of submissions.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{marks, statement};
use crate::StoreError;

/// Bits below the milliseconds.
const BITS: u32 = 15;

/// What the index holds of a document, so that it can be taken out again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Entries {
    /// The folder.
    #[serde(default, rename = "p")]
    pub(super) place: i64,
    /// Words and values, where they are rows of a table.
    #[serde(default, rename = "t", skip_serializing_if = "Vec::is_empty")]
    pub(super) terms: Vec<String>,
    /// Keys and numbers, these by their bits.
    #[serde(default, rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub(super) numbers: Vec<(i64, u64)>,
}

/// A submission that is indexed.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) number: i64,
    pub(super) entries: Entries,
}

/// The number that the submission of this id has, unless another one has it already: its
/// milliseconds, and the bits of its id that count up.
pub(super) fn document_of(id: Uuid) -> i64 {
    let bits = id.as_u128();
    let counter = ((bits >> 64 & 1) << 14) | (bits >> 48 & 0x3fff);
    let number = (bits >> 80) << BITS | counter;
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The first number of a millisecond.
pub(super) fn document_at(at_ms: i64) -> i64 {
    at_ms.clamp(0, i64::MAX >> BITS) << BITS
}

/// The documents of these submissions, those that have one.
pub(super) async fn find(
    transaction: &DatabaseTransaction,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Document>, StoreError> {
    let backend = transaction.get_database_backend();
    let text = format!(
        "SELECT submission_id, document, entries FROM search_documents WHERE submission_id IN ({})",
        marks(ids.len())
    );
    let values = ids.iter().map(|id| (*id).into()).collect();
    let rows = transaction.query_all_raw(statement(backend, text, values)).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let entries: String = row.try_get_by_index(2)?;
        let unreadable = |error: serde_json::Error| {
            StoreError::Other(format!("an entry of the search index cannot be read: {error}"))
        };
        let entries = serde_json::from_str(&entries).map_err(unreadable)?;
        let number = row.try_get_by_index(1)?;
        found.insert(row.try_get_by_index(0)?, Document { number, entries });
    }
    Ok(found)
}

/// Free numbers for submissions that have none, as near to their own as there are.
pub(super) async fn free_numbers(
    transaction: &DatabaseTransaction,
    ids: &[Uuid],
) -> Result<Vec<i64>, StoreError> {
    let backend = transaction.get_database_backend();
    let mut numbers: Vec<Option<i64>> = vec![None; ids.len()];
    let mut wanted: Vec<i64> = ids.iter().map(|id| document_of(*id)).collect();
    let mut given: HashSet<i64> = HashSet::new();
    while numbers.iter().any(Option::is_none) {
        let open: Vec<i64> = (0..ids.len())
            .filter(|index| numbers[*index].is_none())
            .map(|index| wanted[index])
            .collect();
        let text = format!(
            "SELECT document FROM search_documents WHERE document IN ({})",
            marks(open.len())
        );
        let values = open.iter().map(|number| (*number).into()).collect();
        let rows = transaction.query_all_raw(statement(backend, text, values)).await?;
        let taken: HashSet<i64> =
            rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        for index in 0..ids.len() {
            if numbers[index].is_some() {
                continue;
            }
            if !taken.contains(&wanted[index]) && given.insert(wanted[index]) {
                numbers[index] = Some(wanted[index]);
            } else {
                wanted[index] = wanted[index].saturating_add(1);
            }
        }
    }
    Ok(numbers.into_iter().flatten().collect())
}
