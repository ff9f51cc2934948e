//! Doing something to many submissions of a form at once.

use formhold_domain::{
    FormId, Ids, InboxAct, SubmissionId, SubmissionState, Tag,
    access::{Actor as Who, Caller},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use serde_json::Value;
use uuid::Uuid;

use super::CHUNK;
use crate::{
    Change, StoreError,
    change::for_update,
    counters,
    entities::{
        submission_handlings, submission_history, submission_stars, submission_tags, submissions,
    },
    forms::unsigned,
};

/// Who does it, for the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    kind: &'static str,
    id: Option<String>,
}

impl Actor {
    /// The caller, as the history names them.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        match &caller.actor {
            Who::System(part) => Self { kind: "system", id: Some((*part).to_owned()) },
            Who::Visitor => Self { kind: "visitor", id: None },
            Who::Person(person) => Self { kind: "user", id: Some(person.user_id.to_string()) },
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// How many were changed; the others were like that already.
    Changed(u64),
    /// This one is not there, or not of this form; nothing was changed.
    Missing(SubmissionId),
}

impl Change {
    /// Does something to submissions of a form: to all of them, or, when one is not there, to none.
    /// Doing it again changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn act(
        &self,
        ids: &dyn Ids,
        actor: &Actor,
        form_id: FormId,
        submission_ids: &[SubmissionId],
        act: &InboxAct,
    ) -> Result<Acted, StoreError> {
        let mut wanted: Vec<Uuid> = submission_ids.iter().map(|id| id.0).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut found: Vec<(Uuid, SubmissionState)> = Vec::with_capacity(wanted.len());
        for chunk in wanted.chunks(CHUNK) {
            let rows = submissions::Entity::find()
                .select_only()
                .columns([submissions::Column::Id, submissions::Column::State])
                .filter(submissions::Column::Id.is_in(chunk.iter().copied()))
                .filter(submissions::Column::FormId.eq(form_id.0))
                .limit(chunk.len() as u64)
                .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
                .into_tuple::<(Uuid, String)>()
                .all(&self.transaction)
                .await?;
            for (id, state) in rows {
                let state = SubmissionState::parse(&state).ok_or_else(|| {
                    StoreError::Other(format!("submission {id} lies in `{state}`"))
                })?;
                found.push((id, state));
            }
        }
        found.sort_unstable_by_key(|(id, _)| *id);
        let missing =
            wanted.iter().find(|id| found.binary_search_by_key(*id, |(id, _)| *id).is_err());
        if let Some(missing) = missing {
            return Ok(Acted::Missing(SubmissionId(*missing)));
        }
        let mut changed = 0;
        for chunk in found.chunks(CHUNK) {
            let touched = self.act_on(form_id, chunk, act).await?;
            self.touch(form_id, &touched, Touch::of(act)).await?;
            self.note_history(ids, actor, &touched, act.name(), &details(act)).await?;
            changed += touched.len() as u64;
        }
        Ok(Acted::Changed(changed))
    }

    /// The version of a submission of a form, which is kept from others until the end of the change;
    /// none when it is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_submission(
        &self,
        form_id: FormId,
        id: SubmissionId,
    ) -> Result<Option<u32>, StoreError> {
        let found = submissions::Entity::find_by_id(id.0)
            .select_only()
            .column(submissions::Column::Id)
            .filter(submissions::Column::FormId.eq(form_id.0))
            .apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive())
            .into_tuple::<Uuid>()
            .one(&self.transaction)
            .await?;
        if found.is_none() {
            return Ok(None);
        }
        let handling =
            submission_handlings::Entity::find_by_id(id.0).one(&self.transaction).await?;
        Ok(Some(handling.map_or(0, |row| unsigned(row.version))))
    }

    /// The tags of a submission as they are now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags_of(&self, id: SubmissionId, limit: u64) -> Result<Vec<Tag>, StoreError> {
        let rows = submission_tags::Entity::find()
            .filter(submission_tags::Column::SubmissionId.eq(id.0))
            .limit(limit)
            .all(&self.transaction)
            .await?;
        Ok(rows.into_iter().filter_map(|row| Tag::parse(&row.tag).ok()).collect())
    }

    /// Changes what is not like that yet; gives what it was.
    async fn act_on(
        &self,
        form_id: FormId,
        found: &[(Uuid, SubmissionState)],
        act: &InboxAct,
    ) -> Result<Vec<Uuid>, StoreError> {
        let all = || found.iter().map(|(id, _)| *id);
        Ok(match act {
            InboxAct::MoveTo(to) => {
                let moved: Vec<_> = found.iter().filter(|(_, state)| state != to).collect();
                for from in SubmissionState::ALL {
                    let of = moved.iter().filter(|(_, state)| *state == from);
                    let of: Vec<Uuid> = of.map(|(id, _)| *id).collect();
                    if *to == SubmissionState::Trash {
                        self.put_in_trash(form_id, of.clone(), from).await?;
                    }
                    self.set_state(form_id, &of, from, *to).await?;
                }
                moved.into_iter().map(|(id, _)| *id).collect()
            }
            InboxAct::Restore => {
                let trashed: Vec<Uuid> = found
                    .iter()
                    .filter(|(_, state)| *state == SubmissionState::Trash)
                    .map(|(id, _)| *id)
                    .collect();
                let rows = submission_handlings::Entity::find()
                    .filter(submission_handlings::Column::SubmissionId.is_in(trashed.clone()))
                    .limit(CHUNK as u64)
                    .all(&self.transaction)
                    .await?;
                for to in SubmissionState::ALL {
                    let from = |id: &Uuid| {
                        let row = rows.iter().find(|row| row.submission_id == *id);
                        let from = row.and_then(|row| row.trashed_from.as_deref());
                        from.and_then(SubmissionState::parse).unwrap_or(SubmissionState::Inbox)
                    };
                    let of: Vec<Uuid> =
                        trashed.iter().copied().filter(|id| from(id) == to).collect();
                    self.set_state(form_id, &of, SubmissionState::Trash, to).await?;
                }
                trashed
            }
            InboxAct::MarkRead(is_read) => {
                let rows = submission_handlings::Entity::find()
                    .filter(submission_handlings::Column::SubmissionId.is_in(all()))
                    .filter(submission_handlings::Column::IsRead.eq(true))
                    .limit(CHUNK as u64)
                    .all(&self.transaction)
                    .await?;
                let was = |id: &Uuid| rows.iter().any(|row| row.submission_id == *id);
                all().filter(|id| was(id) != *is_read).collect()
            }
            InboxAct::Star(wanted) => {
                let query = submission_stars::Entity::find()
                    .filter(submission_stars::Column::FormId.eq(form_id.0))
                    .filter(submission_stars::Column::SubmissionId.is_in(all()));
                let rows = query.limit(CHUNK as u64).all(&self.transaction).await?;
                let has = |id: &Uuid| rows.iter().any(|row| row.submission_id == *id);
                let touched: Vec<Uuid> = all().filter(|id| has(id) != *wanted).collect();
                self.set_stars(form_id, &touched, *wanted).await?;
                touched
            }
            InboxAct::AddTag(tag) | InboxAct::RemoveTag(tag) => {
                let wanted = matches!(act, InboxAct::AddTag(_));
                let query = submission_tags::Entity::find()
                    .filter(submission_tags::Column::FormId.eq(form_id.0))
                    .filter(submission_tags::Column::Tag.eq(tag.as_str()))
                    .filter(submission_tags::Column::SubmissionId.is_in(all()));
                let rows = query.limit(CHUNK as u64).all(&self.transaction).await?;
                let has = |id: &Uuid| rows.iter().any(|row| row.submission_id == *id);
                let touched: Vec<Uuid> = all().filter(|id| has(id) != wanted).collect();
                self.set_tags(form_id, &touched, tag.as_str(), wanted).await?;
                touched
            }
        })
    }

    async fn set_state(
        &self,
        form_id: FormId,
        ids: &[Uuid],
        from: SubmissionState,
        to: SubmissionState,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        submissions::Entity::update_many()
            .col_expr(submissions::Column::State, Expr::value(to.as_str()))
            .filter(submissions::Column::Id.is_in(ids.iter().copied()))
            .exec(&self.transaction)
            .await?;
        counters::moved(&self.transaction, form_id, ids, from, to).await
    }

    async fn set_stars(
        &self,
        form_id: FormId,
        ids: &[Uuid],
        wanted: bool,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        if wanted {
            let row = |id: &Uuid| submission_stars::ActiveModel {
                form_id: Set(form_id.0),
                submission_id: Set(*id),
            };
            submission_stars::Entity::insert_many(ids.iter().map(row))
                .exec_without_returning(&self.transaction)
                .await?;
        } else {
            submission_stars::Entity::delete_many()
                .filter(submission_stars::Column::FormId.eq(form_id.0))
                .filter(submission_stars::Column::SubmissionId.is_in(ids.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn set_tags(
        &self,
        form_id: FormId,
        ids: &[Uuid],
        tag: &str,
        wanted: bool,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        if wanted {
            let row = |id: &Uuid| submission_tags::ActiveModel {
                form_id: Set(form_id.0),
                tag: Set(tag.to_owned()),
                submission_id: Set(*id),
            };
            submission_tags::Entity::insert_many(ids.iter().map(row))
                .exec_without_returning(&self.transaction)
                .await?;
        } else {
            submission_tags::Entity::delete_many()
                .filter(submission_tags::Column::FormId.eq(form_id.0))
                .filter(submission_tags::Column::Tag.eq(tag))
                .filter(submission_tags::Column::SubmissionId.is_in(ids.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        Ok(())
    }

    async fn put_in_trash(
        &self,
        form_id: FormId,
        ids: Vec<Uuid>,
        from: SubmissionState,
    ) -> Result<(), StoreError> {
        use submission_handlings::Column;
        if ids.is_empty() {
            return Ok(());
        }
        let row = |id: Uuid| submission_handlings::ActiveModel {
            trashed_at_ms: Set(Some(self.now_ms())),
            trashed_from: Set(Some(from.as_str().to_owned())),
            ..self.untouched(form_id, id)
        };
        let replace = OnConflict::column(Column::SubmissionId)
            .update_columns([Column::TrashedAtMs, Column::TrashedFrom])
            .to_owned();
        submission_handlings::Entity::insert_many(ids.into_iter().map(row))
            .on_conflict(replace)
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }

    /// Gives each a new version.
    pub(crate) async fn touch(
        &self,
        form_id: FormId,
        ids: &[Uuid],
        touch: Touch,
    ) -> Result<(), StoreError> {
        use submission_handlings::{Column, Entity};
        if ids.is_empty() {
            return Ok(());
        }
        let row = |id: &Uuid| submission_handlings::ActiveModel {
            is_read: Set(touch.is_read.unwrap_or(false)),
            version: Set(1),
            ..self.untouched(form_id, *id)
        };
        let mut more = OnConflict::column(Column::SubmissionId);
        more.value(Column::Version, Expr::col((Entity, Column::Version)).add(1));
        more.value(Column::ChangedAtMs, self.now_ms());
        if let Some(is_read) = touch.is_read {
            more.value(Column::IsRead, is_read);
        }
        if touch.leaves_trash {
            more.value(Column::TrashedAtMs, Option::<i64>::None);
        }
        Entity::insert_many(ids.iter().map(row))
            .on_conflict(more)
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }

    fn untouched(&self, form_id: FormId, id: Uuid) -> submission_handlings::ActiveModel {
        submission_handlings::ActiveModel {
            submission_id: Set(id),
            form_id: Set(form_id.0),
            is_read: Set(false),
            trashed_at_ms: Set(None),
            trashed_from: Set(None),
            version: Set(0),
            changed_at_ms: Set(self.now_ms()),
        }
    }

    pub(crate) async fn note_history(
        &self,
        ids: &dyn Ids,
        actor: &Actor,
        submissions: &[Uuid],
        kind: &str,
        details: &Value,
    ) -> Result<(), StoreError> {
        // That somebody looked is no change of the submission.
        if submissions.is_empty() || matches!(kind, "read" | "unread") {
            return Ok(());
        }
        let row = |submission_id: &Uuid| submission_history::ActiveModel {
            id: Set(ids.uuid()),
            submission_id: Set(*submission_id),
            at_ms: Set(self.now_ms()),
            actor_kind: Set(actor.kind.to_owned()),
            actor_id: Set(actor.id.clone()),
            kind: Set(kind.to_owned()),
            details: Set((!details.is_null()).then(|| details.to_string())),
        };
        submission_history::Entity::insert_many(submissions.iter().map(row))
            .exec_without_returning(&self.transaction)
            .await?;
        Ok(())
    }
}

/// What a change means for the handling beside a new version.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Touch {
    is_read: Option<bool>,
    leaves_trash: bool,
}

impl Touch {
    pub(crate) fn of(act: &InboxAct) -> Self {
        match act {
            InboxAct::MarkRead(is_read) => Self { is_read: Some(*is_read), leaves_trash: false },
            InboxAct::MoveTo(to) => {
                Self { is_read: None, leaves_trash: *to != SubmissionState::Trash }
            }
            InboxAct::Restore => Self { is_read: None, leaves_trash: true },
            _ => Self::default(),
        }
    }
}

fn details(act: &InboxAct) -> Value {
    match act {
        InboxAct::AddTag(tag) | InboxAct::RemoveTag(tag) => {
            serde_json::json!({ "tag": tag.as_str() })
        }
        _ => Value::Null,
    }
}
