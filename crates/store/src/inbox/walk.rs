//! Finding a page by marks, words and values: whatever knows of the fewest submissions leads the
//! way, in the order of the page, and each that it names is looked at.

use std::collections::HashMap;

use formhold_domain::{Submission, SubmissionId};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DbBackend, QueryFilter, Statement,
    sea_query::{Alias, Expr, SelectStatement},
};
use uuid::Uuid;

use super::{
    InboxFilter, InboxOrder,
    list::{marked, page},
};
use crate::{
    Store, StoreError,
    entities::submissions,
    search::{Bounds, Wanted},
    submissions::with_uploads,
};

/// The most submissions that are looked at at once.
const MOST_AT_ONCE: u64 = 500;
/// So many submissions are looked at before the index is asked for beginnings of words: what is
/// common is among them, and what is rare the index finds fast.
const FIRST_LOOK: u64 = 1_000;

/// What leads the way.
enum Way {
    /// The rows of a mark, in the order of ids.
    Marked(Box<SelectStatement>, Option<Uuid>),
    /// A range of numbers that holds few.
    Range(crate::search::NumberRange, Bounds),
    /// The index of words.
    Words(Wanted, Bounds),
    /// All submissions, up to so many where there is a limit.
    All(Option<SubmissionId>, Option<u64>),
}

impl Store {
    /// A page of submissions whose answers, or marks, are asked for.
    pub(super) async fn walk_inbox(
        &self,
        filter: &InboxFilter,
        after: Option<SubmissionId>,
        limit: u64,
    ) -> Result<Vec<Submission>, StoreError> {
        let wanted = Wanted::of(filter);
        let mut way = self.way(filter, &wanted, after).await?;
        let mut found: Vec<Submission> = Vec::new();
        // Most of what the index names is what is looked for; else more is looked at each time.
        let mut at_once = limit.clamp(1, MOST_AT_ONCE);
        loop {
            let (seen, is_last) = self.look(filter, &mut way, at_once).await?;
            let last = seen.last().map(|submission| submission.id);
            let left = usize::try_from(limit).unwrap_or(usize::MAX) - found.len();
            let passing = seen.into_iter().filter(|submission| filter.passes(submission));
            found.extend(passing.take(left));
            if found.len() as u64 >= limit {
                return Ok(found);
            }
            if is_last {
                match (&way, last) {
                    (Way::All(_, Some(_)), Some(last)) => {
                        let mut bounds = Bounds::of(filter);
                        bounds.behind(self.document_near(last.0).await?);
                        way = Way::Words(wanted.clone(), bounds);
                    }
                    _ => return Ok(found),
                }
            }
            at_once = (at_once * 2).min(MOST_AT_ONCE);
        }
    }

    /// How a page of this filter would be found: the statements and, for each, what the database
    /// says it would do. Nothing is read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn explain_inbox(
        &self,
        filter: &InboxFilter,
        after: Option<SubmissionId>,
    ) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        use sea_orm::QueryTrait as _;
        let backend = self.read().get_database_backend();
        let wanted = Wanted::of(filter);
        let mut bounds = Bounds::of(filter);
        if let Some(after) = after {
            bounds.behind(self.document_near(after.0).await?);
        }
        let mut statements = vec![page(filter, after, 50).build(backend)];
        if let Some(marked) = marked(filter) {
            statements.push(backend.build(&next_marked(&marked, filter, after.map(|it| it.0), 50)));
        }
        statements.extend(self.candidate_statements(&wanted, bounds).await?);
        let mut plans = Vec::with_capacity(statements.len());
        for statement in statements {
            plans.push((statement.sql.clone(), self.explain(statement).await?));
        }
        Ok(plans)
    }

    async fn explain(&self, statement: Statement) -> Result<Vec<String>, StoreError> {
        let is_mysql = statement.db_backend == DbBackend::MySql;
        let explain = if is_mysql { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
        let statement = Statement { sql: format!("{explain} {}", statement.sql), ..statement };
        let rows = self.read().query_all_raw(statement).await?;
        let line = |row: &sea_orm::QueryResult| -> Result<String, StoreError> {
            if !is_mysql {
                return Ok(row.try_get("", "detail")?);
            }
            let column = |name: &str| row.try_get::<Option<String>>("", name);
            let words = ["table", "type", "key", "Extra"].map(column);
            let words: Vec<String> = words
                .into_iter()
                .map(|word| Ok(word?.unwrap_or_default()))
                .collect::<Result<_, StoreError>>()?;
            Ok(words.join(" | "))
        };
        rows.iter().map(line).collect()
    }

    async fn way(
        &self,
        filter: &InboxFilter,
        wanted: &Wanted,
        after: Option<SubmissionId>,
    ) -> Result<Way, StoreError> {
        if let Some(marked) = marked(filter) {
            return Ok(Way::Marked(Box::new(marked), after.map(|id| id.0)));
        }
        let mut bounds = Bounds::of(filter);
        if let Some(after) = after {
            bounds.behind(self.document_near(after.0).await?);
        }
        if let Some(range) = self.narrow_range(wanted).await? {
            return Ok(Way::Range(range, bounds));
        }
        if !wanted.has_words() {
            return Ok(Way::All(after, None));
        }
        if wanted.needs_prefixes() {
            return Ok(Way::All(after, Some(FIRST_LOOK)));
        }
        Ok(Way::Words(wanted.clone(), bounds))
    }

    /// The next submissions on the way, in the order of the page, and whether there are no more.
    async fn look(
        &self,
        filter: &InboxFilter,
        way: &mut Way,
        at_once: u64,
    ) -> Result<(Vec<Submission>, bool), StoreError> {
        let ids: Vec<Uuid> = match way {
            Way::All(after, left) => {
                let at_once = left.map_or(at_once, |left| at_once.min(left));
                let rows = page(filter, *after, at_once).all(self.read()).await?;
                let is_short = (rows.len() as u64) < at_once;
                if let Some(left) = left {
                    *left -= at_once;
                }
                *after = rows.last().map(|row| SubmissionId(row.id)).or(*after);
                let is_last = is_short || *left == Some(0);
                if is_short {
                    // Nothing is behind it for the index to find.
                    *left = None;
                }
                return Ok((with_uploads(self.read(), rows).await?, is_last));
            }
            Way::Marked(marked, after) => {
                let ids = self.ids(&next_marked(marked, filter, *after, at_once)).await?;
                *after = ids.last().copied().or(*after);
                ids
            }
            Way::Range(range, bounds) => {
                let found = self.in_range(*range, *bounds, at_once).await?;
                found.last().iter().for_each(|last| bounds.behind(last.document));
                found.into_iter().map(|it| it.id).collect()
            }
            Way::Words(wanted, bounds) => {
                let found = self.with_words(wanted, *bounds, at_once).await?;
                found.last().iter().for_each(|last| bounds.behind(last.document));
                found.into_iter().map(|it| it.id).collect()
            }
        };
        let is_last = (ids.len() as u64) < at_once;
        let named = page(filter, None, ids.len() as u64)
            .filter(submissions::Column::Id.is_in(ids.iter().copied()));
        let rows = if ids.is_empty() { Vec::new() } else { named.all(self.read()).await? };
        let mut rows: HashMap<Uuid, submissions::Model> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        let in_order = ids.iter().filter_map(|id| rows.remove(id)).collect();
        Ok((with_uploads(self.read(), in_order).await?, is_last))
    }
}

fn next_marked(
    marked: &SelectStatement,
    filter: &InboxFilter,
    after: Option<Uuid>,
    limit: u64,
) -> SelectStatement {
    use sea_orm::sea_query::ExprTrait as _;
    let id = Expr::col(Alias::new("submission_id"));
    let mut next = marked.clone();
    let direction = match filter.order {
        InboxOrder::Newest => sea_orm::Order::Desc,
        InboxOrder::Oldest => sea_orm::Order::Asc,
    };
    if let Some(after) = after {
        next.and_where(match filter.order {
            InboxOrder::Newest => id.clone().lt(after),
            InboxOrder::Oldest => id.clone().gt(after),
        });
    }
    next.order_by_expr(id, direction).limit(limit);
    next
}
