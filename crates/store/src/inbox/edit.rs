//! Changing answers, with every value before and after.

use formhold_domain::{Answers, FormId, HistoryEntry, Ids, SubmissionId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::Expr,
};
use serde_json::{Value, json};

use super::{Actor, act::Touch};
use crate::{
    Change, Store, StoreError,
    change::for_update,
    entities::{submission_history, submissions},
    search,
};

impl Change {
    /// Puts other answers in the place of a submission's. False when the submission is not there;
    /// nothing is changed then. Whoever looked at a version before asks
    /// [`lock_submission`](Change::lock_submission) first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edit_answers(
        &self,
        ids: &dyn Ids,
        actor: &Actor,
        form_id: FormId,
        id: SubmissionId,
        answers: &Answers,
    ) -> Result<bool, StoreError> {
        let found = submissions::Entity::find_by_id(id.0)
            .filter(submissions::Column::FormId.eq(form_id.0))
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
            .one(&self.transaction)
            .await?;
        let Some(found) = found else { return Ok(false) };
        let unreadable = |error: serde_json::Error| {
            StoreError::Other(format!("submission {id} cannot be read: {error}"))
        };
        let before: Answers = serde_json::from_str(&found.answers).map_err(unreadable)?;
        if before == *answers {
            return Ok(true);
        }
        let text = serde_json::to_string(answers).map_err(unreadable)?;
        submissions::Entity::update_many()
            .col_expr(submissions::Column::Answers, Expr::value(text))
            .filter(submissions::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;
        let touched = [id.0];
        search::changed(&self.transaction, &touched).await?;
        self.touch(form_id, &touched, Touch::default()).await?;
        let details = difference(&before, answers);
        self.note_history(ids, actor, &touched, "edit", &details).await?;
        Ok(true)
    }
}

impl Store {
    /// What was done to a submission, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_history(
        &self,
        id: SubmissionId,
        limit: u64,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let rows = submission_history::Entity::find()
            .filter(submission_history::Column::SubmissionId.eq(id.0))
            .order_by_desc(submission_history::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        let entry = |row: submission_history::Model| HistoryEntry {
            at_ms: row.at_ms,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            kind: row.kind,
            details: row
                .details
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or(Value::Null),
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

/// Each field whose values differ, with all of them.
fn difference(before: &Answers, after: &Answers) -> Value {
    let (was, is) = (before.grouped(), after.grouped());
    let names = was.iter().chain(&is).map(|(name, _)| *name);
    let mut fields: Vec<Value> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let of = |all: &[(&str, Vec<&str>)]| {
            let found = all.iter().find(|(key, _)| *key == name);
            found.map(|(_, values)| values.iter().map(|value| (*value).to_owned()).collect())
        };
        let (before, after): (Option<Vec<String>>, Option<Vec<String>>) = (of(&was), of(&is));
        if before != after {
            fields.push(json!({ "field": name, "before": before, "after": after }));
        }
    }
    json!({ "fields": fields })
}
