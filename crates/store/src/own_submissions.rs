//! Submissions by who was signed in when sending them.

use std::collections::HashMap;

use formhold_domain::{FormDefinition, FormId, Submission, SubmissionId, UserId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entities::{form_versions, submission_owners, submissions},
    forms::{signed, unsigned},
    submissions::with_uploads,
};

/// A submission and the form as it was then.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnSubmission {
    /// The submission.
    pub submission: Submission,
    /// The definition that it was checked against.
    pub form: FormDefinition,
}

impl Store {
    /// Up to `limit` submissions that a user sent while signed in, the newest first, before the id
    /// `before`; those that are gone are left out.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn list_own_submissions(
        &self,
        user_id: UserId,
        before: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<OwnSubmission>, StoreError> {
        use submission_owners::Column;
        let mut query = submission_owners::Entity::find()
            .select_only()
            .column(Column::SubmissionId)
            .filter(Column::UserId.eq(user_id.0))
            // Without those that are gone: a page of them would look like the end.
            .filter(Expr::exists(
                Query::select()
                    .expr(Expr::value(1))
                    .from(submissions::Entity)
                    .and_where(
                        Expr::col((submissions::Entity, submissions::Column::Id))
                            .equals((submission_owners::Entity, Column::SubmissionId)),
                    )
                    .to_owned(),
            ));
        if let Some(before) = before {
            query = query.filter(Column::SubmissionId.lt(before.0));
        }
        let ids: Vec<Uuid> = query
            .order_by_desc(Column::SubmissionId)
            .limit(limit)
            .into_tuple()
            .all(self.read())
            .await?;
        let rows = submissions::Entity::find()
            .filter(submissions::Column::Id.is_in(ids))
            .order_by_desc(submissions::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        let submissions = with_uploads(self.read(), rows).await?;
        let forms = self.definitions_of(&submissions).await?;
        let with_form = |submission: Submission| {
            let key = (submission.form_id, submission.form_version);
            let form = forms.get(&key).cloned();
            form.map(|form| OwnSubmission { submission, form })
        };
        Ok(submissions.into_iter().filter_map(with_form).collect())
    }

    async fn definitions_of(
        &self,
        submissions: &[Submission],
    ) -> Result<HashMap<(FormId, u32), FormDefinition>, StoreError> {
        use form_versions::Column;
        if submissions.is_empty() {
            return Ok(HashMap::new());
        }
        let mut any = Condition::any();
        for submission in submissions {
            any = any.add(
                Condition::all()
                    .add(Column::FormId.eq(submission.form_id.0))
                    .add(Column::Version.eq(signed(submission.form_version))),
            );
        }
        let rows = form_versions::Entity::find()
            .filter(any)
            .limit(submissions.len() as u64)
            .all(self.read())
            .await?;
        rows.into_iter()
            .map(|row| {
                let definition = serde_json::from_str(&row.definition).map_err(|error| {
                    let (version, form) = (row.version, row.form_id);
                    StoreError::Other(format!(
                        "definition {version} of form {form} cannot be read: {error}"
                    ))
                })?;
                Ok(((FormId(row.form_id), unsigned(row.version)), definition))
            })
            .collect()
    }
}
