//! Reading submissions.

use std::collections::HashMap;

use formhold_domain::{FormId, Submission, SubmissionId, SubmissionState, Upload};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entities::{submissions, uploads},
    forms::unsigned,
    uploads::upload,
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

    /// Up to `limit` submissions of a form that lie in `state`, newest first, before the id
    /// `before`.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn list_submissions(
        &self,
        form_id: FormId,
        state: SubmissionState,
        before: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<Submission>, StoreError> {
        let mut query = submissions::Entity::find()
            .filter(submissions::Column::FormId.eq(form_id.0))
            .filter(submissions::Column::State.eq(state.as_str()));
        if let Some(before) = before {
            query = query.filter(submissions::Column::Id.lt(before.0));
        }
        let rows =
            query.order_by_desc(submissions::Column::Id).limit(limit).all(self.read()).await?;
        with_uploads(self.read(), rows).await
    }

    /// A submission of any form.
    ///
    /// # Errors
    /// As [`Store::find_submission`].
    pub async fn get_submission(&self, id: SubmissionId) -> Result<Option<Submission>, StoreError> {
        let row = submissions::Entity::find_by_id(id.0).one(self.read()).await?;
        Ok(with_uploads(self.read(), row.into_iter().collect()).await?.pop())
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
        files.entry(row.submission_id).or_default().push(upload(row));
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
