//! Inserting many rows with few statements.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement, Value, sea_query::Values};

use super::row::Row;
use crate::{
    StoreError,
    entities::{idempotency_keys, jobs, submission_owners, submissions, uploads},
};

/// Rows of one statement; beyond, a longer one saves nothing.
const STATEMENT_ROWS: usize = 64;

/// A statement and its values. Building it by entity costs more than SQLite itself takes for the
/// rows.
pub(crate) struct Insert {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

/// A row that is written in bulk.
trait Insertable {
    /// The table and its columns, in the order of the values.
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// Appends the values of the row.
    fn append_to(&self, values: &mut Vec<Value>);
}

/// The statements, the same for both databases, that store rows with their keys, files and owners.
pub(super) fn inserts(rows: &[&Row]) -> Vec<Insert> {
    let mut inserts = Vec::new();
    append(&mut inserts, rows.iter().map(|row| &row.submission));
    append(&mut inserts, rows.iter().filter_map(|row| row.key.as_ref()));
    append(&mut inserts, rows.iter().flat_map(|row| &row.uploads));
    append(&mut inserts, rows.iter().filter_map(|row| row.owner.as_ref()));
    append(&mut inserts, rows.iter().flat_map(|row| &row.jobs));
    inserts
}

/// The statements that store jobs.
pub(crate) fn job_inserts(jobs: &[jobs::Model]) -> Vec<Insert> {
    let mut inserts = Vec::new();
    append(&mut inserts, jobs.iter());
    inserts
}

fn append<'a, R: Insertable + 'a>(inserts: &mut Vec<Insert>, rows: impl Iterator<Item = &'a R>) {
    let rows: Vec<&R> = rows.collect();
    for chunk in rows.chunks(STATEMENT_ROWS) {
        let mut values = Vec::with_capacity(chunk.len() * R::COLUMNS.len());
        chunk.iter().for_each(|row| row.append_to(&mut values));
        let row = format!("({})", vec!["?"; R::COLUMNS.len()].join(","));
        let text = format!(
            "INSERT INTO {} ({}) VALUES {}",
            R::TABLE,
            R::COLUMNS.join(","),
            vec![row; chunk.len()].join(",")
        );
        inserts.push(Insert { text, values });
    }
}

/// Runs statements.
pub(crate) async fn execute(
    transaction: &DatabaseTransaction,
    inserts: Vec<Insert>,
) -> Result<(), StoreError> {
    for Insert { text, values } in inserts {
        let db_backend = transaction.get_database_backend();
        let statement = Statement { sql: text, values: Some(Values(values)), db_backend };
        transaction.execute_raw(statement).await?;
    }
    Ok(())
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
        "width",
        "height",
        "scan",
        "scan_finding",
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
            self.width.into(),
            self.height.into(),
            self.scan.clone().into(),
            self.scan_finding.clone().into(),
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

impl Insertable for jobs::Model {
    const TABLE: &'static str = "jobs";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "lane",
        "priority",
        "state",
        "payload",
        "run_at_ms",
        "attempts",
        "max_attempts",
        "fence",
        "beats",
        "node",
        "workspace_id",
        "form_id",
        "submission_id",
        "channel_id",
        "created_at_ms",
        "finished_at_ms",
        "last_error",
    ];

    fn append_to(&self, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.kind.clone().into(),
            self.lane.clone().into(),
            self.priority.into(),
            self.state.clone().into(),
            self.payload.clone().into(),
            self.run_at_ms.into(),
            self.attempts.into(),
            self.max_attempts.into(),
            self.fence.into(),
            self.beats.into(),
            self.node.clone().into(),
            self.workspace_id.into(),
            self.form_id.into(),
            self.submission_id.into(),
            self.channel_id.into(),
            self.created_at_ms.into(),
            self.finished_at_ms.into(),
            self.last_error.clone().into(),
        ]);
    }
}

impl Insertable for submission_owners::Model {
    const TABLE: &'static str = "submission_owners";
    const COLUMNS: &'static [&'static str] = &["user_id", "submission_id"];

    fn append_to(&self, values: &mut Vec<Value>) {
        values.extend([self.user_id.into(), self.submission_id.into()]);
    }
}
