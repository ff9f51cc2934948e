//! Reading submissions.

use std::collections::HashMap;

use formhold_domain::{FormId, Submission, SubmissionId, SubmissionState, Upload, UploadId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entities::{submissions, uploads},
    forms::unsigned,
};

impl Store {
    /// A submission of a form.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn find_submission(
        &self,
        form_id: FormId,
        id: SubmissionId,
    ) -> Result<Option<Submission>, StoreError> {
        let row = submissions::Entity::find_by_id(id.0)
            .filter(submissions::Column::FormId.eq(form_id.0))
            .one(self.read())
            .await?;
        Ok(with_uploads(self.read(), row.into_iter().collect()).await?.pop())
    }

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
}

/// Turns rows into submissions, with their files, in the same order.
pub(crate) async fn with_uploads(
    connection: &impl ConnectionTrait,
    rows: Vec<submissions::Model>,
) -> Result<Vec<Submission>, StoreError> {
    /// More than any submission may have, times the longest page.
    const MOST_FILES: u64 = 100_000;
    let found = uploads::Entity::find()
        .filter(uploads::Column::SubmissionId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(uploads::Column::SubmissionId)
        .order_by_asc(uploads::Column::Position)
        .limit(MOST_FILES)
        .all(connection)
        .await?;
    let mut files: HashMap<Uuid, Vec<Upload>> = HashMap::new();
    for row in found {
        files.entry(row.submission_id).or_default().push(Upload {
            id: UploadId(row.id),
            field: row.field,
            name: row.name,
            content_type: row.content_type,
            size_bytes: u64::try_from(row.size_bytes).unwrap_or(0),
            sha256: row.sha256,
        });
    }
    rows.into_iter()
        .map(|row| {
            let uploads = files.remove(&row.id).unwrap_or_default();
            parse(row, uploads)
        })
        .collect()
}

fn parse(row: submissions::Model, uploads: Vec<Upload>) -> Result<Submission, StoreError> {
    let unreadable = |what: &dyn std::fmt::Display| {
        StoreError::Other(format!("submission {} cannot be read: {what}", row.id))
    };
    let json = |text: &str| serde_json::from_str(text).map_err(|error| unreadable(&error));
    Ok(Submission {
        id: SubmissionId(row.id),
        form_id: FormId(row.form_id),
        form_version: unsigned(row.form_version),
        state: SubmissionState::parse(&row.state)
            .ok_or_else(|| unreadable(&format!("unknown state `{}`", row.state)))?,
        received_at_ms: row.received_at_ms,
        answers: json(&row.answers)?,
        undeclared: row.undeclared.as_deref().map(json).transpose()?.unwrap_or_default(),
        context: serde_json::from_str(&row.context).map_err(|error| unreadable(&error))?,
        uploads,
    })
}
