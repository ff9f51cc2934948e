//! Files of submissions: which are known, and what is known of them.

use formhold_domain::{Dimensions, FormId, Scan, SubmissionId, Upload, UploadId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entities::{submissions, uploads},
    forms::unsigned,
};

/// Greatest number of characters of a scanner's finding that is kept.
const MAX_FINDING_CHARS: usize = 255;

impl Store {
    /// Which of these files belong to a stored submission.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_uploads(&self, ids: &[UploadId]) -> Result<Vec<UploadId>, StoreError> {
        let rows: Vec<Uuid> = uploads::Entity::find()
            .select_only()
            .column(uploads::Column::Id)
            .filter(uploads::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .limit(ids.len() as u64)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(UploadId).collect())
    }

    /// A file, with the submission that it belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_upload(
        &self,
        id: UploadId,
    ) -> Result<Option<(SubmissionId, Upload)>, StoreError> {
        let row = uploads::Entity::find_by_id(id.0).one(self.read()).await?;
        Ok(row.map(|row| (SubmissionId(row.submission_id), upload(row))))
    }

    /// Up to `limit` files that wait for a scan, oldest first, after the id `after`, with the forms
    /// that they were sent to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uploads_to_scan(
        &self,
        after: Option<UploadId>,
        limit: u64,
    ) -> Result<Vec<UploadId>, StoreError> {
        let mut query = uploads::Entity::find()
            .select_only()
            .column(uploads::Column::Id)
            .filter(uploads::Column::Scan.eq(Scan::Waiting.name()));
        if let Some(after) = after {
            query = query.filter(uploads::Column::Id.gt(after.0));
        }
        let rows: Vec<Uuid> = query
            .order_by_asc(uploads::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(UploadId).collect())
    }

    /// Records what a scanner says of a file that waits for it. False when it does not wait (any
    /// more).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_scan(&self, id: UploadId, scan: &Scan) -> Result<bool, StoreError> {
        let finding = scan.finding().map(|text| text.chars().take(MAX_FINDING_CHARS).collect());
        let transaction = self.begin_write().await?;
        let updated = uploads::Entity::update_many()
            .col_expr(uploads::Column::Scan, Expr::value(scan.name()))
            .col_expr(uploads::Column::ScanFinding, Expr::value::<Option<String>>(finding))
            .filter(uploads::Column::Id.eq(id.0))
            .filter(uploads::Column::Scan.eq(Scan::Waiting.name()))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(updated.rows_affected == 1)
    }

    /// Up to `limit` files of a form after the id `after`, oldest first, those of spam left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uploads_of_form(
        &self,
        form_id: FormId,
        after: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<(SubmissionId, Vec<Upload>)>, StoreError> {
        use formhold_domain::SubmissionState;
        let mut query = submissions::Entity::find()
            .filter(submissions::Column::FormId.eq(form_id.0))
            .filter(submissions::Column::State.eq(SubmissionState::Inbox.as_str()));
        if let Some(after) = after {
            query = query.filter(submissions::Column::Id.gt(after.0));
        }
        let rows =
            query.order_by_asc(submissions::Column::Id).limit(limit).all(self.read()).await?;
        let submissions = crate::submissions::with_uploads(self.read(), rows).await?;
        Ok(submissions.into_iter().map(|one| (one.id, one.uploads)).collect())
    }
}

/// A row as a file.
pub(crate) fn upload(row: uploads::Model) -> Upload {
    Upload {
        id: UploadId(row.id),
        field: row.field,
        name: row.name,
        content_type: row.content_type,
        size_bytes: u64::try_from(row.size_bytes).unwrap_or(0),
        sha256: row.sha256,
        dimensions: row
            .width
            .zip(row.height)
            .map(|(width, height)| Dimensions { width: unsigned(width), height: unsigned(height) }),
        scan: Scan::parse(row.scan.as_deref(), row.scan_finding),
    }
}
