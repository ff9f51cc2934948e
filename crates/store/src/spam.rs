//! What each form learnt about spam, and moving a submission between inbox and spam folder.

use std::collections::HashMap;

use formhold_domain::{
    FormId, Ids, InboxAct, SubmissionId, SubmissionState,
    spam::{Counts, Lesson},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Change, HistoryActor, Store, StoreError, counters,
    entities::{spam_lessons, spam_tokens, spam_totals, submissions},
    inbox::Touch,
    writer,
};

/// What a form learnt, as far as some tokens are concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// How many submissions it learnt from.
    pub totals: Counts,
    /// How often each token was seen; those never seen are missing.
    pub tokens: HashMap<u64, Counts>,
}

/// What became of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taught {
    /// It was learnt, and the submission lies where it belongs.
    Learnt,
    /// It was learnt before; nothing changed.
    KnownAlready,
    /// There is no such submission.
    NoSubmission,
}

impl Store {
    /// What a form learnt about these tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn learnt(&self, form_id: FormId, tokens: &[u64]) -> Result<Learnt, StoreError> {
        let Some(totals) = spam_totals::Entity::find_by_id(form_id.0).one(self.read()).await?
        else {
            return Ok(Learnt::default());
        };
        let rows = spam_tokens::Entity::find()
            .filter(spam_tokens::Column::FormId.eq(form_id.0))
            .filter(
                spam_tokens::Column::Token.is_in(tokens.iter().map(|token| token.cast_signed())),
            )
            .limit(tokens.len() as u64)
            .all(self.read())
            .await?;
        Ok(Learnt {
            totals: counts(totals.spam, totals.ham),
            tokens: rows
                .into_iter()
                .map(|row| (row.token.cast_unsigned(), counts(row.spam, row.ham)))
                .collect(),
        })
    }
}

impl Change {
    /// Learns what an owner says of a submission with these tokens, and puts it where it belongs,
    /// which its history tells.
    /// A lesson that contradicts an earlier one on the same submission takes that one back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn teach(
        &self,
        (ids, actor): (&dyn Ids, &HistoryActor),
        form_id: FormId,
        id: SubmissionId,
        tokens: &[u64],
        lesson: Lesson,
    ) -> Result<Taught, StoreError> {
        let transaction = &self.transaction;
        let found = submissions::Entity::find_by_id(id.0)
            .select_only()
            .column(submissions::Column::State)
            .filter(submissions::Column::FormId.eq(form_id.0))
            .lock_exclusive()
            .into_tuple::<String>()
            .one(transaction)
            .await?;
        let Some(state) = found else { return Ok(Taught::NoSubmission) };
        let to = state_of(lesson);
        if state != to.as_str() {
            move_to(transaction, form_id, id, (&state, to)).await?;
            let act = InboxAct::MoveTo(to);
            self.touch(form_id, &[id.0], Touch::of(&act)).await?;
            self.note_history(ids, actor, &[id.0], act.name(), &Value::Null).await?;
        }
        let before = spam_lessons::Entity::find_by_id(id.0).one(transaction).await?;
        let before = before.map(|row| parse(&row.lesson));
        let outcome = if before == Some(lesson) {
            Taught::KnownAlready
        } else {
            if let Some(before) = before {
                step(transaction, form_id, tokens, before, Step::Unlearn).await?;
            }
            step(transaction, form_id, tokens, lesson, Step::Learn).await?;
            remember(transaction, id, lesson, self.now_ms()).await?;
            Taught::Learnt
        };
        Ok(outcome)
    }
}

async fn move_to(
    transaction: &DatabaseTransaction,
    form_id: FormId,
    id: SubmissionId,
    (from, to): (&str, SubmissionState),
) -> Result<(), StoreError> {
    submissions::Entity::update_many()
        .col_expr(submissions::Column::State, Expr::value(to.as_str()))
        .filter(submissions::Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    if let Some(from) = SubmissionState::parse(from) {
        counters::moved(transaction, form_id, &[id.0], from, to).await?;
    }
    // Spam is not counted among what a form took.
    let gained = if to == SubmissionState::Inbox { 1 } else { -1 };
    writer::add_to_count(transaction, form_id.0, gained).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Learn,
    Unlearn,
}

async fn step(
    transaction: &DatabaseTransaction,
    form_id: FormId,
    tokens: &[u64],
    lesson: Lesson,
    step: Step,
) -> Result<(), StoreError> {
    // Always in the same order, so that two nodes do not wait for each other in a ring.
    let mut tokens: Vec<i64> = tokens.iter().map(|token| token.cast_signed()).collect();
    tokens.sort_unstable();
    let form_id = form_id.0;
    match step {
        Step::Learn => learn(transaction, form_id, &tokens, lesson).await,
        Step::Unlearn => unlearn(transaction, form_id, &tokens, lesson).await,
    }
}

async fn learn(
    transaction: &DatabaseTransaction,
    form_id: Uuid,
    tokens: &[i64],
    lesson: Lesson,
) -> Result<(), StoreError> {
    let (spam, ham) = match lesson {
        Lesson::Spam => (1, 0),
        Lesson::Ham => (0, 1),
    };
    let totals = spam_totals::ActiveModel { form_id: Set(form_id), spam: Set(spam), ham: Set(ham) };
    let more = |column, by| Expr::col((spam_totals::Entity, column)).add(by);
    let add = OnConflict::column(spam_totals::Column::FormId)
        .value(spam_totals::Column::Spam, more(spam_totals::Column::Spam, spam))
        .value(spam_totals::Column::Ham, more(spam_totals::Column::Ham, ham))
        .to_owned();
    spam_totals::Entity::insert(totals)
        .on_conflict(add)
        .exec_without_returning(transaction)
        .await?;
    if tokens.is_empty() {
        return Ok(());
    }
    let rows = tokens.iter().map(|token| spam_tokens::ActiveModel {
        form_id: Set(form_id),
        token: Set(*token),
        spam: Set(spam),
        ham: Set(ham),
    });
    let more = |column, by| Expr::col((spam_tokens::Entity, column)).add(by);
    let add = OnConflict::columns([spam_tokens::Column::FormId, spam_tokens::Column::Token])
        .value(spam_tokens::Column::Spam, more(spam_tokens::Column::Spam, spam))
        .value(spam_tokens::Column::Ham, more(spam_tokens::Column::Ham, ham))
        .to_owned();
    spam_tokens::Entity::insert_many(rows)
        .on_conflict(add)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

async fn unlearn(
    transaction: &DatabaseTransaction,
    form_id: Uuid,
    tokens: &[i64],
    lesson: Lesson,
) -> Result<(), StoreError> {
    let (total, token) = match lesson {
        Lesson::Spam => (spam_totals::Column::Spam, spam_tokens::Column::Spam),
        Lesson::Ham => (spam_totals::Column::Ham, spam_tokens::Column::Ham),
    };
    spam_totals::Entity::update_many()
        .col_expr(total, Expr::col(total).sub(1))
        .filter(spam_totals::Column::FormId.eq(form_id))
        .filter(total.gt(0))
        .exec(transaction)
        .await?;
    spam_tokens::Entity::update_many()
        .col_expr(token, Expr::col(token).sub(1))
        .filter(spam_tokens::Column::FormId.eq(form_id))
        .filter(spam_tokens::Column::Token.is_in(tokens.iter().copied()))
        .filter(token.gt(0))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn remember(
    transaction: &DatabaseTransaction,
    id: SubmissionId,
    lesson: Lesson,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = spam_lessons::ActiveModel {
        submission_id: Set(id.0),
        lesson: Set(name(lesson).to_owned()),
        taught_at_ms: Set(now_ms),
    };
    let replace = OnConflict::column(spam_lessons::Column::SubmissionId)
        .update_columns([spam_lessons::Column::Lesson, spam_lessons::Column::TaughtAtMs])
        .to_owned();
    spam_lessons::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

fn state_of(lesson: Lesson) -> SubmissionState {
    match lesson {
        Lesson::Spam => SubmissionState::Spam,
        Lesson::Ham => SubmissionState::Inbox,
    }
}

fn name(lesson: Lesson) -> &'static str {
    match lesson {
        Lesson::Spam => "spam",
        Lesson::Ham => "ham",
    }
}

fn parse(name: &str) -> Lesson {
    if name == "spam" { Lesson::Spam } else { Lesson::Ham }
}

fn counts(spam: i32, ham: i32) -> Counts {
    Counts { spam: u32::try_from(spam).unwrap_or(0), ham: u32::try_from(ham).unwrap_or(0) }
}
