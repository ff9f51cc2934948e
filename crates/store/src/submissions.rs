//! Reading submissions.

use std::collections::HashMap;

use formhold_domain::{FormId, Submission, SubmissionId, SubmissionState, Upload};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _,
    sea_query::{Asterisk, Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entities::{submissions, uploads},
    forms::unsigned,
    uploads::upload,
};

/// Ids in one statement.
const CHUNK: usize = 500;

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

    /// Those of these submissions that a form has, in `state` where one is given, in the order of
    /// their ids.
    ///
    /// # Errors
    /// As [`Store::find_submission`].
    pub async fn find_submissions(
        &self,
        form_id: FormId,
        ids: &[SubmissionId],
        state: Option<SubmissionState>,
    ) -> Result<Vec<Submission>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in in_order(ids).chunks(CHUNK) {
            let rows = submissions::Entity::find()
                .filter(submissions::Column::Id.is_in(chunk.iter().copied()))
                .filter(submissions::Column::FormId.eq(form_id.0))
                .apply_if(state, |query, state| {
                    query.filter(submissions::Column::State.eq(state.as_str()))
                })
                .order_by_asc(submissions::Column::Id)
                .limit(chunk.len() as u64)
                .all(self.read())
                .await?;
            found.extend(with_uploads(self.read(), rows).await?);
        }
        Ok(found)
    }

    /// The first of these submissions that a form does not have.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missing_submission(
        &self,
        form_id: FormId,
        ids: &[SubmissionId],
    ) -> Result<Option<SubmissionId>, StoreError> {
        for chunk in in_order(ids).chunks(CHUNK) {
            let found: Vec<Uuid> = submissions::Entity::find()
                .select_only()
                .column(submissions::Column::Id)
                .filter(submissions::Column::Id.is_in(chunk.iter().copied()))
                .filter(submissions::Column::FormId.eq(form_id.0))
                .order_by_asc(submissions::Column::Id)
                .limit(chunk.len() as u64)
                .into_tuple()
                .all(self.read())
                .await?;
            let is_there = |id: &&Uuid| found.binary_search(id).is_ok();
            if let Some(missing) = chunk.iter().find(|id| !is_there(id)) {
                return Ok(Some(SubmissionId(*missing)));
            }
        }
        Ok(None)
    }

    /// How many submissions of a form lie there, counted to `most` and no further: counting all takes
    /// as long as there are submissions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_up_to(
        &self,
        form_id: FormId,
        state: SubmissionState,
        most: u64,
    ) -> Result<u64, StoreError> {
        let mut some = Query::select();
        some.column(submissions::Column::Id)
            .from(submissions::Entity)
            .and_where(submissions::Column::FormId.eq(form_id.0))
            .and_where(submissions::Column::State.eq(state.as_str()))
            .limit(most);
        let mut count = Query::select();
        count.expr(Expr::col(Asterisk).count()).from_subquery(some, "some");
        let row = self.read().query_one(&count).await?;
        let counted: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(counted.unwrap_or(0).unsigned_abs())
    }

    /// The submissions before and after one where it lies: the next newer and the next older one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn neighbours(
        &self,
        form_id: FormId,
        state: SubmissionState,
        id: SubmissionId,
    ) -> Result<(Option<SubmissionId>, Option<SubmissionId>), StoreError> {
        use submissions::Column;
        let ids = || {
            submissions::Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::FormId.eq(form_id.0))
                .filter(Column::State.eq(state.as_str()))
                .limit(1)
        };
        let newer = ids().filter(Column::Id.gt(id.0)).order_by_asc(Column::Id);
        let older = ids().filter(Column::Id.lt(id.0)).order_by_desc(Column::Id);
        let newer = newer.into_tuple::<Uuid>().one(self.read()).await?;
        let older = older.into_tuple::<Uuid>().one(self.read()).await?;
        Ok((newer.map(SubmissionId), older.map(SubmissionId)))
    }

    /// Up to `limit` submissions of a form wherever they lie, newest first, before the id `before`.
    ///
    /// # Errors
    /// As [`Store::find_submission`].
    pub async fn list_whole_form(
        &self,
        form_id: FormId,
        before: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<Submission>, StoreError> {
        let mut query =
            submissions::Entity::find().filter(submissions::Column::FormId.eq(form_id.0));
        if let Some(before) = before {
            query = query.filter(submissions::Column::Id.lt(before.0));
        }
        let rows =
            query.order_by_desc(submissions::Column::Id).limit(limit).all(self.read()).await?;
        with_uploads(self.read(), rows).await
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

fn in_order(ids: &[SubmissionId]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
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
