//! Reading all submissions of a form, as of one moment, in constant memory.

use formhold_domain::{FormId, Submission};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
};
use uuid::Uuid;

use crate::{Store, StoreError, entities::submissions, submissions::with_uploads};

const PAGE_ROWS: u64 = 500;

/// The submissions of a form at one moment: what is stored later is not seen, however often it is
/// read through.
pub struct ExportSnapshot {
    transaction: DatabaseTransaction,
    form_id: FormId,
    after: Option<Uuid>,
}

/// Some submissions, oldest first; empty at the end.
pub type ExportPage = Vec<Submission>;

impl Store {
    /// Opens a snapshot of a form's submissions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn export_snapshot(&self, form_id: FormId) -> Result<ExportSnapshot, StoreError> {
        // Readers run at SQLite's and MySQL's default isolation, where a transaction sees one moment.
        let transaction = self.read().begin().await?;
        Ok(ExportSnapshot { transaction, form_id, after: None })
    }
}

impl ExportSnapshot {
    /// How many submissions the snapshot holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        use sea_orm::PaginatorTrait as _;
        let rows =
            submissions::Entity::find().filter(submissions::Column::FormId.eq(self.form_id.0));
        Ok(rows.count(&self.transaction).await?)
    }

    /// The next page.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read: an export never skips one.
    pub async fn next_page(&mut self) -> Result<ExportPage, StoreError> {
        let mut query =
            submissions::Entity::find().filter(submissions::Column::FormId.eq(self.form_id.0));
        if let Some(after) = self.after {
            query = query.filter(submissions::Column::Id.gt(after));
        }
        let rows = query
            .order_by_asc(submissions::Column::Id)
            .limit(PAGE_ROWS)
            .all(&self.transaction)
            .await?;
        self.after = rows.last().map(|row| row.id).or(self.after);
        with_uploads(&self.transaction, rows).await
    }

    /// Starts over at the first submission of the same moment.
    pub fn rewind(&mut self) {
        self.after = None;
    }
}
