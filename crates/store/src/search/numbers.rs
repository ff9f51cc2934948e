//! Numbers, dates and times of fields, in their order.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Value};

use super::{documents::Document, statement};
use crate::StoreError;

/// Rows of one statement.
const ROWS: usize = 200;

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    documents: &[&Document],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let ignore = if backend == DbBackend::MySql { "INSERT IGNORE" } else { "INSERT OR IGNORE" };
    for rows in rows(documents).chunks(ROWS) {
        let text = format!(
            "{ignore} INTO search_numbers (number_key, number, document) VALUES {}",
            vec!["(?,?,?)"; rows.len()].join(",")
        );
        transaction.execute_raw(statement(backend, text, rows.concat())).await?;
    }
    Ok(())
}

pub(super) async fn remove(
    transaction: &DatabaseTransaction,
    documents: &[&Document],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let text = "DELETE FROM search_numbers WHERE number_key = ? AND number = ? AND document = ?";
    for row in rows(documents) {
        transaction.execute_raw(statement(backend, text, row)).await?;
    }
    Ok(())
}

fn rows(documents: &[&Document]) -> Vec<Vec<Value>> {
    let mut rows: Vec<(i64, u64, i64)> = documents
        .iter()
        .flat_map(|it| it.entries.numbers.iter().map(|(key, bits)| (*key, *bits, it.number)))
        .collect();
    rows.sort_unstable();
    let row = |(key, bits, document): (i64, u64, i64)| {
        vec![key.into(), f64::from_bits(bits).into(), document.into()]
    };
    rows.into_iter().map(row).collect()
}
