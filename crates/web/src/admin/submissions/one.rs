//! `/admin/submissions/{id}`: one submission, and what is done with it.

use std::collections::HashMap;

use axum::extract::{Path, State};
use formhold_domain::{
    CompiledForm, HistoryEntry, Note, SubmissionId, SubmissionState, access::Action,
};
use formhold_service::{
    ServiceError,
    submissions::{
        change,
        deeds::Deed,
        inbox,
        views::{SubmissionView, view_submission},
    },
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{back_to, parse, path_of, path_of_one, shown, undo::Undo};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround},
    pages::{
        Act, ConfirmActPage, FormState, Named, TimeView,
        admin::{FormTab, HistoryRow, NoteRow, SubmissionPage},
    },
    visit::{Around, Button, Done, Sent, Visit, reply},
};

/// `GET /admin/submissions/{id}`.
pub(super) async fn show_submission(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let id = parse(&id)?;
    page(&state, &visit, id, StatusCode::OK, &FormState::default()).await
}

/// The page, perhaps with a note or tag that was wrong.
pub(super) async fn page(
    state: &WebState,
    visit: &Visit,
    id: SubmissionId,
    status: StatusCode,
    entered: &FormState,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let view = view_submission(&state.0.app, &visit.caller, id).await;
    let view = view.map_err(|failure| visit.failed(&failure))?;
    let (item, form) = (&view.opened.item, &view.opened.form);
    let form_id = form.identity.id.to_string();
    let about = FormAround::of(state, visit, Action::SeeSubmissions, &form_id).await?;
    let submission = &item.submission;
    let (answers, others) = shown::answers(submission, form);
    let reasons: Vec<(String, u32)> = submission
        .context
        .spam_reasons
        .iter()
        .map(|reason| (capital(&reason.message), reason.points))
        .collect();
    let text = |id: &Option<SubmissionId>| id.map(|id| id.to_string());
    let (newer, older) = (text(&view.newer), text(&view.older));
    let page = SubmissionPage {
        frame: around.frame(),
        about: about.frame(FormTab::Inbox),
        id: &id.to_string(),
        state: submission.state.as_str(),
        received: TimeView::at_ms(submission.received_at_ms),
        is_starred: item.handling.is_starred,
        tags: &item.handling.tags.iter().map(ToString::to_string).collect::<Vec<_>>(),
        answers: &answers,
        others: &others,
        files: &shown::files(&state.0.app, submission, form),
        spam_reasons: &reasons,
        facts: &facts(&view),
        notes: &view.notes.iter().map(|note| note_row(note, &view.names)).collect::<Vec<_>>(),
        form: entered,
        history: &history(&view.history, &view.names, form),
        newer: newer.as_deref(),
        older: older.as_deref(),
        may_change: view.may_change,
    };
    Ok(reply::page(status, &page))
}

fn capital(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// How it came, as far as that is known.
fn facts(view: &SubmissionView) -> Vec<(&'static str, String)> {
    let submission = &view.opened.item.submission;
    let context = &submission.context;
    let known = [
        ("Subject", context.subject.clone()),
        ("Reply to", context.reply_to.clone()),
        ("Sender's name", context.from_name.clone()),
        ("From the page", context.page.clone()),
        ("Language", context.language.clone()),
        ("Address", context.client_address.map(|address| address.to_string())),
        ("Browser", context.user_agent.clone()),
        ("Version of the form", Some(submission.form_version.to_string())),
        ("Id", Some(submission.id.to_string())),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn note_row(note: &Note, names: &HashMap<String, String>) -> NoteRow {
    let author = note.user_id.and_then(|id| names.get(&id.to_string()).cloned());
    NoteRow {
        id: note.id.to_string(),
        author: author.unwrap_or_else(|| "Somebody who has no account any more".to_owned()),
        text: note.text.clone(),
        at: TimeView::at_ms(note.created_at_ms),
    }
}

fn history(
    entries: &[HistoryEntry],
    names: &HashMap<String, String>,
    form: &CompiledForm,
) -> Vec<HistoryRow> {
    entries.iter().map(|entry| history_row(entry, names, form)).collect()
}

fn history_row(
    entry: &HistoryEntry,
    names: &HashMap<String, String>,
    form: &CompiledForm,
) -> HistoryRow {
    let actor = match (&entry.actor_id, &*entry.actor_kind) {
        (Some(id), "user") => names.get(id).cloned().unwrap_or_else(|| "Somebody".to_owned()),
        (Some(part), _) => format!("Formhold ({part})"),
        (None, _) => "Somebody".to_owned(),
    };
    let tag = entry.details.get("tag").and_then(Value::as_str).unwrap_or_default();
    let what = match entry.kind.as_str() {
        "inbox" => "moved it to the inbox".to_owned(),
        "spam" => "said that it is spam".to_owned(),
        "archive" => "moved it to the archive".to_owned(),
        "trash" => "put it into the trash".to_owned(),
        "restore" => "took it out of the trash".to_owned(),
        "star" => "gave it a star".to_owned(),
        "unstar" => "took its star".to_owned(),
        "add_tag" => format!("added the tag {tag}"),
        "remove_tag" => format!("removed the tag {tag}"),
        "edit" => "edited the answers".to_owned(),
        "note" => "added a note".to_owned(),
        other => other.to_owned(),
    };
    let fields = entry.details.get("fields").and_then(Value::as_array);
    let changes = fields.into_iter().flatten().map(|change| {
        let name = change.get("field").and_then(Value::as_str).unwrap_or_default();
        let values = |key| match change.get(key).and_then(Value::as_array) {
            Some(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
            None => "–".to_owned(),
        };
        (shown::label(form, name).to_owned(), values("before"), values("after"))
    });
    HistoryRow { at: TimeView::at_ms(entry.at_ms), actor, what, changes: changes.collect() }
}

#[derive(Deserialize)]
pub(super) struct ActForm {
    #[serde(default)]
    act: String,
    #[serde(default)]
    tag: Vec<String>,
    /// The list that it was done from.
    #[serde(default)]
    back: String,
}

/// `POST /admin/submissions/{id}/act`: from its own page, and the star in the list.
pub(super) async fn act_on_submission(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<ActForm>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let opened = inbox::open(app, caller, Action::ChangeSubmissions, id).await.map_err(failed)?;
    let form_id = opened.form.identity.id;
    let from = opened.item.submission.state;
    let deed = match Deed::named(&form.act, form.tag.last().map(String::as_str)) {
        Ok(deed) => deed,
        Err(failure) => {
            let entered =
                FormState::filled([("tag", form.tag.last().cloned().unwrap_or_default())]);
            let entered = reply::problems(&failure, entered).ok_or_else(|| failed(failure))?;
            return page(&state, &visit, id, StatusCode::UNPROCESSABLE_ENTITY, &entered).await;
        }
    };
    // That is asked about on a page of its own.
    if deed == Deed::DeleteForGood {
        return Ok(reply::see_other(&format!("{}/delete", path_of_one(id))));
    }
    let changed = inbox::act(app, caller, form_id, &[id], &deed).await.map_err(failed)?;
    if let Some(undo) = Undo::of(&deed, from, &[id]).filter(|_| changed > 0) {
        let list = format!("{}?state={}", path_of(form_id), from.as_str());
        return Ok(reply::see_other(&format!("{list}&{}", undo.query(&state, &visit))));
    }
    let path = match form.act.as_str() {
        _ if !form.back.is_empty() => back_to(&form.back, form_id),
        // Its own page would have been read again.
        "unread" => format!("{}?state={}", path_of(form_id), from.as_str()),
        _ => path_of_one(id),
    };
    let done = if changed == 0 { Done::SubmissionsUnchanged } else { Done::SubmissionsChanged };
    Ok(reply::see_other(&done.at(&path)))
}

/// `GET /admin/submissions/{id}/delete`.
pub(super) async fn ask_delete_submission(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let around = Around::of(&state, &visit).await?;
    let opened = inbox::open(&state.0.app, &visit.caller, Action::ChangeSubmissions, id).await;
    let opened = opened.map_err(|failure| visit.failed(&failure))?;
    let received = TimeView::at_ms(opened.item.submission.received_at_ms).text;
    let (id, name) = (id.to_string(), format!("the submission of {received}"));
    let act = Act::DeleteSubmission(Named { id: &id, name: &name });
    let form = FormState::default();
    let page = ConfirmActPage { frame: around.frame(), form: &form, act };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /admin/submissions/{id}/delete`.
pub(super) async fn delete_submission(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id: SubmissionId = parse(&id)?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let opened = inbox::open(app, caller, Action::ChangeSubmissions, id).await.map_err(failed)?;
    change::delete_submission_for_good(app, caller, id, None).await.map_err(failed)?;
    let trash = SubmissionState::Trash.as_str();
    let path = format!("{}?state={trash}", path_of(opened.form.identity.id));
    Ok(reply::see_other(&Done::SubmissionsDeleted.at(&path)))
}
