//! The words in MySQL and MariaDB: a row for each word of a document, in the order of folder, word
//! and document. InnoDB's FULLTEXT gathers all documents of a word before it gives the newest ones.

use std::{collections::BTreeSet, fmt::Write as _};

use formhold_domain::search::SearchDocument;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Value};

use super::{documents::Document, marks, statement};
use crate::StoreError;

/// Rows of one statement.
const ROWS: usize = 4_000;

/// The rows of a document: its words, and the keys of its values.
pub(super) fn terms(document: &SearchDocument) -> Vec<String> {
    let words = document.texts.iter().flatten().cloned();
    let values = document.equalities.iter().map(|key| value(*key));
    let terms: BTreeSet<String> = words.chain(values).collect();
    terms.into_iter().collect()
}

/// A value's key; no word begins like it.
pub(super) fn value(key: i64) -> String {
    format!("={key:016x}")
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    documents: &[&Document],
) -> Result<(), StoreError> {
    let mut rows: Vec<(i64, &str, i64)> = documents
        .iter()
        .flat_map(|it| it.entries.terms.iter().map(|term| (term.as_str(), *it)))
        .map(|(term, it)| (it.entries.place, term, it.number))
        .collect();
    // Neighbours lie on the same page, and two nodes take their locks in the same order.
    rows.sort_unstable();
    for chunk in rows.chunks(ROWS) {
        // Only digits stand in the text: values would be more than a statement takes.
        let mut text = "INSERT IGNORE INTO search_terms (place, term, document) VALUES ".to_owned();
        for (index, (place, term, document)) in chunk.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}({place},x'");
            term.bytes().for_each(|byte| {
                let _ = write!(text, "{byte:02x}");
            });
            let _ = write!(text, "',{document})");
        }
        transaction.execute_unprepared(&text).await?;
    }
    Ok(())
}

pub(super) async fn remove(
    transaction: &DatabaseTransaction,
    documents: &[&Document],
) -> Result<(), StoreError> {
    for document in documents {
        for chunk in document.entries.terms.chunks(500) {
            let text = format!(
                "DELETE FROM search_terms WHERE place = ? AND term IN ({}) AND document = ?",
                marks(chunk.len())
            );
            let terms = chunk.iter().map(|term| Value::from(term.as_bytes().to_vec()));
            let values = [document.entries.place.into()]
                .into_iter()
                .chain(terms)
                .chain([document.number.into()]);
            let values = values.collect();
            transaction.execute_raw(statement(DbBackend::MySql, text, values)).await?;
        }
    }
    Ok(())
}
