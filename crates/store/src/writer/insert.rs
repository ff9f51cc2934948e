//! Inserting many rows with few statements, each written once and prepared once.

use std::{collections::HashMap, sync::OnceLock};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement, Value, sea_query::Values};

use crate::{
    StoreError,
    entities::{idempotency_keys, submissions, uploads},
};

/// Rows of a statement: any number of rows is a sum of few of these.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// A row that is written in bulk. Building statements by entity costs more than SQLite itself
/// takes for the row.
pub(super) trait Insertable {
    /// The table and its columns, in the order of the values.
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// Appends the values of the row.
    fn append_to(&self, values: &mut Vec<Value>);
}

/// Inserts rows.
pub(super) async fn insert<'a, R>(
    transaction: &DatabaseTransaction,
    rows: impl Iterator<Item = &'a R>,
) -> Result<(), StoreError>
where
    R: Insertable + 'a,
{
    let rows: Vec<&R> = rows.collect();
    let mut rest = rows.as_slice();
    for size in SIZES {
        while let Some((chunk, others)) = rest.split_at_checked(size) {
            let mut values = Vec::with_capacity(size * R::COLUMNS.len());
            chunk.iter().for_each(|row| row.append_to(&mut values));
            let sql = statement(R::TABLE, size);
            let statement = Statement {
                sql: sql.to_owned(),
                values: Some(Values(values)),
                db_backend: transaction.get_database_backend(),
            };
            transaction.execute_raw(statement).await?;
            rest = others;
        }
    }
    Ok(())
}

/// The text of a statement; the same for both databases.
fn statement(table: &'static str, rows: usize) -> &'static str {
    static TEXTS: OnceLock<HashMap<(&str, usize), String>> = OnceLock::new();
    let text = |table: &str, columns: &[&str], rows: usize| {
        let row = format!("({})", vec!["?"; columns.len()].join(","));
        format!("INSERT INTO {table} ({}) VALUES {}", columns.join(","), vec![row; rows].join(","))
    };
    let texts = TEXTS.get_or_init(|| {
        let mut texts = HashMap::new();
        for size in SIZES {
            for (table, columns) in [
                (submissions::Model::TABLE, submissions::Model::COLUMNS),
                (uploads::Model::TABLE, uploads::Model::COLUMNS),
                (idempotency_keys::Model::TABLE, idempotency_keys::Model::COLUMNS),
            ] {
                texts.insert((table, size), text(table, columns, size));
            }
        }
        texts
    });
    &texts[&(table, rows)]
}

impl Insertable for submissions::Model {
    const TABLE: &'static str = "submissions";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "form_id",
        "form_version",
        "state",
        "received_at_ms",
        "answers",
        "undeclared",
        "context",
    ];

    fn append_to(&self, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.form_id.into(),
            self.form_version.into(),
            self.state.clone().into(),
            self.received_at_ms.into(),
            self.answers.clone().into(),
            self.undeclared.clone().into(),
            self.context.clone().into(),
        ]);
    }
}

impl Insertable for uploads::Model {
    const TABLE: &'static str = "uploads";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "submission_id",
        "position",
        "field",
        "name",
        "content_type",
        "size_bytes",
        "sha256",
    ];

    fn append_to(&self, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.submission_id.into(),
            self.position.into(),
            self.field.clone().into(),
            self.name.clone().into(),
            self.content_type.clone().into(),
            self.size_bytes.into(),
            self.sha256.clone().into(),
        ]);
    }
}

impl Insertable for idempotency_keys::Model {
    const TABLE: &'static str = "idempotency_keys";
    const COLUMNS: &'static [&'static str] =
        &["form_id", "key_hash", "content_hash", "submission_id", "created_at_ms"];

    fn append_to(&self, values: &mut Vec<Value>) {
        values.extend([
            self.form_id.into(),
            self.key_hash.clone().into(),
            self.content_hash.clone().into(),
            self.submission_id.into(),
            self.created_at_ms.into(),
        ]);
    }
}
