//! Finding submissions in a form's folders, page by page.

use std::collections::HashMap;

use formhold_domain::{
    FormId, Handling, InboxItem, Submission, SubmissionId, SubmissionState, Tag,
    search::{FieldFilter, SearchQuery},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement},
};
use uuid::{Builder, Uuid};

use crate::{
    Store, StoreError,
    entities::{submission_handlings, submission_stars, submission_tags, submissions},
    forms::unsigned,
    submissions::with_uploads,
};

/// Which submissions of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxFilter {
    /// The form.
    pub form_id: FormId,
    /// Where they lie.
    pub state: SubmissionState,
    /// Whether somebody looked at them.
    pub is_read: Option<bool>,
    /// Only those with a star.
    pub is_starred: bool,
    /// Only those with this tag.
    pub tag: Option<Tag>,
    /// Not older.
    pub received_from_ms: Option<i64>,
    /// Older than this.
    pub received_until_ms: Option<i64>,
    /// What must be found in answers or names of files. The index follows changes after a moment.
    pub text: Option<SearchQuery>,
    /// What must hold of single fields.
    pub fields: Vec<FieldFilter>,
    /// Which come first.
    pub order: InboxOrder,
}

/// Which submissions come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InboxOrder {
    /// The newest.
    #[default]
    Newest,
    /// The oldest.
    Oldest,
}

impl InboxFilter {
    /// All submissions of a form that lie there.
    #[must_use]
    pub fn all(form_id: FormId, state: SubmissionState) -> Self {
        Self {
            form_id,
            state,
            is_read: None,
            is_starred: false,
            tag: None,
            received_from_ms: None,
            received_until_ms: None,
            text: None,
            fields: Vec::new(),
            order: InboxOrder::Newest,
        }
    }

    pub(super) fn has_mark(&self) -> bool {
        self.tag.is_some() || self.is_starred
    }

    /// Whether answers must be looked at.
    pub(super) fn asks_for_answers(&self) -> bool {
        self.text.is_some() || !self.fields.is_empty()
    }

    /// Whether the answers are those that are looked for.
    pub(super) fn passes(&self, submission: &Submission) -> bool {
        let answers = submission.answers.iter().chain(submission.undeclared.iter());
        let values = answers.map(|(_, value)| value);
        let names = submission.uploads.iter().map(|upload| upload.name.as_str());
        self.fields.iter().all(|field| field.passes(submission))
            && self.text.as_ref().is_none_or(|text| text.matches(values.chain(names)))
    }
}

impl Store {
    /// Up to `limit` submissions in the filter's order, behind the one of the id `after`.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn list_inbox(
        &self,
        filter: &InboxFilter,
        after: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<InboxItem>, StoreError> {
        let found = if filter.asks_for_answers() || filter.has_mark() {
            self.walk_inbox(filter, after, limit).await?
        } else {
            let rows = page(filter, after, limit).all(self.read()).await?;
            with_uploads(self.read(), rows).await?
        };
        self.with_handlings(found).await
    }

    /// A submission of a form with what was done to it.
    ///
    /// # Errors
    /// As [`Store::list_inbox`].
    pub async fn find_inbox_item(&self, id: SubmissionId) -> Result<Option<InboxItem>, StoreError> {
        let found = self.get_submission(id).await?.into_iter().collect();
        Ok(self.with_handlings(found).await?.pop())
    }

    /// The tags that a form's submissions have, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_tags(&self, form_id: FormId, limit: u64) -> Result<Vec<Tag>, StoreError> {
        let mut tags: Vec<Tag> = Vec::new();
        // One look a tag: going through all rows would take as long as there are submissions.
        while (tags.len() as u64) < limit {
            let mut query = submission_tags::Entity::find()
                .select_only()
                .column(submission_tags::Column::Tag)
                .filter(submission_tags::Column::FormId.eq(form_id.0));
            if let Some(last) = tags.last() {
                query = query.filter(submission_tags::Column::Tag.gt(last.as_str()));
            }
            let next = query
                .order_by_asc(submission_tags::Column::Tag)
                .limit(1)
                .into_tuple::<String>()
                .one(self.read())
                .await?;
            match next.and_then(|tag| Tag::parse(&tag).ok()) {
                Some(tag) => tags.push(tag),
                None => break,
            }
        }
        Ok(tags)
    }

    pub(super) async fn ids(&self, select: &SelectStatement) -> Result<Vec<Uuid>, StoreError> {
        use sea_orm::ConnectionTrait as _;
        let rows = self.read().query_all(select).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    async fn with_handlings(&self, found: Vec<Submission>) -> Result<Vec<InboxItem>, StoreError> {
        const MOST_TAGS: u64 = 100_000;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = found.iter().map(|submission| submission.id.0).collect();
        let form_ids: Vec<Uuid> = found.iter().map(|submission| submission.form_id.0).collect();
        let mut handlings: HashMap<Uuid, Handling> = HashMap::new();
        let rows = submission_handlings::Entity::find()
            .filter(submission_handlings::Column::SubmissionId.is_in(ids.clone()))
            .limit(ids.len() as u64)
            .all(self.read())
            .await?;
        for row in rows {
            let handling = handlings.entry(row.submission_id).or_default();
            handling.is_read = row.is_read;
            handling.trashed_at_ms = row.trashed_at_ms;
            handling.version = unsigned(row.version);
            handling.changed_at_ms = Some(row.changed_at_ms);
        }
        let stars = submission_stars::Entity::find()
            .filter(submission_stars::Column::FormId.is_in(form_ids))
            .filter(submission_stars::Column::SubmissionId.is_in(ids.clone()))
            .limit(ids.len() as u64)
            .all(self.read())
            .await?;
        for row in stars {
            handlings.entry(row.submission_id).or_default().is_starred = true;
        }
        let tags = submission_tags::Entity::find()
            .filter(submission_tags::Column::SubmissionId.is_in(ids))
            .order_by_asc(submission_tags::Column::Tag)
            .limit(MOST_TAGS)
            .all(self.read())
            .await?;
        for row in tags {
            let handling = handlings.entry(row.submission_id).or_default();
            handling.tags.extend(Tag::parse(&row.tag).ok());
        }
        let item = |submission: Submission| InboxItem {
            handling: handlings.remove(&submission.id.0).unwrap_or_default(),
            submission,
        };
        Ok(found.into_iter().map(item).collect())
    }
}

/// The rows of the mark that is looked for, which is rarer than submissions are.
pub(super) fn marked(filter: &InboxFilter) -> Option<SelectStatement> {
    let mut select = Query::select();
    select.column(Alias::new("submission_id"));
    select.and_where(Expr::col(Alias::new("form_id")).eq(filter.form_id.0));
    match &filter.tag {
        Some(tag) => {
            select.from(submission_tags::Entity);
            select.and_where(Expr::col(Alias::new("tag")).eq(tag.as_str()));
        }
        None if filter.is_starred => {
            select.from(submission_stars::Entity);
        }
        None => return None,
    }
    Some(select)
}

/// Submissions that the filter lets through, as far as their answers are not asked for.
pub(super) fn page(
    filter: &InboxFilter,
    after: Option<SubmissionId>,
    limit: u64,
) -> sea_orm::Select<submissions::Entity> {
    use submissions::Column;
    let mut query = submissions::Entity::find()
        .filter(Column::FormId.eq(filter.form_id.0))
        .filter(Column::State.eq(filter.state.as_str()));
    query = match (after, filter.order) {
        (None, _) => query,
        (Some(after), InboxOrder::Newest) => query.filter(Column::Id.lt(after.0)),
        (Some(after), InboxOrder::Oldest) => query.filter(Column::Id.gt(after.0)),
    };
    // Ids begin with the time: the index finds where to start. Clocks of nodes differ a little.
    if let Some(from_ms) = filter.received_from_ms {
        query = query.filter(Column::Id.gte(id_at(from_ms - CLOCKS_APART_MS)));
        query = query.filter(Column::ReceivedAtMs.gte(from_ms));
    }
    if let Some(until_ms) = filter.received_until_ms {
        query = query.filter(Column::Id.lt(id_at(until_ms + CLOCKS_APART_MS)));
        query = query.filter(Column::ReceivedAtMs.lt(until_ms));
    }
    if let Some(is_read) = filter.is_read {
        // A join, because MariaDB would answer an EXISTS by gathering all that were ever read.
        let handling = submissions::Entity::belongs_to(submission_handlings::Entity)
            .from(Column::Id)
            .to(submission_handlings::Column::SubmissionId);
        query = query.join(JoinType::LeftJoin, handling.into());
        let read = submission_handlings::Column::IsRead;
        query = match is_read {
            true => query.filter(read.eq(true)),
            false => query.filter(Condition::any().add(read.is_null()).add(read.eq(false))),
        };
    }
    if filter.is_starred && filter.tag.is_some() {
        let mut star = Query::select();
        star.expr(Expr::val(1)).from(submission_stars::Entity);
        star.and_where(submission_stars::Column::FormId.eq(filter.form_id.0));
        star.and_where(
            Expr::col((submission_stars::Entity, submission_stars::Column::SubmissionId))
                .equals((submissions::Entity, Column::Id)),
        );
        query = query.filter(Expr::exists(star));
    }
    match filter.order {
        InboxOrder::Newest => query.order_by_desc(Column::Id),
        InboxOrder::Oldest => query.order_by_asc(Column::Id),
    }
    .limit(limit)
}

const CLOCKS_APART_MS: i64 = 60_000;

/// The first id of a millisecond.
pub(crate) fn id_at(at_ms: i64) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &[0; 10]).into_uuid()
}
